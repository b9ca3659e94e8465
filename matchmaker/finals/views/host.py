"""The host's pages: prepare, sign in, draw, lead, show; paper sheets."""

from __future__ import annotations

from typing import Any

from flask import abort, flash, jsonify, redirect, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from matchmaker.accounts.rules import Permission
from matchmaker.competition.forms.ballots import PointsField, ballot_form
from matchmaker.competition.models import Ballot
from matchmaker.competition.queries import judging
from matchmaker.competition.rules.ballots import LEFT
from matchmaker.competition.services import results
from matchmaker.core import clock, documents
from matchmaker.core.db import db, transaction
from matchmaker.core.errors import DomainError
from matchmaker.core.web import answer, download, errors_on, one_or_404, page, requires, step
from matchmaker.finals import documents as papers
from matchmaker.finals import queries, rules, services
from matchmaker.finals.forms import PaperForm, PostponeForm, PrepareForm, SignInForm, WithdrawForm
from matchmaker.finals.models import Appearance, Final
from matchmaker.finals.rules import Phase
from matchmaker.finals.views import bp

HOST = (Permission.CONTESTS_MANAGE,)


@bp.route("/of/<int:contest_id>/<any(preliminary,semifinal,final):code>", methods=["GET", "POST"])
@requires(*HOST)
def prepare(contest_id: int, code: str) -> Any:
    """Make the final of a live stage, or go to it."""
    stage = one_or_404(queries.stage_managed_by(current_user, contest_id, code))
    results.check_party(stage.contest, actor=current_user)
    final = queries.of_stage(stage.id)
    if final is not None:
        return redirect(url_for("finals.host", final_id=final.id), 303)
    form = PrepareForm()
    if form.validate_on_submit():
        with errors_on(form):
            with transaction():
                final_id = services.prepare(stage, actor=current_user, **form.values).id
            return redirect(url_for("finals.host", final_id=final_id), 303)
    return answer(form, "finals/prepare.html", stage=stage, contest=stage.contest)


@bp.get("/<int:final_id>")
@requires(*HOST)
def host(final_id: int) -> Any:
    """The host's desk: who is on, how many ballots are in, what can be done next."""
    final = _led(final_id)
    return page(
        "finals/host.html",
        final=final,
        stage=final.stage,
        contest=final.stage.contest,
        panels=queries.panels(final),
        missing=queries.missing(final),
        rules=rules,
        now=clock.now(),
    )


@bp.route("/<int:final_id>/entries/<int:appearance_id>/sign-in", methods=["GET", "POST"])
@requires(*HOST)
def sign_in(final_id: int, appearance_id: int) -> Any:
    """Who speaks for an entry, and their word for the draw."""
    final = _led(final_id)
    row = _appearance(final, appearance_id)
    form = SignInForm(data={"speaker": row.speaker or row.entry.leader, "word": row.word})
    if form.validate_on_submit():
        with errors_on(form):
            with transaction():
                services.sign_in(row, actor=current_user, **form.values)
            flash(_("已签到"), "good")
            return redirect(url_for("finals.host", final_id=final_id), 303)
    return answer(form, "finals/sign_in.html", final=final, row=row)


@bp.post("/<int:final_id>/draw")
@requires(*HOST)
def draw(final_id: int) -> Any:
    """Draw the order, once."""
    final = _led(final_id)
    back = url_for("finals.host", final_id=final_id)
    return step(lambda: services.draw(final, actor=current_user), done=_("顺序已抽定，种子已公开"), back=back)


@bp.post("/<int:final_id>/entries/<int:appearance_id>/step")
@requires(*HOST)
def move(final_id: int, appearance_id: int) -> Any:
    """Lead an entry to its next phase."""
    final = _led(final_id)
    row = _appearance(final, appearance_id)
    target = request.form.get("phase", "")
    if target not in {phase.value for phase in Phase}:
        abort(400)
    back = url_for("finals.host", final_id=final_id)
    done = _("已亮分") if target == Phase.SHOWN else _("已更新")
    return step(lambda: services.step(row, Phase(target), actor=current_user), done=done, back=back)


@bp.post("/<int:final_id>/entries/<int:appearance_id>/clock")
@requires(*HOST)
def turn_clock(final_id: int, appearance_id: int) -> Any:
    """Stop the clock of who is on stage, let it go on, or give a minute more."""
    row = _appearance(_led(final_id), appearance_id)
    change = {"pause": services.pause, "resume": services.resume, "extend": services.extend}.get(
        request.form.get("what", "")
    )
    if change is None:
        abort(400)
    done = {"pause": _("计时已暂停"), "resume": _("计时已继续"), "extend": _("已加 1 分钟")}[request.form["what"]]
    return step(lambda: change(row, actor=current_user), done=done, back=url_for("finals.host", final_id=final_id))


@bp.route("/<int:final_id>/entries/<int:appearance_id>/postpone", methods=["GET", "POST"])
@requires(*HOST)
def postpone(final_id: int, appearance_id: int) -> Any:
    """Move an entry that is late to the end, with the reason."""
    return _with_reason(
        final_id,
        appearance_id,
        PostponeForm(),
        services.postpone,
        template="finals/postpone.html",
        done=_("已移到最后"),
    )


@bp.route("/<int:final_id>/entries/<int:appearance_id>/withdraw", methods=["GET", "POST"])
@requires(*HOST)
def withdraw(final_id: int, appearance_id: int) -> Any:
    """Note that an entry leaves on the day, and by which signed statement."""
    return _with_reason(
        final_id,
        appearance_id,
        WithdrawForm(),
        services.withdraw,
        template="finals/withdraw.html",
        done=_("已登记弃赛"),
    )


def _with_reason(final_id: int, appearance_id: int, form: Any, change: Any, template: str, *, done: str) -> Any:
    final = _led(final_id)
    row = _appearance(final, appearance_id)
    if form.validate_on_submit():
        with errors_on(form):
            with transaction():
                change(row, actor=current_user, **form.values)
            flash(done, "good")
            return redirect(url_for("finals.host", final_id=final_id), 303)
    return answer(form, template, final=final, row=row)


@bp.post("/<int:final_id>/tick")
@requires(*HOST)
def tick(final_id: int) -> Any:
    """What the host's page asks every few seconds: ballots in; complete scores appear where that was announced."""
    final = _led(final_id)
    if final.stage.auto_release and any(row.phase is Phase.SCORING for row in final.appearances):
        try:
            with transaction():
                services.show_ready(final, actor=current_user)
        except DomainError as error:
            if error.status == 403:
                raise
        db.session.refresh(final)
    panels, missing = queries.panels(final), queries.missing(final)
    return jsonify(
        version=final.version,
        panels={str(row.id): list(panels.get(row.entry_id, (0, 0))) for row in final.appearances},
        missing={str(row.id): missing.get(row.entry_id, []) for row in final.appearances if row.phase in rules.ON_AIR},
        scoring=[row.id for row in final.appearances if row.phase is Phase.SCORING],
    )


@bp.get("/<int:final_id>/sheets.pdf")
@requires(*HOST)
def sheets(final_id: int) -> Any:
    """Blank score sheets for every judge and entry."""
    final = _led(final_id)
    rows = db.session.execute(judging.ballots_of(final.stage_id)).unique().scalars().all()
    if not rows:
        abort(404)
    body = documents.pdf("score_sheets", papers.blank_sheets(final, rows))
    return download(body, filename=f"{final.stage.contest.title}-评分表.pdf", mimetype="application/pdf")


@bp.get("/<int:final_id>/signatures.pdf")
@requires(*HOST)
def signatures(final_id: int) -> Any:
    """The sheet that judges and entrants sign, once the scores are locked; that somebody looked is recorded."""
    final = _led(final_id)
    with transaction():
        rows = results.tally(final.stage, actor=current_user)
    body = documents.pdf("list", papers.signature_sheet(final, rows))
    return download(body, filename=f"{final.stage.contest.title}-成绩确认表.pdf", mimetype="application/pdf")


@bp.get("/<int:final_id>/paper")
@requires(*HOST)
def paper(final_id: int) -> Any:
    """The ballots that are not in, to be typed from paper."""
    final = _led(final_id)
    rows = db.session.execute(_left(final)).unique().scalars().all()
    turns = {row.entry_id: turn for turn, row in enumerate(final.running)}
    return page("finals/paper.html", final=final, ballots=sorted(rows, key=lambda b: (turns[b.entry_id], b.seat_id)))


@bp.route("/<int:final_id>/paper/<int:ballot_id>", methods=["GET", "POST"])
@requires(*HOST)
def type_in(final_id: int, ballot_id: int) -> Any:
    """Type in one signed sheet; what the judge has saved online is not shown."""
    final = _led(final_id)
    row = one_or_404(_left(final).where(Ballot.id == ballot_id))
    form, note = ballot_form(row, empty=True), PaperForm()
    for field in form:
        field.flags.required = isinstance(field, PointsField)  # a signed sheet is complete
    if form.validate_on_submit() and note.validate():
        with errors_on(form):
            with transaction():
                services.type_in(row, actor=current_user, note=note.note.data or "", **_typed(form))
            flash(_("纸质评分表已录入"), "good")
            return redirect(url_for("finals.paper", final_id=final_id), 303)
    return answer(form, "finals/type_in.html", final=final, ballot=row, note=note)


def _left(final: Final) -> Any:
    """The ballots that are still to come, of entries that have not left."""
    staying = [row.entry_id for row in final.appearances if row.phase is not Phase.WITHDRAWN]
    return judging.ballots_of(final.stage_id).where(Ballot.state.in_(LEFT), Ballot.entry_id.in_(staying))


def _typed(form: Any) -> dict[str, Any]:
    values = form.values
    return {key: values[key] for key in ("version", "points", "comment")}


def _led(final_id: int) -> Final:
    """A final of one's regions that one may lead, else 404; who has a part in it is refused."""
    final: Final = one_or_404(queries.managed_by(current_user).where(Final.id == final_id))
    results.check_party(final.stage.contest, actor=current_user)
    return final


def _appearance(final: Final, appearance_id: int) -> Appearance:
    row = next((row for row in final.appearances if row.id == appearance_id), None)
    if row is None:
        abort(404)
    return row
