"""Which sessions, rooms and speakers exist for whom."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from matchmaker.core.db import db
from matchmaker.core.viewer import Viewer
from matchmaker.events import queries as events
from matchmaker.events.models import Event, EventSeries, Registration, SeatClaim
from matchmaker.events.rules import EventDuty, EventState
from matchmaker.programme.models import Room, Session, SessionSpeaker, Speaker
from matchmaker.programme.rules import SessionState

SHOWN = (SessionState.CONFIRMED, SessionState.CANCELLED)


def _planned_by(viewer: Viewer) -> sa.Select[int]:
    return events.run_by(viewer, EventDuty.PROGRAMME).with_only_columns(Event.id)


def sessions_run_by(viewer: Viewer) -> sa.Select[Session]:
    """The sessions of the events whose programme this person plans."""
    return sa.select(Session).where(Session.event_id.in_(_planned_by(viewer)))


def rooms_run_by(viewer: Viewer) -> sa.Select[Room]:
    """The rooms of those events."""
    return sa.select(Room).where(Room.event_id.in_(_planned_by(viewer)))


def speakers_run_by(viewer: Viewer) -> sa.Select[Speaker]:
    """The speakers of those events."""
    return sa.select(Speaker).where(Speaker.event_id.in_(_planned_by(viewer)))


def speakers_visible_to(viewer: Viewer) -> sa.Select[Speaker]:
    """The speakers of events that this person may see."""
    return sa.select(Speaker).where(Speaker.event_id.in_(events.visible_to(viewer).with_only_columns(Event.id)))


def sessions_of(event_id: int) -> Sequence[Session]:
    """The whole programme in order, as its organisers see it."""
    statement = sa.select(Session).where(Session.event_id == event_id)
    return db.session.execute(statement.order_by(*IN_ORDER)).unique().scalars().all()


IN_ORDER = (Session.starts, Session.position, Session.id)


def shown_sessions(event_ids: Iterable[int]) -> Sequence[Session]:
    """What everybody may read of these events: all but the tentative."""
    statement = sa.select(Session).where(Session.event_id.in_(sorted(event_ids)), Session.state.in_(SHOWN))
    return db.session.execute(statement.order_by(*IN_ORDER)).unique().scalars().all()


def rooms_of(event_id: int) -> Sequence[Room]:
    """The rooms of an event by name."""
    return db.session.execute(sa.select(Room).where(Room.event_id == event_id).order_by(Room.id)).scalars().all()


def speakers_of(event_id: int) -> Sequence[Speaker]:
    """The speakers of an event in the order of their entry."""
    statement = sa.select(Speaker).where(Speaker.event_id == event_id)
    return db.session.execute(statement.order_by(Speaker.id)).scalars().all()


def appearances(speaker_id: int) -> int:
    """In how many sessions a speaker is."""
    statement = sa.select(sa.func.count()).where(SessionSpeaker.speaker_id == speaker_id)
    return int(db.session.execute(statement).scalar_one())


def session_of_event(event_id: int, session_id: int) -> sa.Select[Session]:
    """One session that everybody may see, of that event."""
    return sa.select(Session).where(
        Session.id == session_id, Session.event_id == event_id, Session.state.in_(SHOWN), Session.pool_id.is_not(None)
    )


def claims_on(pool_id: int) -> Sequence[Registration]:
    """The registrations that hold or want places of a session."""
    statement = (
        sa.select(Registration)
        .join(SeatClaim, SeatClaim.registration_id == Registration.id)
        .where(SeatClaim.pool_id == pool_id)
        .order_by(Registration.id)
    )
    return db.session.execute(statement).unique().scalars().all()


def chosen_sessions(registration_ids: Iterable[int]) -> dict[int, set[int]]:
    """Registration → the sessions it has signed up for."""
    statement = (
        sa.select(SeatClaim.registration_id, Session.id)
        .join(Session, Session.pool_id == SeatClaim.pool_id)
        .where(SeatClaim.registration_id.in_(sorted(registration_ids)))
    )
    found: dict[int, set[int]] = {}
    for registration_id, session_id in db.session.execute(statement):
        found.setdefault(registration_id, set()).add(session_id)
    return found


def sign_ups(viewer: Viewer, scope: Mapping[str, str]) -> sa.Select[Registration]:
    """The registrations with places at one session, for who plans it."""
    text = scope.get("session_id", "")
    session_id = int(text) if text.isascii() and text.isdigit() else 0
    return (
        sa.select(Registration)
        .join(SeatClaim, SeatClaim.registration_id == Registration.id)
        .join(Session, Session.pool_id == SeatClaim.pool_id)
        .where(SeatClaim.held, Session.id == session_id, Session.event_id.in_(_planned_by(viewer)))
    )


def one_guest(registration_id: int, nonce: str) -> sa.Select[Registration]:
    """The registration of a signed link, as long as the link is the newest."""
    return sa.select(Registration).where(Registration.id == registration_id, Registration.nonce == nonce)


def series_managed_by(viewer: Viewer) -> sa.Select[EventSeries]:
    """The series of the events that this person manages."""
    own = events.run_by(viewer, EventDuty.MANAGER).where(Event.series_id.is_not(None))
    return sa.select(EventSeries).where(EventSeries.id.in_(own.with_only_columns(Event.series_id)))


def series_visible_to(viewer: Viewer) -> sa.Select[EventSeries]:
    """The series with an event that this person may see."""
    shown = events.visible_to(viewer).where(Event.series_id.is_not(None))
    return sa.select(EventSeries).where(EventSeries.id.in_(shown.with_only_columns(Event.series_id)))


def events_of_series(series_id: int, *, public: bool = False) -> Sequence[Event]:
    """The events of a series in order; `public`: those that everybody may see."""
    statement = sa.select(Event).where(Event.series_id == series_id)
    if public:
        statement = statement.where(
            Event.listed,
            sa.or_(
                Event.state == EventState.PUBLISHED,
                sa.and_(Event.state == EventState.CANCELLED, Event.published.is_not(None)),
            ),
        )
    return db.session.execute(statement.order_by(Event.starts, Event.id)).unique().scalars().all()


def later_events(event: Event, *, now: datetime) -> Sequence[Event]:
    """The events of the same series from this one on that have not begun and are not called off."""
    statement = (
        sa.select(Event)
        .where(Event.series_id == event.series_id, Event.starts >= event.starts, Event.starts > now)
        .where(Event.state != EventState.CANCELLED)
    )
    return db.session.execute(statement.order_by(Event.starts, Event.id)).unique().scalars().all()


def copyable_by(viewer: Viewer) -> sa.Select[Event]:
    """Events to copy, the latest first."""
    return events.run_by(viewer, EventDuty.MANAGER).order_by(Event.starts.desc(), Event.id.desc())


def personal_data(user: Any) -> dict[str, Any]:
    """Where a person stands on programmes."""
    speaking = sa.select(Speaker).where(Speaker.user_id == user.id).order_by(Speaker.id)
    return {
        "speaks": [
            {"event": row.event.title, "name": row.name, "position": row.position, "bio": row.bio}
            for row in db.session.execute(speaking).scalars()
        ],
    }
