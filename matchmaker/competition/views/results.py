"""Locking, looking at, releasing and awarding: the organiser proposes, the approver confirms."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import flash, redirect, url_for
from flask_babel import gettext as _
from flask_login import current_user

from matchmaker.accounts.rules import Permission
from matchmaker.competition import access
from matchmaker.competition.forms.contests import ReasonForm
from matchmaker.competition.models import ContestStage
from matchmaker.competition.services import results
from matchmaker.competition.views import bp
from matchmaker.competition.views.steps import managed, staged, step
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
        award=publicity.decision_of(contest, kind=results.AWARD),
        notice=results.notice_of(contest),
        manages=access.may_manage(current_user, contest),
        decides=access.may_decide(current_user, contest),
        now=clock.now(),
    )


@bp.get(f"{STAGE}/standings")
@requires(*STAFF)
def standings(contest_id: int, code: str) -> Any:
    """The locked standings; that somebody looked is recorded, so this page writes one line of the log."""
    stage = staged(contest_id, code)
    try:
        with transaction():
            rows = results.tally(stage, actor=current_user)
    except DomainError as error:
        if error.status == 403:
            raise
        flash(sentence(error), "warn")
        return redirect(_of_stage(stage), 303)
    return page(
        "competition/standings.html",
        contest=stage.contest,
        stage=stage,
        standings=rows,
        differs=results.recount_differs(stage),
    )


@bp.route(f"{STAGE}/lock/propose", methods=["GET", "POST"])
@requires(Permission.CONTESTS_MANAGE)
def propose_lock(contest_id: int, code: str) -> Any:
    """Put the lock before a second person."""
    stage = staged(contest_id, code)
    return _with_reason(
        stage,
        title=_("提请锁定成绩"),
        text=_("锁定后评委不能再改分；须由另一位同事确认。"),
        change=results.propose_lock,
        done=_("已提请，等待另一位同事复核"),
        back=_of_stage(stage),
    )


@bp.post(f"{STAGE}/lock/confirm")
@requires(Permission.CONTESTS_DECIDE)
def confirm_lock(contest_id: int, code: str) -> Any:
    """The second person agrees: the scores are counted and fixed."""
    stage = staged(contest_id, code)
    return step(lambda: results.confirm_lock(stage, actor=current_user), done=_("成绩已锁定"), back=_of_stage(stage))


@bp.route(f"{STAGE}/lock/return", methods=["GET", "POST"])
@requires(Permission.CONTESTS_DECIDE)
def return_lock(contest_id: int, code: str) -> Any:
    """The second person does not agree and says why."""
    stage = staged(contest_id, code)

    def change(stage: Any, *, actor: Any, reason: str) -> None:
        results.give_back(stage, actor=actor, kind=results.LOCK, reason=reason)

    return _returned(stage, change=change, back=_of_stage(stage))


@bp.post(f"{STAGE}/release")
@requires(Permission.CONTESTS_MANAGE)
def release(contest_id: int, code: str) -> Any:
    """Publish a stage; after the last one with a public notice."""
    stage = staged(contest_id, code)
    return step(lambda: results.release(stage, actor=current_user), done=_("成绩已发布"), back=_of_stage(stage))


@bp.route("/manage/<int:contest_id>/award/propose", methods=["GET", "POST"])
@requires(Permission.CONTESTS_MANAGE)
def propose_awards(contest_id: int) -> Any:
    """Put the awards before a second person."""
    contest = managed(contest_id)
    return _with_reason(
        contest,
        title=_("提请授奖"),
        text=_("公示期满且无未办结异议后提请；确认后生成证书。"),
        change=results.propose_awards,
        done=_("已提请，等待另一位同事复核"),
        back=_of_stage(contest.stages[-1]),
    )


@bp.post("/manage/<int:contest_id>/award/confirm")
@requires(Permission.CONTESTS_DECIDE)
def confirm_awards(contest_id: int) -> Any:
    """The second person agrees: certificates are made and the contest is closed."""
    contest = managed(contest_id)
    back = _of_stage(contest.stages[-1])
    return step(lambda: results.confirm_awards(contest, actor=current_user), done=_("已授奖，证书已生成"), back=back)


@bp.route("/manage/<int:contest_id>/award/return", methods=["GET", "POST"])
@requires(Permission.CONTESTS_DECIDE)
def return_awards(contest_id: int) -> Any:
    """The second person does not agree with the awards and says why."""
    contest = managed(contest_id)

    def change(contest: Any, *, actor: Any, reason: str) -> None:
        results.give_back(contest, actor=actor, kind=results.AWARD, reason=reason)

    return _returned(contest, change=change, back=_of_stage(contest.stages[-1]))


def _of_stage(stage: ContestStage) -> str:
    return url_for("competition.results_page", contest_id=stage.contest_id, code=stage.code.value)


def _returned(subject: Any, *, change: Callable[..., Any], back: str) -> Any:
    return _with_reason(
        subject, title=_("退回提请"), text=_("提请人会看到理由。"), change=change, done=_("已退回"), back=back
    )


def _with_reason(subject: Any, *, title: str, text: str, change: Callable[..., Any], done: str, back: str) -> Any:
    form = ReasonForm()
    if form.validate_on_submit():
        with errors_on(form):
            with transaction():
                change(subject, actor=current_user, reason=form.reason.data)
            flash(done, "good")
            return redirect(back, 303)
    contest = subject.contest if isinstance(subject, ContestStage) else subject
    return answer(form, "competition/reason.html", title=f"{title}：{contest.title}", text=text, back=back, label=title)
