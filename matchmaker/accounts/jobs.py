"""Recurring work of accounts."""

from __future__ import annotations

from flask import current_app

from matchmaker.accounts.services import retention
from matchmaker.core.db import transaction


def clean() -> int:
    """Delete what has served its time."""
    settings = current_app.config["SETTINGS"]
    with transaction():
        return retention.clean(log_days=settings.log_retention_days, idle_minutes=settings.idle_minutes)
