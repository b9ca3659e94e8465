"""Recurring work of papers."""

from __future__ import annotations

from matchmaker.badges import queries
from matchmaker.badges.services import certificates
from matchmaker.core.db import transaction


def issue() -> int:
    """Make certificates that were confirmed and are still missing, some hundreds a transaction."""
    made = 0
    for decision_id in [decision.id for decision in queries.events_being_issued()]:
        while True:
            with transaction():
                done = certificates.issue_next(decision_id)
            made += done
            if not done:
                break
    return made
