"""The organiser's pages of judges: who sits, who has to stay away, who judges what."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from matchmaker.accounts import queries as accounts
from matchmaker.accounts.models import User
from matchmaker.accounts.rules import Permission, Role
from matchmaker.competition.forms.contests import SeatForm
from matchmaker.competition.models import Contest, JudgeSeat, Recusal
from matchmaker.competition.queries import entries, judging
from matchmaker.competition.rules.conflicts import RecusalState
from matchmaker.competition.services import assigning, judges
from matchmaker.competition.views import bp
from matchmaker.competition.views.steps import managed, staged, step
from matchmaker.core.db import db, transaction
from matchmaker.core.i18n import sentence
from matchmaker.core.sentences import fill
from matchmaker.core.web import answer, errors_on, one_or_404, page, requires


@bp.route("/manage/<int:contest_id>/judges", methods=["GET", "POST"])
@requires(Permission.CONTESTS_MANAGE)
def judges_page(contest_id: int) -> Any:
    """The judges of a contest, and a form for one more."""
    contest = managed(contest_id)
    seats = _seats(contest)
    form = SeatForm()
    taken = {seat.user_id for seat in seats}
    holders = db.session.execute(accounts.holders_of(Role.JUDGE).limit(500)).unique().scalars()
    form.user_id.choices = [(user.id, user.name) for user in holders if user.id not in taken]
    form.tracks.choices = [(track.code, track.title) for track in contest.tracks]
    if form.validate_on_submit():
        with errors_on(form):
            with transaction():
                values = form.values
                user = db.session.get_one(User, values.pop("user_id"))
                judges.seat(contest, actor=current_user, user=user, **values)
            flash(_("已添加评委，并核对了回避情形"), "good")
            return redirect(url_for("competition.judges_page", contest_id=contest_id), 303)
    visible = entries.of_contest(current_user, {"contest_id": str(contest_id)})
    loads = {seat: n for seat, n, _done in db.session.execute(judging.loads(contest.current.id, visible))}
    return answer(form, "competition/judges.html", contest=contest, seats=seats, loads=loads)


@bp.post("/manage/<int:contest_id>/judges/<int:seat_id>/remove")
@requires(Permission.CONTESTS_MANAGE)
def remove_judge(contest_id: int, seat_id: int) -> Any:
    """Take a judge out who has no ballot."""
    managed(contest_id)
    seat = one_or_404(judging.seats_of(contest_id).where(JudgeSeat.id == seat_id))
    back = url_for("competition.judges_page", contest_id=contest_id)
    return step(lambda: judges.unseat(seat, actor=current_user), done=_("评委已移除"), back=back)


@bp.get("/manage/<int:contest_id>/recusals")
@requires(Permission.CONTESTS_MANAGE)
def recusals(contest_id: int) -> Any:
    """Who has to stay away from what, what waits for a person first."""
    contest = managed(contest_id)
    rows = db.session.execute(judging.recusals_of(current_user, contest_id).limit(500)).unique().scalars().all()
    return page("competition/recusals.html", contest=contest, recusals=rows, evidence=_evidence)


def _evidence(recusal: Recusal) -> str:
    """The sentence that proves it, in the reader's language."""
    return fill(_(recusal.evidence), recusal.values) if recusal.evidence else recusal.note


@bp.post("/manage/<int:contest_id>/recusals/detect")
@requires(Permission.CONTESTS_MANAGE)
def detect_recusals(contest_id: int) -> Any:
    """Compare every judge with every entry."""
    contest = managed(contest_id)
    back = url_for("competition.recusals", contest_id=contest_id)
    return step(lambda: judges.detect(contest, actor=current_user), done=_("已重新比对"), back=back)


@bp.post("/manage/<int:contest_id>/recusals/<int:recusal_id>")
@requires(Permission.CONTESTS_MANAGE)
def settle_recusal(contest_id: int, recusal_id: int) -> Any:
    """Confirm or ignore a recusal with what was verified."""
    managed(contest_id)
    row = one_or_404(judging.recusals_of(current_user, contest_id).where(Recusal.id == recusal_id))
    ignore = request.form.get("state") == RecusalState.IGNORED
    state = RecusalState.IGNORED if ignore else RecusalState.CONFIRMED
    note = request.form.get("note", "")
    back = url_for("competition.recusals", contest_id=contest_id)
    return step(lambda: judges.settle(row, actor=current_user, state=state, note=note), done=_("已核实"), back=back)


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


def _seats(contest: Contest) -> list[JudgeSeat]:
    return list(db.session.execute(judging.seats_of(contest.id)).unique().scalars())
