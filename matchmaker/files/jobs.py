"""Recurring work of files."""

from __future__ import annotations

from matchmaker.core.db import transaction
from matchmaker.files import services


def clear_orphans() -> int:
    """Delete contents that nothing needs, in the writer's turn, so that no upload comes in between."""
    with transaction():
        return services.clear_orphans()
