"""The judge's pages: what is left, and one ballot at a time on a screen with nothing else."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from matchmaker.accounts.rules import Permission
from matchmaker.competition.forms.ballots import ballot_form
from matchmaker.competition.forms.judges import RecusalForm
from matchmaker.competition.models import Ballot
from matchmaker.competition.queries import judging
from matchmaker.competition.rules.ballots import LEFT, SHORTEST_COMMENT
from matchmaker.competition.services import ballots, blinding, judges, recusals
from matchmaker.competition.views import bp
from matchmaker.competition.views.steps import step
from matchmaker.core import clock
from matchmaker.core.db import db, transaction
from matchmaker.core.web import answer, errors_on, one_or_404, page, requires


@bp.get("/ballots/")
@requires(Permission.BALLOTS_OWN)
def own_ballots() -> Any:
    """Everything a judge has to score, what is left first."""
    rows = db.session.execute(judging.own_ballots(current_user).limit(1000)).unique().scalars().all()
    return page(
        "competition/own_ballots.html",
        stages=_by_stage(rows),
        shown=blinding.shown_on(rows),
        left=LEFT,
        now=clock.now(),
    )


def _by_stage(rows: Any) -> list[tuple[Any, list[Ballot]]]:
    grouped: dict[int, list[Ballot]] = {}
    for row in rows:
        grouped.setdefault(row.stage_id, []).append(row)
    return [(own[0].stage, sorted(own, key=lambda b: (b.state not in LEFT, b.id))) for own in grouped.values()]


@bp.route("/ballots/<int:ballot_id>", methods=["GET", "POST"])
@requires(Permission.BALLOTS_OWN)
def ballot(ballot_id: int) -> Any:
    """Score one entry; without scripts the two buttons save and submit."""
    row = own_ballot(ballot_id)
    if request.method == "GET" and judges.needs_pledge(row.seat):
        return redirect(url_for("competition.pledge", seat_id=row.seat_id, next=request.path), 303)
    form = ballot_form(row)
    if form.validate_on_submit():
        signing = request.form.get("step") == "sign"
        change = ballots.sign if signing else ballots.save
        with errors_on(form):
            with transaction():
                change(row, actor=current_user, **form.values)
            flash(
                _("评分表已提交；锁定前可以撤回修改") if signing else _("已保存，还没有提交"),
                "good" if signing else "info",
            )
            return redirect(_after(row, signing=signing), 303)
    siblings = [b for b in _siblings(row) if b.stage_id == row.stage_id]
    return answer(
        form,
        "competition/ballot.html",
        ballot=row,
        content=ballots.content_of(row),
        shown=blinding.shown_to_judge(row.entry, row.stage.blind),
        code=blinding.shown_on([row])[row.id].who if row.stage.blind else "",
        siblings=siblings,
        left=LEFT,
        now=clock.now(),
        shortest=SHORTEST_COMMENT,
    )


def _after(row: Ballot, *, signing: bool) -> str:
    left = [b for b in ballots.left_of(current_user) if b.id != row.id] if signing else []
    return (
        url_for("competition.ballot", ballot_id=left[0].id)
        if left
        else (url_for("competition.own_ballots") if signing else url_for("competition.ballot", ballot_id=row.id))
    )


@bp.post("/ballots/<int:ballot_id>/reopen")
@requires(Permission.BALLOTS_OWN)
def reopen_ballot(ballot_id: int) -> Any:
    """Take a submitted ballot back to correct it."""
    row = own_ballot(ballot_id)
    back = url_for("competition.ballot", ballot_id=ballot_id)
    return step(lambda: ballots.reopen(row, actor=current_user), done=_("已撤回，请改好后重新提交"), back=back)


@bp.route("/ballots/<int:ballot_id>/recuse", methods=["GET", "POST"])
@requires(Permission.BALLOTS_OWN)
def recuse(ballot_id: int) -> Any:
    """Step back from an entry."""
    row = own_ballot(ballot_id)
    form = RecusalForm()
    if form.validate_on_submit():
        with errors_on(form):
            with transaction():
                recusals.declare(row, actor=current_user, **form.values)
            flash(_("已申报回避，该项目已从您的任务中移除"), "info")
            return redirect(url_for("competition.own_ballots"), 303)
    return answer(form, "competition/recuse.html", ballot=row, shown=blinding.shown_on([row])[row.id])


def own_ballot(ballot_id: int) -> Ballot:
    """A ballot of the reader's, else 404."""
    row: Ballot = one_or_404(judging.own_ballots(current_user).where(Ballot.id == ballot_id))
    return row


def _siblings(_row: Ballot) -> list[Ballot]:
    return list(db.session.execute(judging.own_ballots(current_user)).unique().scalars())
