"""The queue of the second person; the decision itself is taken on the page of its record."""

from __future__ import annotations

from typing import Any

from flask_login import current_user

from matchmaker.accounts.rules import Permission
from matchmaker.core.web import one_or_404, page, requires
from matchmaker.lists.pages import list_page
from matchmaker.publicity import access, lists, queries
from matchmaker.publicity.models import Decision
from matchmaker.publicity.views import bp


@bp.get("/decisions/")
@requires(Permission.NOTICES_DECIDE, Permission.NOTICES_MANAGE)
def decision_index() -> Any:
    """What was proposed in one's regions, the open ones first."""
    return list_page(lists.DECISIONS, "publicity/decisions.html")


@bp.get("/decisions/<int:decision_id>")
@requires(Permission.NOTICES_DECIDE, Permission.NOTICES_MANAGE)
def decision(decision_id: int) -> Any:
    """One decision: who proposed what, why, and where to decide."""
    row = one_or_404(queries.decisions_visible_to(current_user).where(Decision.id == decision_id))
    may_confirm = access.may_confirm(current_user, row) and row.proposed_by_id != current_user.id
    return page("publicity/decision.html", decision=row, may_confirm=may_confirm)
