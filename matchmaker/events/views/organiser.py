"""The organiser's pages: draft, publish, cancel, the list of registrations."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import current_app, flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from matchmaker.accounts.rules import Permission
from matchmaker.activity import queries as activity
from matchmaker.core import clock
from matchmaker.core.db import db, transaction
from matchmaker.core.errors import DomainError
from matchmaker.core.i18n import sentence
from matchmaker.core.web import answer, errors_on, one_or_404, requires
from matchmaker.events import lists, queries
from matchmaker.events.forms import EventForm, ReasonForm
from matchmaker.events.models import Event, Registration
from matchmaker.events.services import deciding, events
from matchmaker.events.views import bp
from matchmaker.lists.pages import list_page


@bp.get("/manage/")
@requires(Permission.EVENTS_READ)
def manage_index() -> Any:
    """The events of one's regions."""
    return list_page(lists.EVENTS, "events/manage_index.html", prepare=_offer_draft)


def _offer_draft(listing: Any) -> None:
    if current_user.has(Permission.EVENTS_MANAGE):
        listing.empty_url, listing.empty_label = url_for("events.draft"), _("新建活动")


@bp.route("/manage/new", methods=["GET", "POST"])
@requires(Permission.EVENTS_MANAGE)
def draft() -> Any:
    """Draft an event."""
    form = EventForm(**({} if request.method == "POST" else _usual_times()))
    if form.validate_on_submit():
        with errors_on(form):
            with transaction():
                event = events.draft(actor=current_user, region=_region(), **form.values)
                event_id = event.id
            flash(_("草稿已保存；核对后即可发布"), "good")
            return redirect(url_for("events.manage", event_id=event_id), 303)
    return answer(form, "events/edit.html", event=None)


def _usual_times() -> dict[str, Any]:
    morning = clock.now().astimezone(clock.CHINA).replace(hour=9, minute=30, second=0, microsecond=0) + timedelta(
        days=14
    )
    return {
        "starts": morning,
        "ends": morning + timedelta(hours=3),
        "deadline": morning - timedelta(days=2),
        "capacity": 80,
    }


def _region() -> str:
    own = sorted(current_user.region_codes)
    home = current_app.config["SETTINGS"].region
    return home if home in own or not own else own[-1]


@bp.route("/manage/<int:event_id>/edit", methods=["GET", "POST"])
@requires(Permission.EVENTS_MANAGE)
def edit(event_id: int) -> Any:
    """Change an event."""
    event = one_or_404(queries.managed_by(current_user).where(Event.id == event_id))
    form = EventForm(obj=event, data={"capacity": event.pool.capacity})
    if form.validate_on_submit():
        with errors_on(form):
            with transaction():
                events.edit(event, actor=current_user, **form.values)
            flash(_("已保存"), "good")
            return redirect(url_for("events.manage", event_id=event_id), 303)
    return answer(form, "events/edit.html", event=event)


@bp.get("/manage/<int:event_id>")
@requires(Permission.EVENTS_READ)
def manage(event_id: int) -> Any:
    """One event from the organiser's side: numbers, next step, and who comes."""
    event = one_or_404(queries.managed_by(current_user).where(Event.id == event_id))
    counts = {state: (n, people) for state, n, people in db.session.execute(queries.state_counts(event_id))}
    return list_page(
        lists.REGISTRATIONS,
        "events/manage.html",
        scope={"event_id": event_id},
        event=event,
        counts=counts,
        timeline=activity.of(event, limit=20),
        now=clock.now(),
    )


@bp.post("/manage/<int:event_id>/publish")
@requires(Permission.EVENTS_MANAGE)
def publish(event_id: int) -> Any:
    """Open an event to the public."""
    event = one_or_404(queries.managed_by(current_user).where(Event.id == event_id))
    try:
        with transaction():
            events.publish(event, actor=current_user)
        flash(_("活动已发布，企业现在可以报名"), "good")
    except DomainError as error:
        flash(sentence(error), "warn")
    return redirect(url_for("events.manage", event_id=event_id), 303)


@bp.route("/manage/<int:event_id>/cancel", methods=["GET", "POST"])
@requires(Permission.EVENTS_MANAGE)
def cancel(event_id: int) -> Any:
    """Call an event off, with a reason that everybody is told."""
    event = one_or_404(queries.managed_by(current_user).where(Event.id == event_id))
    form = ReasonForm()
    if form.validate_on_submit():
        with errors_on(form):
            with transaction():
                told = events.cancel(event, actor=current_user, **form.values)
            flash(_("活动已取消，已通知 %(n)d 个报名", n=told), "info")
            return redirect(url_for("events.manage", event_id=event_id), 303)
    return answer(form, "events/cancel.html", event=event)


@bp.post("/registrations/<int:registration_id>/approve")
@requires(Permission.EVENTS_MANAGE)
def approve(registration_id: int) -> Any:
    """Approve one registration."""
    row = one_or_404(_managed(registration_id))
    try:
        with transaction():
            deciding.approve(row, current_user)
        flash(_("已通过，报名人会收到通知"), "good")
    except DomainError as error:
        flash(sentence(error), "warn")
    return redirect(url_for("events.registration", registration_id=registration_id), 303)


@bp.route("/registrations/<int:registration_id>/reject", methods=["GET", "POST"])
@requires(Permission.EVENTS_MANAGE)
def reject(registration_id: int) -> Any:
    """Reject one registration with a reason."""
    row = one_or_404(_managed(registration_id))
    form = ReasonForm()
    if form.validate_on_submit():
        with errors_on(form):
            with transaction():
                deciding.reject(row, current_user, form.reason.data)
            flash(_("已设为未通过，名额已释放"), "info")
            return redirect(url_for("events.registration", registration_id=registration_id), 303)
    return answer(form, "events/reject.html", registration=row)


def _managed(registration_id: int) -> Any:
    return queries.registrations_managed_by(current_user).where(Registration.id == registration_id)
