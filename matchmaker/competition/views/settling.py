"""Between lock and release: the pending list, due diligence, removals, off-topic entries; and the rules behind them."""

from __future__ import annotations

from typing import Any

from flask import abort, flash, redirect, url_for
from flask_babel import gettext as _
from flask_login import current_user

from matchmaker.accounts.rules import Permission
from matchmaker.competition import access
from matchmaker.competition.forms.results import CheckForm, VetoJudgeForm
from matchmaker.competition.models import Ballot, ContestStage, Standing
from matchmaker.competition.queries import judging
from matchmaker.competition.queries import standings as standing_queries
from matchmaker.competition.services import blinding, counting, results, vetoes
from matchmaker.competition.services.results import removing
from matchmaker.competition.views import bp
from matchmaker.competition.views.results import STAFF, STAGE, of_stage
from matchmaker.competition.views.steps import staged, step, with_reason
from matchmaker.core.db import db, transaction
from matchmaker.core.errors import DomainError
from matchmaker.core.i18n import sentence
from matchmaker.core.web import answer, errors_on, one_or_404, page, requires
from matchmaker.files import queries as stored_files

LINE = f"{STAGE}/pending/<int:entry_id>"


@bp.get(f"{STAGE}/pending")
@requires(*STAFF)
def pending(contest_id: int, code: str) -> Any:
    """What the release will say about every entry, and what due diligence has found; each look is recorded."""
    stage = staged(contest_id, code)
    try:
        with transaction():
            rows = results.tally(stage, actor=current_user)
    except DomainError as error:
        if error.status == 403:
            raise
        flash(sentence(error), "warn")
        return redirect(of_stage(stage), 303)
    return page(
        "competition/pending.html",
        contest=stage.contest,
        stage=stage,
        rows=rows,
        checks=removing.checks_of(stage.contest),
        removals={row.id: removing.waiting_removal(row) for row in rows},
        manages=access.may_manage(current_user, stage.contest),
        decides=access.may_decide(current_user, stage.contest),
    )


@bp.route(f"{LINE}/diligence", methods=["GET", "POST"])
@requires(*STAFF)
def diligence(contest_id: int, code: str, entry_id: int) -> Any:
    """What was checked about one prospective winner, and a form for the next item."""
    row = _line(contest_id, code, entry_id)
    contest = row.stage.contest
    form = CheckForm()
    form.item.choices = [(item["key"], item["label"]) for item in contest.diligence]
    if form.validate_on_submit():
        with errors_on(form):
            with transaction():
                results.record_check(row, actor=current_user, **form.values)
            flash(_("已记录"), "good")
            return redirect(_diligence(row), 303)
    checks = removing.checks_of(contest)
    files = {item: stored_files.of(check) for (entry, item), check in checks.items() if entry == entry_id}
    return answer(
        form,
        "competition/diligence.html",
        contest=contest,
        stage=row.stage,
        row=row,
        checks={item: check for (entry, item), check in checks.items() if entry == entry_id},
        files=files,
        manages=access.may_manage(current_user, contest),
    )


@bp.route(f"{LINE}/remove", methods=["GET", "POST"])
@requires(Permission.CONTESTS_MANAGE)
def propose_removal(contest_id: int, code: str, entry_id: int) -> Any:
    """Put before a second person that an entry is taken out and the next moves up."""
    row = _line(contest_id, code, entry_id)
    return with_reason(
        row.stage.contest,
        lambda reason: results.propose_removal(row, actor=current_user, reason=reason),
        title=_("提请取消资格并递补"),
        text=_("确认后该项目取消资格，后面的项目依次递补；理由参赛者会看到，发布后还会写进更正公示。"),
        done=_("已提请，等待另一位同事复核"),
        back=_pending(row.stage),
        about=row.entry.title,
    )


@bp.post(f"{LINE}/remove/confirm")
@requires(Permission.CONTESTS_DECIDE)
def confirm_removal(contest_id: int, code: str, entry_id: int) -> Any:
    """The second person agrees: the entry is out, the others move up."""
    row = _line(contest_id, code, entry_id)
    done = _("已取消资格，后面的项目已递补")
    return step(lambda: results.confirm_removal(row, actor=current_user), done=done, back=_pending(row.stage))


@bp.route(f"{LINE}/remove/return", methods=["GET", "POST"])
@requires(Permission.CONTESTS_DECIDE)
def return_removal(contest_id: int, code: str, entry_id: int) -> Any:
    """The second person wants the entry to stay."""
    row = _line(contest_id, code, entry_id)
    return with_reason(
        row.stage.contest,
        lambda reason: results.give_back(row, actor=current_user, kind=results.REMOVE, reason=reason),
        title=_("退回提请"),
        text=_("提请人会看到理由。"),
        done=_("已退回"),
        back=_pending(row.stage),
        about=row.entry.title,
    )


@bp.route(f"{STAGE}/veto-judge", methods=["GET", "POST"])
@requires(Permission.CONTESTS_MANAGE)
def veto_judge(contest_id: int, code: str) -> Any:
    """Name the judge who may ask to leave out off-topic entries."""
    stage = staged(contest_id, code)
    results.check_party(stage.contest, actor=current_user)
    form = VetoJudgeForm(data={"seat_id": stage.veto_seat_id or 0})
    seats = db.session.execute(judging.seats_of(contest_id)).unique().scalars()
    form.seat_id.choices = [(0, _("不设")), *((seat.id, seat.user.name) for seat in seats)]
    if form.validate_on_submit():
        with errors_on(form):
            with transaction():
                vetoes.name_judge(stage, actor=current_user, seat_id=form.seat_id.data or None)
            flash(_("已保存"), "good")
            return redirect(of_stage(stage), 303)
    return answer(form, "competition/veto_judge.html", contest=stage.contest, stage=stage, back=of_stage(stage))


@bp.route("/ballots/<int:ballot_id>/veto", methods=["GET", "POST"])
@requires(Permission.BALLOTS_OWN)
def ask_veto(ballot_id: int) -> Any:
    """The named judge asks to leave out an off-topic entry."""
    row: Ballot = one_or_404(judging.own_ballots(current_user).where(Ballot.id == ballot_id))
    if row.stage.veto_seat_id != row.seat_id:
        abort(404)
    return with_reason(
        row.stage.contest,
        lambda reason: vetoes.ask(row, actor=current_user, reason=reason),
        title=_("提出离题否决"),
        text=_("经主办方复核后，该项目不再计分；理由参赛者会看到。"),
        done=_("已提出，等待主办方复核"),
        about=blinding.shown_on([row])[row.id].title,
        back=url_for("competition.ballot", ballot_id=ballot_id),
    )


@bp.post(f"{STAGE}/veto/<int:entry_id>/<any(confirm,dismiss):answer_>")
@requires(*STAFF)
def settle_veto(contest_id: int, code: str, entry_id: int, answer_: str) -> Any:
    """A second person confirms or dismisses an off-topic entry."""
    stage = staged(contest_id, code)
    results.check_party(stage.contest, actor=current_user)
    place = counting.places_of(stage).get(entry_id)
    if place is None:
        abort(404)
    if answer_ == "confirm":
        change, done = vetoes.confirm, _("已确认离题否决，该项目不再计分")
    else:
        change, done = vetoes.dismiss, _("不采纳离题否决，项目照常评审")
    return step(lambda: change(place, actor=current_user), done=done, back=of_stage(stage))


def _line(contest_id: int, code: str, entry_id: int) -> Standing:
    """A line of the tally in force, for whoever may see it; else 404."""
    stage = staged(contest_id, code)
    results.check_party(stage.contest, actor=current_user)
    row: Standing = one_or_404(standing_queries.of_stage(stage.id).where(Standing.entry_id == entry_id))
    return row


def _pending(stage: ContestStage) -> str:
    return url_for("competition.pending", contest_id=stage.contest_id, code=stage.code.value)


def _diligence(row: Standing) -> str:
    stage = row.stage
    return url_for("competition.diligence", contest_id=stage.contest_id, code=stage.code.value, entry_id=row.entry_id)
