"""Which side of a session is this person on?"""

from __future__ import annotations

from typing import Any

from matchmaker.accounts.rules import Permission
from matchmaker.core.regions import contains
from matchmaker.mentoring.models import MentorSession


def is_mentor(viewer: Any, row: MentorSession) -> bool:
    """The mentor of the session."""
    return bool(viewer.id) and row.person.user_id == viewer.id


def is_client(viewer: Any, row: MentorSession) -> bool:
    """Who booked, and everybody of the same firm; never the mentor."""
    if is_mentor(viewer, row):
        return False
    return row.booked_by_id == viewer.id or row.organisation_id in viewer.organisation_ids


def may_browse(viewer: Any, region: str) -> bool:
    """Those who may ask for help see every mentor's times; staff see those of their regions."""
    return viewer.has(Permission.NEEDS_OWN) or any(contains(code, region) for code in viewer.region_codes)
