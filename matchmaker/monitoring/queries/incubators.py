"""Tenants behind T6 and carriers behind C1–C5."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date

import sqlalchemy as sa

from matchmaker.core.db import db
from matchmaker.core.regions import region_prefix
from matchmaker.incubation import queries as incubation
from matchmaker.incubation.models import Carrier, Tenancy
from matchmaker.incubation.rules import NEVER_ADMITTED
from matchmaker.monitoring.queries.lines import Line


def ever_admitted(region: str, day: date) -> list[Line] | None:
    """T6: the firms that ever entered a carrier, each with its first stay; leaving changes nothing."""
    inside = Tenancy.region.like(region_prefix(region) + "%")
    known = sa.select(Tenancy.id).where(inside, Tenancy.applied <= day).limit(1)
    if db.session.execute(known).first() is None:
        return None
    firms = incubation.ever_admitted(region, day).subquery()
    rank = sa.func.row_number().over(partition_by=Tenancy.organisation_id, order_by=[Tenancy.entered, Tenancy.id])
    first = (
        sa.select(Tenancy.id.label("id"), rank.label("rank"))
        .where(inside, Tenancy.state.not_in(NEVER_ADMITTED), Tenancy.entered <= day)
        .where(Tenancy.organisation_id.in_(sa.select(firms.c.organisation_id)))
        .subquery()
    )
    statement = sa.select(Tenancy).join(first, first.c.id == Tenancy.id).where(first.c.rank == 1)
    rows = db.session.execute(statement.order_by(Tenancy.entered, Tenancy.id)).unique().scalars()
    return [_stay(row) for row in rows]


def carriers(code: str, region: str, day: date) -> list[Line] | None:
    """C1–C5: carriers put down for a line of the plan; those that are only planned are shown and not counted."""
    rows = db.session.execute(incubation.carriers_for_target(region, code)).unique().scalars()
    found = [_carrier(row, day) for row in rows if row.opened is None or row.opened <= day]
    return found or None


def _stay(row: Tenancy) -> Line:
    return Line(
        kind=Tenancy.__tablename__,
        key=row.id,
        unit=f"organisation:{row.organisation_id}",
        name=row.who,
        detail=" · ".join(filter(None, (row.carrier.name, row.project))),
        document=row.contract,
        since=row.entered,
        until=row.left,
    )


def _carrier(row: Carrier, day: date) -> Line:
    return Line(
        kind=Carrier.__tablename__,
        key=row.id,
        unit=f"carrier:{row.id}",
        name=row.name,
        detail=row.operator.name,
        document="；".join(paper.title for paper in row.papers if paper.issued is None or paper.issued <= day),
        since=row.opened,
        counts=row.counts_as_built,
    )


def _stays(keys: Sequence[int]) -> list[Line]:
    rows = db.session.execute(sa.select(Tenancy).where(Tenancy.id.in_(keys))).unique().scalars()
    return [_stay(row) for row in rows]


def _carriers(keys: Sequence[int]) -> list[Line]:
    rows = db.session.execute(sa.select(Carrier).where(Carrier.id.in_(keys))).unique().scalars()
    return [_carrier(row, date.max) for row in rows]


RESOLVERS: dict[str, Callable[[Sequence[int]], list[Line]]] = {
    Tenancy.__tablename__: _stays,
    Carrier.__tablename__: _carriers,
}
