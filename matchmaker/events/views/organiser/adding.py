"""代报 and walk-ins."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import abort, flash, make_response, redirect, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from matchmaker.accounts.rules import Permission
from matchmaker.core.db import transaction
from matchmaker.core.forms import choice
from matchmaker.core.i18n import local
from matchmaker.core.web import errors_on, page, signed_in
from matchmaker.events import access
from matchmaker.events.forms import AddForm
from matchmaker.events.models import Audience, Event
from matchmaker.events.rules import EventDuty, RegistrationState
from matchmaker.events.services import adding
from matchmaker.events.views import bp, filling
from matchmaker.events.views.organiser.common import run_event
from matchmaker.questionnaires.forms import AnswersForm

OWN = ("audience_id", "shown_for")  # of the page, not of the person


@bp.route("/manage/<int:event_id>/add", methods=["GET", "POST"])
@signed_in
def add_guest(event_id: int) -> Any:
    """Put somebody on the list."""
    event = run_event(event_id, EventDuty.REGISTRATIONS)
    groups = {group.id: group for group in access.groups_decided(current_user, event)}
    if not groups:
        abort(404)
    group = _chosen(groups)
    form = filling.build_for_staff(
        AddForm, group, audience_id=group.id, walk_in=request.args.get("walk_in") == "1", shown_for=str(group.id)
    )
    form.audience_id.choices = [choice(each.id, local(each, "name")) for each in groups.values()]
    asks = isinstance(form, AnswersForm)
    seen = form.shown_for.data
    form.shown_for.data = str(group.id)
    if request.form.get("next") == "group" or (asks and seen not in {"", None, str(group.id)}):
        filling.stage(form)
        flash(_("已换成这个人群的表单，填好后再登记"), "info")
        return _page(event, form)
    if form.is_submitted() and (taken := filling.take(form, staff=True)).fine:
        with errors_on(form):
            with transaction():
                values = {key: value for key, value in form.values.items() if key not in OWN and value is not None}
                row = adding.add_guest(event, actor=current_user, audience=group, filled=taken.filled, **values)
                row_id, state, name = row.id, row.state, row.contact_name
            if state is RegistrationState.WAITING:
                flash(_("名额已满，“%(name)s”已排入候补；写明理由可以越过候补", name=name), "warn")
            else:
                flash(_("“%(name)s”已登记", name=name), "good")
            if request.form.get("next") == "again":
                again = "1" if form.walk_in.data else None
                chosen = form.audience_id.data
                return redirect(url_for("events.add_guest", event_id=event_id, walk_in=again, group=chosen), 303)
            return redirect(url_for("events.manage_registration", registration_id=row_id), 303)
    return make_response(_page(event, form), 422 if form.is_submitted() else 200)


def _page(event: Event, form: Any) -> str:
    return page(
        "events/manage_add.html",
        event=event,
        form=form,
        overbooks=current_user.has(Permission.EVENTS_OVERBOOK),
        asks=isinstance(form, AnswersForm),
    )


def _chosen(groups: Mapping[int, Audience]) -> Audience:
    """The group that was chosen, else the first one."""
    text = request.form.get("audience_id") or request.args.get("group", "")
    return groups.get(int(text) if text.isascii() and text.isdigit() else 0) or next(iter(groups.values()))
