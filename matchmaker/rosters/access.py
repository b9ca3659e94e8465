"""Which appointment and which contact may this person see or change?"""

from __future__ import annotations

from typing import Any

from matchmaker.accounts.rules import Permission
from matchmaker.core.regions import contains
from matchmaker.directory.models import Person


def may_manage(viewer: Any, region: str) -> bool:
    """Handlers manage the appointments of their regions."""
    return viewer.has(Permission.ROSTERS_MANAGE) and any(contains(code, region) for code in viewer.region_codes)


def may_edit_profile(viewer: Any, person: Person) -> bool:
    """A helper edits their own words; the handler of the region helps."""
    return (bool(viewer.id) and person.user_id == viewer.id) or may_manage(viewer, person.region)


def may_see_phone(viewer: Any, person: Person) -> bool:
    """The person, and the handlers who appoint in that region; everybody else sees a masked number."""
    return (bool(viewer.id) and person.user_id == viewer.id) or may_manage(viewer, person.region)
