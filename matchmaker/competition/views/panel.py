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
        pairs, dropped = ([_pair(text) for text in request.form.getlist(name)] for name in ("pair", "drop"))
        anchors = [int(text) for text in request.form.getlist("anchor") if _number(text)]
        back = url_for("competition.assignment", contest_id=contest_id, code=code)
        return step(
            lambda: assigning.confirm(
                stage,
                actor=current_user,
                pairs=[pair for pair in pairs if pair],
                dropped=[pair for pair in dropped if pair],
                anchors=anchors,
            ),
            done=_("已分配，评委会收到通知"),
            back=back,
        )
    text = request.args.get("seed", "1")
    seed = int(text) if text.isascii() and text.isdigit() and len(text) < 7 else 1
    wanted = request.args.get("remedy")
    remedy = assigning.Remedy(wanted) if wanted in set(assigning.Remedy) else None
    plan = assigning.propose(stage, actor=current_user, seed=seed, remedy=remedy)
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
    if len(parts) != 2 or not all(map(_number, parts)):
        return None
    return int(parts[0]), int(parts[1])


def _number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 10
