"""Needs for programs: one's own, and for handlers those of the region."""

from __future__ import annotations

from typing import Any

from flask_login import current_user

from matchmaker.accounts.rules import Permission
from matchmaker.core.api import blueprint, listing_body
from matchmaker.core.lists import open_list
from matchmaker.core.web import requires
from matchmaker.matching import lists

bp = blueprint("matching", tag="matching")


@bp.get("/needs")
@bp.doc(summary="Your needs, and those of your regions", responses=[401, 403], security="bearer")
@requires(Permission.NEEDS_OWN, Permission.NEEDS_HANDLE)
def index() -> Any:
    """One page of the list, with the filters of the page."""
    return listing_body(open_list(lists.NEEDS, current_user))
