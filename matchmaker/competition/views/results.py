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
from matchmaker.competition.services import results
from matchmaker.competition.views import bp
from matchmaker.competition.views.steps import managed, step
from matchmaker.core import clock
from matchmaker.core.db import transaction
from matchmaker.core.errors import DomainError
from matchmaker.core.i18n import sentence
from matchmaker.core.web import answer, errors_on, page, requires
from matchmaker.publicity import queries as publicity

STAFF = (Permission.CONTESTS_MANAGE, Permission.CONTESTS_DECIDE)
KINDS = {"lock": results.LOCK, "award": results.AWARD}


@bp.get("/manage/<int:contest_id>/results")
@requires(*STAFF)
def results_page(contest_id: int) -> Any:
    """Where the results stand and whose turn it is; no score is on this page."""
    contest = managed(contest_id)
    unfinished = None
    results.check_party(contest, actor=current_user)
    if contest.locked is None:
        try:
            results.check_complete(contest)
        except DomainError as error:
            unfinished = sentence(error)
    return page(
        "competition/results.html",
        contest=contest,
        unfinished=unfinished,
        lock=publicity.decision_of(contest, kind=results.LOCK),
        award=publicity.decision_of(contest, kind=results.AWARD),
        notice=results.notice_of(contest),
        manages=access.may_manage(current_user, contest),
        decides=access.may_decide(current_user, contest),
        now=clock.now(),
    )


@bp.get("/manage/<int:contest_id>/standings")
@requires(*STAFF)
def standings(contest_id: int) -> Any:
    """The locked standings; that somebody looked is recorded, so this page writes one line of the log."""
    contest = managed(contest_id)
    try:
        with transaction():
            rows = results.tally(contest, actor=current_user)
    except DomainError as error:
        if error.status == 403:
            raise
        flash(sentence(error), "warn")
        return redirect(url_for("competition.results_page", contest_id=contest_id), 303)
    return page("competition/standings.html", contest=contest, standings=rows, differs=results.recount_differs(contest))


@bp.route("/manage/<int:contest_id>/<any(lock,award):kind>/propose", methods=["GET", "POST"])
@requires(Permission.CONTESTS_MANAGE)
def propose(contest_id: int, kind: str) -> Any:
    """Put the lock or the awards before a second person."""
    contest = managed(contest_id)
    title, text, change = {
        "lock": (_("提请锁定成绩"), _("锁定后评委不能再改分；须由另一位同事确认。"), results.propose_lock),
        "award": (_("提请授奖"), _("公示期满且无未办结异议后提请；确认后生成证书。"), results.propose_awards),
    }[kind]
    return _with_reason(contest, title=title, text=text, change=change, done=_("已提请，等待另一位同事复核"))


@bp.post("/manage/<int:contest_id>/<any(lock,award):kind>/confirm")
@requires(Permission.CONTESTS_DECIDE)
def confirm(contest_id: int, kind: str) -> Any:
    """The second person agrees."""
    contest = managed(contest_id)
    change, done = {
        "lock": (results.confirm_lock, _("成绩已锁定")),
        "award": (results.confirm_awards, _("已授奖，证书已生成")),
    }[kind]
    back = url_for("competition.results_page", contest_id=contest_id)
    return step(lambda: change(contest, actor=current_user), done=done, back=back)


@bp.route("/manage/<int:contest_id>/<any(lock,award):kind>/return", methods=["GET", "POST"])
@requires(Permission.CONTESTS_DECIDE)
def give_back(contest_id: int, kind: str) -> Any:
    """The second person does not agree and says why."""
    contest = managed(contest_id)

    def change(contest: Any, *, actor: Any, reason: str) -> None:
        results.give_back(contest, actor=actor, kind=KINDS[kind], reason=reason)

    return _with_reason(contest, title=_("退回提请"), text=_("提请人会看到理由。"), change=change, done=_("已退回"))


@bp.post("/manage/<int:contest_id>/release")
@requires(Permission.CONTESTS_MANAGE)
def release(contest_id: int) -> Any:
    """Publish the results with a public notice."""
    contest = managed(contest_id)
    back = url_for("competition.results_page", contest_id=contest_id)
    return step(lambda: results.release(contest, actor=current_user), done=_("成绩已发布，公示已开始"), back=back)


def _with_reason(contest: Any, *, title: str, text: str, change: Callable[..., Any], done: str) -> Any:
    back = url_for("competition.results_page", contest_id=contest.id)
    form = ReasonForm()
    if form.validate_on_submit():
        with errors_on(form):
            with transaction():
                change(contest, actor=current_user, reason=form.reason.data)
            flash(done, "good")
            return redirect(back, 303)
    return answer(form, "competition/reason.html", title=f"{title}：{contest.title}", text=text, back=back, label=title)
