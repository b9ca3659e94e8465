"""Recurring work of matching."""

from __future__ import annotations

from matchmaker.core.db import transaction
from matchmaker.matching.services import requests, stamps


def expire() -> int:
    """Let unanswered requests run out; drop old notes of changed profiles."""
    with transaction():
        stamps.forget_old()
        return requests.expire_due()
