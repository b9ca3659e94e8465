"""Who has to stay away from what: the organiser's list, one by one and in bulk."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, url_for
from flask_babel import gettext as _
from flask_login import current_user

from matchmaker.accounts.rules import Permission
from matchmaker.competition.forms.judges import RecuseForm, SettleForm
from matchmaker.competition.lists.judges import RECUSALS, evidence_of
from matchmaker.competition.models import Entry, JudgeSeat, Recusal
from matchmaker.competition.queries import entries, judging
from matchmaker.competition.rules.conflicts import NEVER_IGNORED
from matchmaker.competition.services import recusals as service
from matchmaker.competition.services.guards import check_unconflicted
from matchmaker.competition.views import bp
from matchmaker.competition.views.steps import managed, step
from matchmaker.core.db import db, transaction
from matchmaker.core.forms import choice
from matchmaker.core.web import answer, errors_on, one_or_404, requires
from matchmaker.lists.pages import list_page


@bp.get("/manage/<int:contest_id>/recusals")
@requires(Permission.CONTESTS_MANAGE)
def recusals(contest_id: int) -> Any:
    """Who has to stay away from what, what waits for a person first."""
    contest = managed(contest_id)
    check_unconflicted(current_user, contest)
    return list_page(RECUSALS, "competition/recusals.html", scope={"contest_id": contest_id}, contest=contest)


@bp.post("/manage/<int:contest_id>/recusals/detect")
@requires(Permission.CONTESTS_MANAGE)
def detect_recusals(contest_id: int) -> Any:
    """Compare every judge with every entry."""
    contest = managed(contest_id)
    back = url_for("competition.recusals", contest_id=contest_id)
    return step(lambda: service.detect(contest, actor=current_user), done=_("已重新比对"), back=back)


@bp.route("/manage/<int:contest_id>/recusals/new", methods=["GET", "POST"])
@requires(Permission.CONTESTS_MANAGE)
def new_recusal(contest_id: int) -> Any:
    """Note a reason that was told to the organiser."""
    contest = managed(contest_id)
    check_unconflicted(current_user, contest)
    seats = {row.id: row for row in db.session.execute(judging.roster_of(contest_id)).unique().scalars()}
    statement = entries.of_contest(current_user, {"contest_id": str(contest_id)}).order_by(Entry.title, Entry.id)
    shown = {row.id: row for row in db.session.execute(statement).unique().scalars()}
    form = RecuseForm()
    form.seat_id.choices = [choice(row.id, f"{row.user.name}（{row.unit}）") for row in seats.values()]
    form.entry_id.choices = [choice(row.id, f"{row.title}（{row.who}）") for row in shown.values()]
    if form.validate_on_submit():
        with errors_on(form):
            with transaction():
                values = form.values
                seat = db.session.get_one(JudgeSeat, values.pop("seat_id"))
                entry = db.session.get_one(Entry, values.pop("entry_id"))
                service.recuse(seat, entry, actor=current_user, **values)
            flash(_("已登记回避，立即生效"), "good")
            return redirect(url_for("competition.recusals", contest_id=contest_id), 303)
    return answer(form, "competition/new_recusal.html", contest=contest)


@bp.route("/manage/<int:contest_id>/recusals/<int:recusal_id>", methods=["GET", "POST"])
@requires(Permission.CONTESTS_MANAGE)
def recusal(contest_id: int, recusal_id: int) -> Any:
    """One recusal with its evidence: confirm it, or ignore it with what was verified."""
    contest = managed(contest_id)
    row = one_or_404(judging.recusals_of(current_user, contest_id).where(Recusal.id == recusal_id))
    form = SettleForm()
    if form.validate_on_submit():
        with errors_on(form):
            with transaction():
                voided = service.settle(row, actor=current_user, **form.values)
            flash(_("已核实；该评委已打的分不再计入") if voided else _("已核实"), "good")
            return redirect(url_for("competition.recusals", contest_id=contest_id), 303)
    return answer(
        form,
        "competition/recusal.html",
        contest=contest,
        recusal=row,
        evidence=evidence_of(row),
        never_ignored=row.reason in NEVER_IGNORED,
        wish=judging.wish_behind(row),
    )
