"""Which contest, entry and ballot may this person touch?"""

from __future__ import annotations

from typing import Any

from matchmaker.accounts.rules import Permission
from matchmaker.competition.models import Ballot, Contest, Entry
from matchmaker.core.regions import contains


def in_region(viewer: Any, contest: Contest) -> bool:
    """Is the contest within the regions of this member of staff?"""
    return any(contains(code, contest.region) for code in viewer.region_codes)


def may_manage(viewer: Any, contest: Contest) -> bool:
    """Organisers run the contests of their regions."""
    return viewer.has(Permission.CONTESTS_MANAGE) and in_region(viewer, contest)


def may_decide(viewer: Any, contest: Contest) -> bool:
    """Approvers confirm what organisers propose."""
    return viewer.has(Permission.CONTESTS_DECIDE) and in_region(viewer, contest)


def owns(viewer: Any, entry: Entry) -> bool:
    """Whoever handed it in, and everybody of the same firm."""
    return entry.user_id == viewer.id or entry.organisation_id in viewer.organisation_ids


def may_enter_for(viewer: Any, organisation_id: int | None) -> bool:
    """A person enters a firm of their own, or a team."""
    return viewer.has(Permission.ENTRIES_OWN) and (
        organisation_id is None or organisation_id in viewer.organisation_ids
    )


def may_score(viewer: Any, ballot: Ballot) -> bool:
    """A ballot belongs to its judge alone."""
    return viewer.has(Permission.BALLOTS_OWN) and ballot.seat.user_id == viewer.id


def may_supervise(viewer: Any, contest: Contest) -> bool:
    """Approvers of the region read packages that are not public; those of a released stage name nobody."""
    return bool(viewer.is_authenticated) and may_decide(viewer, contest)
