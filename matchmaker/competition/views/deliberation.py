"""Deliberation and looking again: for judges beside their signed ballot, for organisers without a score."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from matchmaker.accounts.rules import Permission
from matchmaker.competition import documents
from matchmaker.competition.forms.deliberation import NoteForm
from matchmaker.competition.models import JudgeSeat
from matchmaker.competition.queries import judging
from matchmaker.competition.services import blinding, counting, deliberating, minuting, reconsidering
from matchmaker.competition.views import bp
from matchmaker.competition.views.judge import own_ballot
from matchmaker.competition.views.steps import staged, step
from matchmaker.core.db import db, transaction
from matchmaker.core.documents import pdf
from matchmaker.core.web import answer, download, errors_on, one_or_404, page, requires
from matchmaker.core.word import word_list

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
STAGED = "/manage/<int:contest_id>/<any(preliminary,semifinal,final):code>"


@bp.route("/ballots/<int:ballot_id>/deliberation", methods=["GET", "POST"])
@requires(Permission.BALLOTS_OWN)
def deliberation(ballot_id: int) -> Any:
    """What the judges of an entry say to each other; nothing of it before the own ballot is signed."""
    row = own_ballot(ballot_id)
    form = NoteForm()
    if form.validate_on_submit():
        with errors_on(form):
            with transaction():
                deliberating.write(row, actor=current_user, **form.values)
            flash(_("合议意见已提交"), "good")
            return redirect(url_for("competition.deliberation", ballot_id=ballot_id), 303)
    return answer(
        form,
        "competition/deliberation.html",
        ballot=row,
        shown=blinding.shown_on([row])[row.id],
        part=deliberating.may_take_part(current_user, row),
        notes=deliberating.notes_beside(row, actor=current_user),
        leads=deliberating.leads(row),
        asked=reconsidering.asked_of(row),
    )


@bp.post("/ballots/<int:ballot_id>/uphold")
@requires(Permission.BALLOTS_OWN)
def uphold(ballot_id: int) -> Any:
    """Stay with what is signed after looking again."""
    row = own_ballot(ballot_id)
    back = url_for("competition.deliberation", ballot_id=ballot_id)
    return step(lambda: reconsidering.uphold(row, actor=current_user), done=_("已维持原分"), back=back)


@bp.route(f"{STAGED}/deliberation", methods=["GET", "POST"])
@requires(Permission.CONTESTS_MANAGE)
def lead_deliberation(contest_id: int, code: str) -> Any:
    """Who leads on which entry, which entries should be looked at again, and the minutes once locked."""
    stage = staged(contest_id, code)
    back = url_for("competition.lead_deliberation", contest_id=contest_id, code=code)
    if request.method == "POST":
        entry_id, seat_id = _number("entry_id"), _number("seat_id")
        seat = one_or_404(judging.seats_of(contest_id).where(JudgeSeat.id == seat_id)) if seat_id else None
        return step(
            lambda: deliberating.set_lead(stage, actor=current_user, entry_id=entry_id, seat=seat),
            done=_("已保存"),
            back=back,
        )
    rows = reconsidering.of(stage, actor=current_user)
    return page(
        "competition/lead_deliberation.html",
        contest=stage.contest,
        stage=stage,
        entries=counting.competing(stage),
        panels=_panels(stage.id),
        leads=deliberating.lead_seats(stage),
        reconsidered=rows,
        discussed=minuting.of(stage, actor=current_user) if stage.locked else [],
    )


@bp.get(f"{STAGED}/deliberation.<any(pdf,docx):form>")
@requires(Permission.CONTESTS_MANAGE)
def deliberation_minutes(contest_id: int, code: str, form: str) -> Any:
    """The minutes for signing, as PDF or as a document that can be edited."""
    stage = staged(contest_id, code)
    with transaction():
        discussed = minuting.taken_out(stage, actor=current_user)
    if form == "pdf":
        body, kind = pdf("minutes", documents.minutes_paper(stage, discussed)), "application/pdf"
    else:
        body, kind = word_list(documents.minutes_table(stage, discussed)), WORD
    return download(body, filename=f"{stage.contest.title}-{stage.code.label}-合议记录.{form}", mimetype=kind)


@bp.post(f"{STAGED}/reconsider")
@requires(Permission.CONTESTS_MANAGE)
def ask_again(contest_id: int, code: str) -> Any:
    """Ask the judges of an entry to look again."""
    stage = staged(contest_id, code)
    back = url_for("competition.lead_deliberation", contest_id=contest_id, code=code)
    entry_id = _number("entry_id")
    return step(
        lambda: reconsidering.ask(stage, actor=current_user, entry_id=entry_id), done=_("已请评委复议"), back=back
    )


def _number(name: str) -> int:
    text = request.form.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


def _panels(stage_id: int) -> dict[int, list[JudgeSeat]]:
    panels: dict[int, list[JudgeSeat]] = {}
    for ballot in db.session.execute(judging.ballots_of(stage_id)).unique().scalars():
        panels.setdefault(ballot.entry_id, []).append(ballot.seat)
    return panels
