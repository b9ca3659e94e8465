"""Lock, open again, release, award: steps of two people each, with the reason on the record."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from matchmaker.accounts.rules import Permission
from matchmaker.competition import access
from matchmaker.competition.forms.results import ReopenForm
from matchmaker.competition.models import ContestStage
from matchmaker.competition.services import counting, results, tallies
from matchmaker.competition.views import bp
from matchmaker.competition.views.steps import managed, staged, step, with_reason
from matchmaker.core import clock
from matchmaker.core.db import transaction
from matchmaker.core.errors import DomainError
from matchmaker.core.i18n import sentence
from matchmaker.core.web import answer, errors_on, page, requires
from matchmaker.publicity import queries as publicity

STAFF = (Permission.CONTESTS_MANAGE, Permission.CONTESTS_DECIDE)
STAGE = "/manage/<int:contest_id>/<any(preliminary,semifinal,final):code>"


@bp.get(f"{STAGE}/results")
@requires(*STAFF)
def results_page(contest_id: int, code: str) -> Any:
    """Where the results of a stage stand and whose turn it is; no score is on this page."""
    stage = staged(contest_id, code)
    contest, unfinished = stage.contest, None
    results.check_party(contest, actor=current_user)
    if stage.locked is None:
        try:
            results.check_complete(stage)
        except DomainError as error:
            unfinished = sentence(error)
    return page(
        "competition/results.html",
        contest=contest,
        stage=stage,
        unfinished=unfinished,
        lock=publicity.decision_of(stage, kind=results.LOCK),
        reopening=publicity.decision_of(stage, kind=results.REOPEN),
        award=publicity.decision_of(contest, kind=results.AWARD),
        notice=results.notice_of(contest),
        tallies=tallies.of_stage(stage),
        vetoes=[row for row in counting.places_of(stage).values() if row.veto_asked],
        reopens=results.may_reopen(stage),
        manages=access.may_manage(current_user, contest),
        decides=access.may_decide(current_user, contest),
        now=clock.now(),
    )


@bp.get(f"{STAGE}/standings")
@requires(*STAFF)
def standings(contest_id: int, code: str) -> Any:
    """The locked standings; that somebody looked is recorded, so this page writes one line of the log."""
    stage = staged(contest_id, code)
    typed = request.args.get("version", "")
    version = int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 6 else None
    try:
        with transaction():
            rows = results.tally(stage, actor=current_user, version=version)
    except DomainError as error:
        if error.status == 403:
            raise
        flash(sentence(error), "warn")
        return redirect(of_stage(stage), 303)
    tally = rows[0].tally
    return page(
        "competition/standings.html",
        contest=stage.contest,
        stage=stage,
        tally=tally,
        standings=rows,
        differs=tally.reopened is None and results.recount_differs(stage),
    )


@bp.route(f"{STAGE}/lock/propose", methods=["GET", "POST"])
@requires(Permission.CONTESTS_MANAGE)
def propose_lock(contest_id: int, code: str) -> Any:
    """Put the lock before a second person."""
    stage = staged(contest_id, code)
    return with_reason(
        stage.contest,
        lambda reason: results.propose_lock(stage, actor=current_user, reason=reason),
        title=_("提请锁定成绩"),
        text=_("锁定后评委不能再改分；须由另一位同事确认。"),
        done=_("已提请，等待另一位同事复核"),
        back=of_stage(stage),
    )


@bp.post(f"{STAGE}/lock/confirm")
@requires(Permission.CONTESTS_DECIDE)
def confirm_lock(contest_id: int, code: str) -> Any:
    """The second person agrees: the scores are counted and fixed."""
    stage = staged(contest_id, code)
    return step(lambda: results.confirm_lock(stage, actor=current_user), done=_("成绩已锁定"), back=of_stage(stage))


@bp.route(f"{STAGE}/lock/return", methods=["GET", "POST"])
@requires(Permission.CONTESTS_DECIDE)
def return_lock(contest_id: int, code: str) -> Any:
    """The second person does not agree and says why."""
    stage = staged(contest_id, code)
    return _returned(stage.contest, _giving_back(stage, results.LOCK), back=of_stage(stage))


@bp.route(f"{STAGE}/reopen/propose", methods=["GET", "POST"])
@requires(Permission.CONTESTS_MANAGE)
def propose_reopen(contest_id: int, code: str) -> Any:
    """Put before a second person that a locked stage is opened again."""
    stage = staged(contest_id, code)
    form = ReopenForm()
    if form.validate_on_submit():
        with errors_on(form):
            with transaction():
                results.propose_reopen(stage, actor=current_user, reason=form.reason.data or "", until=form.until.data)
            flash(_("已提请，等待另一位同事复核"), "good")
            return redirect(of_stage(stage), 303)
    return answer(form, "competition/reopen.html", contest=stage.contest, stage=stage, back=of_stage(stage))


@bp.post(f"{STAGE}/reopen/confirm")
@requires(Permission.CONTESTS_DECIDE)
def confirm_reopen(contest_id: int, code: str) -> Any:
    """The second person agrees: judges may correct their ballots again."""
    stage = staged(contest_id, code)
    done = _("成绩已重新打开，原成绩保留备查")
    return step(lambda: results.confirm_reopen(stage, actor=current_user), done=done, back=of_stage(stage))


@bp.route(f"{STAGE}/reopen/return", methods=["GET", "POST"])
@requires(Permission.CONTESTS_DECIDE)
def return_reopen(contest_id: int, code: str) -> Any:
    """The second person wants the lock to stay."""
    stage = staged(contest_id, code)
    return _returned(stage.contest, _giving_back(stage, results.REOPEN), back=of_stage(stage))


@bp.post(f"{STAGE}/release")
@requires(Permission.CONTESTS_MANAGE)
def release(contest_id: int, code: str) -> Any:
    """Publish a stage; after the last one with a public notice."""
    stage = staged(contest_id, code)
    return step(lambda: results.release(stage, actor=current_user), done=_("成绩已发布"), back=of_stage(stage))


@bp.route("/manage/<int:contest_id>/award/propose", methods=["GET", "POST"])
@requires(Permission.CONTESTS_MANAGE)
def propose_awards(contest_id: int) -> Any:
    """Put the awards before a second person."""
    contest = managed(contest_id)
    return with_reason(
        contest,
        lambda reason: results.propose_awards(contest, actor=current_user, reason=reason),
        title=_("提请授奖"),
        text=_("公示期满且无未办结异议后提请；确认后生成证书。"),
        done=_("已提请，等待另一位同事复核"),
        back=of_stage(contest.stages[-1]),
    )


@bp.post("/manage/<int:contest_id>/award/confirm")
@requires(Permission.CONTESTS_DECIDE)
def confirm_awards(contest_id: int) -> Any:
    """The second person agrees: certificates are made and the contest is closed."""
    contest = managed(contest_id)
    back = of_stage(contest.stages[-1])
    return step(lambda: results.confirm_awards(contest, actor=current_user), done=_("已授奖，证书已生成"), back=back)


@bp.route("/manage/<int:contest_id>/award/return", methods=["GET", "POST"])
@requires(Permission.CONTESTS_DECIDE)
def return_awards(contest_id: int) -> Any:
    """The second person does not agree with the awards and says why."""
    contest = managed(contest_id)
    return _returned(contest, _giving_back(contest, results.AWARD), back=of_stage(contest.stages[-1]))


def of_stage(stage: ContestStage) -> str:
    """The page of a stage's results."""
    return url_for("competition.results_page", contest_id=stage.contest_id, code=stage.code.value)


def _giving_back(subject: Any, kind: str) -> Callable[[str], None]:
    return lambda reason: results.give_back(subject, actor=current_user, kind=kind, reason=reason)


def _returned(contest: Any, change: Callable[[str], None], *, back: str) -> Any:
    return with_reason(contest, change, title=_("退回提请"), text=_("提请人会看到理由。"), done=_("已退回"), back=back)
