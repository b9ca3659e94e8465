"""Which registrations exist for whom."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from matchmaker.accounts.rules import Permission
from matchmaker.core.db import db
from matchmaker.core.regions import contains
from matchmaker.core.viewer import Viewer, in_regions
from matchmaker.events.models import CalendarFeed, Event, EventRole, Registration
from matchmaker.events.rules import LIVE, EventDuty, EventState, RegistrationState

LISTING = (EventDuty.MANAGER, EventDuty.REGISTRATIONS, EventDuty.VIEWER)  # these see registrations


def registrations_visible_to(viewer: Viewer) -> sa.Select[Registration]:
    """One's own, one's organisations', and for staff those of their region's events."""
    shown = sa.or_(
        Registration.user_id == viewer.id,
        Registration.organisation_id.in_(sorted(viewer.organisation_ids)),
    )
    shown = sa.or_(
        shown, sa.and_(decidable_by(viewer, EventDuty.VIEWER), Registration.state != RegistrationState.DRAFT)
    )
    return sa.select(Registration).join(Event, Event.id == Registration.event_id).where(shown)


def registrations_of_event(viewer: Viewer, scope: Mapping[str, str]) -> sa.Select[Registration]:
    """The registrations of one event as its staff sees them."""
    text = scope.get("event_id", "")
    event_id = int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0
    return sa.select(Registration).where(within_reach(viewer, event_id), Registration.state != RegistrationState.DRAFT)


def groups_in_reach(viewer: Viewer, event_id: int) -> frozenset[int] | None:
    """The groups of an event whose registrations a person sees; None: all of them, now and later."""
    event = db.session.get(Event, event_id)
    if event is None:
        return frozenset()
    if viewer.has(Permission.EVENTS_READ) and any(contains(code, event.region) for code in viewer.region_codes):
        return None
    given = {role.audience_id for role in event.team if role.user_id == viewer.id and role.duty in LISTING}
    return None if None in given else frozenset(key for key in given if key is not None)


def within_reach(viewer: Viewer, event_id: int) -> sa.ColumnElement[bool]:
    """The registrations of one event that a person sees. What they may see is found out first, by one look at the
    event and its team, so that a long list is read by its index alone."""
    here = Registration.event_id == event_id
    reach = groups_in_reach(viewer, event_id)
    return here if reach is None else sa.and_(here, Registration.audience_id.in_(sorted(reach)))


def registrations_managed_by(viewer: Viewer) -> sa.Select[Registration]:
    """The registrations of the events of a staff member's regions."""
    return (
        sa.select(Registration)
        .join(Event, Event.id == Registration.event_id)
        .where(decidable_by(viewer, EventDuty.VIEWER), Registration.state != RegistrationState.DRAFT)
    )


def decidable_by(viewer: Viewer, duty: EventDuty) -> sa.ColumnElement[bool]:
    """The registrations that fall to a person: all of the region's events, or as far as a duty reaches."""
    staff = Permission.EVENTS_READ if duty is EventDuty.VIEWER else Permission.EVENTS_MANAGE
    here = in_regions(Event.region, viewer) if viewer.has(staff) else sa.false()
    given = sa.select(EventRole.id).where(
        EventRole.user_id == viewer.id,
        EventRole.event_id == Registration.event_id,
        sa.or_(EventRole.audience_id.is_(None), EventRole.audience_id == Registration.audience_id),
    )
    if duty is not EventDuty.VIEWER:
        given = given.where(EventRole.duty.in_((duty, EventDuty.MANAGER)))
    else:
        given = given.where(EventRole.duty.in_(LISTING))
    return sa.or_(here, given.correlate(Registration).exists())


def own_registrations(viewer: Viewer) -> sa.Select[Registration]:
    """A person's and their organisations' registrations, the newest first."""
    return (
        sa.select(Registration)
        .where(
            sa.or_(
                Registration.user_id == viewer.id,
                Registration.organisation_id.in_(sorted(viewer.organisation_ids)),
            )
        )
        .order_by(Registration.id.desc())
    )


def live_registration(
    event_id: Any, *, user_id: Any, organisation_id: Any | None, audience_id: Any
) -> sa.Select[Registration]:
    """The registration that would stand in the way of a new one."""
    statement = sa.select(Registration).where(Registration.event_id == event_id, Registration.state.in_(LIVE))
    if organisation_id is not None:
        own = statement.where(Registration.organisation_id == organisation_id, Registration.user_id.is_not(None))
        return own.where(Registration.audience_id == audience_id)
    return statement.where(Registration.user_id == user_id, Registration.organisation_id.is_(None))


def _standing(organisation_id: Any) -> sa.Select[int]:
    event_id, user_id = sa.bindparam("this_event", type_=sa.Integer), sa.bindparam("this_user", type_=sa.Integer)
    group = sa.bindparam("this_group", type_=sa.Integer)
    rows = live_registration(event_id, user_id=user_id, organisation_id=organisation_id, audience_id=group)
    return rows.with_only_columns(Registration.id)


# The same as a question, built once: it is asked of everybody who registers, while others wait.
STANDING, STANDING_OF_ORGANISATION = _standing(None), _standing(sa.bindparam("this_organisation", type_=sa.Integer))


def live_guest(event_id: int, key: str) -> sa.Select[int]:
    """A guest of that name and number who is on the list already."""
    return sa.select(Registration.id).where(
        Registration.event_id == event_id,
        Registration.guest_key == key,
        Registration.user_id.is_(None),
        Registration.state.in_(LIVE),
    )


def due_reminders(*, since: datetime, until: datetime) -> sa.Select[Registration]:
    """Approved registrations of published events that start within the window."""
    return (
        sa.select(Registration)
        .join(Event, Event.id == Registration.event_id)
        .where(Registration.state == RegistrationState.APPROVED, Event.state == EventState.PUBLISHED)
        .where(Event.default_reminder)
        .where(Event.starts > since, Event.starts <= until)
        .order_by(Registration.id)
    )


def personal_data(user: Any) -> dict[str, Any]:
    """What events hold about a person: their registrations with the people they named."""
    statement = sa.select(Registration).where(Registration.user_id == user.id).order_by(Registration.id)
    return {
        "registrations": [
            {
                "event": row.event.title,
                "starts": row.event.starts.isoformat(),
                "state": row.state.value,
                "phone": row.phone,
                "note": row.note,
                "attendees": [{"name": a.name, "phone": a.phone} for a in row.attendees],
                "created": row.created.isoformat(),
            }
            for row in db.session.execute(statement).unique().scalars()
        ]
    }


def may_see_answers(viewer: Viewer, registration_id: int) -> bool:
    """May this person see what was answered with a registration?"""
    statement = registrations_visible_to(viewer).where(Registration.id == registration_id)
    return db.session.execute(statement.with_only_columns(Registration.id)).first() is not None


def draft_of(viewer: Viewer, audience_id: int) -> Registration | None:
    """What a person has begun for one group and not sent; most have begun nothing, which costs one look."""
    found = db.session.execute(DRAFT, {"this_group": audience_id, "this_user": viewer.id}).scalar_one_or_none()
    return db.session.get(Registration, found) if found is not None else None


ROWS: Any = Registration.__table__
DRAFT = sa.select(ROWS.c.id).where(
    ROWS.c.audience_id == sa.bindparam("this_group"),
    ROWS.c.user_id == sa.bindparam("this_user"),
    ROWS.c.state == RegistrationState.DRAFT,
)


def stands(event_id: int, *, user_id: int, organisation_id: int | None, audience_id: int) -> bool:
    """Is there a registration that would stand in the way of a new one?"""
    if organisation_id is None:
        found = db.session.execute(STANDING, {"this_event": event_id, "this_user": user_id})
    else:
        keys = {"this_event": event_id, "this_organisation": organisation_id, "this_group": audience_id}
        found = db.session.execute(STANDING_OF_ORGANISATION, keys)
    return found.first() is not None


def by_link(registration_id: int, nonce: str) -> sa.Select[Registration]:
    """The guest's registration behind a signed link; an older link of it finds nothing."""
    return sa.select(Registration).where(
        Registration.id == registration_id, Registration.nonce == nonce, Registration.user_id.is_(None)
    )


def in_calendar(user: Any) -> sa.Select[Registration]:
    """What belongs into a person's own calendar: what they or their organisations are coming to or may come to."""
    organisations = sorted(membership.organisation_id for membership in user.memberships)
    kept = (*LIVE, RegistrationState.CANCELLED)
    return (
        sa.select(Registration)
        .where(sa.or_(Registration.user_id == user.id, Registration.organisation_id.in_(organisations)))
        .where(Registration.state.in_(kept), Registration.state != RegistrationState.WAITING)
        .order_by(Registration.id)
    )


def feed_of(user_id: int) -> sa.Select[CalendarFeed]:
    """The address under which a person's calendar may be fetched."""
    return sa.select(CalendarFeed).where(CalendarFeed.user_id == user_id)
