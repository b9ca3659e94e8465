"""Recurring work of events."""

from __future__ import annotations

from matchmaker.core.db import transaction
from matchmaker.events.services import registrations


def remind() -> int:
    """Queue reminders for tomorrow's events."""
    with transaction():
        return registrations.remind()
