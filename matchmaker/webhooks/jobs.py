"""Recurring work of webhooks."""

from __future__ import annotations

from matchmaker.core.db import transaction
from matchmaker.webhooks.services import sending


def deliver() -> int:
    """Send what is due."""
    return sending.deliver()


def sweep() -> int:
    """Forget old deliveries."""
    with transaction():
        return sending.sweep()
