"""A small plan."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from matchmaker.core.db import db, transaction
from matchmaker.monitoring.models import Plan
from matchmaker.seeding import reference_plan

DUE = date(2027, 12, 31)


def a_plan(*, code: str = "SMG-2018-66", **targets: Decimal) -> Plan:
    """The plan of the seeds with its twelve indicators; `T1=Decimal(2)` and the like change targets."""
    with transaction():
        reference_plan.load_plan()
    plan: Plan = db.session.execute(sa.select(Plan).where(Plan.code == code)).scalar_one()
    with transaction():
        for row in plan.indicators:
            if row.code in targets:
                row.target = targets[row.code]
    return plan


def indicator(plan: Plan, code: str) -> Any:
    """One indicator of a plan."""
    return next(row for row in plan.indicators if row.code == code)
