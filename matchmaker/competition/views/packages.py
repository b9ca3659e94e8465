"""The result package for whoever wants to count again, and the card that says how is counted."""

from __future__ import annotations

from typing import Any

from flask import Response, abort, request
from flask_babel import gettext as _
from flask_login import current_user

from matchmaker.competition import access
from matchmaker.competition.models import Contest, ContestStage, Tally
from matchmaker.competition.queries import contests
from matchmaker.competition.rules.aggregation import Aggregation
from matchmaker.competition.rules.results import Sharing
from matchmaker.competition.rules.states import Stage
from matchmaker.competition.services import counting, packages, tallies
from matchmaker.competition.views import bp
from matchmaker.core.web import download, one_or_404, page, public

OF_STAGE = "/<int:contest_id>/<any(preliminary,semifinal,final):code>"


@bp.get("/method")
@public
def method() -> Any:
    """How scores are counted, in plain words."""
    return page("competition/method.html", rules=list(Aggregation))


@bp.get(f"{OF_STAGE}/package")
@public
def package(contest_id: int, code: str) -> Any:
    """What the package of a stage holds, its fingerprint, and how to count again."""
    stage, kept = _released(contest_id, code)
    tally = kept[-1]
    return page(
        "competition/package.html",
        contest=stage.contest,
        stage=stage,
        tally=tally,
        document=packages.document(tally),
        engine_rule=counting.ENGINE_RULES[tally.rule],
        earlier=kept[:-1],
    )


@bp.get(f"{OF_STAGE}/package.zip")
@public
def package_file(contest_id: int, code: str) -> Response:
    """The package as one ZIP; `version` asks for an earlier lock that was public."""
    stage, kept = _released(contest_id, code)
    typed = request.args.get("version", "")
    tally = next((row for row in kept if str(row.version) == typed), None) if typed else kept[-1]
    if tally is None:
        abort(404, _("没有这一次锁定的成绩"))
    name = f"results-{stage.contest.year}-{contest_id}-{stage.code.value}-v{tally.version}.zip"
    return download(packages.archive(tally), filename=name, mimetype="application/zip")


def _released(contest_id: int, code: str) -> tuple[ContestStage, list[Tally]]:
    """A released stage with its tallies that have been public; 404 for whoever may not read packages."""
    contest = one_or_404(contests.public().where(Contest.id == contest_id))
    stage = contest.stage_of(Stage(code))
    if stage is None:
        abort(404)
    kept = [tally for tally in tallies.of_stage(stage) if tally.released is not None]
    open_to_all = contest.package is Sharing.PUBLIC
    if not kept or stage.released is None or not (open_to_all or access.may_supervise(current_user, contest)):
        abort(404)
    return stage, kept
