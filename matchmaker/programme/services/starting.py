"""A complete draft from an event to begin with: groups with their forms, rooms, sessions."""

from __future__ import annotations

from datetime import date
from typing import Any

from matchmaker.core.db import db
from matchmaker.core.errors import DomainError
from matchmaker.events.models import Audience, Event
from matchmaker.events.rules import PoolKind
from matchmaker.events.services import events, pools
from matchmaker.programme import gateways
from matchmaker.programme.models import Room, Session
from matchmaker.programme.rules import SessionState
from matchmaker.programme.rules.outlines import Group, Outline
from matchmaker.programme.services.planning import pool_name
from matchmaker.questionnaires.rules.ready import Ready, ready
from matchmaker.questionnaires.services import building


def outlines() -> list[Outline]:
    """The events to begin with."""
    return list(gateways.outlines().values())


def begin(
    outline: Outline, *, actor: Any, region: str, title: str, day: date, venue: str, capacity: int, contact: str = ""
) -> Event:
    """Draft the event on that day. Everything in it can be changed afterwards."""
    starts, ends, deadline = outline.times(day)
    if not title.strip():
        raise DomainError("请填写活动名称", field="title")
    event = events.draft(
        actor=actor,
        region=region,
        capacity=capacity,
        kind=outline.kind,
        title=title.strip()[:200],
        summary=outline.summary,
        summary_en=outline.summary_en or None,
        description=outline.description,
        description_en=outline.description_en or None,
        venue=venue,
        address="",
        contact=contact,
        starts=starts,
        ends=ends,
        deadline=deadline,
        needs_approval=outline.needs_approval,
        waiting_policy=outline.waiting,
    )
    _groups(event, outline, capacity=capacity)
    _sessions(event, outline, day=day)
    db.session.flush()
    return event


def _groups(event: Event, outline: Outline, *, capacity: int) -> None:
    """The first group takes the place of the one that every event has."""
    forms: dict[str, int] = {}
    for position, group in enumerate(outline.groups):
        audience = event.audiences[0] if position == 0 else Audience(position=position)
        audience.name, audience.name_en, audience.position = group.name, group.name_en or None, position
        audience.invited_only, audience.needs_approval = group.invited_only, group.needs_approval
        audience.pool_id = _share(event, group, capacity=capacity)
        if group.form:
            if group.form not in forms:
                forms[group.form] = _form(event, group.form)
            audience.questionnaire_id = forms[group.form]
        if position:
            event.audiences.append(audience)
        db.session.flush()


def _share(event: Event, group: Group, *, capacity: int) -> int | None:
    """A quota of its own for a group, as a share of all places in percent."""
    if group.share is None:
        return None
    places = max(1, capacity * group.share // 100)
    return pools.add(event, kind=PoolKind.AUDIENCE, name=group.name, name_en=group.name_en or None, capacity=places).id


def _form(event: Event, key: str) -> int:
    which = Ready(key)
    return building.create(actor=None, owner=event, title=which.label, definition=ready(which)).id


def _sessions(event: Event, outline: Outline, *, day: date) -> None:
    rooms: dict[str, Room] = {}
    for data in outline.rooms:
        rooms[data["name"]] = Room(event_id=event.id, **data)
        db.session.add(rooms[data["name"]])
    db.session.flush()
    for item in outline.items:
        starts, ends = item.span(day)
        pool = None
        if item.places is not None:
            name = pool_name(event, item.title)
            pool = pools.add(
                event, kind=PoolKind.SESSION, name=name, name_en=item.title_en or None, capacity=item.places
            )
        db.session.add(
            Session(
                event_id=event.id,
                title=item.title,
                title_en=item.title_en or None,
                kind=item.kind,
                state=SessionState.CONFIRMED,
                starts=starts,
                ends=ends,
                room_id=rooms[item.room].id if item.room else None,
                pool=pool,
            )
        )
