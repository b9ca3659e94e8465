"""This one? – who may manage a webhook."""

from __future__ import annotations

from typing import Any

from matchmaker.accounts.rules import Permission
from matchmaker.core import regions

MANAGERS = (Permission.EVENTS_MANAGE, Permission.ACCOUNTS_MANAGE)


def may_manage(viewer: Any, region: str) -> bool:
    """Organisers and administrators of the region."""
    mine = any(regions.contains(code, region) for code in viewer.region_codes)
    return bool(mine and any(viewer.has(permission) for permission in MANAGERS))


def may_hear_everything(viewer: Any) -> bool:
    """Administrators may listen to every kind of activity, organisers to those of events."""
    return bool(viewer.has(Permission.ACCOUNTS_MANAGE))
