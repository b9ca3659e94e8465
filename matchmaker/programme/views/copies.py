"""New events: from one at hand, from a copy of an earlier one, or blank."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import abort, current_app, flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from matchmaker.accounts.rules import Permission
from matchmaker.core import clock
from matchmaker.core.calendar import moved
from matchmaker.core.db import db, transaction
from matchmaker.core.web import answer, errors_on, one_or_404, page, requires
from matchmaker.events import queries as events
from matchmaker.events.models import Event
from matchmaker.events.rules import EventDuty, PoolKind
from matchmaker.events.services import copying
from matchmaker.programme import queries
from matchmaker.programme.forms import CopyForm, OutlineForm
from matchmaker.programme.rules import SessionState
from matchmaker.programme.services import starting
from matchmaker.programme.views import bp


@bp.get("/new")
@requires(Permission.EVENTS_MANAGE)
def new() -> Any:
    """What a new event may begin with."""
    recent = db.session.execute(queries.copyable_by(current_user).limit(20)).unique().scalars().all()
    return page("programme/new.html", outlines=starting.outlines(), recent=recent)


@bp.route("/new/<outline>", methods=["GET", "POST"])
@requires(Permission.EVENTS_MANAGE)
def begin(outline: str) -> Any:
    """A draft from an event at hand."""
    chosen = next((row for row in starting.outlines() if row.key == outline), None)
    if chosen is None:
        abort(404)
    proposed = {"day": clock.today() + timedelta(days=chosen.ahead), "capacity": chosen.capacity}
    form = OutlineForm(**({} if request.method == "POST" else proposed))
    if form.validate_on_submit():
        with errors_on(form):
            with transaction():
                event = starting.begin(chosen, actor=current_user, region=_region(), **form.values)
                event_id = event.id
            flash(_("草稿已保存；核对后即可发布"), "good")
            return redirect(url_for("programme.plan", event_id=event_id), 303)
    return answer(form, "programme/begin.html", outline=chosen)


def _region() -> str:
    held = sorted(current_user.region_codes)
    home: str = current_app.config["SETTINGS"].region
    return home if home in held or not held else held[-1]


@bp.route("/events/<int:event_id>/copy", methods=["GET", "POST"])
@requires(Permission.EVENTS_MANAGE)
def copy(event_id: int) -> Any:
    """A draft like this event on another day, after a look at what comes along."""
    event = one_or_404(events.run_by(current_user, EventDuty.MANAGER).where(Event.id == event_id))
    form = CopyForm(**({} if request.method == "POST" else _next_week(event)))
    if form.validate_on_submit():
        with errors_on(form):
            with transaction():
                copied = copying.copy(event, actor=current_user, **form.values)
                copied_id = copied.id
            flash(_("已复制为草稿；核对后即可发布"), "good")
            return redirect(url_for("programme.plan", event_id=copied_id), 303)
    return answer(form, "programme/copy.html", event=event, **_what_comes_along(event))


def _next_week(event: Event) -> dict[str, Any]:
    """The same weekday and time of day, at least a week from now."""
    weeks = max(1, (clock.now() - event.starts).days // 7 + 2)
    return {"title": event.title, "starts": moved(event.starts, timedelta(weeks=weeks)), "team": True}


def _what_comes_along(event: Event) -> dict[str, Any]:
    return {
        "sessions": [row for row in queries.sessions_of(event.id) if row.state is not SessionState.CANCELLED],
        "rooms": queries.rooms_of(event.id),
        "speakers": queries.speakers_of(event.id),
        "pools": [pool for pool in event.pools if pool.kind is not PoolKind.EVENT],
        "forms_number": len({row.questionnaire_id for row in event.audiences if row.questionnaire_id is not None}),
    }
