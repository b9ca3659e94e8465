"""After the close: patterns, strikes, the second person, the release, the table of the result."""

from __future__ import annotations

from typing import Any

from flask import abort, flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from matchmaker.accounts.rules import Permission
from matchmaker.core import clock, spreadsheets
from matchmaker.core.db import transaction
from matchmaker.core.errors import DomainError
from matchmaker.core.i18n import sentence
from matchmaker.core.web import answer, download, errors_on, page, requires, step
from matchmaker.voting import queries, rules
from matchmaker.voting.forms import ReasonForm, StrikeForm
from matchmaker.voting.models import PublicVote
from matchmaker.voting.rules import Reason
from matchmaker.voting.services import checking
from matchmaker.voting.views import bp
from matchmaker.voting.views.setting import LEADS, STAFF, managed

MOST_ROWS = 500  # of one pattern on a page; a larger one is struck out whole


@bp.get("/<int:vote_id>/check")
@requires(*STAFF)
def check(vote_id: int) -> Any:
    """What looks odd in a closed vote, by kind; nothing says which entry it was for."""
    vote = managed(vote_id)
    try:
        found = checking.patterns(vote, actor=current_user)
    except DomainError as error:
        return _refused(vote, error)
    return page(
        "voting/check.html",
        vote=vote,
        contest=vote.stage.contest,
        patterns=found,
        struck=queries.all_struck(vote.id),
        total=queries.size(vote.id),
        decision=checking.decision_of(vote),
        reasons=list(Reason),
        rules=rules,
    )


@bp.route("/<int:vote_id>/check/<any(burst,address,device,account):reason>/<key>", methods=["GET", "POST"])
@requires(*STAFF)
def pattern(vote_id: int, reason: str, key: str) -> Any:
    """The votes of one pattern: strike out those that are ticked, with the reason in words."""
    vote = managed(vote_id)
    try:
        found = checking.pattern(vote, actor=current_user, reason=Reason(reason), key=key)
    except DomainError as error:
        return _refused(vote, error)
    whole = len(found.ids) > MOST_ROWS
    form = StrikeForm()
    if form.validate_on_submit():
        with errors_on(form):
            ids = list(found.ids) if whole else [n for n in form.ids.data or [] if n in set(found.ids)]
            with transaction():
                count = checking.strike(vote, ids, actor=current_user, reason=Reason(reason), note=form.note.data or "")
            flash(_("已剔除 %(n)d 票", n=count), "good")
            return redirect(url_for("voting.check", vote_id=vote_id), 303)
    shown = set(found.ids[:MOST_ROWS])
    return answer(
        form,
        "voting/pattern.html",
        vote=vote,
        contest=vote.stage.contest,
        pattern=found,
        whole=whole,
        rows=[row for row in queries.seen(vote.id) if row.id in shown],
        struck=queries.struck(vote.id, sorted(shown)),
        ticked=set(form.ids.data or []) if form.is_submitted() else shown,
    )


@bp.post("/<int:vote_id>/check/<any(burst,address,device,account):reason>/<key>/restore")
@requires(*LEADS)
def restore(vote_id: int, reason: str, key: str) -> Any:
    """Put back what was struck out of one pattern."""
    vote = managed(vote_id)

    def change() -> None:
        found = checking.pattern(vote, actor=current_user, reason=Reason(reason), key=key)
        checking.restore(vote, found.ids, actor=current_user)

    return step(change, done=_("已恢复这组选票"), back=url_for("voting.check", vote_id=vote_id))


@bp.route("/<int:vote_id>/check/propose", methods=["GET", "POST"])
@requires(*LEADS)
def propose(vote_id: int) -> Any:
    """Put the finished check before a second person."""
    vote, form = managed(vote_id), ReasonForm()
    if form.validate_on_submit():
        with errors_on(form):
            with transaction():
                checking.propose(vote, actor=current_user, reason=form.reason.data or "")
            flash(_("已提请，等待另一位同事复核"), "good")
            return redirect(_home(vote), 303)
    text = _("提请以后不能再剔除或恢复选票。复核通过后系统第一次计票。")
    return answer(form, "voting/reason.html", vote=vote, title=_("提请复核票选核查"), text=text, back=_home(vote))


@bp.post("/<int:vote_id>/check/confirm")
@requires(Permission.CONTESTS_DECIDE)
def confirm(vote_id: int) -> Any:
    """The second person agrees; the votes are counted."""
    vote = managed(vote_id)
    return step(
        lambda: checking.confirm(vote, actor=current_user), done=_("核查已复核通过，选票已计数"), back=_home(vote)
    )


@bp.route("/<int:vote_id>/check/return", methods=["GET", "POST"])
@requires(Permission.CONTESTS_DECIDE)
def return_check(vote_id: int) -> Any:
    """The second person does not agree and says why."""
    vote, form = managed(vote_id), ReasonForm()
    if form.validate_on_submit():
        with errors_on(form):
            with transaction():
                checking.give_back(vote, actor=current_user, reason=form.reason.data or "")
            flash(_("已退回"), "good")
            return redirect(_home(vote), 303)
    text = _("退回后主办方可以继续剔除或恢复选票，再重新提请。")
    return answer(form, "voting/reason.html", vote=vote, title=_("退回票选核查"), text=text, back=_home(vote))


@bp.post("/<int:vote_id>/release")
@requires(*LEADS)
def release(vote_id: int) -> Any:
    """Make the checked result public."""
    vote = managed(vote_id)
    return step(lambda: checking.release(vote, actor=current_user), done=_("票选结果已公布"), back=_home(vote))


@bp.get("/<int:vote_id>/result.<any(csv,xlsx,pdf):form>")
@requires(*STAFF)
def result(vote_id: int, form: str) -> Any:
    """The checked result as a file."""
    vote = managed(vote_id)
    if vote.checked is None:
        abort(404)
    titles = [
        ("place", _("名次")),
        ("title", _("项目")),
        ("who", _("参赛单位")),
        ("votes", _("有效票")),
        ("struck", _("剔除")),
    ]
    columns = [
        spreadsheets.ExportColumn(key, title, "text" if key in {"title", "who"} else "number") for key, title in titles
    ]
    ranked = sorted(vote.candidates, key=lambda row: (row.place is None, row.place or 0, row.id))
    rows = [(row.place, row.entry.title, row.entry.who, row.votes, row.struck) for row in ranked]
    name = f"{vote.stage.contest.title}-{_('网络票选')}-{clock.today().isoformat()}"
    export = spreadsheets.Export(columns, rows, title=name, notes=(_("票选结果不影响评审名次"),))
    body, kind, ending = spreadsheets.render(export, form)
    return download(body, filename=f"{name}.{ending}", mimetype=kind)


def _home(vote: PublicVote) -> str:
    return url_for("voting.manage", vote_id=vote.id)


def _refused(vote: PublicVote, error: DomainError) -> Any:
    if error.status == 403:
        raise error
    flash(sentence(error), "warn")
    back = url_for("voting.check", vote_id=vote.id) if request.endpoint != "voting.check" else _home(vote)
    return redirect(back, 303)
