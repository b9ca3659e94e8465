"""Who does what on one event."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, url_for
from flask_babel import gettext as _
from flask_login import current_user

from matchmaker.core.db import transaction
from matchmaker.core.web import answer, errors_on, limiter, one_or_404, signed_in
from matchmaker.events import access, queries
from matchmaker.events.forms import DutyForm
from matchmaker.events.rules import EventDuty
from matchmaker.events.services import team
from matchmaker.events.views import bp
from matchmaker.events.views.organiser.common import run_event, step


@bp.route("/manage/<int:event_id>/team", methods=["GET", "POST"])
@signed_in
@limiter.limit("60 per hour", methods=["POST"])
def manage_team(event_id: int) -> Any:
    """The duties on this event; who manages it gives them."""
    event = run_event(event_id, EventDuty.VIEWER)
    form = DutyForm()
    form.offer(event.audiences)
    manages = access.may_manage(current_user, event)
    if form.is_submitted() and not manages:
        run_event(event_id, EventDuty.MANAGER)
    if form.validate_on_submit():
        with errors_on(form):
            with transaction():
                user = team.find_user(form.identifier.data)
                group = next((a for a in event.audiences if a.id == form.audience_id.data), None)
                team.give(event, actor=current_user, user=user, duty=form.duty.data, audience=group)
                name = user.name
            flash(_("已把分工交给%(name)s", name=name), "good")
            return redirect(url_for("events.manage_team", event_id=event_id), 303)
    return answer(form, "events/manage_team.html", event=event, manages=manages)


@bp.post("/manage/<int:event_id>/team/<int:role_id>/remove")
@signed_in
def take_duty(event_id: int, role_id: int) -> Any:
    """Take a duty away."""
    event = run_event(event_id)
    role = one_or_404(queries.role_of(event.id, role_id))
    url = url_for("events.manage_team", event_id=event_id)
    return step(url, _("已取消分工"), lambda: team.take(role, actor=current_user), tone="info")
