"""Draft, change, publish, cancel, close; the overview of one event with what is still to do."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import current_app, flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user

from matchmaker.accounts.rules import Permission
from matchmaker.core import clock
from matchmaker.core.db import transaction
from matchmaker.core.i18n import local
from matchmaker.core.shell import parts
from matchmaker.core.web import answer, errors_on, page, requires, signed_in
from matchmaker.events import access, lists, queries
from matchmaker.events.forms import EventForm, ReasonForm
from matchmaker.events.rules import EventDuty, EventState
from matchmaker.events.services import attendance, events
from matchmaker.events.views import bp
from matchmaker.events.views.organiser.common import run_event, step, writing
from matchmaker.events.views.organiser.history import entries
from matchmaker.lists.pages import list_page


@bp.get("/manage/")
@signed_in
def manage_index() -> Any:
    """The events of one's regions and duties."""
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
            return redirect(url_for("events.overview", event_id=event_id), 303)
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
@signed_in
def edit(event_id: int) -> Any:
    """Change an event."""
    event = run_event(event_id)
    form = EventForm(obj=event, data={"capacity": event.pool.capacity, "unlisted": not event.listed})
    if form.validate_on_submit():
        with writing(form):
            events.edit(event, actor=current_user, **form.values)
        if not form.errors:
            flash(_("已保存"), "good")
            return redirect(url_for("events.overview", event_id=event_id), 303)
    return answer(form, "events/edit.html", event=event)


@bp.get("/manage/<int:event_id>/overview")
@signed_in
def overview(event_id: int) -> Any:
    """One event from the side of those who run it: numbers, what is still to do, what happened."""
    event = run_event(event_id, EventDuty.VIEWER)
    now = clock.now()
    manages = access.may_manage(current_user, event)
    return page(
        "events/manage_overview.html",
        event=event,
        now=now,
        manages=manages,
        counts=queries.counts_seen(current_user, event_id, now),
        steps=_steps(event) if manages else [],
        duties=[role for role in event.team if role.user_id == current_user.id],
        timeline=entries(queries.journal_of(event), event) if manages else [],
    )


def _steps(event: Any) -> list[dict[str, Any]]:
    """What a complete event has: (title, done, hint, url), other features' points included; what many events do
    without is `optional`."""
    formed = [group for group in event.audiences if group.questionnaire_id]
    own = [
        {
            "title": _("时间、地点与介绍"),
            "done": bool(event.description.strip() and event.venue.strip()),
            "hint": local(event, "venue"),
            "url": url_for("events.edit", event_id=event.id),
        },
        {
            "title": _("人群与报名表单"),
            "done": bool(formed),
            "hint": _("%(n)d 个人群，%(m)d 个有表单", n=len(event.audiences), m=len(formed)),
            "url": url_for("events.manage_groups", event_id=event.id),
        },
        {
            "title": _("名额与候补"),
            "done": True,
            "hint": _("%(num)d 个名额", num=event.pool.capacity),
            "url": url_for("events.manage_places", event_id=event.id),
        },
        {
            "title": _("分工"),
            "done": bool(event.team),
            "hint": _("%(num)d 项分工", num=len(event.team)),
            "url": url_for("events.manage_team", event_id=event.id),
        },
    ]
    others = [data for _template, data in parts("event_steps", event)]
    last = {
        "title": _("发布"),
        "done": event.state is EventState.PUBLISHED,
        "hint": "",
        "url": url_for("events.overview", event_id=event.id),
    }
    return [{"optional": False, **point} for point in (*own, *others, last)]


@bp.post("/manage/<int:event_id>/publish")
@signed_in
def publish(event_id: int) -> Any:
    """Open an event to the public."""
    event = run_event(event_id)
    return step(
        url_for("events.overview", event_id=event_id),
        _("活动已发布，企业现在可以报名"),
        lambda: events.publish(event, actor=current_user),
    )


@bp.post("/manage/<int:event_id>/close")
@signed_in
def close(event_id: int) -> Any:
    """After the event: who was never seen is absent."""
    event = run_event(event_id)
    return step(
        url_for("events.overview", event_id=event_id),
        _("已核对：没有签到的报名记为“未到场”"),
        lambda: attendance.close(event, actor=current_user),
    )


@bp.route("/manage/<int:event_id>/cancel", methods=["GET", "POST"])
@signed_in
def cancel(event_id: int) -> Any:
    """Call an event off, with a reason that everybody is told."""
    event = run_event(event_id)
    form = ReasonForm()
    if form.validate_on_submit():
        with errors_on(form):
            with transaction():
                told = events.cancel(event, actor=current_user, **form.values)
            flash(ngettext("活动已取消，已通知 %(n)d 个报名", "活动已取消，已通知 %(n)d 个报名", told, n=told), "info")
            return redirect(url_for("events.overview", event_id=event_id), 303)
    return answer(form, "events/cancel.html", event=event)
