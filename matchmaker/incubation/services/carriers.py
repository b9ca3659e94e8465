"""Keeping the register of carriers: facts, papers, rooms, states."""

from __future__ import annotations

from datetime import date
from typing import Any

from matchmaker.activity import services as activity
from matchmaker.core import clock
from matchmaker.core.db import db
from matchmaker.core.errors import Conflict, DomainError, NotPermitted
from matchmaker.directory.models import Organisation
from matchmaker.incubation import access, queries, rules
from matchmaker.incubation.models import Carrier, CarrierPaper, CarrierSpace
from matchmaker.incubation.rules import CarrierLevel, CarrierState, CarrierType


def open_carrier(
    *, actor: Any, region: str, name: str, kind: CarrierType, operator: str, level: CarrierLevel, **facts: Any
) -> Carrier:
    """Put a carrier into the register of the actor's region; `operator` is a credit code or a full name."""
    if not access.may_register(actor, region):
        raise NotPermitted("只有本区科技局经办可以登记载体")
    _check_facts(facts)
    now = clock.now()
    carrier = Carrier(
        region=region,
        name=name,
        kind=kind,
        level=level,
        operator=_operator(operator),
        state=CarrierState.BUILDING,
        created=now,
        updated=now,
        **facts,
    )
    db.session.add(carrier)
    db.session.flush()
    activity.record("incubation.carrier_opened", subject=carrier, actor=actor)
    return carrier


def edit(carrier: Carrier, *, actor: Any, **facts: Any) -> None:
    """Change a carrier's facts. Type, level, operator and target are the bureau's to change."""
    _check_edits(actor, carrier)
    if access.may_register(actor, carrier.region):
        carrier.operator = _operator(facts["operator"])
    else:
        facts = {key: value for key, value in facts.items() if key not in {"kind", "level", "target", "build_state"}}
    _check_facts(facts)
    for key, value in facts.items():
        if key != "operator":
            setattr(carrier, key, value)
    carrier.updated = clock.now()
    activity.record("incubation.carrier_edited", subject=carrier, actor=actor)
    db.session.flush()


def move(carrier: Carrier, *, actor: Any, target: CarrierState) -> None:
    """Take a carrier one step through its states; a recognition needs a paper."""
    if not access.may_register(actor, carrier.region):
        raise NotPermitted("只有本区科技局经办可以变更载体状态")
    rules.check_carrier_transition(carrier.state, target)
    if target is CarrierState.RECOGNISED and not any(paper.level for paper in carrier.papers):
        raise DomainError("请先登记认定文件（含级别），再改为“已认定”", field="state")
    before, carrier.state, carrier.updated = carrier.state, target, clock.now()
    activity.record("incubation.carrier_moved", subject=carrier, actor=actor, before=before.value, became=target.value)
    db.session.flush()


def add_paper(
    carrier: Carrier,
    *,
    actor: Any,
    title: str,
    number: str = "",
    level: CarrierLevel | None = None,
    issued: date | None = None,
    valid_to: date | None = None,
) -> CarrierPaper:
    """Note a document about a carrier; one with a level is a recognition and raises the carrier to it."""
    _check_edits(actor, carrier)
    if valid_to and issued and valid_to < issued:
        raise DomainError("有效期止不能早于发文日期", field="valid_to")
    paper = CarrierPaper(carrier=carrier, title=title, number=number, level=level, issued=issued, valid_to=valid_to)
    db.session.add(paper)
    if level is not None and access.may_register(actor, carrier.region):
        carrier.level = level
    activity.record("incubation.paper_added", subject=carrier, actor=actor, title=title)
    db.session.flush()
    return paper


def drop_paper(paper: CarrierPaper, *, actor: Any) -> None:
    """Strike a document that was noted by mistake; the log keeps its title."""
    _check_edits(actor, paper.carrier)
    activity.record("incubation.paper_dropped", subject=paper.carrier, actor=actor, title=paper.title)
    paper.carrier.papers.remove(paper)
    db.session.flush()


def space(carrier: Carrier, name: str, *, area_m2: int | None = None) -> CarrierSpace | None:
    """The room or workstation of that name, made when it is new; none for no name."""
    if not name.strip():
        return None
    row: CarrierSpace | None = db.session.execute(queries.space_named(carrier.id, name.strip())).scalar_one_or_none()
    if row is None:
        row = CarrierSpace(carrier_id=carrier.id, name=name.strip(), area_m2=area_m2 or 0)
        db.session.add(row)
        db.session.flush()
    return row


def keep_apart(kept_id: int, dropped_id: int) -> None:
    """Before two organisations become one: both may not be tenants at the same time."""
    live = [row for row in (_live(kept_id), _live(dropped_id)) if row is not None]
    if len(live) == 2:
        raise Conflict("两家单位都有在孵记录，请先办结其中一条再合并")


def _live(organisation_id: int) -> Any:
    rows = db.session.execute(queries.stays_of(organisation_id)).unique().scalars()
    return next((row for row in rows if row.is_present), None)


def _operator(text: str) -> Organisation:
    found = queries.organisations_named([text]).get(text)
    if found is None:
        raise DomainError(
            "没有找到这家运营单位，请填写全称或统一社会信用代码；新单位请先在主体库登记", field="operator"
        )
    return found


def _check_facts(facts: dict[str, Any]) -> None:
    if {"total_m2", "usable_m2", "tenant_m2"} <= facts.keys():
        rules.check_area(total_m2=facts["total_m2"], usable_m2=facts["usable_m2"], tenant_m2=facts["tenant_m2"])


def _check_edits(actor: Any, carrier: Carrier) -> None:
    if not access.may_edit(actor, carrier):
        raise NotPermitted("只有载体运营单位和本区科技局可以修改")
