"""Renewing and ending a term: one proposes, another confirms; resignations are taken note of."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import flash, redirect, url_for
from flask_babel import gettext as _
from flask_login import current_user

from matchmaker.accounts.rules import Permission
from matchmaker.candidacies.forms import EndingForm, ReasonForm, RenewalForm
from matchmaker.candidacies.services import terms
from matchmaker.candidacies.views import bp
from matchmaker.core import calendar, clock
from matchmaker.core.db import transaction
from matchmaker.core.web import answer, errors_on, one_or_404, requires, step
from matchmaker.rosters import queries as rosters
from matchmaker.rosters.models import Appointment
from matchmaker.rosters.rules import AppointmentKind
from matchmaker.rosters.services import appointments
from matchmaker.rosters.services.documents import rules_on


@bp.route("/posts/<int:appointment_id>/renew", methods=["GET", "POST"])
@requires(Permission.ROSTERS_MANAGE)
def renew(appointment_id: int) -> Any:
    """Propose a further term."""
    row, today = _post(appointment_id), clock.today()
    known = rules_on(today)
    months = known.envoy_term_months if row.kind is AppointmentKind.ENVOY else known.mentor_term_months
    starts = max(today, row.ends + timedelta(days=1))
    form = RenewalForm(starts=starts, ends=calendar.add_months(starts, months) - timedelta(days=1))
    told = _("另一位同事复核后生效：原聘期留作历史，新聘期另立一条，本人收到通知。")
    return _proposed(row, form, terms.propose_renewal, title=_("提请续聘"), consequence=told)


@bp.route("/posts/<int:appointment_id>/end", methods=["GET", "POST"])
@requires(Permission.ROSTERS_MANAGE)
def end(appointment_id: int) -> Any:
    """Propose an early end."""
    row, form = _post(appointment_id), EndingForm(day=clock.today())
    told = _("另一位同事复核后生效：最后一天之后不再计入在聘，聘书不再有效，账号的相应身份收回，本人收到通知和理由。")
    return _proposed(row, form, terms.propose_ending, title=_("提请结束聘任"), consequence=told, danger=True)


@bp.post("/posts/<int:appointment_id>/confirm")
@requires(Permission.NOTICES_DECIDE)
def confirm_term(appointment_id: int) -> Any:
    """The second person agrees."""
    row = _post(appointment_id)
    return step(lambda: terms.confirm(row, actor=current_user), done=_("已复核生效"), back=_shown(appointment_id))


@bp.route("/posts/<int:appointment_id>/give-back", methods=["GET", "POST"])
@requires(Permission.NOTICES_DECIDE)
def give_back_term(appointment_id: int) -> Any:
    """The second person does not agree."""
    row, form = _post(appointment_id), ReasonForm()
    if form.validate_on_submit():
        with errors_on(form):
            with transaction():
                terms.give_back(row, actor=current_user, reason=form.reason.data)
            flash(_("已退回"), "good")
            return redirect(_shown(appointment_id), 303)
    told = _("提请人会看到理由，修改后可以重新提请。")
    return _answered(row, form, title=_("退回提请"), consequence=told)


@bp.post("/posts/<int:appointment_id>/note")
@requires(Permission.ROSTERS_MANAGE)
def note_resignation(appointment_id: int) -> Any:
    """The bureau has read a resignation."""
    row = _post(appointment_id)
    return step(
        lambda: appointments.take_note(row, actor=current_user), done=_("已登记知悉"), back=_shown(appointment_id)
    )


def _proposed(row: Appointment, form: Any, propose: Any, **words: Any) -> Any:
    post_id = row.id
    if form.validate_on_submit():
        with errors_on(form):
            with transaction():
                propose(row, actor=current_user, **form.values)
            flash(_("已提请，请另一位同事复核"), "good")
            return redirect(_shown(post_id), 303)
    return _answered(row, form, **words)


def _answered(row: Appointment, form: Any, **words: Any) -> Any:
    return answer(form, "candidacies/step.html", row=row, back=_shown(row.id), **words)


def _post(appointment_id: int) -> Appointment:
    row: Appointment = one_or_404(rosters.visible_to(current_user).where(Appointment.id == appointment_id))
    return row


def _shown(appointment_id: int) -> str:
    return url_for("rosters.show", appointment_id=appointment_id)
