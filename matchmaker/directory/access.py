"""Which organisation and which person may this viewer touch?"""

from __future__ import annotations

from typing import Any

from matchmaker.accounts.rules import MembershipLevel, Permission
from matchmaker.core.regions import contains


def may_edit(viewer: Any, record: Any) -> bool:
    """Handlers edit what lies in their regions."""
    return viewer.has(Permission.DIRECTORY_EDIT) and any(contains(code, record.region) for code in viewer.region_codes)


def owns(viewer: Any, organisation: Any) -> bool:
    """An owner keeps the organisation's own facts up to date."""
    return any(
        membership.organisation_id == organisation.id and membership.level == MembershipLevel.OWNER
        for membership in getattr(viewer, "memberships", ())
    )
