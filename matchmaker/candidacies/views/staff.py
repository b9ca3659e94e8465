"""The bureau's pages: the list, each step, publicity for several, the two people who appoint, letters."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from matchmaker.accounts.rules import Permission
from matchmaker.candidacies import lists, queries
from matchmaker.candidacies.forms import ProposeForm, PublishForm, ReasonForm
from matchmaker.candidacies.models import Candidacy
from matchmaker.candidacies.rules import CANDIDATE_KINDS
from matchmaker.candidacies.services import appointing, reviewing
from matchmaker.candidacies.views import bp
from matchmaker.core import calendar, clock
from matchmaker.core.db import db, transaction
from matchmaker.core.forms import choice
from matchmaker.core.web import answer, errors_on, one_or_404, page, requires, step
from matchmaker.lists.pages import list_page
from matchmaker.publicity import queries as publicity
from matchmaker.publicity.rules import DecisionState
from matchmaker.rosters import access as roster_access
from matchmaker.rosters import queries as rosters
from matchmaker.rosters.models import Appointment
from matchmaker.rosters.rules import AppointmentKind, AppointmentState
from matchmaker.rosters.services.documents import rules_on


@bp.get("/")
@requires(Permission.ROSTERS_READ)
def index() -> Any:
    """Every candidacy of one's regions."""
    return list_page(lists.CANDIDACIES, "candidacies/index.html")


@bp.post("/<int:candidacy_id>/accept")
@requires(Permission.ROSTERS_MANAGE)
def accept(candidacy_id: int) -> Any:
    """Take it up."""
    row = _managed(candidacy_id)
    return step(lambda: reviewing.accept(row, actor=current_user), done=_("已受理，进入审核"), back=_page(candidacy_id))


@bp.route("/<int:candidacy_id>/return", methods=["GET", "POST"])
@requires(Permission.ROSTERS_MANAGE)
def send_back(candidacy_id: int) -> Any:
    """Ask for a correction."""
    told = _("本人会收到通知，修改后重新提交；双向选择需要重新进行。")
    return _reasoned(candidacy_id, reviewing.send_back, title=_("退回补正"), consequence=told, done=_("已退回"))


@bp.route("/<int:candidacy_id>/refuse", methods=["GET", "POST"])
@requires(Permission.ROSTERS_MANAGE)
def refuse(candidacy_id: int) -> Any:
    """Say no."""
    told = _("这份申报就此结束，本人会看到理由。")
    return _reasoned(
        candidacy_id, reviewing.refuse, title=_("不予通过"), consequence=told, done=_("已办理"), danger=True
    )


@bp.route("/<int:candidacy_id>/reopen", methods=["GET", "POST"])
@requires(Permission.ROSTERS_MANAGE)
def reopen(candidacy_id: int) -> Any:
    """Back from publicity to review."""
    told = _("该人选退出本次公示，回到审核；公示名单上的其他人不受影响。")
    return _reasoned(candidacy_id, reviewing.reopen, title=_("退回审核"), consequence=told, done=_("已退回审核"))


@bp.route("/publish/<kind>", methods=["GET", "POST"])
@requires(Permission.ROSTERS_MANAGE)
def publish(kind: str) -> Any:
    """A notice about reviewed candidates of one kind."""
    wanted = next((each for each in CANDIDATE_KINDS if each.value == kind), AppointmentKind.MENTOR)
    ready = queries.managed_by(current_user).where(
        Candidacy.kind == wanted, Candidacy.state == AppointmentState.REVIEWING
    )
    rows = db.session.execute(ready.order_by(Candidacy.id).limit(500)).unique().scalars().all()
    form = PublishForm(
        ids=[row.id for row in rows],
        title=reviewing.title_for(wanted),
        working_days=rules_on(clock.today()).publicity_working_days,
    )
    form.ids.choices = [choice(row.id, " · ".join(filter(None, (row.person.name, _unit(row))))) for row in rows]
    if form.validate_on_submit():
        with errors_on(form):
            values = form.values
            chosen = set(values.pop("ids") or [])
            with transaction():
                picked = [row for row in rows if row.id in chosen]
                region = picked[0].region if picked else ""
                notice = reviewing.publish(picked, actor=current_user, region=region, **values)
                notice_id = notice.id
            flash(_("公示已发布，期满后提请聘任"), "good")
            return redirect(url_for("publicity.show", notice_id=notice_id), 303)
    return answer(form, "candidacies/publish.html", rows=rows, kind=wanted)


@bp.route("/<int:candidacy_id>/propose", methods=["GET", "POST"])
@requires(Permission.ROSTERS_MANAGE)
def propose(candidacy_id: int) -> Any:
    """Put the appointment before a second person."""
    row, today = _managed(candidacy_id), clock.today()
    known = rules_on(today)
    months = known.envoy_term_months if row.kind is AppointmentKind.ENVOY else known.mentor_term_months
    agreement = queries.agreement_of(row)
    form = ProposeForm(
        starts=agreement.starts if agreement else today,
        ends=agreement.ends if agreement else calendar.add_months(today, months),
    )
    if form.validate_on_submit():
        with errors_on(form):
            with transaction():
                appointing.propose(row, actor=current_user, **form.values)
            flash(_("已提请，请另一位同事复核"), "good")
            return redirect(_page(candidacy_id), 303)
    told = _("另一位同事复核后生效：生成聘书编号，账号获得相应身份。")
    return answer(form, "candidacies/step.html", row=row, title=_("提请聘任"), consequence=told)


@bp.post("/<int:candidacy_id>/confirm")
@requires(Permission.NOTICES_DECIDE)
def confirm(candidacy_id: int) -> Any:
    """The second person appoints."""
    row = _managed(candidacy_id)
    return step(
        lambda: appointing.confirm(row, actor=current_user), done=_("已聘任，聘书已编号"), back=_page(candidacy_id)
    )


@bp.route("/<int:candidacy_id>/give-back", methods=["GET", "POST"])
@requires(Permission.NOTICES_DECIDE)
def give_back(candidacy_id: int) -> Any:
    """The second person does not agree."""
    told = _("提请人会看到理由，修改后可以重新提请。")
    return _reasoned(candidacy_id, appointing.give_back, title=_("退回提请"), consequence=told, done=_("已退回"))


@bp.get("/letters/<int:appointment_id>")
@requires(Permission.ROSTERS_READ)
def letter(appointment_id: int) -> Any:
    """The letter of a post: propose, confirm, print."""
    row = _post(appointment_id)
    decision = publicity.decision_of(row, kind=appointing.LETTER)
    return page(
        "candidacies/letter.html",
        appointment=row,
        letter=appointing.letter_of(row),
        decision=decision if decision and decision.state is DecisionState.PROPOSED else None,
        returned=decision if decision and decision.state is DecisionState.RETURNED else None,
        manages=roster_access.may_manage(current_user, row.region),
        confirms=current_user.has(Permission.NOTICES_DECIDE),
        form=ReasonForm(formdata=None),
    )


@bp.post("/letters/<int:appointment_id>")
@requires(Permission.ROSTERS_MANAGE)
def propose_letter(appointment_id: int) -> Any:
    """Put a letter before a second person."""
    row = _post(appointment_id)
    reason = request.form.get("reason", "")
    return step(
        lambda: appointing.propose_letter(row, actor=current_user, reason=reason),
        done=_("已提请，请另一位同事复核"),
        back=url_for("candidacies.letter", appointment_id=appointment_id),
    )


@bp.post("/letters/<int:appointment_id>/confirm")
@requires(Permission.NOTICES_DECIDE)
def confirm_letter(appointment_id: int) -> Any:
    """The second person agrees."""
    row = _post(appointment_id)
    return step(
        lambda: appointing.confirm_letter(row, actor=current_user),
        done=_("聘书已编号"),
        back=url_for("candidacies.letter", appointment_id=appointment_id),
    )


@bp.post("/letters/<int:appointment_id>/return")
@requires(Permission.NOTICES_DECIDE)
def return_letter(appointment_id: int) -> Any:
    """The second person does not agree."""
    row, reason = _post(appointment_id), request.form.get("reason", "")
    return step(
        lambda: appointing.give_back(row, actor=current_user, reason=reason),
        done=_("已退回"),
        back=url_for("candidacies.letter", appointment_id=appointment_id),
    )


def _reasoned(candidacy_id: int, act: Any, *, done: str, **words: Any) -> Any:
    row, form = _managed(candidacy_id), ReasonForm()
    if form.validate_on_submit():
        with errors_on(form):
            with transaction():
                act(row, actor=current_user, reason=form.reason.data)
            flash(done, "good")
            return redirect(_page(candidacy_id), 303)
    return answer(form, "candidacies/step.html", row=row, **words)


def _managed(candidacy_id: int) -> Candidacy:
    row: Candidacy = one_or_404(queries.managed_by(current_user).where(Candidacy.id == candidacy_id))
    return row


def _post(appointment_id: int) -> Appointment:
    row: Appointment = one_or_404(rosters.visible_to(current_user).where(Appointment.id == appointment_id))
    return row


def _unit(row: Candidacy) -> str:
    return row.person.organisation.name if row.person.organisation else row.person.unit_text or ""


def _page(candidacy_id: int) -> str:
    return url_for("candidacies.show", candidacy_id=candidacy_id)
