"""Which plan, snapshot and year may this person touch?"""

from __future__ import annotations

from typing import Any

from matchmaker.accounts.rules import Permission
from matchmaker.core.regions import contains


def covers(viewer: Any, region: str) -> bool:
    """Does the person's office reach this region?"""
    return any(contains(code, region) for code in viewer.region_codes)


def may_manage(viewer: Any, region: str) -> bool:
    """Handlers set targets, take snapshots and propose to close years."""
    return viewer.has(Permission.TARGETS_MANAGE) and covers(viewer, region)


def may_lock(viewer: Any, region: str) -> bool:
    """Approvers lock snapshots and close years."""
    return viewer.has(Permission.YEARS_CLOSE) and covers(viewer, region)
