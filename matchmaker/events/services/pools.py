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
from sqlalchemy import inspect
from sqlalchemy.orm.attributes import flag_modified, set_committed_value

from matchmaker.accounts.rules import Permission
from matchmaker.activity import services as activity
from matchmaker.core import clock
from matchmaker.core.db import claim as claim_row
from matchmaker.core.db import db
from matchmaker.core.errors import Conflict, NotPermitted
from matchmaker.events import queries, rules
from matchmaker.events.models import Event, Registration, SeatClaim, SeatPool
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
    by = {pool_id: wants.get(pool_id, 0) - holds.get(pool_id, 0) for pool_id in sorted({*wants, *holds})}
    growing = {pool_id: seats for pool_id, seats in by.items() if seats > 0}
    _take_alone(registration)
    if growing and registration.event.waiting_policy is not WaitingPolicy.NONE:
        _settle_line(registration, growing, past_line=past_line)
    _change_all(registration.event, by)
    _write_claims(registration, wants, held=True)


def hold_or_exceed(
    registration: Registration, wants: Mapping[int, int], *, actor: Any | None, reason: str, past_line: bool = True
) -> None:
    """`hold` for staff; with an `actor`, pools that are full grow by what is missing, with the reason on record."""
    try:
        hold(registration, wants, past_line=past_line)
    except NoSeat:
        if actor is None:
            raise
        holds = {row.pool_id: row.seats for row in registration.claims if row.held}
        known = {pool.id: pool for pool in registration.event.pools}
        for pool_id in sorted(wants):
            if (more := wants[pool_id] - holds.get(pool_id, 0)) > 0:
                exceed(known[pool_id], seats=more, actor=actor, reason=reason)
        hold(registration, wants, past_line=True)


def want(registration: Registration, wants: Mapping[int, int]) -> None:
    """Note what a registration would like without holding it; what it held is given back."""
    let_go(registration)
    _write_claims(registration, {pool_id: seats for pool_id, seats in wants.items() if seats > 0}, held=False)


def let_go(registration: Registration) -> None:
    """Give back everything a registration holds; what it wanted stays on record, so that it can be restored."""
    held = [row for row in registration.claims if row.held]
    if not held:
        return
    _take_alone(registration)
    _change_all(registration.event, {row.pool_id: -row.seats for row in sorted(held, key=lambda row: row.pool_id)})
    for row in held:
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


def _take_alone(registration: Registration) -> None:
    """Two who change the seats of one registration at once: the second finds its version gone and is told so."""
    if inspect(registration).persistent:
        flag_modified(registration, "party")
        db.session.flush()


def _settle_line(registration: Registration, growing: Mapping[int, int], *, past_line: bool) -> None:
    """Free what offers that ran out still hold, then see whether somebody who waits would fit.

    The pools are locked first, in the order of their ids, so that on PostgreSQL nobody else decides at the same time.
    """
    now = clock.now()
    expired = _ids(queries.expired_offers(set(growing), now=now, besides=registration.id))
    pool_ids = set(growing) | (_ids(queries.pools_held_by(expired)) if expired else set())
    _lock(pool_ids)
    for row in _rows(queries.offers_to_lapse(expired, now=now)) if expired else ():
        lapse(row)
    if not past_line:
        _check_nobody_waits(registration, growing)


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


def _refusal(pool: SeatPool) -> NoSeat:
    waits = pool.kind in WAITED_FOR
    if pool.kind is PoolKind.EVENT:
        if pool.left <= 0:
            return NoSeat("名额已满", waits=waits)
        return NoSeat("名额不足，仅剩 {left} 个", waits=waits, left=pool.left)
    if pool.left <= 0:
        return NoSeat("“{pool}”名额已满，请改选", waits=waits, pool=pool.name)
    return NoSeat("“{pool}”名额不足，仅剩 {left} 个", waits=waits, pool=pool.name, left=pool.left)


def _check_nobody_waits(registration: Registration, growing: Mapping[int, int]) -> None:
    statement = queries.waiting_that_fit(registration.event.id, growing, besides=registration.id)
    if db.session.execute(statement.limit(1)).first() is not None:
        raise NoSeat("已有人在候补，空出的名额先给他们", waits=True)


def _change_all(event: Event, by: Mapping[int, int]) -> None:
    """Change the counters in the order of their ids; when one refuses, those before it are put back."""
    done: list[int] = []
    for pool_id, seats in by.items():
        if seats == 0:
            continue
        if not _change(event, pool_id, seats):
            for earlier in done:
                _change(event, earlier, -by[earlier])
            raise _refusal(_lock({pool_id})[0])
        done.append(pool_id)


def _change(event: Event, pool_id: int, by: int) -> bool:
    """One conditional UPDATE: the seats are there, and the pool is this event's; else nothing changes."""
    values = {"this_pool": pool_id, "this_event": event.id, "by": by}
    row = db.session.execute(CHANGE_USED, values).first()
    if row is None:
        return False
    known = next((pool for pool in event.pools if pool.id == pool_id), None)
    if known is not None:
        set_committed_value(known, "used", row.used)
        set_committed_value(known, "capacity", row.capacity)
    return True


BY = sa.bindparam("by", type_=sa.Integer)
POOLS: Any = SeatPool.__table__
CHANGE_USED = (  # on the table: `_change` itself tells the loaded pool what it has become
    sa.update(POOLS)
    .where(POOLS.c.id == sa.bindparam("this_pool"), POOLS.c.event_id == sa.bindparam("this_event"))
    .where(POOLS.c.used + BY <= POOLS.c.capacity, POOLS.c.used + BY >= 0)
    .values(used=POOLS.c.used + BY)
    .returning(POOLS.c.used, POOLS.c.capacity)
)


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
    if registration in db.session:
        db.session.flush()


def _ids(statement: Any) -> set[int]:
    return set(db.session.execute(statement).scalars())


def _rows(statement: Any) -> list[Registration]:
    return list(db.session.execute(statement, execution_options=FRESH).unique().scalars())
