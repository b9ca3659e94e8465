"""Recurring work of mentoring."""

from __future__ import annotations

from matchmaker.core.db import transaction
from matchmaker.mentoring.services import reminding, telling


def remind() -> int:
    """Remind both sides a day before, and once afterwards."""
    with transaction():
        return telling.remind()


def remind_missing() -> int:
    """Tell mentors how many sessions of this year are missing, and by when."""
    with transaction():
        return reminding.remind()
