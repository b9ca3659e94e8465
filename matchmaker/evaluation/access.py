"""Which title may this person touch?"""

from __future__ import annotations

from typing import Any

from matchmaker.accounts.rules import Permission
from matchmaker.core.regions import contains


def may_record_in(viewer: Any, region: str) -> bool:
    """Handlers keep the titles of their regions."""
    return viewer.has(Permission.TARGETS_MANAGE) and any(contains(code, region) for code in viewer.region_codes)
