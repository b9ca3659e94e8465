"""Recurring work of the rosters."""

from __future__ import annotations

from matchmaker.core.db import transaction
from matchmaker.rosters.services import appointments


def turn_states() -> int:
    """Begin and expire terms."""
    with transaction():
        return appointments.turn_states()
