"""Registering, and one's own registrations."""

from __future__ import annotations

from typing import Any

from flask import flash, g, redirect, url_for
from flask_babel import gettext as _
from flask_login import current_user

from matchmaker.accounts.rules import Permission
from matchmaker.activity import queries as activity
from matchmaker.core import clock
from matchmaker.core.db import db, transaction
from matchmaker.core.errors import DomainError
from matchmaker.core.i18n import sentence
from matchmaker.core.web import answer, errors_on, one_or_404, page, requires, signed_in
from matchmaker.events import access, queries
from matchmaker.events.forms import RegistrationForm
from matchmaker.events.models import Event, Registration
from matchmaker.events.services import registrations
from matchmaker.events.views import bp


@bp.route("/<int:event_id>/register", methods=["GET", "POST"])
@requires(Permission.EVENTS_REGISTER)
def register(event_id: int) -> Any:
    """Register an organisation, or oneself."""
    event = one_or_404(queries.visible_to(current_user).where(Event.id == event_id))
    form = RegistrationForm(organisation_id=_worn_organisation(), phone=getattr(current_user, "phone", "") or "")
    form.offer(current_user)
    if form.validate_on_submit():
        with errors_on(form):
            with transaction(acting=current_user):
                row = registrations.register(event, actor=current_user, **form.values)
                row_id, approved = row.id, not event.needs_approval
            flash(_("报名成功，名额已为您保留") if approved else _("报名已提交，名额已为您保留，请等候审核"), "good")
            return redirect(url_for("events.registration", registration_id=row_id), 303)
    return answer(form, "events/register.html", event=event, now=clock.now())


def _worn_organisation() -> int:
    hat = g.user_session.hat or ""
    own = sorted(current_user.organisation_ids)
    worn = int(hat.removeprefix("org:")) if hat.startswith("org:") else 0
    return worn if worn in own else (own[0] if own else 0)


@bp.get("/registrations/")
@signed_in
def own() -> Any:
    """One's own registrations."""
    rows = db.session.execute(queries.own_registrations(current_user).limit(200)).unique().scalars().all()
    return page("events/own.html", registrations=rows, now=clock.now())


@bp.get("/registrations/<int:registration_id>")
@signed_in
def registration(registration_id: int) -> Any:
    """One registration: its state, its people, what happened."""
    statement = queries.registrations_visible_to(current_user).where(Registration.id == registration_id)
    row = one_or_404(statement)
    return page(
        "events/registration.html",
        registration=row,
        timeline=activity.of(row),
        now=clock.now(),
        manages=access.may_manage(current_user, row.event),
        mine=access.may_withdraw(current_user, row),
    )


@bp.post("/registrations/<int:registration_id>/withdraw")
@signed_in
def withdraw(registration_id: int) -> Any:
    """Take a registration back."""
    row = one_or_404(queries.registrations_visible_to(current_user).where(Registration.id == registration_id))
    try:
        with transaction():
            registrations.withdraw(row, actor=current_user)
        flash(_("已撤回报名，名额已释放"), "good")
    except DomainError as error:
        if error.status == 403:
            raise
        flash(sentence(error), "warn")
    return redirect(url_for("events.registration", registration_id=registration_id), 303)


@bp.get("/of-organisation/<int:organisation_id>")
@signed_in
def of_organisation(organisation_id: int) -> Any:
    """An organisation's registrations, for its page: as far as this person may see them."""
    statement = (
        queries.registrations_visible_to(current_user)
        .where(Registration.organisation_id == organisation_id)
        .order_by(Registration.id.desc())
        .limit(20)
    )
    rows = db.session.execute(statement).unique().scalars().all()
    return page("events/of_organisation.html", fragment="events/_of_organisation.html", registrations=rows)
