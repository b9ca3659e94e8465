"""One certificate: its state, and a wrong name put right by two people."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, url_for
from flask_babel import gettext as _
from flask_login import current_user

from matchmaker.accounts.rules import Permission
from matchmaker.badges import queries
from matchmaker.badges.forms import CorrectionForm, ReturnForm
from matchmaker.badges.models import AttendanceCertificate
from matchmaker.badges.services import certificates
from matchmaker.badges.views import bp
from matchmaker.core.db import transaction
from matchmaker.core.errors import DomainError
from matchmaker.core.i18n import sentence
from matchmaker.core.web import answer, errors_on, one_or_404, requires, signed_in
from matchmaker.events import access
from matchmaker.events.models import Event
from matchmaker.publicity import queries as publicity


def _row(event_id: int, attendance_id: int) -> AttendanceCertificate:
    one_or_404(queries.certified_by(current_user).where(Event.id == event_id))
    row: AttendanceCertificate = one_or_404(
        queries.certificates_of(event_id).where(AttendanceCertificate.id == attendance_id)
    )
    return row


def _back(row: AttendanceCertificate) -> Any:
    return redirect(url_for("badges.certificate", event_id=row.event_id, attendance_id=row.id), 303)


@bp.route("/<int:event_id>/certificates/<int:attendance_id>", methods=["GET", "POST"])
@signed_in
def certificate(event_id: int, attendance_id: int) -> Any:
    """One certificate, and the form to put its name right."""
    row = _row(event_id, attendance_id)
    form = CorrectionForm(name=row.attendee.name if row.attendee else row.certificate.holder)
    if form.validate_on_submit():
        with errors_on(form):
            with transaction():
                certificates.propose_correction(row, actor=current_user, **form.values)
            flash(_("已提请复核；复核通过后旧证书撤销，换发新证书"), "good")
            return _back(row)
    return answer(
        form,
        "badges/certificate.html",
        event=row.event,
        row=row,
        manages=access.may_manage(current_user, row.event),
        decision=publicity.decision_of(row, kind=queries.CORRECT),
    )


@bp.post("/<int:event_id>/certificates/<int:attendance_id>/confirm")
@requires(Permission.NOTICES_DECIDE)
def confirm_correction(event_id: int, attendance_id: int) -> Any:
    """The second person agrees."""
    row = _row(event_id, attendance_id)
    try:
        with transaction():
            certificates.confirm_correction(row, actor=current_user)
        flash(_("已换发新证书，旧证书已撤销"), "good")
    except DomainError as error:
        flash(sentence(error), "warn")
    return _back(row)


@bp.route("/<int:event_id>/certificates/<int:attendance_id>/return", methods=["GET", "POST"])
@requires(Permission.NOTICES_DECIDE)
def return_correction(event_id: int, attendance_id: int) -> Any:
    """The second person does not agree."""
    row = _row(event_id, attendance_id)
    form = ReturnForm()
    if form.validate_on_submit():
        with errors_on(form):
            with transaction():
                certificates.return_correction(row, actor=current_user, reason=form.reason.data)
            flash(_("已退回"), "info")
            return _back(row)
    back = url_for("badges.certificate", event_id=event_id, attendance_id=attendance_id)
    return answer(form, "badges/return.html", event=row.event, back=back)
