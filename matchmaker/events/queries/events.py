"""Which events exist for whom, and which of them the jobs have to look at."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import accumulate
from operator import attrgetter
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, lazyload

from matchmaker.accounts.rules import Permission
from matchmaker.core import clock
from matchmaker.core.db import db
from matchmaker.core.regions import region_prefix
from matchmaker.core.viewer import Viewer, in_regions
from matchmaker.events.models import Audience, Event, EventRole, Registration, SeatPool
from matchmaker.events.rules import EventDuty, EventKind, EventState, PoolKind, RegistrationState

PUBLIC_STATES = (EventState.PUBLISHED, EventState.CANCELLED)


def visible_to(viewer: Viewer) -> sa.Select[Event]:
    """Published events for everybody; drafts for the staff of their region."""
    shown = sa.or_(
        Event.state == EventState.PUBLISHED, sa.and_(Event.state == EventState.CANCELLED, Event.published.is_not(None))
    )
    if viewer.is_authenticated:
        shown = sa.or_(shown, Event.id.in_(managed_by(viewer).with_only_columns(Event.id)))
    return sa.select(Event).where(shown)


def managed_by(viewer: Viewer) -> sa.Select[Event]:
    """The events of a staff member's regions, and those whose team a person is on."""
    return run_by(viewer, EventDuty.VIEWER)


def run_by(viewer: Viewer, duty: EventDuty) -> sa.Select[Event]:
    """The events where a person has this duty: organisers of the region have all, readers of the region may look."""
    given = sa.select(EventRole.event_id).where(EventRole.user_id == viewer.id)
    if duty is not EventDuty.VIEWER:  # whoever has any duty may look
        given = given.where(EventRole.duty.in_((duty, EventDuty.MANAGER)))
    staff = Permission.EVENTS_READ if duty is EventDuty.VIEWER else Permission.EVENTS_MANAGE
    here = in_regions(Event.region, viewer) if viewer.has(staff) else sa.false()
    return sa.select(Event).where(sa.or_(here, Event.id.in_(given)))


def with_pool(statement: sa.Select[Event]) -> sa.Select[Event]:
    """The same events beside the places of the event as a whole, to sort and filter by."""
    whole = sa.and_(SeatPool.event_id == Event.id, SeatPool.kind == PoolKind.EVENT)
    return statement.join(SeatPool, whole)


def audiences_of(viewer: Viewer, event_id: int, duty: EventDuty) -> sa.Select[int | None]:
    """The groups of an event that a person's duty is limited to; no row means: all of them."""
    return sa.select(EventRole.audience_id).where(
        EventRole.event_id == event_id, EventRole.user_id == viewer.id, EventRole.duty == duty
    )


def to_register(viewer: Viewer, event_id: int) -> Event | None:
    """That event with its groups if this person may see it. What is published needs no look at regions and teams."""
    event = db.session.execute(SHOWN, {"this_event": event_id}).unique().scalar_one_or_none()
    if event is None:
        event = db.session.execute(visible_to(viewer).where(Event.id == event_id)).unique().scalar_one_or_none()
    return event


def renew(event: Event) -> bool:
    """Inside a turn: make sure that an event read before it, its places and its groups are what they are now.

    Most often nothing has changed but the places taken, which every claim asks for itself: then one look at the plain
    rows is all it takes. False: something has changed, and what was decided on the event must be decided again.
    """
    if _unchanged(event, db.session.execute(NOW, {"this_event": event.id}).all()):
        return True
    for part in (*event.pools, *event.audiences, event):
        db.session.expire(part)
    db.session.execute(WHOLE, {"this_event": event.id}).unique().scalar_one()
    return False


def _unchanged(event: Event, rows: Sequence[sa.Row[Any]]) -> bool:
    now: tuple[dict[int, Any], ...] = ({}, {}, {})
    for row in rows:
        for found, (begin, end) in zip(now, SLICES, strict=True):
            found[row[begin]] = row[begin:end]
    loaded: tuple[Sequence[Any], ...] = ((event,), event.pools, event.audiences)
    return all(
        len(parts) == len(found) and all(found.get(part.id) == values(part) for part in parts)
        for parts, found, values in zip(loaded, now, VALUES, strict=True)
    )


# Built once, for an event that hundreds register for in a minute; the places of a group are among those of the event.
_THIS = sa.select(Event).where(Event.id == sa.bindparam("this_event")).options(lazyload(Event.owner))
_GROUPS = joinedload(Event.audiences).lazyload(Audience.pool)
WHOLE = _THIS.options(joinedload(Event.pools), _GROUPS)
SHOWN = WHOLE.where(Event.state == EventState.PUBLISHED)


def _names(kind: Any, *besides: str) -> list[str]:
    """The columns of a table, its key first."""
    return ["id", *(column.key for column in kind.__table__.columns if column.key not in {"id", *besides})]


_COLUMNS = ((Event, _names(Event)), (SeatPool, _names(SeatPool, "used")), (Audience, _names(Audience)))
_ENDS = list(accumulate(len(names) for _kind, names in _COLUMNS))
SLICES = list(zip([0, *_ENDS], _ENDS, strict=False))
VALUES = [attrgetter(*names) for _kind, names in _COLUMNS]
_EVENTS, _POOLS, _AUDIENCES = (kind.__table__ for kind, _names_of_it in _COLUMNS)
NOW = (
    sa.select(*(kind.__table__.c[name] for kind, names in _COLUMNS for name in names))
    .select_from(
        _EVENTS.outerjoin(_POOLS, _POOLS.c.event_id == _EVENTS.c.id).outerjoin(
            _AUDIENCES, _AUDIENCES.c.event_id == _EVENTS.c.id
        )
    )
    .where(_EVENTS.c.id == sa.bindparam("this_event"))
)


def one(event_id: int) -> sa.Select[Event]:
    """That event, for jobs."""
    return sa.select(Event).where(Event.id == event_id)


def upcoming(now: datetime) -> sa.Select[Event]:
    """Published events that are not over, the next first."""
    return (
        sa.select(Event)
        .where(Event.state == EventState.PUBLISHED, Event.listed, Event.ends >= now)
        .order_by(Event.starts, Event.id)
    )


def to_serve(now: datetime) -> sa.Select[Event]:
    """Published events to come where somebody waits."""
    waits = sa.select(Registration.id).where(
        Registration.event_id == Event.id, Registration.state == RegistrationState.WAITING
    )
    return (
        sa.select(Event)
        .where(Event.state == EventState.PUBLISHED, Event.starts > now, waits.exists())
        .order_by(Event.id)
    )


def to_close(before: datetime) -> sa.Select[Event]:
    """Published events that ended before that moment and have not been closed."""
    return (
        sa.select(Event)
        .where(Event.state == EventState.PUBLISHED, Event.ends <= before, Event.closed.is_(None))
        .order_by(Event.id)
    )


def may_edit_forms(viewer: Viewer, event_id: int) -> bool:
    """May this person change the forms of an event?"""
    statement = run_by(viewer, EventDuty.MANAGER).where(Event.id == event_id)
    return db.session.execute(statement.with_only_columns(Event.id)).first() is not None


def listed(
    now: datetime, *, kind: str = "", month: str = "", region: str = "", words: str = "", only_open: bool = False
) -> sa.Select[Event]:
    """The public list with its filters; what a filter does not understand it leaves out."""
    statement = upcoming(now)
    if kind in {member.value for member in EventKind}:
        statement = statement.where(Event.kind == EventKind(kind))
    if bounds := month_bounds(month):
        statement = statement.where(Event.starts < bounds[1], Event.ends >= bounds[0])
    if region.isascii() and region.isdigit() and len(region) == 6:
        statement = statement.where(Event.region.like(region_prefix(region) + "%"))
    if only_open:
        statement = statement.where(Event.deadline >= now)
    for word in words.split()[:5]:
        texts = (Event.title, Event.title_en, Event.summary, Event.summary_en, Event.venue)
        statement = statement.where(sa.or_(*(text.icontains(word, autoescape=True) for text in texts)))
    return statement


def month_bounds(month: str) -> tuple[datetime, datetime] | None:
    """The first moment of a month (2026-03, Beijing time) and of the next; None for what is no month."""
    try:
        first = datetime.strptime(month, "%Y-%m").replace(tzinfo=clock.CHINA)
    except ValueError:
        return None
    return (first, (first + timedelta(days=32)).replace(day=1)) if 2000 <= first.year < 2100 else None


def months_and_regions(now: datetime) -> tuple[list[str], list[str]]:
    """The months in which something is on, and the regions that hold it."""
    rows = db.session.execute(upcoming(now).with_only_columns(Event.starts, Event.region).order_by(None)).all()
    return sorted({f"{row[0].astimezone(clock.CHINA):%Y-%m}" for row in rows}), sorted({row[1] for row in rows})


def of_series(series_id: int) -> sa.Select[Event]:
    """The published and the cancelled events of a series, the first first."""
    shown = sa.or_(
        Event.state == EventState.PUBLISHED, sa.and_(Event.state == EventState.CANCELLED, Event.published.is_not(None))
    )
    return sa.select(Event).where(Event.series_id == series_id, shown).order_by(Event.starts, Event.id)


def somebody_waits(event_id: int) -> bool:
    """Is anybody on the waiting list? Then a free place is theirs first."""
    statement = sa.select(Registration.id).where(
        Registration.event_id == event_id, Registration.state == RegistrationState.WAITING
    )
    return db.session.execute(statement.limit(1)).first() is not None


def state_counts(event_id: int) -> sa.Select[RegistrationState, int, int]:
    """(state, registrations, people) of one event."""
    return (
        sa.select(Registration.state, sa.func.count(Registration.id), sa.func.sum(Registration.party))
        .where(Registration.event_id == event_id)
        .group_by(Registration.state)
    )
