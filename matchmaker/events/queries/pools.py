"""What the seat pools need to know before they change, and whether their counters are right."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import sqlalchemy as sa

from matchmaker.events.models import Registration, SeatClaim, SeatPool
from matchmaker.events.rules import HOLDING, PoolKind, RegistrationState


def offers_over(now: datetime) -> sa.Select[Registration]:
    """Offers that have run out and still hold seats."""
    return (
        sa.select(Registration)
        .where(Registration.state == RegistrationState.OFFERED, Registration.offered_until <= now)
        .order_by(Registration.id)
        .with_for_update(skip_locked=True, of=Registration)
    )


def expired_offers(pool_ids: set[int], *, now: datetime, besides: int | None) -> sa.Select[int]:
    """Registrations that hold a seat of these pools by an offer that has run out."""
    return (
        sa.select(Registration.id)
        .join(SeatClaim, SeatClaim.registration_id == Registration.id)
        .where(Registration.state == RegistrationState.OFFERED, Registration.offered_until <= now)
        .where(SeatClaim.held, SeatClaim.pool_id.in_(sorted(pool_ids)), Registration.id != (besides or 0))
        .order_by(Registration.id)
        .distinct()
    )


def pools_held_by(registration_ids: set[int]) -> sa.Select[int]:
    """The pools these registrations hold seats of."""
    return sa.select(SeatClaim.pool_id).where(SeatClaim.held, SeatClaim.registration_id.in_(sorted(registration_ids)))


def offers_to_lapse(registration_ids: set[int], *, now: datetime) -> sa.Select[Registration]:
    """Those of them whose offer still stands in the rows although it has run out."""
    return (
        sa.select(Registration)
        .where(Registration.id.in_(sorted(registration_ids)), Registration.state == RegistrationState.OFFERED)
        .where(Registration.offered_until <= now)
        .order_by(Registration.id)
        .with_for_update(skip_locked=True, of=Registration)  # one that is being answered now is left to whoever does
    )


def waiting_that_fit(event_id: int, growing: Mapping[int, int], *, besides: int | None) -> sa.Select[int]:
    """Parties on the waiting list that want one of these pools and would fit into all they want, now."""
    claims = sa.select(SeatClaim.id).where(SeatClaim.registration_id == Registration.id)
    too_small = claims.join(SeatPool, SeatPool.id == SeatClaim.pool_id).where(
        SeatPool.capacity - SeatPool.used < SeatClaim.seats
    )
    return (
        sa.select(Registration.id)
        .where(Registration.event_id == event_id, Registration.state == RegistrationState.WAITING)
        .where(Registration.id != (besides or 0))
        .where(claims.where(SeatClaim.pool_id.in_(sorted(growing))).exists(), ~too_small.exists())
    )


def drift() -> sa.Select[int, int, int]:
    """Pools whose counter differs from the claims held: (pool id, counter, rows). Empty when all is well."""
    held = sa.func.coalesce(
        sa.select(sa.func.sum(SeatClaim.seats))
        .where(SeatClaim.pool_id == SeatPool.id, SeatClaim.held)
        .scalar_subquery(),
        0,
    )
    return sa.select(SeatPool.id, SeatPool.used, held).where(SeatPool.used != held)


def false_claims(event_id: int | None = None) -> sa.Select[int]:
    """Registrations whose claims contradict their state: holders without a seat, others with one, a party that
    differs from the seats it holds of the whole event. Empty when all is well."""
    seats = (
        sa.select(sa.func.coalesce(sa.func.sum(SeatClaim.seats), 0))
        .join(SeatPool, SeatPool.id == SeatClaim.pool_id)
        .where(SeatClaim.registration_id == Registration.id, SeatClaim.held, SeatPool.kind == PoolKind.EVENT)
        .scalar_subquery()
    )
    expected = sa.case((Registration.state.in_(HOLDING), Registration.party), else_=0)
    statement = sa.select(Registration.id).where(seats != expected).order_by(Registration.id)
    return statement if event_id is None else statement.where(Registration.event_id == event_id)
