"""Recurring work of envoys' service."""

from __future__ import annotations

from matchmaker.core.db import transaction
from matchmaker.envoys.services import reminding


def remind_missing() -> int:
    """Tell envoys how many visits of this year are missing, and by when."""
    with transaction():
        return reminding.remind()
