"""Which plans, snapshots and closings exist for whom."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import selectinload

from matchmaker.core.regions import region_prefix
from matchmaker.core.viewer import Viewer, in_regions
from matchmaker.monitoring.models import Indicator, Measure, Plan, Snapshot, YearClosing
from matchmaker.monitoring.rules import SnapshotState

KEPT = (SnapshotState.LOCKED, SnapshotState.PUBLISHED)
OPEN = (SnapshotState.DEFINED, SnapshotState.COLLECTING, SnapshotState.CHECKING)


def visible_to(viewer: Viewer) -> sa.Select[Plan]:
    """The plans of a staff member's regions with their indicators, the newest first."""
    return (
        sa.select(Plan)
        .where(in_regions(Plan.region, viewer))
        .options(selectinload(Plan.indicators))
        .order_by(Plan.last_year.desc(), Plan.id)
    )


def all_plans() -> sa.Select[Plan]:
    """Every plan with its indicators, for the monthly job."""
    return sa.select(Plan).options(selectinload(Plan.indicators)).order_by(Plan.id)


def indicator(viewer: Viewer, code: str) -> sa.Select[Indicator]:
    """One indicator of the newest plan in the viewer's regions."""
    return (
        sa.select(Indicator)
        .join(Plan, Plan.id == Indicator.plan_id)
        .where(in_regions(Plan.region, viewer), Indicator.code == code)
        .order_by(Plan.last_year.desc(), Plan.id)
        .limit(1)
    )


def measures(plan_id: int) -> sa.Select[Measure]:
    """The measures of a plan by number."""
    return sa.select(Measure).where(Measure.plan_id == plan_id).order_by(Measure.number)


def snapshots(viewer: Viewer, _scope: Mapping[str, str]) -> sa.Select[Snapshot]:
    """The snapshots of a staff member's regions."""
    return sa.select(Snapshot).where(in_regions(Snapshot.region, viewer))


def with_values(statement: sa.Select[Snapshot]) -> sa.Select[Snapshot]:
    """The same snapshots with their values loaded."""
    return statement.options(selectinload(Snapshot.values))


def editions(plan_id: int, day: date) -> sa.Select[Snapshot]:
    """All editions of one day, the last first."""
    return (
        sa.select(Snapshot)
        .where(Snapshot.plan_id == plan_id, Snapshot.day == day)
        .order_by(Snapshot.edition.desc(), Snapshot.id)
    )


def kept_on(plan_id: int, day: date) -> sa.Select[Snapshot]:
    """The last locked or published snapshot of a day, with its values."""
    return with_values(editions(plan_id, day).where(Snapshot.state.in_(KEPT)).limit(1))


def kept_history(plan_id: int, *, until: date, most: int = 12) -> sa.Select[Snapshot]:
    """The latest locked or published snapshots up to a day, the newest first."""
    return with_values(
        sa.select(Snapshot)
        .where(Snapshot.plan_id == plan_id, Snapshot.day <= until, Snapshot.state.in_(KEPT))
        .order_by(Snapshot.day.desc(), Snapshot.edition.desc())
        .limit(most)
    )


def open_of_year(region: str, year: int) -> sa.Select[Any]:
    """How many snapshots of a year are not locked yet."""
    return sa.select(sa.func.count(Snapshot.id)).where(
        Snapshot.region.like(region_prefix(region) + "%"),
        Snapshot.day.between(date(year, 1, 1), date(year, 12, 31)),
        Snapshot.state.in_(OPEN),
    )


def waiting(viewer: Viewer) -> sa.Select[Snapshot]:
    """Snapshots that wait for a check or a lock, the oldest first."""
    return snapshots(viewer, {}).where(Snapshot.state.in_(OPEN)).order_by(Snapshot.day, Snapshot.id)


def closings(viewer: Viewer) -> sa.Select[YearClosing]:
    """The years that were put up for closing, the newest first."""
    return (
        sa.select(YearClosing)
        .where(in_regions(YearClosing.region, viewer))
        .order_by(YearClosing.year.desc(), YearClosing.id)
    )


def closing_of(region: str, year: int) -> sa.Select[YearClosing]:
    """The record of a year."""
    return sa.select(YearClosing).where(YearClosing.region == region, YearClosing.year == year)
