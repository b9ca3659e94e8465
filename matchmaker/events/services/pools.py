"""The one place where seats are claimed and released."""

from __future__ import annotations

import sqlalchemy as sa

from matchmaker.core.db import claim as claim_row
from matchmaker.core.db import db
from matchmaker.core.errors import Conflict
from matchmaker.events import rules
from matchmaker.events.models import SeatPool


def claim(pool: SeatPool, *, seats: int) -> None:
    """Take `seats` places in one conditional UPDATE. Raises Conflict saying how many are left."""
    taken = claim_row(
        sa.update(SeatPool)
        .where(SeatPool.id == pool.id, SeatPool.used + seats <= SeatPool.capacity)
        .values(used=SeatPool.used + seats)
    )
    db.session.refresh(pool)
    if taken:
        return
    if pool.left <= 0:
        raise Conflict("名额已满", field="attendees")
    raise Conflict("名额不足，仅剩 {left} 个", field="attendees", left=pool.left)


def release(pool: SeatPool, *, seats: int) -> None:
    """Give `seats` places back."""
    claim_row(
        sa.update(SeatPool).where(SeatPool.id == pool.id, SeatPool.used >= seats).values(used=SeatPool.used - seats)
    )
    db.session.refresh(pool)


def resize(pool: SeatPool, *, capacity: int) -> None:
    """Change the capacity, never below what is taken."""
    rules.check_capacity(capacity, used=pool.used)
    changed = claim_row(
        sa.update(SeatPool).where(SeatPool.id == pool.id, SeatPool.used <= capacity).values(capacity=capacity)
    )
    db.session.refresh(pool)
    if not changed:
        rules.check_capacity(capacity, used=pool.used)
