"""Recurring work of questionnaires."""

from __future__ import annotations

from matchmaker.core.db import transaction
from matchmaker.questionnaires import services


def clear_staged() -> int:
    """Delete files that came with a form which was never sent again."""
    with transaction():
        return services.clear_staged()
