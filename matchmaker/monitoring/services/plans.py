"""Loading a plan by its natural key, and changing targets and definitions."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from matchmaker.activity import services as activity
from matchmaker.core.db import db
from matchmaker.core.errors import NotPermitted
from matchmaker.monitoring import access, rules
from matchmaker.monitoring.models import Indicator, Measure, Plan

EDITED_BY_HAND = {"target", "stretch", "due", "office", "owner_id", "formula_zh", "formula_en", "formula_version"}
CHANGEABLE = ("target", "stretch", "due", "office", "owner_id", "formula_zh", "formula_en")


def load_plan(
    facts: dict[str, Any], *, indicators: Iterable[dict[str, Any]], measures: Iterable[dict[str, Any]]
) -> int:
    """Insert or update a plan with its indicators and measures; returns how many rows were new or changed.

    What people changed by hand (targets, offices, formulas) is left as it is.
    """
    plan = db.session.execute(sa.select(Plan).where(Plan.code == facts["code"])).scalars().first()
    changed = 0
    if plan is None:
        plan = Plan(**facts, indicators=[])
        db.session.add(plan)
        db.session.flush()
        changed += 1
    known = {row.code: row for row in plan.indicators}
    for item in indicators:
        row = known.get(item["code"])
        if row is None:
            plan.indicators.append(Indicator(**item))
            changed += 1
        else:
            changed += _update(row, {key: value for key, value in item.items() if key not in EDITED_BY_HAND})
    numbered = {row.number: row for row in db.session.execute(sa.select(Measure).filter_by(plan_id=plan.id)).scalars()}
    for item in measures:
        measure = numbered.get(item["number"])
        if measure is None:
            db.session.add(Measure(plan_id=plan.id, **item))
            changed += 1
        else:
            changed += _update(measure, item)
    db.session.flush()
    return changed


def _update(row: Any, facts: dict[str, Any]) -> bool:
    different = {key: value for key, value in facts.items() if getattr(row, key) != value}
    for key, value in different.items():
        setattr(row, key, value)
    return bool(different)


def change(indicator: Indicator, *, actor: Any, **facts: Any) -> bool:
    """Change target, due day, formula or who answers; says whether anything changed.

    Another formula is the next version. Raises NotPermitted or DomainError.
    """
    if not access.may_manage(actor, indicator.plan.region):
        raise NotPermitted("这项指标不在您负责的区域")
    given = {key: facts[key] for key in CHANGEABLE if key in facts}
    before = {key: getattr(indicator, key) for key in given}
    changed = {key: value for key, value in given.items() if value != before[key]}
    if not changed:
        return False
    old = indicator.definition
    version = old.formula_version + ("formula_zh" in changed)
    new = replace(
        old,
        target=given.get("target", old.target),
        stretch=given.get("stretch", old.stretch),
        due=given.get("due", old.due),
        formula=given.get("formula_zh", old.formula),
        formula_version=version,
    )
    rules.check_indicator(new)
    rules.check_new_version(old, new)
    for key, value in changed.items():
        setattr(indicator, key, value)
    indicator.formula_version = version
    activity.record(
        "monitoring.target_changed",
        subject=indicator,
        actor=actor,
        before={key: _plain(before[key]) for key in sorted(changed)},
        after={key: _plain(changed[key]) for key in sorted(changed)},
    )
    db.session.flush()
    return True


def change_baseline(plan: Plan, *, actor: Any, year: int) -> None:
    """Choose the year against which growth is measured. Snapshots taken before keep theirs."""
    if not access.may_manage(actor, plan.region):
        raise NotPermitted("这项指标不在您负责的区域")
    rules.check_baseline(year, last_year=plan.last_year)
    before, plan.baseline_year = plan.baseline_year, year
    activity.record("monitoring.baseline_changed", subject=plan, actor=actor, before=before, after=year)
    db.session.flush()


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return str(value)
    return value.isoformat() if isinstance(value, date) else value
