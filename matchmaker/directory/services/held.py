"""Deciding about rows that an import held: several organisations, one with a history, or none."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import selectinload

from matchmaker.activity import services as activity
from matchmaker.core import clock
from matchmaker.core.db import db
from matchmaker.core.errors import Conflict, DomainError, NotPermitted
from matchmaker.directory import access, queries
from matchmaker.directory.models import HeldRecord, Organisation
from matchmaker.directory.rules import HeldResolution, OrganisationKind, OrganisationState
from matchmaker.directory.services import records

CODES = ("uscc", "stock_code")
DAYS = ("founded", "listed_on")


def separate(held: HeldRecord, *, actor: Any, holder: int | None) -> list[Organisation]:
    """Each row is an organisation of its own; the code belongs to row number `holder`, or to none of them."""
    _check(held, actor)
    rows = [row["values"] for row in held.data["rows"]]
    if holder is not None and not 0 <= holder < len(rows):
        raise DomainError("请选择代码属于哪一行", field="holder")
    made = [_keep(values, held, actor=actor, with_codes=position == holder) for position, values in enumerate(rows)]
    _resolve(held, HeldResolution.SEPARATE, actor=actor)
    return made


def unite(held: HeldRecord, *, actor: Any, present: int) -> Organisation:
    """All rows are one organisation; row number `present` bears its present name."""
    _check(held, actor)
    rows = [row["values"] for row in held.data["rows"]]
    if not 0 <= present < len(rows):
        raise DomainError("请选择哪一行是现名称", field="present")
    ordered = [rows[present], *rows[:present], *rows[present + 1 :]]
    row = _keep(ordered[0], held, actor=actor, with_codes=True)
    for values in ordered[1:]:
        if records.folds_to(values["name"]) not in records.known_folds(row):
            records.remember_name(row, values["name"], source=held.data.get("source", "import"))
    db.session.flush()
    _resolve(held, HeldResolution.ONE, actor=actor)
    return row


def dismiss(held: HeldRecord, *, actor: Any) -> None:
    """Take none of the rows."""
    _check(held, actor)
    _resolve(held, HeldResolution.DISMISSED, actor=actor)


def _keep(values: Mapping[str, Any], held: HeldRecord, *, actor: Any, with_codes: bool) -> Organisation:
    """The organisation of this code or name as the directory has it, else a new one."""
    facts = _facts(values, with_codes=with_codes)
    now = clock.now()
    found = _coded(facts) if with_codes else None
    found = found or _named(values["name"])
    source = held.data.get("source", "import")
    if found is None:
        region = values.get("region") or held.region
        state = OrganisationState.UNCLAIMED
        found = records.new_organisation(
            values["name"], region=region, state=state, source=source, now=now, facts=facts
        )
        db.session.flush()
        activity.record("directory.entered", subject=found, actor=actor, name=found.name, held=held.id)
        return found
    if not access.may_edit(actor, found):
        raise NotPermitted("“{name}”登记在其他区域，请由当地处理", name=found.name)
    if with_codes and records.folds_to(values["name"]) not in records.known_folds(found):
        records.set_name(found, values["name"], until=None, source=source, now=now)
    records.change(
        found, {key: value for key, value in facts.items() if key not in CODES or not getattr(found, key)}, now=now
    )
    db.session.flush()
    activity.record("directory.updated", subject=found, actor=actor, held=held.id)
    return found


def _facts(values: Mapping[str, Any], *, with_codes: bool) -> dict[str, Any]:
    facts = {key: values[key] for key in records.FACTS if values.get(key) is not None}
    for key in DAYS:
        if key in facts:
            facts[key] = date.fromisoformat(facts[key])
    if "kind" in facts:
        facts["kind"] = OrganisationKind(facts["kind"])
    return facts if with_codes else {key: value for key, value in facts.items() if key not in CODES}


def _coded(facts: Mapping[str, Any]) -> Organisation | None:
    for key in CODES:
        if facts.get(key):
            statement = sa.select(Organisation).where(getattr(Organisation, key) == facts[key])
            found = db.session.execute(statement.options(selectinload(Organisation.names))).scalar_one_or_none()
            if found is not None and found.merged_into_id is None:
                return found
    return None


def _named(name: str) -> Organisation | None:
    rows = db.session.execute(queries.same_name(name)).scalars().all()
    return rows[0] if len(rows) == 1 else None


def _resolve(held: HeldRecord, resolution: HeldResolution, *, actor: Any) -> None:
    held.resolved, held.resolution = clock.now(), resolution.value
    activity.record("directory.held_resolved", subject=held, actor=actor, resolution=resolution.value)
    db.session.flush()


def _check(held: HeldRecord, actor: Any) -> None:
    if not access.may_edit(actor, held):
        raise NotPermitted("您只能处理自己负责区域内的记录")
    if held.resolved is not None:
        raise Conflict("这条记录已经处理过，请刷新页面")
