"""Recurring work of mentoring."""

from __future__ import annotations

from matchmaker.core.db import transaction
from matchmaker.mentoring.services import telling


def remind() -> int:
    """Remind both sides a day before, and once afterwards."""
    with transaction():
        return telling.remind()
