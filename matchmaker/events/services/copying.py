"""A new draft from an event that took place: its texts, groups, places and forms, moved to other days."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from matchmaker.activity import services as activity
from matchmaker.core import clock
from matchmaker.core.calendar import moved, wall_time
from matchmaker.core.db import db
from matchmaker.core.errors import NotPermitted
from matchmaker.core.feature import features
from matchmaker.events import access, rules
from matchmaker.events.models import Audience, Event, EventRole, EventSeries, SeatPool
from matchmaker.events.rules import EventState, PoolKind
from matchmaker.questionnaires.models import Questionnaire
from matchmaker.questionnaires.services import building

ALIKE = (
    "region",
    "kind",
    "title",
    "title_en",
    "summary",
    "summary_en",
    "description",
    "description_en",
    "venue",
    "venue_en",
    "address",
    "address_en",
    "needs_approval",
    "listed",
    "contact",
    "waiting_policy",
    "offer_hours",
)
OF_GROUP = (
    "name",
    "name_en",
    "position",
    "invited_only",
    "needs_approval",
    "reapprove",
    "largest_party",
)
COPIED_POOLS = (PoolKind.EVENT, PoolKind.AUDIENCE, PoolKind.MEAL, PoolKind.BUS)  # others come with what they belong to


def copy(
    event: Event,
    *,
    actor: Any,
    starts: datetime,
    title: str | None = None,
    series: EventSeries | None = None,
    team: bool = True,
) -> Event:
    """A draft like `event` that begins at `starts`; every time in it moves by as much on the clock on the wall.

    Groups, places (all free), forms and, with `team`, the duties come along, then what the other features keep of an
    event. Nobody is registered.
    """
    if not access.may_manage(actor, event):
        raise NotPermitted("这个活动不在您负责的区域")
    shift = wall_time(starts) - wall_time(event.starts)
    copied = _draft(event, shift=shift, actor=actor, title=title, series=series)
    if not access.may_manage(actor, copied):
        raise NotPermitted("您只能在自己负责的区域办活动")
    db.session.add(copied)
    db.session.flush()
    groups = _copy_groups(event, copied, shift=shift, pools=_copy_pools(event, copied))
    if team:
        _copy_team(event.team, copied, groups=groups, actor=actor)
    for feature in features().all:
        if bring := feature.copies.get(Event.__tablename__):
            bring(event, copied, shift)
    db.session.flush()
    activity.record("events.copied", subject=copied, actor=actor, source=event.id, title=copied.title)
    return copied


def _draft(event: Event, *, shift: timedelta, actor: Any, title: str | None, series: EventSeries | None) -> Event:
    now = clock.now()
    times = {key: moved(getattr(event, key), shift) for key in ("starts", "ends", "deadline")}
    rules.check_times(**times)
    copied = Event(
        state=EventState.DRAFT,
        owner_id=actor.id,
        copied_from_id=event.id,
        series_id=series.id if series else None,
        created=now,
        updated=now,
        **times,
        **{key: getattr(event, key) for key in ALIKE},
    )
    if title:
        copied.title = title[:200]
    return copied


def _copy_pools(event: Event, copied: Event) -> dict[int, SeatPool]:
    """Old id → new pool; places of options come with their forms, those of sessions with the programme."""
    of_options = {
        option.pool
        for form in _forms(event.audiences)
        for question in form.definition.fields
        for option in question.options
        if option.pool is not None
    }
    taken = [pool for pool in event.pools if pool.kind in COPIED_POOLS and pool.id not in of_options]
    new = {
        pool.id: SeatPool(kind=pool.kind, name=pool.name, name_en=pool.name_en, capacity=pool.capacity, used=0)
        for pool in taken
    }
    copied.pools.extend(new.values())
    db.session.flush()
    return new


def _forms(audiences: Iterable[Audience]) -> list[Questionnaire]:
    ids = sorted({audience.questionnaire_id for audience in audiences if audience.questionnaire_id is not None})
    return [db.session.get_one(Questionnaire, number) for number in ids]


def _copy_groups(
    event: Event, copied: Event, *, shift: timedelta, pools: dict[int, SeatPool]
) -> dict[int | None, Audience | None]:
    """Old id → new group (None → None). Two groups with one form have one form again."""
    forms = {form.id: building.copy(form, owner=copied, actor=None) for form in _forms(event.audiences)}
    groups: dict[int | None, Audience | None] = {None: None}
    for audience in event.audiences:
        pool = pools.get(audience.pool_id) if audience.pool_id is not None else None
        group = Audience(
            pool=pool,
            questionnaire_id=forms[audience.questionnaire_id].id if audience.questionnaire_id is not None else None,
            opens=moved(audience.opens, shift) if audience.opens else None,
            deadline=moved(audience.deadline, shift) if audience.deadline else None,
            **{key: getattr(audience, key) for key in OF_GROUP},
        )
        copied.audiences.append(group)
        groups[audience.id] = group
    db.session.flush()
    return groups


def _copy_team(team: list[EventRole], copied: Event, *, groups: dict[int | None, Audience | None], actor: Any) -> None:
    now = clock.now()
    for role in team:
        group = groups.get(role.audience_id)
        db.session.add(
            EventRole(
                event=copied,
                user_id=role.user_id,
                duty=role.duty,
                audience_id=group.id if group else None,
                granted_by_id=actor.id,
                created=now,
            )
        )
    db.session.flush()
