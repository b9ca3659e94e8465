"""What the organiser's pages need: lists limited to one's duties, choices of filters, numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from matchmaker.accounts.models import User
from matchmaker.accounts.rules import Permission
from matchmaker.activity.models import Activity
from matchmaker.core.db import db
from matchmaker.core.viewer import Viewer, in_regions
from matchmaker.events.models import Audience, Event, EventRole, Registration, RegistrationTag, SeatClaim, SeatPool
from matchmaker.events.queries.registrations import LISTING, groups_in_reach, within_reach
from matchmaker.events.rules import LIVE, EventDuty, RegistrationState
from matchmaker.questionnaires.models import Questionnaire


def listed_to(viewer: Viewer) -> sa.Select[Event]:
    """The events whose registrations a person may see, at least those of one group."""
    here = in_regions(Event.region, viewer) if viewer.has(Permission.EVENTS_READ) else sa.false()
    given = sa.select(EventRole.event_id).where(EventRole.user_id == viewer.id, EventRole.duty.in_(LISTING))
    return sa.select(Event).where(sa.or_(here, Event.id.in_(given)))


def number_in(scope: Mapping[str, str], key: str = "event_id") -> int:
    """The id that a list belongs to; 0 when it is none."""
    text = scope.get(key, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


def permissions_on(viewer: Viewer, scope: Mapping[str, str]) -> frozenset[str]:
    """What a member of an event's team may do with its registrations, beyond what their roles say."""
    if not viewer.is_authenticated:
        return frozenset()
    statement = sa.select(EventRole.duty).where(
        EventRole.event_id == number_in(scope), EventRole.user_id == viewer.id, EventRole.duty.in_(LISTING)
    )
    duties = set(db.session.execute(statement).scalars())
    if duties & {EventDuty.MANAGER, EventDuty.REGISTRATIONS}:
        return frozenset({Permission.EVENTS_READ, Permission.EVENTS_MANAGE})
    return frozenset({Permission.EVENTS_READ}) if duties else frozenset()


def audiences_seen(viewer: Viewer, event_id: int) -> Sequence[Audience]:
    """The groups of an event whose registrations a person may see."""
    event, reach = db.session.get(Event, event_id), groups_in_reach(viewer, event_id)
    return [a for a in event.audiences if reach is None or a.id in reach] if event is not None else []


def forms_seen(viewer: Viewer, event_id: int) -> list[Questionnaire]:
    """The forms of those groups, each once."""
    ids = {a.questionnaire_id for a in audiences_seen(viewer, event_id) if a.questionnaire_id}
    if not ids:
        return []
    statement = sa.select(Questionnaire).where(Questionnaire.id.in_(sorted(ids))).order_by(Questionnaire.id)
    return list(db.session.execute(statement.options(joinedload(Questionnaire.current))).scalars())


def tags_of(viewer: Viewer, event_id: int) -> list[str]:
    """The tags in use on the registrations a person sees."""
    statement = (
        sa.select(RegistrationTag.text)
        .join(Registration, Registration.id == RegistrationTag.registration_id)
        .where(within_reach(viewer, event_id))
        .distinct()
        .order_by(RegistrationTag.text)
        .limit(200)
    )
    return list(db.session.execute(statement).scalars())


def handlers_of(event_id: int) -> list[tuple[int, str]]:
    """Who may take care of registrations: the owner, the team, and whoever does already."""
    team = sa.select(EventRole.user_id).where(EventRole.event_id == event_id)
    named = sa.select(Registration.handler_id).where(Registration.event_id == event_id)
    owner = sa.select(Event.owner_id).where(Event.id == event_id)
    statement = sa.select(User.id, User.name).where(
        sa.or_(User.id.in_(team), User.id.in_(named.where(Registration.handler_id.is_not(None))), User.id.in_(owner))
    )
    return [(row[0], row[1]) for row in db.session.execute(statement.order_by(User.name, User.id))]


def counts_seen(viewer: Viewer, event_id: int, now: datetime) -> dict[RegistrationState, tuple[int, int]]:
    """(registrations, people) by state as this person sees them; an offer that ran out counts as lapsed."""
    number, people = sa.func.count(Registration.id), sa.func.sum(Registration.party)
    reach = within_reach(viewer, event_id)
    statement = sa.select(Registration.state, number, people).where(reach).group_by(Registration.state)
    found = {row[0]: (row[1], int(row[2] or 0)) for row in db.session.execute(statement)}
    if RegistrationState.OFFERED in found:
        over = (Registration.state == RegistrationState.OFFERED, Registration.offered_until <= now)
        late, left = db.session.execute(sa.select(number, people).where(reach, *over)).one()
        for state, sign in ((RegistrationState.OFFERED, -1), (RegistrationState.LAPSED, 1)):
            rows, seats = found.get(state, (0, 0))
            found[state] = (rows + sign * late, seats + sign * int(left or 0))
    return {state: pair for state, pair in found.items() if pair[0]}


def open_claims(event_id: int, now: datetime) -> dict[int, tuple[int, int, int]]:
    """Pool id → (seats held for good, seats held by offers that stand, seats held by offers that ran out)."""
    offered = Registration.state == RegistrationState.OFFERED
    over = sa.and_(offered, Registration.offered_until <= now)
    standing = sa.and_(offered, Registration.offered_until > now)
    statement = (
        sa.select(
            SeatClaim.pool_id,
            sa.func.sum(sa.case((offered, 0), else_=SeatClaim.seats)),
            sa.func.sum(sa.case((standing, SeatClaim.seats), else_=0)),
            sa.func.sum(sa.case((over, SeatClaim.seats), else_=0)),
        )
        .join(Registration, Registration.id == SeatClaim.registration_id)
        .where(Registration.event_id == event_id, SeatClaim.held)
        .group_by(SeatClaim.pool_id)
    )
    return {row[0]: (int(row[1]), int(row[2]), int(row[3])) for row in db.session.execute(statement)}


def team_events(viewer: Viewer, now: datetime) -> sa.Select[Event, EventDuty]:
    """The duties of a person on events that are not over: (event, duty), the next first."""
    return (
        sa.select(Event, EventRole.duty)
        .join(EventRole, EventRole.event_id == Event.id)
        .where(EventRole.user_id == viewer.id, Event.ends >= now)
        .order_by(Event.starts, Event.id, EventRole.id)
    )


def titles_of_pools(pool_ids: Sequence[int]) -> dict[int, str]:
    """Pool id → "event: pool" for reports."""
    statement = sa.select(SeatPool.id, Event.title, SeatPool.name).join(Event).where(SeatPool.id.in_(sorted(pool_ids)))
    return {row[0]: f"{row[1]}: {row[2]}" if row[2] else row[1] for row in db.session.execute(statement)}


def titles_of_registrations(ids: Sequence[int]) -> dict[int, str]:
    """Registration id → title of its event, for reports."""
    statement = sa.select(Registration.id, Event.title).join(Event).where(Registration.id.in_(sorted(ids)))
    return {row[0]: row[1] for row in db.session.execute(statement)}


def journal_of(event: Event, *, limit: int = 60) -> Sequence[Activity]:
    """What happened to the event itself, the newest first."""
    statement = sa.select(Activity).where(Activity.subject_kind == Event.__tablename__, Activity.subject_id == event.id)
    return db.session.execute(statement.order_by(Activity.id.desc()).limit(limit)).scalars().all()


def offers_of(event_id: int) -> sa.Select[Registration]:
    """The offers of an event, the one that ends first on top; some may have run out."""
    return (
        sa.select(Registration)
        .where(Registration.event_id == event_id, Registration.state == RegistrationState.OFFERED)
        .order_by(Registration.offered_until, Registration.id)
    )


def pool_of(event_id: int, pool_id: int) -> sa.Select[SeatPool]:
    """One pool of an event."""
    return sa.select(SeatPool).where(SeatPool.event_id == event_id, SeatPool.id == pool_id)


def group_of(event_id: int, audience_id: int) -> sa.Select[Audience]:
    """One group of an event."""
    return sa.select(Audience).where(Audience.event_id == event_id, Audience.id == audience_id)


def role_of(event_id: int, role_id: int) -> sa.Select[EventRole]:
    """One duty on an event."""
    return sa.select(EventRole).where(EventRole.event_id == event_id, EventRole.id == role_id)


def group_counts(event_id: int) -> dict[int, tuple[int, int]]:
    """Group id → (registrations that stand, their people)."""
    statement = (
        sa.select(Registration.audience_id, sa.func.count(Registration.id), sa.func.sum(Registration.party))
        .where(Registration.event_id == event_id, Registration.state.in_(LIVE))
        .group_by(Registration.audience_id)
    )
    return {row[0]: (row[1], int(row[2])) for row in db.session.execute(statement)}
