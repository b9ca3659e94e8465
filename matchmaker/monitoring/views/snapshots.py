"""Snapshots: the list, one with its numbers and records, taking, checking, locking, correcting."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from flask import abort, flash, redirect, url_for
from flask_babel import gettext as _
from flask_login import current_user

from matchmaker.accounts.rules import Permission
from matchmaker.activity import queries as activity
from matchmaker.core import clock
from matchmaker.core.db import db, transaction
from matchmaker.core.errors import DomainError
from matchmaker.core.i18n import sentence
from matchmaker.core.web import answer, errors_on, one_or_404, page, requires
from matchmaker.lists.pages import list_page
from matchmaker.monitoring import access, lists, rules
from matchmaker.monitoring.forms import ReasonForm, SnapshotForm
from matchmaker.monitoring.models import Snapshot
from matchmaker.monitoring.queries import plans, values
from matchmaker.monitoring.services import snapshots as services
from matchmaker.monitoring.views import bp
from matchmaker.monitoring.views.plans import own_plan, record_url


@bp.get("/snapshots/")
@requires(Permission.TARGETS_READ)
def snapshots() -> Any:
    """Every snapshot of one's regions."""
    return list_page(lists.SNAPSHOTS, "monitoring/snapshots.html")


def _visible(snapshot_id: int) -> Any:
    statement = plans.snapshots(current_user, {}).where(Snapshot.id == snapshot_id)
    return one_or_404(plans.with_values(statement))


@bp.get("/snapshots/<int:snapshot_id>")
@requires(Permission.TARGETS_READ)
def snapshot(snapshot_id: int) -> Any:
    """One snapshot, rebuilt from what it kept."""
    row = _visible(snapshot_id)
    others = db.session.execute(plans.editions(row.plan_id, row.day)).unique().scalars().all()
    return page(
        "monitoring/snapshot.html",
        snapshot=row,
        readings=values.rebuild_all(row),
        editions=[other for other in others if other.id != row.id],
        log=activity.of(row, limit=10),
        may_manage=access.may_manage(current_user, row.region),
        may_lock=access.may_lock(current_user, row.region) and row.taken_by_id != current_user.id,
    )


@bp.get("/snapshots/<int:snapshot_id>/<code>")
@requires(Permission.TARGETS_READ)
def evidence(snapshot_id: int, code: str) -> Any:
    """The records behind one number of a snapshot."""
    row = _visible(snapshot_id)
    reading = next((reading for reading in values.rebuild_all(row) if reading.definition.code == code), None)
    if reading is None:
        abort(404)
    lines = [(line, record_url(line)) for line in reading.lines]
    return page("monitoring/evidence.html", snapshot=row, reading=reading, lines=lines)


@bp.route("/snapshots/new", methods=["GET", "POST"])
@requires(Permission.TARGETS_MANAGE)
def take() -> Any:
    """Keep the numbers of a day."""
    plan = own_plan() or abort(404)
    form = SnapshotForm(data={"day": _usual_day()})
    if form.validate_on_submit():
        with errors_on(form):
            with transaction():
                snapshot_id = services.take(plan, actor=current_user, **form.values).id
            flash(_("快照已采集，请核对后由审批人员锁定"), "good")
            return redirect(url_for("monitoring.snapshot", snapshot_id=snapshot_id), 303)
    return answer(form, "monitoring/take.html")


def _usual_day() -> date:
    return rules.month_before(clock.today())


@bp.post("/snapshots/<int:snapshot_id>/collect")
@requires(Permission.TARGETS_MANAGE)
def collect_again(snapshot_id: int) -> Any:
    """Read the numbers anew."""
    return _step(snapshot_id, services.collect_again, _("已重新采集"))


@bp.post("/snapshots/<int:snapshot_id>/lock")
@requires(Permission.YEARS_CLOSE)
def lock(snapshot_id: int) -> Any:
    """Fix the numbers for good."""
    return _step(snapshot_id, services.lock, _("已锁定，数字不再变化"))


@bp.post("/snapshots/<int:snapshot_id>/publish")
@requires(Permission.YEARS_CLOSE)
def publish(snapshot_id: int) -> Any:
    """Mark the numbers as given out."""
    return _step(snapshot_id, services.publish, _("已标记为发布"))


def _step(snapshot_id: int, service: Callable[..., None], done: str) -> Any:
    row = _visible(snapshot_id)
    try:
        with transaction():
            service(row, actor=current_user)
        flash(done, "good")
    except DomainError as error:
        flash(sentence(error), "warn")
    return redirect(url_for("monitoring.snapshot", snapshot_id=snapshot_id), 303)


@bp.route("/snapshots/<int:snapshot_id>/correct", methods=["GET", "POST"])
@requires(Permission.TARGETS_MANAGE)
def correct(snapshot_id: int) -> Any:
    """Put a new edition beside published numbers."""
    row = _visible(snapshot_id)
    form = ReasonForm()
    if form.validate_on_submit():
        with errors_on(form):
            with transaction():
                new_id = services.correct(row, actor=current_user, reason=form.reason.data or "").id
            flash(_("已生成更正版，请核对后锁定"), "good")
            return redirect(url_for("monitoring.snapshot", snapshot_id=new_id), 303)
    return answer(form, "monitoring/correct.html", snapshot=row)
