"""Closing a year: one person proposes, another confirms; from then on its records change only by correction."""

from __future__ import annotations

from typing import Any

from matchmaker.activity import services as activity
from matchmaker.core import clock
from matchmaker.core.db import db
from matchmaker.core.errors import Conflict, NotPermitted
from matchmaker.directory.services import closed_years
from matchmaker.directory.services.years import close_year
from matchmaker.monitoring import access, rules
from matchmaker.monitoring.models import YearClosing
from matchmaker.monitoring.queries import plans as queries
from matchmaker.publicity import queries as publicity
from matchmaker.publicity.models import Decision
from matchmaker.publicity.rules import DecisionState
from matchmaker.publicity.services import decisions

KIND = "monitoring.close_year"


def propose_closing(*, actor: Any, region: str, year: int, reason: str) -> YearClosing:
    """Put a year up for closing. Raises NotPermitted, DomainError or Conflict (not over, open snapshots, closed)."""
    if not access.may_manage(actor, region):
        raise NotPermitted("这个区域的年度不由您负责")
    _check_closable(region, year)
    row = db.session.execute(queries.closing_of(region, year)).scalars().first()
    if row is None:
        row = YearClosing(region=region, year=year, created=clock.now())
        db.session.add(row)
        db.session.flush()
    decisions.propose(
        KIND,
        subject=row,
        actor=actor,
        title=f"关闭 {year} 年度",
        reason=reason,
        url="/targets/years/",
        data={"year": year, "region": region},
    )
    return row


def confirm_closing(row: YearClosing, *, actor: Any) -> None:
    """The second person closes the year for good."""
    if not access.may_lock(actor, row.region):
        raise NotPermitted("关闭年度需要审批人员")
    decision = _open_decision(row)
    _check_closable(row.region, row.year)
    decisions.confirm(decision, actor=actor)
    close_year(row.region, row.year, proposed_by_id=decision.proposed_by_id, closed_by_id=actor.id, now=clock.now())
    activity.record("monitoring.year_closed", subject=row, actor=actor, year=row.year)
    db.session.flush()


def return_closing(row: YearClosing, *, actor: Any, reason: str) -> None:
    """The second person does not agree and says why."""
    if not access.may_lock(actor, row.region):
        raise NotPermitted("关闭年度需要审批人员")
    decisions.give_back(_open_decision(row), actor=actor, reason=reason)


def _check_closable(region: str, year: int) -> None:
    waiting = int(db.session.execute(queries.open_of_year(region, year)).scalar_one())
    rules.check_year_closable(
        year=year, today=clock.today(), open_snapshots=waiting, already_closed=year in closed_years(region)
    )


def _open_decision(row: YearClosing) -> Decision:
    decision = publicity.decision_of(row, kind=KIND)
    if decision is None or decision.state is not DecisionState.PROPOSED:
        raise Conflict("这个年度没有待确认的关闭申请，请先提请")
    return decision
