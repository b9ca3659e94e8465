"""This one? – who may let an address have messages again."""

from __future__ import annotations

from typing import Any

from matchmaker.accounts.rules import Permission
from matchmaker.core import regions
from matchmaker.notifications.models import Suppression


def may_lift(viewer: Any, suppression: Suppression) -> bool:
    """Administrators of the region."""
    mine = any(regions.contains(code, suppression.region) for code in viewer.region_codes)
    return bool(mine and viewer.has(Permission.ACCOUNTS_MANAGE))
