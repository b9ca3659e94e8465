"""Envoy and firm choose one another; both together are a match."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from matchmaker.activity import services as activity
from matchmaker.candidacies import access, queries, rules
from matchmaker.candidacies.models import Candidacy, Choice
from matchmaker.candidacies.services import telling
from matchmaker.core import clock
from matchmaker.core.db import db
from matchmaker.core.errors import Conflict, DomainError, NotPermitted
from matchmaker.rosters import rules as roster_rules
from matchmaker.rosters.rules import AppointmentState


def choose_host(row: Candidacy, *, actor: Any, host: str) -> Choice:
    """The envoy wants to go to this firm."""
    if not access.is_own(actor, row):
        raise NotPermitted("只能由特派员本人选择企业")
    firm = queries.organisation_named(host)
    if firm is None:
        raise DomainError("没有找到这家企业，请填写全称或统一社会信用代码", field="host")
    waiting = sa.select(sa.func.count(Choice.id)).where(Choice.candidacy_id == row.id, Choice.by_envoy.is_not(None))
    if db.session.execute(waiting).scalar_one() >= rules.MOST_CHOICES:
        raise Conflict("最多同时选择 {n} 家企业，请等待答复", field="host", n=rules.MOST_CHOICES)
    return _choose(row, firm.id, by="by_envoy", actor=actor)


def choose_envoy(row: Candidacy, *, actor: Any, organisation_id: int, note: str = "") -> Choice:
    """The firm wants this envoy."""
    if organisation_id not in actor.organisation_ids:
        raise NotPermitted("只能以自己所在的企业选择")
    if access.is_own(actor, row):
        raise NotPermitted("不能替企业选择自己，请由企业其他人员办理")
    choice = _choose(row, organisation_id, by="by_host", actor=actor)
    choice.note = note.strip()[:500]
    return choice


def part(choice: Choice, *, actor: Any) -> None:
    """One side does not want to any more, before the match."""
    mine = access.is_own(actor, choice.candidacy) or choice.organisation_id in actor.organisation_ids
    if not mine:
        raise NotPermitted("只有双方可以取消")
    if choice.candidacy.state is not AppointmentState.RECOMMENDED:
        raise Conflict("已完成双向选择，请联系科技局经办人")
    activity.record("candidacies.parted", subject=choice.candidacy, actor=actor, firm=choice.organisation.name)
    db.session.delete(choice)
    db.session.flush()


def _choose(row: Candidacy, organisation_id: int, *, by: str, actor: Any) -> Choice:
    if row.state is not AppointmentState.RECOMMENDED:
        raise Conflict("派出单位推荐后、双向选择完成前才能选择", field="host")
    other = queries.has_other_envoy(organisation_id, person_id=row.person_id, day=clock.today())
    rules.check_host(sending_unit_id=row.sending_unit_id, host_id=organisation_id, has_other_envoy=other)
    choice = queries.choice_of(row.id, organisation_id)
    if choice is None:
        choice = Choice(candidacy=row, organisation_id=organisation_id, note="")
        db.session.add(choice)
    setattr(choice, by, getattr(choice, by) or clock.now())
    db.session.flush()
    db.session.refresh(choice)
    activity.record("candidacies.chose", subject=row, actor=actor, firm=choice.organisation.name, side=by)
    if choice.by_envoy and choice.by_host:
        roster_rules.check_transition(row.kind, row.state, AppointmentState.MATCHED)
        row.state, row.host_id, row.updated = AppointmentState.MATCHED, organisation_id, clock.now()
        activity.record("candidacies.matched", subject=row, actor=actor, firm=choice.organisation.name)
        telling.tell_candidate(row)
        telling.tell_handlers(row)
    elif by == "by_envoy":
        telling.tell_unit(row, organisation_id, telling.CHOSEN)
    else:
        telling.tell_candidate(row)
    db.session.flush()
    return choice
