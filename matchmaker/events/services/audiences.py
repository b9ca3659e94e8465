"""The groups of people an event is for: each with its form and, where wanted, its own places, times and approval."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from matchmaker.activity import services as activity
from matchmaker.core import folding
from matchmaker.core.db import db
from matchmaker.core.errors import Conflict, DomainError, NotPermitted
from matchmaker.events import access, rules
from matchmaker.events.models import Audience, Event, EventRole, Registration, SeatClaim
from matchmaker.events.rules import PoolKind
from matchmaker.events.services import pools
from matchmaker.questionnaires import queries as questionnaire_queries
from matchmaker.questionnaires import services as questionnaires
from matchmaker.questionnaires.models import Questionnaire

SETTINGS = ("name_en", "invited_only", "needs_approval", "reapprove", "opens", "deadline", "largest_party")


def add(event: Event, *, actor: Any, name: str, capacity: int | None = None, **values: Any) -> Audience:
    """A new group, last in the row; with a capacity it has places of its own within those of the event."""
    _check_manages(actor, event)
    position = max((audience.position for audience in event.audiences), default=-1) + 1
    audience = Audience(event=event, name=_free_name(event, None, name), position=position)
    _set(audience, values)
    db.session.add(audience)
    db.session.flush()
    if capacity is not None:
        _open_pool(audience, capacity)
    activity.record("events.group_added", subject=event, actor=actor, group=audience.name, after=capacity)
    db.session.flush()
    return audience


def edit(audience: Audience, *, actor: Any, name: str, capacity: int | None = None, **values: Any) -> None:
    """Change a group. A quota is never less than what its people hold; without one the event's places count."""
    event = audience.event
    _check_manages(actor, event)
    before = {"name": audience.name, "capacity": audience.pool.capacity if audience.pool else None}
    audience.name = _free_name(event, audience, name)
    _set(audience, values)
    if audience.pool is None and capacity is not None:
        _open_pool(audience, capacity)
    elif audience.pool is not None and capacity is None:
        _close_pool(audience)
    elif audience.pool is not None and capacity is not None:
        audience.pool.name, audience.pool.name_en = audience.name, audience.name_en
        if capacity != audience.pool.capacity:
            pools.resize(audience.pool, capacity=capacity)
    after = {"name": audience.name, "capacity": capacity}
    activity.record("events.group_edited", subject=event, actor=actor, group=audience.name, before=before, after=after)
    db.session.flush()


def _set(audience: Audience, values: dict[str, Any]) -> None:
    given = {key: values[key] for key in SETTINGS if key in values}
    opens: datetime | None = given.get("opens", audience.opens)
    closes = given.get("deadline", audience.deadline) or audience.event.deadline
    if opens is not None and opens >= closes:
        raise DomainError("开始报名应早于报名截止", field="opens")
    if closes > audience.event.ends:
        raise DomainError("报名截止时间不能晚于活动结束时间", field="deadline")
    most = given.get("largest_party", audience.largest_party)
    if most is not None and not 1 <= most <= rules.LARGEST_PARTY:
        raise DomainError("每份报名人数应在 1 到 {most} 之间", field="largest_party", most=rules.LARGEST_PARTY)
    for key, value in given.items():
        setattr(audience, key, value or None if key == "name_en" else value)


def _open_pool(audience: Audience, capacity: int) -> None:
    """Places of its own from now on: who is in already holds them too."""
    rows = _with_places(audience)
    taken = sum(row.party for row in rows if row.state in rules.HOLDING)
    rules.check_capacity(capacity, used=taken)
    name, event = audience.name, audience.event
    pool = pools.add(event, kind=PoolKind.AUDIENCE, name=name, name_en=audience.name_en, capacity=capacity)
    audience.pool = pool
    db.session.flush()
    for row in rows:
        wants = {**pools.wanted(row), pool.id: row.party}
        if row.state in rules.HOLDING:
            pools.hold(row, wants, past_line=True)
        else:
            pools.want(row, wants)


def _close_pool(audience: Audience) -> None:
    """No places of its own any more: every claim on them goes, then the pool."""
    pool = audience.pool
    if pool is None:
        return
    claimed = sa.select(SeatClaim.registration_id).where(SeatClaim.pool_id == pool.id)
    rows = db.session.execute(sa.select(Registration).where(Registration.id.in_(claimed))).unique().scalars().all()
    for row in rows:
        wants = {pool_id: seats for pool_id, seats in pools.wanted(row).items() if pool_id != pool.id}
        if row.state in rules.HOLDING:
            pools.hold(row, wants, past_line=True)
        else:
            pools.want(row, wants)
    audience.pool = None
    db.session.flush()
    audience.event.pools.remove(pool)
    db.session.flush()


def _with_places(audience: Audience) -> list[Registration]:
    """Who holds places or waits for some."""
    statement = sa.select(Registration).where(
        Registration.audience_id == audience.id, Registration.state.in_(rules.LIVE)
    )
    return list(db.session.execute(statement.order_by(Registration.id)).unique().scalars())


def shift(audience: Audience, *, actor: Any, up: bool) -> None:
    """One place up or down among the groups."""
    _check_manages(actor, audience.event)
    row = list(audience.event.audiences)
    here = row.index(audience)
    there = here - 1 if up else here + 1
    if 0 <= there < len(row):
        row[here], row[there] = row[there], row[here]
    for position, each in enumerate(row):
        each.position = position
    db.session.flush()
    db.session.refresh(audience.event, ["audiences"])


def remove(audience: Audience, *, actor: Any) -> None:
    """Delete a group that nobody has registered for."""
    event = audience.event
    _check_manages(actor, event)
    if len(event.audiences) < 2:
        raise Conflict("至少保留一个人群")
    registered = sa.select(sa.func.count(Registration.id)).where(Registration.audience_id == audience.id)
    if db.session.execute(registered).scalar_one():
        raise Conflict("“{name}”已有报名，请先移到其他人群再删除", name=audience.name)
    duties = sa.select(sa.func.count(EventRole.id)).where(EventRole.audience_id == audience.id)
    if db.session.execute(duties).scalar_one():
        raise Conflict("“{name}”还有人分工负责，请先在“分工”里取消", name=audience.name)
    _close_pool(audience)
    activity.record("events.group_removed", subject=event, actor=actor, group=audience.name)
    event.audiences.remove(audience)
    db.session.flush()


def new_form(audience: Audience, *, actor: Any) -> Questionnaire:
    """A form of its own for this group, empty at first."""
    event = audience.event
    _check_manages(actor, event)
    title = f"{event.title} · {audience.name}"[:200]
    form = questionnaires.create(actor=actor, owner=event, title=title)
    return _attach(audience, form, actor=actor)


def attach_form(audience: Audience, *, actor: Any, questionnaire_id: int | None) -> None:
    """Use a form that the event has already, or none."""
    _check_manages(actor, audience.event)
    forms = {form.id: form for form in questionnaire_queries.of_owner(audience.event)}
    if questionnaire_id is not None and questionnaire_id not in forms:
        raise Conflict("这张表单不属于本活动")
    _attach(audience, forms.get(questionnaire_id or 0), actor=actor)


def _attach(audience: Audience, form: Any, *, actor: Any) -> Any:
    audience.questionnaire_id = form.id if form else None
    title = form.title if form else None
    activity.record("events.form_attached", subject=audience.event, actor=actor, group=audience.name, after=title)
    db.session.flush()
    return form


def _free_name(event: Event, audience: Audience | None, name: str) -> str:
    clean = folding.clean_text(name)[:100]
    if not clean:
        raise DomainError("请填写名称", field="name")
    if any(each.name == clean and each is not audience for each in event.audiences):
        raise DomainError("已有同名的人群，请换个名称", field="name")
    return clean


def _check_manages(actor: Any, event: Event) -> None:
    if not access.may_manage(actor, event):
        raise NotPermitted("这个活动不在您负责的区域")
