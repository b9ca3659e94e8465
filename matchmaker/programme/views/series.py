"""Series: made from an event, kept together, changed together, and shown to everybody."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user

from matchmaker.accounts.rules import Permission
from matchmaker.core import clock
from matchmaker.core.calendar import wall_time
from matchmaker.core.db import transaction
from matchmaker.core.web import answer, errors_on, one_or_404, page, public, requires, signed_in
from matchmaker.events import queries as events
from matchmaker.events.models import Event, EventSeries
from matchmaker.events.rules import EventDuty
from matchmaker.programme import queries
from matchmaker.programme.forms import LaterForm, RepeatForm, SeriesForm
from matchmaker.programme.rules.rhythm import CHANGEABLE, Proposal, Rhythm, days, proposals
from matchmaker.programme.services import series as services
from matchmaker.programme.views import bp
from matchmaker.publicity.queries import work_calendar


def _managed(event_id: int) -> Event:
    event: Event = one_or_404(events.run_by(current_user, EventDuty.MANAGER).where(Event.id == event_id))
    return event


@bp.route("/events/<int:event_id>/repeat", methods=["GET", "POST"])
@requires(Permission.EVENTS_MANAGE)
def repeat(event_id: int) -> Any:
    """The same event again: choose a rhythm, look at the days, then make the drafts."""
    event = _managed(event_id)
    usual = {"title": event.series.title if event.series else event.title, "rhythm": Rhythm.WEEKLY, "times": 4}
    form = RepeatForm(**({} if request.method == "POST" else usual))
    proposed: list[Proposal] = []
    if form.validate_on_submit():
        with errors_on(form):
            proposed = _proposed(event, form)
            chosen = request.form.getlist("day")
            if wanted := [row.day for row in proposed if row.day.isoformat() in chosen]:
                return _make(event, form, wanted)
    if proposed and not form.errors and not form.form_errors:
        return page("programme/repeat.html", event=event, form=form, proposed=proposed)
    return answer(form, "programme/repeat.html", event=event, proposed=[])


def _proposed(event: Event, form: RepeatForm) -> list[Proposal]:
    first = wall_time(event.starts).date()
    found = days(first, form.rhythm.data, times=form.times.data or 0, typed=form.typed.data or "")
    return proposals(found, work_calendar(since=first))


def _make(event: Event, form: RepeatForm, wanted: list[Any]) -> Any:
    with transaction():
        made = services.repeat(event, actor=current_user, days=wanted, title=form.title.data or "")
        series_id, number = event.series_id, len(made)
    flash(ngettext("已新建 %(n)d 个草稿", "已新建 %(n)d 个草稿", number, n=number), "good")
    return redirect(url_for("programme.series", series_id=series_id), 303)


@bp.get("/series/<int:series_id>/manage")
@signed_in
def series(series_id: int) -> Any:
    """All events of a series, for who manages one of them."""
    row = one_or_404(queries.series_managed_by(current_user).where(EventSeries.id == series_id))
    shown = queries.events_of_series(series_id)
    return page("programme/series.html", series=row, events=shown, now=clock.now(), managed=True)


@bp.route("/series/<int:series_id>/edit", methods=["GET", "POST"])
@signed_in
def edit_series(series_id: int) -> Any:
    """Call a series something else."""
    row = one_or_404(queries.series_managed_by(current_user).where(EventSeries.id == series_id))
    form = SeriesForm(obj=row)
    if form.validate_on_submit():
        with errors_on(form):
            with transaction():
                services.rename(row, actor=current_user, **form.values)
            flash(_("已保存"), "good")
            return redirect(url_for("programme.series", series_id=series_id), 303)
    return answer(form, "programme/series_edit.html", series=row)


@bp.get("/series/<int:series_id>")
@public
def public_series(series_id: int) -> Any:
    """A series as everybody sees it."""
    row = one_or_404(queries.series_visible_to(current_user).where(EventSeries.id == series_id))
    shown = queries.events_of_series(series_id, public=True)
    return page("programme/series.html", series=row, events=shown, now=clock.now(), managed=False)


@bp.route("/events/<int:event_id>/later", methods=["GET", "POST"])
@requires(Permission.EVENTS_MANAGE)
def later(event_id: int) -> Any:
    """Change this event and all later ones of its series, after a look at which."""
    event = _managed(event_id)
    form = LaterForm(**({} if request.method == "POST" else _as_it_is(event)))
    reached = services.later(event) if event.series_id is not None else []
    preview = form.validate_on_submit()
    if preview and "sure" in request.form:
        with errors_on(form):
            with transaction():
                changed = services.change_later(event, actor=current_user, **form.values)
                number, series_id = len(changed), event.series_id
            flash(ngettext("已修改 %(n)d 个活动", "已修改 %(n)d 个活动", number, n=number), "good")
            return redirect(url_for("programme.series", series_id=series_id), 303)
        preview = False
    if preview:
        return page("programme/later.html", event=event, form=form, reached=reached, preview=True)
    return answer(form, "programme/later.html", event=event, reached=reached, preview=False)


def _as_it_is(event: Event) -> dict[str, Any]:
    values = {key: getattr(event, key) for key in CHANGEABLE}
    length = int((event.ends - event.starts).total_seconds() // 60)
    return {**values, "at": wall_time(event.starts).time(), "minutes": length}
