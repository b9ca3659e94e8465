"""What tally officers see beside the standings, and what goes into next year's work: judge file, archive, exports."""

from __future__ import annotations

from typing import Any

from flask import current_app, flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from matchmaker.accounts.rules import Permission
from matchmaker.competition.forms.results import SimulationForm
from matchmaker.competition.models import Ballot, ContestStage
from matchmaker.competition.queries import judging
from matchmaker.competition.queries import standings as standing_queries
from matchmaker.competition.rules.ballots import BallotState
from matchmaker.competition.services import board as boards
from matchmaker.competition.services import exports, feedback, judgefile
from matchmaker.competition.views import bp
from matchmaker.competition.views.results import STAFF, STAGE, of_stage
from matchmaker.competition.views.steps import managed, staged, step
from matchmaker.core.db import db, transaction
from matchmaker.core.errors import DomainError
from matchmaker.core.i18n import sentence
from matchmaker.core.sentences import fill
from matchmaker.core.web import answer, download, errors_on, one_or_404, page, public, requires

SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@bp.get(f"{STAGE}/board")
@requires(*STAFF)
def board(contest_id: int, code: str) -> Any:
    """All rules side by side, the judges, and the awards under every change."""
    stage = staged(contest_id, code)
    try:
        with transaction():
            groups = boards.board(stage, actor=current_user)
    except DomainError as error:
        return _refused(error, stage)
    return page(
        "competition/board.html",
        contest=stage.contest,
        stage=stage,
        boards=groups,
        standings=boards.standings(stage),
        worded=_worded,
    )


@bp.get(f"{STAGE}/grey-zone")
@requires(*STAFF)
def grey_zone(contest_id: int, code: str) -> Any:
    """Whom the cut hardly separates, by code, while judges can still be added."""
    stage = staged(contest_id, code)
    try:
        with transaction():
            groups = boards.grey_zone(stage, actor=current_user)
    except DomainError as error:
        return _refused(error, stage)
    return page("competition/grey_zone.html", contest=stage.contest, stage=stage, near=groups)


@bp.route(f"{STAGE}/simulate", methods=["GET", "POST"])
@requires(*STAFF)
def simulate(contest_id: int, code: str) -> Any:
    """What an accepted objection would change, without touching the locked result."""
    stage = staged(contest_id, code)
    try:
        counted, names = boards.choices(stage, actor=current_user)
    except DomainError as error:
        return _refused(error, stage)
    form = SimulationForm()
    empty = [("", _("不选"))]
    lines = [line for group in counted for line in group.lines]
    titles = {line.entry.id: f"{line.code} {line.entry.title}" for line in lines}
    form.entry.choices = empty + [(line.code, titles[line.entry.id]) for line in lines]
    form.judge.choices = empty + sorted((code, f"{code} {name}") for code, name in names.items())
    form.ballot.choices = empty + [
        (f"{group.codes[row.entry_id]}:{row.seat.code}", f"{titles[row.entry_id]} · {row.seat.code}")
        for group in counted
        for row in group.ballots
    ]
    groups = None
    if form.validate_on_submit():
        with errors_on(form), transaction():
            groups = boards.simulate(stage, actor=current_user, **{k: v or "" for k, v in form.values.items()})
    return answer(form, "competition/simulate.html", contest=stage.contest, stage=stage, moved=groups)


@bp.get("/manage/judge-file")
@requires(Permission.CONTESTS_MANAGE, Permission.CONTESTS_DECIDE)
def judge_file() -> Any:
    """How the judges of one's regions have scored so far, for whoever seats them next."""
    return page("competition/judge_file.html", summaries=judgefile.summaries(current_user))


@bp.get("/manage/<int:contest_id>/archive.zip")
@requires(*STAFF)
def archive_file(contest_id: int) -> Any:
    """Everything about a contest's results for the archive."""
    contest = managed(contest_id)
    try:
        with transaction():
            content = exports.archive(contest, actor=current_user, issuer=current_app.config["SETTINGS"].district_name)
    except DomainError as error:
        return _refused(error, contest.stages[-1])
    return download(content, filename=f"contest-{contest.year}-{contest_id}.zip", mimetype="application/zip")


@bp.get("/manage/<int:contest_id>/prize-money.xlsx")
@requires(*STAFF)
def prize_money(contest_id: int) -> Any:
    """The winners with their prize money, for the finance office."""
    contest = managed(contest_id)
    try:
        with transaction():
            content = exports.prize_money(contest, actor=current_user)
    except DomainError as error:
        return _refused(error, contest.stages[-1])
    return download(content, filename=f"prize-money-{contest.year}-{contest_id}.xlsx", mimetype=SHEET)


@bp.get("/archive")
@public
def archive() -> Any:
    """The winners of past years."""
    rows = db.session.execute(standing_queries.awarded()).unique().scalars().all()
    return page("competition/archive.html", rows=rows)


@bp.get("/ballots/comments")
@requires(Permission.BALLOTS_OWN)
def own_comments() -> Any:
    """The judge's comments that may be passed on to entrants, if the judge agrees."""
    statement = judging.own_ballots(current_user).where(Ballot.state == BallotState.SUBMITTED, Ballot.comment != "")
    rows = [row for row in db.session.execute(statement).unique().scalars() if row.entry.contest.comments]
    return page("competition/own_comments.html", ballots=rows, agreed=feedback.consents(rows))


@bp.post("/ballots/<int:ballot_id>/comment")
@requires(Permission.BALLOTS_OWN)
def share_comment(ballot_id: int) -> Any:
    """Agree, or take the consent back before the release."""
    row = one_or_404(judging.own_ballots(current_user).where(Ballot.id == ballot_id))
    agreed = request.form.get("agreed") == "1"
    done = _("已同意转交，不显示您的姓名") if agreed else _("已撤回，评语不转交")
    back = url_for("competition.own_comments")
    return step(lambda: feedback.agree(row, actor=current_user, agreed=agreed), done=done, back=back)


def _worded(text: Any) -> str:
    """A sentence of the engine in the reader's language."""
    return fill(_(text.text), text.values)


def _refused(error: DomainError, stage: ContestStage) -> Any:
    if error.status == 403:
        raise error
    flash(sentence(error), "warn")
    return redirect(of_stage(stage), 303)
