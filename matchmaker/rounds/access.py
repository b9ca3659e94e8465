"""Which round may this person lead?"""

from __future__ import annotations

from typing import Any

from matchmaker.matching.access import may_handle
from matchmaker.rounds.models import MatchRound


def may_lead(viewer: Any, row: MatchRound) -> bool:
    """Handlers of the region."""
    return may_handle(viewer, row.region)
