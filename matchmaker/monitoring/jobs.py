"""What monitoring does by itself."""

from __future__ import annotations

from matchmaker.core.db import transaction
from matchmaker.monitoring.services import snapshots


def take_monthly() -> int:
    """Keep the numbers of the last month's end."""
    with transaction():
        return snapshots.take_monthly()
