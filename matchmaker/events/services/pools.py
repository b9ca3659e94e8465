"""The one place where seats are claimed and released: registering, approving, restoring, importing, adding by staff,
moving, offering from the waiting list and signing up for a session all end here.

A registration's `SeatClaim` rows say how many places of which pool it holds or would like; `hold` makes them true or
refuses as a whole. Pools are locked in the order of their ids, offers that ran out are freed first and in the same
transaction, and while somebody on the waiting list fits, nobody walks past them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import sqlalchemy as sa

from matchmaker.accounts.rules import Permission
from matchmaker.activity import services as activity
from matchmaker.core import clock
from matchmaker.core.db import claim as claim_row
from matchmaker.core.db import db
from matchmaker.core.errors import Conflict, NotPermitted
from matchmaker.events import queries, rules
from matchmaker.events.models import Registration, SeatClaim, SeatPool
from matchmaker.events.rules import PoolKind, RegistrationState, WaitingPolicy

WAITED_FOR = (PoolKind.EVENT, PoolKind.AUDIENCE)  # full ones lead to the waiting list, others to another choice


class NoSeat(Conflict):
    """No place for all of them. `waits`: the waiting list is the way in."""

    def __init__(self, message: str, *, field: str = "attendees", waits: bool, **values: object) -> None:
        super().__init__(message, field=field, **values)
        self.waits = waits


def wanted(registration: Registration) -> dict[int, int]:
    """What a registration holds or would like: pool id → seats."""
    return {row.pool_id: row.seats for row in registration.claims}


def hold(registration: Registration, wants: Mapping[int, int], *, past_line: bool = False) -> None:
    """Make the registration hold exactly `wants` (pool id → seats). Raises NoSeat and changes nothing when one is full.

    `past_line`: the caller answers for passing those who wait (their own offer, or staff with a reason on record).
    """
    wants = {pool_id: seats for pool_id, seats in wants.items() if seats > 0}
    holds = {row.pool_id: row.seats for row in registration.claims if row.held}
    more = {pool_id: seats - holds.get(pool_id, 0) for pool_id, seats in wants.items()}
    pools = _locked(registration.event_id, {*wants, *holds}, besides=registration.id)
    growing = {pool_id: seats for pool_id, seats in more.items() if seats > 0}
    for pool_id, seats in sorted(growing.items()):
        _check_fits(pools[pool_id], seats)
    if growing and not past_line and registration.event.waiting_policy is not WaitingPolicy.NONE:
        _check_nobody_waits(registration, growing)
    for pool_id in sorted({*wants, *holds}):
        _change(pools[pool_id], wants.get(pool_id, 0) - holds.get(pool_id, 0))
    _write_claims(registration, wants, held=True)


def want(registration: Registration, wants: Mapping[int, int]) -> None:
    """Note what a registration would like without holding it; what it held is given back."""
    let_go(registration)
    _write_claims(registration, {pool_id: seats for pool_id, seats in wants.items() if seats > 0}, held=False)


def let_go(registration: Registration) -> None:
    """Give back everything a registration holds; what it wanted stays on record, so that it can be restored."""
    held = [row for row in registration.claims if row.held]
    if not held:
        return
    pools = {pool.id: pool for pool in _lock({row.pool_id for row in held})}
    for row in sorted(held, key=lambda row: row.pool_id):
        _change(pools[row.pool_id], -row.seats)
        row.held = False
    db.session.flush()


def resize(pool: SeatPool, *, capacity: int) -> None:
    """Change the capacity, never below what is taken."""
    rules.check_capacity(capacity, used=pool.used)
    changed = claim_row(
        sa.update(SeatPool).where(SeatPool.id == pool.id, SeatPool.used <= capacity).values(capacity=capacity)
    )
    db.session.refresh(pool)
    if not changed:
        rules.check_capacity(capacity, used=pool.used)


def exceed(pool: SeatPool, *, seats: int, actor: Any, reason: str) -> None:
    """Go over capacity on purpose: the capacity grows by what is missing, with a reason on record."""
    if not actor.has(Permission.EVENTS_OVERBOOK):
        raise NotPermitted("超额接收需要“超额接收”权限，请联系管理员")
    reason = rules.check_internal_reason(reason)
    (locked,) = _lock({pool.id})
    missing = seats - locked.left
    if missing <= 0:
        return
    resize(pool, capacity=locked.capacity + missing)
    activity.record("events.exceeded", subject=pool.event, actor=actor, pool=pool.name, by=missing, reason=reason)


def add(event: Any, *, kind: PoolKind, name: str, capacity: int, name_en: str | None = None) -> SeatPool:
    """A new pool of an event: places at a session, a table, a bus."""
    rules.check_capacity(capacity)
    pool = SeatPool(event=event, kind=kind, name=name, name_en=name_en, capacity=capacity, used=0)
    db.session.add(pool)
    db.session.flush()
    return pool


def _locked(event_id: int, pool_ids: set[int], *, besides: int | None) -> dict[int, SeatPool]:
    """The pools, locked in the order of their ids, with offers that ran out freed."""
    now = clock.now()
    expired = _ids(queries.expired_offers(pool_ids, now=now, besides=besides))
    if expired:
        pool_ids = pool_ids | _ids(queries.pools_held_by(expired))
    pools = {pool.id: pool for pool in _lock(pool_ids) if pool.event_id == event_id}
    if missing := pool_ids - pools.keys():
        raise ValueError(f"pools {sorted(missing)} are not of event {event_id}")
    for row in _rows(queries.offers_to_lapse(expired, now=now)) if expired else ():
        lapse(row)
    return pools


def lapse(registration: Registration) -> None:
    """An offer ran out: its seats are free again. The pools are locked already or are about to be."""
    let_go(registration)
    registration.state = RegistrationState.LAPSED
    activity.record("events.offer_lapsed", subject=registration, actor=None)
    db.session.flush()


def _lock(pool_ids: Iterable[int]) -> list[SeatPool]:
    """The pools as they are now; on PostgreSQL nobody else changes them until we commit (SQLite has one writer)."""
    statement = sa.select(SeatPool).where(SeatPool.id.in_(sorted(pool_ids))).order_by(SeatPool.id)
    return list(db.session.execute(statement.with_for_update(of=SeatPool), execution_options=FRESH).scalars())


FRESH: dict[str, Any] = {"populate_existing": True}


def _check_fits(pool: SeatPool, seats: int) -> None:
    if pool.left >= seats:
        return
    waits = pool.kind in WAITED_FOR
    if pool.kind is PoolKind.EVENT:
        if pool.left <= 0:
            raise NoSeat("名额已满", waits=waits)
        raise NoSeat("名额不足，仅剩 {left} 个", waits=waits, left=pool.left)
    if pool.left <= 0:
        raise NoSeat("“{pool}”名额已满，请改选", waits=waits, pool=pool.name)
    raise NoSeat("“{pool}”名额不足，仅剩 {left} 个", waits=waits, pool=pool.name, left=pool.left)


def _check_nobody_waits(registration: Registration, growing: Mapping[int, int]) -> None:
    statement = queries.waiting_that_fit(registration.event_id, growing, besides=registration.id)
    if db.session.execute(statement.limit(1)).first() is not None:
        raise NoSeat("已有人在候补，空出的名额先给他们", waits=True)


def _change(pool: SeatPool, by: int) -> None:
    """One conditional UPDATE; with the pool locked it can only fail when a counter has drifted."""
    if by == 0:
        return
    statement = sa.update(SeatPool).where(
        SeatPool.id == pool.id, SeatPool.used + by <= SeatPool.capacity, SeatPool.used + by >= 0
    )
    done = claim_row(statement.values(used=SeatPool.used + by))
    db.session.refresh(pool, ["used", "capacity"])
    if not done:
        raise NoSeat("名额已满", waits=pool.kind in WAITED_FOR)


def _write_claims(registration: Registration, wants: Mapping[int, int], *, held: bool) -> None:
    known = {row.pool_id: row for row in registration.claims}
    for pool_id, row in known.items():
        if pool_id not in wants:
            registration.claims.remove(row)
    for pool_id, seats in wants.items():
        if pool_id in known:
            known[pool_id].seats, known[pool_id].held = seats, held
        else:
            registration.claims.append(SeatClaim(pool_id=pool_id, seats=seats, held=held))
    db.session.flush()


def _ids(statement: Any) -> set[int]:
    return set(db.session.execute(statement).scalars())


def _rows(statement: Any) -> list[Registration]:
    return list(db.session.execute(statement, execution_options=FRESH).unique().scalars())
