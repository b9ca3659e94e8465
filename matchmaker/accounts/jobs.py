"""Recurring work of accounts."""

from __future__ import annotations

from matchmaker.accounts.services import retention
from matchmaker.core.db import transaction


def clean() -> int:
    """Delete what has served its time."""
    with transaction():
        return retention.clean()
