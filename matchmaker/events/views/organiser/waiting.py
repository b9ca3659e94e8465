"""The waiting list: its order, offers that stand, what an organiser does by hand."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from matchmaker.core import clock
from matchmaker.core.db import db, transaction
from matchmaker.core.web import answer, errors_on, page, signed_in
from matchmaker.events import access, queries
from matchmaker.events.forms import PriorityForm
from matchmaker.events.rules import EventDuty
from matchmaker.events.rules.waiting import drawn_key
from matchmaker.events.services import waiting
from matchmaker.events.views import bp
from matchmaker.events.views.organiser.common import decidable, listed_event, run_event, step


@bp.get("/manage/<int:event_id>/waiting")
@signed_in
def manage_waiting(event_id: int) -> Any:
    """The line, in the order in which it is served, and the offers that stand."""
    event, now = listed_event(event_id), clock.now()
    seen = {a.id for a in queries.audiences_seen(current_user, event_id)}
    line = [(place, row) for place, row in enumerate(waiting.line_of(event), start=1) if row.audience_id in seen]
    offers = db.session.execute(queries.offers_of(event_id)).unique().scalars().all()
    keys = {row.id: drawn_key(event.draw_seed, row.id)[:12] for _place, row in line} if event.draw_seed else {}
    decided = access.groups_decided(current_user, event)
    return page(
        "events/manage_waiting.html",
        event=event,
        line=line,
        offers=[row for row in offers if row.audience_id in seen],
        keys=keys,
        now=now,
        decides={a.id for a in decided},
        draws=len(decided) == len(event.audiences),
        first=line[0][1].id if line and line[0][0] == 1 else 0,
    )


def _line(event_id: int) -> str:
    return url_for("events.manage_waiting", event_id=event_id)


@bp.post("/manage/<int:event_id>/waiting/draw")
@signed_in
def draw(event_id: int) -> Any:
    """Draw the order of the line, once."""
    event = run_event(event_id, EventDuty.REGISTRATIONS)
    return step(_line(event_id), _("已抽签，顺序见下表"), lambda: waiting.draw(event, actor=current_user))


@bp.post("/registrations/<int:registration_id>/offer")
@signed_in
def offer(registration_id: int) -> Any:
    """Offer places by hand."""
    row = decidable(registration_id)
    reason = request.form.get("reason", "").strip()[:500]
    return step(
        _line(row.event_id),
        _("已发出候补邀约，名额为对方保留"),
        lambda: waiting.offer(row, actor=current_user, reason=reason),
    )


@bp.post("/registrations/<int:registration_id>/accept-for")
@signed_in
def accept_for(registration_id: int) -> Any:
    """The party said yes on the phone."""
    row = decidable(registration_id)
    return step(_line(row.event_id), _("已代为确认"), lambda: waiting.accept(row, actor=current_user))


@bp.route("/registrations/<int:registration_id>/priority", methods=["GET", "POST"])
@signed_in
def prioritise(registration_id: int) -> Any:
    """Up or down the line, with a reason."""
    row = decidable(registration_id)
    form = PriorityForm(priority=row.priority)
    if form.validate_on_submit():
        with errors_on(form):
            with transaction():
                waiting.prioritise(row, actor=current_user, **form.values)
            flash(_("优先级已调整"), "good")
            return redirect(_line(row.event_id), 303)
    return answer(
        form, "events/manage_reason.html", registration=row, event=row.event, step="priority", overbooks=False
    )
