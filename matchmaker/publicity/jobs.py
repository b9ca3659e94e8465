"""Recurring work of publicity."""

from __future__ import annotations

from matchmaker.core.db import transaction
from matchmaker.publicity.services import notices


def tell_ended() -> int:
    """Tell owners that a period is over."""
    with transaction():
        return notices.tell_ended()
