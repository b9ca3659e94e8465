"""The places of an event: every pool with what is taken, held and left."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, url_for
from flask_babel import gettext as _
from flask_login import current_user

from matchmaker.accounts.rules import Permission
from matchmaker.core import clock
from matchmaker.core.db import db
from matchmaker.core.web import answer, one_or_404, page, signed_in
from matchmaker.events import access, queries
from matchmaker.events.forms import ExceedForm, PoolForm, ResizeForm
from matchmaker.events.models import SeatPool
from matchmaker.events.rules import EventDuty
from matchmaker.events.services import places
from matchmaker.events.services.places import FREE_KINDS
from matchmaker.events.views import bp
from matchmaker.events.views.organiser.common import run_event, step, writing


@bp.get("/manage/<int:event_id>/places")
@signed_in
def manage_places(event_id: int) -> Any:
    """Every pool, and whether the counters agree with the registrations."""
    event = run_event(event_id, EventDuty.VIEWER)
    ids = {pool.id for pool in event.pools}
    drift = [row for row in db.session.execute(queries.drift()) if row[0] in ids]
    false = db.session.execute(queries.false_claims(event_id)).scalars().all()
    return page(
        "events/manage_places.html",
        event=event,
        held=queries.open_claims(event_id, clock.now()),
        drift={row[0]: row[2] for row in drift},
        contradicting=false,
        manages=access.may_manage(current_user, event),
        overbooks=current_user.has(Permission.EVENTS_OVERBOOK),
        free_kinds=FREE_KINDS,
    )


def _home(event_id: int) -> str:
    return url_for("events.manage_places", event_id=event_id)


def _pool(event_id: int, pool_id: int) -> SeatPool:
    event = run_event(event_id)
    pool: SeatPool = one_or_404(queries.pool_of(event.id, pool_id))
    return pool


@bp.route("/manage/<int:event_id>/places/new", methods=["GET", "POST"])
@signed_in
def add_pool(event_id: int) -> Any:
    """Meals, seats on a bus, other places."""
    event = run_event(event_id)
    form = PoolForm()
    if form.validate_on_submit():
        with writing(form):
            places.add(event, actor=current_user, **form.values)
        if not form.errors:
            flash(_("已添加"), "good")
            return redirect(_home(event_id), 303)
    return answer(form, "events/manage_pool.html", event=event, pool=None, step="add")


@bp.route("/manage/<int:event_id>/places/<int:pool_id>", methods=["GET", "POST"])
@signed_in
def edit_pool(event_id: int, pool_id: int) -> Any:
    """Another size or name."""
    pool = _pool(event_id, pool_id)
    free = pool.kind in FREE_KINDS
    form = PoolForm(obj=pool) if free else ResizeForm(obj=pool)
    if form.validate_on_submit():
        with writing(form):
            places.change(pool, actor=current_user, **{k: v for k, v in form.values.items() if k != "kind"})
        if not form.errors:
            flash(_("已保存"), "good")
            return redirect(_home(event_id), 303)
    return answer(form, "events/manage_pool.html", event=pool.event, pool=pool, step="edit")


@bp.route("/manage/<int:event_id>/places/<int:pool_id>/exceed", methods=["GET", "POST"])
@signed_in
def exceed_pool(event_id: int, pool_id: int) -> Any:
    """More places than planned, on purpose."""
    pool = _pool(event_id, pool_id)
    form = ExceedForm()
    if form.validate_on_submit():
        with writing(form):
            places.exceed(pool, actor=current_user, **form.values)
        if not form.errors:
            flash(_("名额已增加，理由已记入操作记录"), "warn")
            return redirect(_home(event_id), 303)
    return answer(form, "events/manage_pool.html", event=pool.event, pool=pool, step="exceed")


@bp.post("/manage/<int:event_id>/places/<int:pool_id>/remove")
@signed_in
def remove_pool(event_id: int, pool_id: int) -> Any:
    """Drop a pool that nobody chose."""
    pool = _pool(event_id, pool_id)
    return step(_home(event_id), _("已删除"), lambda: places.remove(pool, actor=current_user), tone="info")
