"""Recurring work of incubation."""

from __future__ import annotations

from matchmaker.core.db import transaction
from matchmaker.incubation.services import telling


def remind_due() -> int:
    """Write to firms whose stay ends within 90 days or is over, once a month each."""
    with transaction():
        return telling.remind_due()
