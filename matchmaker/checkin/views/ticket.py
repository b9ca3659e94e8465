"""The participant's ticket: a QR code for each person of a registration."""

from __future__ import annotations

import base64
from typing import Any

from flask import flash, redirect, url_for
from flask_babel import gettext as _
from flask_login import current_user

from matchmaker.checkin import queries
from matchmaker.checkin.services import setup
from matchmaker.checkin.views import bp
from matchmaker.core.db import transaction
from matchmaker.core.documents import qr_svg
from matchmaker.core.web import download, one_or_404, signed_in
from matchmaker.events import access
from matchmaker.events.models import Attendee, Registration
from matchmaker.events.rules import COMING
from matchmaker.events.rules.tickets import ticket_text


def _ticket(attendee_id: int) -> Attendee:
    found: Attendee = one_or_404(queries.own_attendees(current_user).where(Attendee.id == attendee_id))
    return found


@bp.get("/tickets/<int:attendee_id>.svg")
@signed_in
def ticket(attendee_id: int) -> Any:
    """The QR code as a picture to keep."""
    attendee = _ticket(attendee_id)
    body = qr_svg(ticket_text(attendee.code)).encode()
    return download(body, filename=f"{attendee.name}-{attendee.registration.event.title}.svg", mimetype="image/svg+xml")


@bp.post("/tickets/<int:attendee_id>/renew")
@signed_in
def renew(attendee_id: int) -> Any:
    """A new code; the old picture is worthless."""
    attendee = _ticket(attendee_id)
    with transaction():
        setup.rotate(attendee, actor=current_user)
        registration_id = attendee.registration_id
    flash(_("已换新码；旧的二维码不能再用"), "good")
    return redirect(url_for("events.registration", registration_id=registration_id), 303)


def of_registration(viewer: Any, registration: Registration) -> dict[str, Any] | None:
    """The tickets on a registration's page, once there is a place: for the people themselves, and for a guest without
    an account, who can only have come by their signed link."""
    by_link = registration.user_id is None and not viewer.is_authenticated
    if registration.state not in COMING or not (by_link or access.may_withdraw(viewer, registration)):
        return None
    return {"tickets": [(person, _picture(person)) for person in registration.attendees], "renewable": not by_link}


def _picture(attendee: Attendee) -> str:
    """The QR code as an address that holds the picture itself."""
    picture = qr_svg(ticket_text(attendee.code)).encode()
    return "data:image/svg+xml;base64," + base64.b64encode(picture).decode()
