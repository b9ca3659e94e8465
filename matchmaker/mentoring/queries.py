"""Which mentors, times and sessions there are, for whom, and what the district counts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from matchmaker.accounts.rules import Permission
from matchmaker.core import clock
from matchmaker.core.db import db
from matchmaker.core.feature import AgendaEntry
from matchmaker.core.viewer import Viewer, in_regions
from matchmaker.directory.models import Person
from matchmaker.incubation.models import Carrier, Tenancy
from matchmaker.incubation.rules import NEVER_ADMITTED
from matchmaker.matching.models import HelpRequest, Need
from matchmaker.matching.rules import RequestState
from matchmaker.mentoring.models import CarrierMentor, MentorDayOff, MentorSession, MentorWindow, SessionHold
from matchmaker.mentoring.rules import HAPPENED, HOLDING
from matchmaker.rosters import queries as rosters
from matchmaker.rosters.models import Appointment, HelperProfile, ServiceRecord
from matchmaker.rosters.rules import AppointmentKind, SessionState


def mentors(region: str, day: date) -> sa.Select[Appointment]:
    """Mentors in office who have not opted out, by name."""
    return (
        rosters.live_people(AppointmentKind.MENTOR, region, day)
        .join(Person, Person.id == Appointment.person_id)
        .outerjoin(HelperProfile, HelperProfile.person_id == Appointment.person_id)
        .where(sa.or_(HelperProfile.id.is_(None), HelperProfile.opted_out.is_(False)))
        .order_by(None)
        .order_by(Person.pinyin, Appointment.id)
    )


def post_of(person_id: int, day: date) -> Appointment | None:
    """The mentor's post on a day."""
    statement = rosters.of_person(person_id).where(Appointment.kind == AppointmentKind.MENTOR, rosters.live_on(day))
    return db.session.execute(statement.limit(1)).scalars().first()


def windows_of(person_id: int) -> Sequence[MentorWindow]:
    """The weekly times of a mentor."""
    statement = sa.select(MentorWindow).where(MentorWindow.person_id == person_id)
    return db.session.execute(statement.order_by(MentorWindow.weekday, MentorWindow.starts_minute)).scalars().all()


def people_with_windows(ids: Sequence[int]) -> set[int]:
    """Which of these people offer time."""
    return set(
        db.session.execute(
            sa.select(MentorWindow.person_id).where(MentorWindow.person_id.in_(ids)).distinct()
        ).scalars()
    )


def days_off(person_id: int, *, since: date) -> Sequence[MentorDayOff]:
    """The days without bookings from a day on."""
    statement = sa.select(MentorDayOff).where(MentorDayOff.person_id == person_id, MentorDayOff.day >= since)
    return db.session.execute(statement.order_by(MentorDayOff.day)).scalars().all()


def held_cells(holder: str, *, since: datetime) -> set[datetime]:
    """The quarters of an hour that are taken."""
    statement = sa.select(SessionHold.cell).where(SessionHold.holder == holder, SessionHold.cell >= since)
    return set(db.session.execute(statement).scalars())


def own_tenancies(viewer: Viewer, day: date) -> Sequence[Tenancy]:
    """The stays for which this person may book: of one's firms, or of one's team."""
    team = sa.and_(Tenancy.organisation_id.is_(None), Tenancy.applicant_id == viewer.id)
    statement = sa.select(Tenancy).where(
        sa.or_(Tenancy.organisation_id.in_(sorted(viewer.organisation_ids)), team), present_on(day)
    )
    return db.session.execute(statement.order_by(Tenancy.id)).unique().scalars().all()


def accepted_requests(viewer: Viewer, person_id: int) -> Sequence[HelpRequest]:
    """Requests of this person or their firms that this mentor has accepted."""
    mine = sa.or_(
        HelpRequest.asked_by_id == viewer.id,
        Need.user_id == viewer.id,
        Need.organisation_id.in_(sorted(viewer.organisation_ids)),
    )
    statement = (
        sa.select(HelpRequest)
        .join(Need, Need.id == HelpRequest.need_id)
        .where(HelpRequest.person_id == person_id, HelpRequest.state == RequestState.ACCEPTED, mine)
    )
    return db.session.execute(statement.order_by(HelpRequest.id)).unique().scalars().all()


def visible_to(viewer: Viewer) -> sa.Select[MentorSession]:
    """Both sides, and the staff of the region."""
    parts = _sides(viewer)
    if viewer.has(Permission.ROSTERS_READ):
        parts.append(in_regions(MentorSession.region, viewer))
    return sa.select(MentorSession).where(sa.or_(*parts))


def own(viewer: Viewer) -> sa.Select[MentorSession]:
    """A person's sessions on either side, the latest first."""
    return (
        sa.select(MentorSession).where(sa.or_(*_sides(viewer))).order_by(MentorSession.starts.desc(), MentorSession.id)
    )


def _sides(viewer: Viewer) -> list[sa.ColumnElement[bool]]:
    mine = sa.select(Person.id).where(Person.user_id == (viewer.id or -1))
    return [
        MentorSession.person_id.in_(mine),
        MentorSession.booked_by_id == (viewer.id or -1),
        MentorSession.organisation_id.in_(sorted(viewer.organisation_ids)),
    ]


def listed(viewer: Viewer, _scope: Mapping[str, str]) -> sa.Select[MentorSession]:
    """The staff's list."""
    return (
        sa.select(MentorSession)
        .join(Person, Person.id == MentorSession.person_id)
        .where(in_regions(MentorSession.region, viewer))
    )


def open_between(person_id: int, holder: str) -> int:
    """How many sessions a client has open with a mentor."""
    client = sa.select(SessionHold.session_id).where(SessionHold.holder == holder)
    statement = sa.select(sa.func.count(MentorSession.id)).where(
        MentorSession.person_id == person_id, MentorSession.state.in_(HOLDING), MentorSession.id.in_(client)
    )
    return int(db.session.execute(statement).scalar_one())


def to_report(viewer: Viewer, now: datetime) -> sa.Select[MentorSession]:
    """Sessions whose time is over and that one's side has not confirmed, and bookings that wait for the mentor."""
    return (
        own(viewer)
        .where(MentorSession.state.in_(HOLDING))
        .order_by(None)
        .order_by(MentorSession.starts, MentorSession.id)
    )


def to_rate(viewer: Viewer) -> sa.Select[MentorSession]:
    """Sessions that a client has not rated."""
    client = sa.or_(*_sides(viewer)[1:])
    happened = sa.select(MentorSession).where(client, MentorSession.state.in_(HAPPENED), MentorSession.rating.is_(None))
    return happened.order_by(MentorSession.starts, MentorSession.id)


# --- counting


def served(first: date, last: date, *, least: int) -> Any:
    """(person, services, firms helped twice or more are not counted here) that both sides confirmed in a time."""
    return (
        sa.select(ServiceRecord.person_id, sa.func.count(ServiceRecord.id))
        .where(ServiceRecord.served >= first, ServiceRecord.served <= last, ServiceRecord.minutes >= least)
        .where(ServiceRecord.helper_confirmed.is_not(None), ServiceRecord.client_confirmed.is_not(None))
        .group_by(ServiceRecord.person_id)
    )


def counted_of(person_id: int, first: date, last: date, *, least: int) -> Any:
    """(firm, rating) of every service of one mentor that counts."""
    return sa.select(ServiceRecord.organisation_id, ServiceRecord.rating).where(
        ServiceRecord.person_id == person_id,
        ServiceRecord.served >= first,
        ServiceRecord.served <= last,
        ServiceRecord.minutes >= least,
        ServiceRecord.helper_confirmed.is_not(None),
        ServiceRecord.client_confirmed.is_not(None),
    )


def present_on(day: date) -> sa.ColumnElement[bool]:
    """Stays that ran on a day, whatever became of them since."""
    return sa.and_(
        Tenancy.state.not_in(NEVER_ADMITTED),
        Tenancy.entered <= day,
        sa.or_(Tenancy.left.is_(None), Tenancy.left > day),
    )


def serving_on(day: date) -> Any:
    """(carrier, person) of mentors in office who served a carrier on a day, each pair once."""
    return (
        sa.select(CarrierMentor.carrier_id, CarrierMentor.person_id)
        .join(Appointment, Appointment.person_id == CarrierMentor.person_id)
        .where(Appointment.kind == AppointmentKind.MENTOR, rosters.live_on(day))
        .where(CarrierMentor.starts <= day, sa.or_(CarrierMentor.ends.is_(None), CarrierMentor.ends >= day))
        .distinct()
    )


def ratios(viewer: Viewer, day: date) -> Sequence[tuple[Carrier, int, int]]:
    """(carrier, tenants, mentors) on a day, for those who run or oversee carriers. Three queries."""
    from matchmaker.incubation import queries as incubation

    carriers = (
        db.session.execute(incubation.kept_by(viewer).order_by(Carrier.name, Carrier.id)).unique().scalars().all()
    )
    firms = sa.select(Tenancy.carrier_id, sa.func.count(Tenancy.id)).where(present_on(day)).group_by(Tenancy.carrier_id)
    tenants: dict[int, int] = dict(db.session.execute(firms).all())
    pairs = serving_on(day).subquery()
    heads = sa.select(pairs.c.carrier_id, sa.func.count()).group_by(pairs.c.carrier_id)
    people: dict[int, int] = dict(db.session.execute(heads).all())
    return [(carrier, tenants.get(carrier.id, 0), people.get(carrier.id, 0)) for carrier in carriers]


def mentors_of_carrier(carrier_id: int) -> Sequence[CarrierMentor]:
    """Who serves or served a carrier, the latest first."""
    statement = sa.select(CarrierMentor).where(CarrierMentor.carrier_id == carrier_id)
    return (
        db.session.execute(statement.order_by(CarrierMentor.starts.desc(), CarrierMentor.id)).unique().scalars().all()
    )


def personal_data(user: Any) -> dict[str, Any]:
    """Sessions one booked or gave, JSON-ready."""
    mine = sa.select(Person.id).where(Person.user_id == user.id)
    statement = sa.select(MentorSession).where(
        sa.or_(MentorSession.booked_by_id == user.id, MentorSession.person_id.in_(mine))
    )
    rows = db.session.execute(statement.order_by(MentorSession.id)).unique().scalars()
    return {
        "mentor_sessions": [
            {"starts": row.starts.isoformat(), "topic": row.topic, "state": row.state.value, "comment": row.comment}
            for row in rows
        ]
    }


def own_windows(viewer: Viewer) -> sa.Select[MentorWindow]:
    """A mentor's own times."""
    mine = sa.select(Person.id).where(Person.user_id == (viewer.id or -1))
    return sa.select(MentorWindow).where(MentorWindow.person_id.in_(mine))


def serving_kept_by(viewer: Viewer) -> sa.Select[CarrierMentor]:
    """Who serves the carriers that this person runs or oversees."""
    from matchmaker.incubation import queries as incubation

    kept = incubation.kept_by(viewer).with_only_columns(Carrier.id)
    return sa.select(CarrierMentor).where(CarrierMentor.carrier_id.in_(kept))


def agenda(user: Any) -> list[AgendaEntry]:
    """Sessions of a person's calendar, cancelled ones marked as such."""
    from flask import current_app

    base = current_app.config["SETTINGS"].base_url
    since = clock.now() - timedelta(days=180)
    rows = db.session.execute(own(user).where(MentorSession.starts >= since).limit(500)).unique().scalars()
    off = {SessionState.CANCELLED, SessionState.NO_SHOW}
    return [
        AgendaEntry(
            uid=f"mentor-session-{row.id}@matchmaker.{row.region}",
            title=f"{row.person.name} — {row.who}",
            starts=row.starts,
            ends=row.ends,
            place=row.place,
            url=f"{base}/mentoring/sessions/{row.id}",
            sequence=row.version,
            updated=row.updated,
            tentative=row.state is SessionState.BOOKED,
            cancelled=row.state in off,
        )
        for row in rows
    ]
