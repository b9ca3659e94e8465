"""This one? Who may manage which account, and who may answer which request."""

from __future__ import annotations

from typing import Any

from matchmaker.accounts.models import JoinRequest, User
from matchmaker.accounts.rules import MembershipLevel, Permission
from matchmaker.core.regions import contains


def region_within(viewer: Any, region: str) -> bool:
    """Does the region lie in one of the viewer's own?"""
    return any(contains(own, region) for own in viewer.region_codes)


def may_manage(viewer: Any, user: User) -> bool:
    """An administrator of a region manages accounts all of whose staff roles lie in it."""
    return (
        viewer.has(Permission.ACCOUNTS_MANAGE)
        and region_within(viewer, user.region)
        and all(region_within(viewer, code) for code in user.region_codes)
    )


def owns(viewer: Any, organisation_id: int) -> bool:
    """Is the viewer an owner of this organisation?"""
    memberships = getattr(viewer, "memberships", ())
    return any(m.organisation_id == organisation_id and m.level is MembershipLevel.OWNER for m in memberships)


def may_answer(viewer: Any, request: JoinRequest) -> bool:
    """The owner of the organisation, or a handler of its region; nobody answers themselves."""
    if viewer.id == request.user_id:
        return False
    if owns(viewer, request.organisation_id):
        return True
    return viewer.has(Permission.DIRECTORY_EDIT) and region_within(viewer, request.organisation.region)
