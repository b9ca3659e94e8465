"""The pools of an event as its organiser arranges them: meals, buses, other options; never below what is taken."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from matchmaker.activity import services as activity
from matchmaker.core import folding
from matchmaker.core.db import db
from matchmaker.core.errors import Conflict, DomainError, NotPermitted
from matchmaker.events import access
from matchmaker.events.models import Event, SeatClaim, SeatPool
from matchmaker.events.rules import PoolKind
from matchmaker.events.services import pools

FREE_KINDS = (PoolKind.MEAL, PoolKind.BUS, PoolKind.OPTION)  # the others belong to the event, a group or a session


def add(event: Event, *, actor: Any, kind: PoolKind, name: str, capacity: int, name_en: str = "") -> SeatPool:
    """A new pool of meals, seats on a bus or other places."""
    _check_manages(actor, event)
    if kind not in FREE_KINDS:
        raise DomainError("场次名额在日程里设，人群名额在人群里设", field="kind")
    name = _free_name(event, kind, name)
    pool = pools.add(event, kind=kind, name=name, name_en=folding.clean_text(name_en) or None, capacity=capacity)
    activity.record("events.pool_added", subject=event, actor=actor, pool=name, after=capacity)
    return pool


def change(pool: SeatPool, *, actor: Any, capacity: int, name: str | None = None, name_en: str | None = None) -> None:
    """Another size or name; never smaller than what is taken."""
    _check_manages(actor, pool.event)
    if name is not None and pool.kind in FREE_KINDS and folding.clean_text(name) != pool.name:
        pool.name = _free_name(pool.event, pool.kind, name)
    if name_en is not None and pool.kind in FREE_KINDS:
        pool.name_en = folding.clean_text(name_en) or None
    if capacity != pool.capacity:
        before = pool.capacity
        pools.resize(pool, capacity=capacity)
        activity.record(
            "events.pool_resized", subject=pool.event, actor=actor, pool=pool.name, before=before, after=capacity
        )
    db.session.flush()


def exceed(pool: SeatPool, *, actor: Any, seats: int, reason: str) -> None:
    """Add places beyond what was planned, with a permission of its own and a reason on record."""
    _check_manages(actor, pool.event)
    if not 1 <= seats <= 1000:
        raise DomainError("一次可以增加 1 到 1000 个名额", field="seats")
    pools.exceed(pool, seats=pool.left + seats, actor=actor, reason=reason)
    db.session.flush()


def remove(pool: SeatPool, *, actor: Any) -> None:
    """Drop a pool that nobody holds or wants."""
    event = pool.event
    _check_manages(actor, event)
    if pool.kind not in FREE_KINDS:
        raise Conflict("这项名额不能在这里删除")
    wanted = sa.select(sa.func.count(SeatClaim.id)).where(SeatClaim.pool_id == pool.id)
    if db.session.execute(wanted).scalar_one():
        raise Conflict("已有报名选了这一项，不能删除；可把名额调到已占数")
    activity.record("events.pool_removed", subject=event, actor=actor, pool=pool.name)
    event.pools.remove(pool)
    db.session.flush()


def _free_name(event: Event, kind: PoolKind, name: str) -> str:
    clean = folding.clean_text(name)[:100]
    if not clean:
        raise DomainError("请填写名称", field="name")
    if any(pool.kind is kind and pool.name == clean for pool in event.pools):
        raise DomainError("已有同名的一项，请换个名称", field="name")
    return clean


def _check_manages(actor: Any, event: Event) -> None:
    if not access.may_manage(actor, event):
        raise NotPermitted("这个活动不在您负责的区域")
