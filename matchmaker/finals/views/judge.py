"""What a judge sees during a live final: the order, who is on, and the own ballot."""

from __future__ import annotations

from typing import Any

from flask import jsonify, url_for
from flask_login import current_user

from matchmaker.accounts.rules import Permission
from matchmaker.core.db import db
from matchmaker.core.web import one_or_404, page, requires
from matchmaker.finals import queries
from matchmaker.finals.models import Final
from matchmaker.finals.views import bp


@bp.get("/<int:final_id>/judge")
@requires(Permission.BALLOTS_OWN)
def judge(final_id: int) -> Any:
    """The judge's tablet: the entry on stage with the way to its ballot; entries to stay away from have none."""
    final = _judged(final_id)
    return page("finals/judge.html", final=final, contest=final.stage.contest, own=_own(final))


@bp.get("/<int:final_id>/judge/state")
@requires(Permission.BALLOTS_OWN)
def judge_state(final_id: int) -> Any:
    """Which entry is on, and this judge's ballot of it (none: the judge stays away)."""
    final = _judged(final_id)
    current = final.current
    ballot = _own(final).get(current.entry_id) if current else None
    return jsonify(
        version=final.version,
        appearance=current.id if current else None,
        ballot=url_for("competition.ballot", ballot_id=ballot.id) if ballot else None,
        done=ballot.state.value == "submitted" if ballot else False,
    )


def _judged(final_id: int) -> Final:
    final: Final = one_or_404(queries.judged_by(current_user).where(Final.id == final_id))
    return final


def _own(final: Final) -> dict[int, Any]:
    rows = db.session.execute(queries.own_ballots(current_user, final.stage_id)).unique().scalars()
    return {row.entry_id: row for row in rows}
