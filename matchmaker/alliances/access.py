"""Which alliance may this person touch?"""

from __future__ import annotations

from typing import Any

from matchmaker.accounts.rules import MembershipLevel, Permission
from matchmaker.alliances.models import Alliance, AllianceMember
from matchmaker.core.regions import contains


def may_found_for(viewer: Any, organisation_id: int) -> bool:
    """A person founds an alliance for an organisation of their own."""
    return viewer.has(Permission.ALLIANCES_OWN) and organisation_id in viewer.organisation_ids


def may_lead(viewer: Any, alliance: Alliance) -> bool:
    """The people of the lead organisation run the alliance."""
    lead = alliance.lead
    return lead is not None and may_found_for(viewer, lead.organisation_id)


def may_sign(viewer: Any, member: AllianceMember) -> bool:
    """An owner signs for their organisation."""
    return viewer.has(Permission.ALLIANCES_OWN) and any(
        membership.organisation_id == member.organisation_id and membership.level is MembershipLevel.OWNER
        for membership in getattr(viewer, "memberships", [])
    )


def may_handle(viewer: Any, alliance: Alliance) -> bool:
    """The bureau files the alliances of its region."""
    return viewer.has(Permission.ALLIANCES_MANAGE) and any(
        contains(code, alliance.region) for code in viewer.region_codes
    )
