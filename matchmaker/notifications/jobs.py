"""Sending the outbox."""

from __future__ import annotations

from matchmaker.notifications import services


def deliver() -> int:
    """Send what is due, after taking back what a dead sender left."""
    services.recover()
    return services.deliver()
