"""Taking, checking, locking, publishing and correcting snapshots."""

from __future__ import annotations

from datetime import date
from typing import Any

from matchmaker.activity import services as activity
from matchmaker.core import clock
from matchmaker.core.db import db
from matchmaker.core.errors import Conflict, NotPermitted
from matchmaker.directory.services import closed_years, require_open_year
from matchmaker.monitoring import access, rules
from matchmaker.monitoring.models import Plan, Snapshot, SnapshotValue
from matchmaker.monitoring.queries import plans as queries
from matchmaker.monitoring.queries import values
from matchmaker.monitoring.queries.values import Reading
from matchmaker.monitoring.rules import SnapshotState


def take(plan: Plan, *, actor: Any | None, day: date, note: str = "") -> Snapshot:
    """Keep all numbers of a day with the records behind them, ready to be checked. One a day; closed years refuse."""
    if actor is not None and not access.may_manage(actor, plan.region):
        raise NotPermitted("这个区域的指标不由您负责")
    rules.check_snapshot_day(day, today=clock.today())
    require_open_year(plan.region, day.year)
    if db.session.execute(queries.editions(plan.id, day)).scalars().first() is not None:
        raise Conflict("{day} 的快照已经有了，可在核对时重新采集", field="day", day=day)
    return _take(plan, actor=actor, day=day, note=note, edition=1)


def _take(plan: Plan, *, actor: Any | None, day: date, note: str, edition: int, reason: str | None = None) -> Snapshot:
    snapshot = Snapshot(
        region=plan.region,
        plan=plan,
        day=day,
        edition=edition,
        state=SnapshotState.DEFINED,
        note=note,
        reason=reason,
        taken=clock.now(),
        taken_by_id=getattr(actor, "id", None),
    )
    db.session.add(snapshot)
    _collect(snapshot)
    activity.record("monitoring.snapshot_taken", subject=snapshot, actor=actor, day=day.isoformat(), edition=edition)
    db.session.flush()
    return snapshot


def _collect(snapshot: Snapshot) -> None:
    """Read all indicators and leave the snapshot ready for the check."""
    _step(snapshot, SnapshotState.COLLECTING)
    snapshot.values = [_kept(reading) for reading in values.read_all(snapshot.plan.indicators, snapshot.day)]
    _step(snapshot, SnapshotState.CHECKING)


def _kept(reading: Reading) -> SnapshotValue:
    rules.check_value(reading.value, indicator=reading.definition, computed=reading.value.amount)
    return SnapshotValue(
        code=reading.definition.code,
        name_en=reading.indicator.name_en,
        unit_en=reading.indicator.unit_en,
        formula_en=reading.indicator.formula_en,
        definition=rules.indicator_facts(reading.definition),
        amount=reading.value.amount,
        baseline=reading.baseline,
        result=reading.progress.amount,
        status=reading.progress.status,
        evidence=[[item.kind, item.key] for item in reading.value.evidence],
    )


def collect_again(snapshot: Snapshot, *, actor: Any) -> None:
    """Read the numbers anew while they are being checked; an open snapshot is not kept yet."""
    if not access.may_manage(actor, snapshot.region):
        raise NotPermitted("这个区域的指标不由您负责")
    require_open_year(snapshot.region, snapshot.day.year, reason=snapshot.reason or "")
    rules.check_transition(snapshot.state, SnapshotState.COLLECTING)
    snapshot.values.clear()
    db.session.flush()
    _collect(snapshot)
    snapshot.taken, snapshot.taken_by_id = clock.now(), actor.id
    activity.record("monitoring.snapshot_collected_again", subject=snapshot, actor=actor)
    db.session.flush()


def lock(snapshot: Snapshot, *, actor: Any) -> None:
    """A second person fixes the numbers for good."""
    if not access.may_lock(actor, snapshot.region):
        raise NotPermitted("锁定快照需要审批人员")
    if snapshot.taken_by_id == actor.id:
        raise Conflict("快照由您采集，请由另一位人员锁定")
    _step(snapshot, SnapshotState.LOCKED)
    snapshot.locked, snapshot.locked_by_id = clock.now(), actor.id
    activity.record("monitoring.snapshot_locked", subject=snapshot, actor=actor)
    db.session.flush()


def publish(snapshot: Snapshot, *, actor: Any) -> None:
    """Mark the locked numbers as given out."""
    if not access.may_lock(actor, snapshot.region):
        raise NotPermitted("发布快照需要审批人员")
    _step(snapshot, SnapshotState.PUBLISHED)
    activity.record("monitoring.snapshot_published", subject=snapshot, actor=actor)
    db.session.flush()


def correct(snapshot: Snapshot, *, actor: Any, reason: str) -> Snapshot:
    """Put a new edition beside numbers that were given out; the old ones stay to be read. A closed year allows it."""
    if not access.may_manage(actor, snapshot.region):
        raise NotPermitted("这个区域的指标不由您负责")
    rules.check_transition(snapshot.state, SnapshotState.CORRECTED, reason=reason)
    require_open_year(snapshot.region, snapshot.day.year, reason=reason)
    snapshot.state = SnapshotState.CORRECTED
    activity.record("monitoring.snapshot_corrected", subject=snapshot, actor=actor, reason=reason.strip())
    return _take(
        snapshot.plan,
        actor=actor,
        day=snapshot.day,
        note=snapshot.note,
        edition=snapshot.edition + 1,
        reason=reason.strip()[:500],
    )


def take_monthly() -> int:
    """The snapshot of the last month's end for every plan that has none yet; how many were taken."""
    day = rules.month_before(clock.today())
    taken = 0
    for plan in db.session.execute(queries.all_plans()).scalars().all():
        standing = db.session.execute(queries.editions(plan.id, day)).scalars().first()
        if standing is None and day.year not in closed_years(plan.region):
            _take(plan, actor=None, day=day, note="月度", edition=1)
            taken += 1
    return taken


def _step(snapshot: Snapshot, target: SnapshotState) -> None:
    rules.check_transition(snapshot.state, target)
    snapshot.state = target
