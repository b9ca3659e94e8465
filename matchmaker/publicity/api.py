"""Notices for programs: the list of one's regions, with the filters of the page."""

from __future__ import annotations

from typing import Any

from flask_login import current_user

from matchmaker.accounts.rules import Permission
from matchmaker.core.api import blueprint, listing_body
from matchmaker.core.lists import open_list
from matchmaker.core.web import requires
from matchmaker.publicity import lists

bp = blueprint("publicity", tag="publicity")


@bp.get("/notices")
@bp.doc(summary="Notices of your regions, with the filters of the page", responses=[401, 403], security="bearer")
@requires(Permission.NOTICES_MANAGE, Permission.NOTICES_DECIDE)
def index() -> Any:
    """One page of the list."""
    return listing_body(open_list(lists.NOTICES, current_user))
