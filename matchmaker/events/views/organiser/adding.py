"""代报 and walk-ins."""

from __future__ import annotations

from typing import Any

from flask import abort, flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from matchmaker.accounts.rules import Permission
from matchmaker.core.db import transaction
from matchmaker.core.forms import choice
from matchmaker.core.i18n import local
from matchmaker.core.web import answer, errors_on, signed_in
from matchmaker.events import access
from matchmaker.events.forms import AddForm
from matchmaker.events.rules import EventDuty, RegistrationState
from matchmaker.events.services import adding
from matchmaker.events.views import bp
from matchmaker.events.views.organiser.common import run_event


@bp.route("/manage/<int:event_id>/add", methods=["GET", "POST"])
@signed_in
def add_guest(event_id: int) -> Any:
    """Put somebody on the list."""
    event = run_event(event_id, EventDuty.REGISTRATIONS)
    groups = {group.id: group for group in access.groups_decided(current_user, event)}
    if not groups:
        abort(404)
    form = AddForm(walk_in=request.args.get("walk_in") == "1")
    form.audience_id.choices = [choice(group.id, local(group, "name")) for group in groups.values()]
    if form.validate_on_submit():
        with errors_on(form):
            with transaction():
                values = form.values
                group = groups[values.pop("audience_id")]
                row = adding.add_guest(event, actor=current_user, audience=group, **values)
                row_id, state, name = row.id, row.state, row.contact_name
            if state is RegistrationState.WAITING:
                flash(_("名额已满，“%(name)s”已排入候补；写明理由可以越过候补", name=name), "warn")
            else:
                flash(_("“%(name)s”已登记", name=name), "good")
            if request.form.get("next") == "again":
                again = "1" if form.walk_in.data else None
                return redirect(url_for("events.add_guest", event_id=event_id, walk_in=again), 303)
            return redirect(url_for("events.manage_registration", registration_id=row_id), 303)
    overbooks = current_user.has(Permission.EVENTS_OVERBOOK)
    return answer(form, "events/manage_add.html", event=event, overbooks=overbooks)
