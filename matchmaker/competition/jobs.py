"""Recurring work of the competition."""

from __future__ import annotations

from matchmaker.competition.services import reminders
from matchmaker.core.db import transaction


def remind() -> int:
    """Queue reminders: drafts before the deadline, ballots before judging ends."""
    with transaction():
        return reminders.remind_judges() + reminders.remind_entrants()
