"""The organiser's page of the assignment: who judges what."""

from __future__ import annotations

from typing import Any

from flask import request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from matchmaker.accounts.rules import Permission
from matchmaker.competition.services import assigning
from matchmaker.competition.views import bp
from matchmaker.competition.views.steps import staged, step
from matchmaker.core.i18n import sentence
from matchmaker.core.web import page, requires


@bp.route("/manage/<int:contest_id>/<any(preliminary,semifinal,final):code>/assignment", methods=["GET", "POST"])
@requires(Permission.CONTESTS_MANAGE)
def assignment(contest_id: int, code: str) -> Any:
    """Look at a plan, then make it; where there is none, say in words what stands in the way."""
    stage = staged(contest_id, code)
    if request.method == "POST":
        pairs = [_pair(text) for text in request.form.getlist("pair")]
        back = url_for("competition.assignment", contest_id=contest_id, code=code)
        return step(
            lambda: assigning.confirm(stage, actor=current_user, pairs=[pair for pair in pairs if pair]),
            done=_("已分配，评委会收到通知"),
            back=back,
        )
    text = request.args.get("seed", "1")
    seed = int(text) if text.isascii() and text.isdigit() and len(text) < 7 else 1
    plan = assigning.propose(stage, actor=current_user, seed=seed)
    return page(
        "competition/assignment.html",
        contest=stage.contest,
        stage=stage,
        plan=plan,
        obstacles=[sentence(error) for error in plan.obstacles],
        seed=seed,
    )


def _pair(text: str) -> tuple[int, int] | None:
    parts = text.split(":")
    if len(parts) != 2 or not all(part.isascii() and part.isdigit() and len(part) < 10 for part in parts):
        return None
    return int(parts[0]), int(parts[1])
