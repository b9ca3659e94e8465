"""Who is appointed, who counts on a day, and what helpers offer."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import sqlalchemy as sa

from matchmaker.core.db import db
from matchmaker.core.regions import region_prefix
from matchmaker.core.viewer import Viewer, in_regions
from matchmaker.directory.models import Person
from matchmaker.rosters.models import Appointment, HelperProfile, InvestorProfile, ServiceRecord
from matchmaker.rosters.rules import COUNTED, STANDING, AppointmentKind


def visible_to(viewer: Viewer) -> sa.Select[Appointment]:
    """The appointments of a staff member's regions."""
    return sa.select(Appointment).where(in_regions(Appointment.region, viewer))


def listed(viewer: Viewer, _scope: Mapping[str, str]) -> sa.Select[Appointment]:
    """The roster list, with the person joined for search and order."""
    return visible_to(viewer).join(Person, Person.id == Appointment.person_id)


def live_on(day: date) -> sa.ColumnElement[bool]:
    """Appointments whose term covers the day."""
    last = sa.func.coalesce(Appointment.ended, Appointment.ends)
    return sa.and_(Appointment.state.in_(COUNTED), Appointment.starts <= day, last >= day)


def live_people(kind: AppointmentKind, region: str, on: date) -> sa.Select[Appointment]:
    """The appointments behind a number: one row for each different person with a live one of this kind on that day.

    Regions below `region` count as well. The row of a person is their latest appointment.
    """
    latest = (
        sa.select(sa.func.max(Appointment.id))
        .where(Appointment.kind == kind, Appointment.region.like(region_prefix(region) + "%"), live_on(on))
        .group_by(Appointment.person_id)
    )
    return sa.select(Appointment).where(Appointment.id.in_(latest)).order_by(Appointment.starts, Appointment.id)


def count_live(kind: AppointmentKind, region: str, on: date) -> int:
    """How many different people; the length of `live_people`."""
    rows = live_people(kind, region, on).with_only_columns(Appointment.id).order_by(None).subquery()
    return int(db.session.execute(sa.select(sa.func.count()).select_from(rows)).scalar_one())


def of_person(person_id: int) -> sa.Select[Appointment]:
    """Everything one person was appointed for, the newest first."""
    return (
        sa.select(Appointment)
        .where(Appointment.person_id == person_id)
        .order_by(Appointment.starts.desc(), Appointment.id.desc())
    )


def standing(person_id: int, kind: AppointmentKind) -> sa.Select[Appointment]:
    """The running or coming appointments of one kind."""
    return of_person(person_id).where(Appointment.kind == kind, Appointment.state.in_(STANDING))


def people_visible_to(viewer: Viewer) -> sa.Select[Person]:
    """The people of a staff member's regions, and oneself."""
    return sa.select(Person).where(sa.or_(in_regions(Person.region, viewer), Person.user_id == (viewer.id or -1)))


def person_of(user_id: int) -> sa.Select[Person]:
    """The directory's record of a user."""
    return sa.select(Person).where(Person.user_id == user_id)


def profile_of(person_id: int) -> HelperProfile | None:
    """What a person offers; None where nothing was said yet."""
    return db.session.execute(sa.select(HelperProfile).where(HelperProfile.person_id == person_id)).scalar_one_or_none()


def investor_of(person_id: int) -> InvestorProfile | None:
    """An investor's amounts; None for others."""
    return db.session.execute(
        sa.select(InvestorProfile).where(InvestorProfile.person_id == person_id)
    ).scalar_one_or_none()


def records_of_person(person_id: int) -> sa.Select[ServiceRecord]:
    """The services somebody gave, the newest first."""
    return (
        sa.select(ServiceRecord)
        .where(ServiceRecord.person_id == person_id)
        .order_by(ServiceRecord.served.desc(), ServiceRecord.id.desc())
    )


def service_minutes(person_id: int) -> tuple[int, int]:
    """(records, minutes) that both sides confirmed."""
    statement = sa.select(sa.func.count(), sa.func.coalesce(sa.func.sum(ServiceRecord.minutes), 0)).where(
        ServiceRecord.person_id == person_id,
        ServiceRecord.helper_confirmed.is_not(None),
        ServiceRecord.client_confirmed.is_not(None),
    )
    row: Any = db.session.execute(statement).one()
    return int(row[0]), int(row[1])


def ending(region_viewer: Viewer, *, until: date) -> sa.Select[Appointment]:
    """Standing appointments that end within a while, the next first."""
    return (
        visible_to(region_viewer)
        .where(Appointment.state.in_(STANDING), Appointment.ends <= until)
        .order_by(Appointment.ends, Appointment.id)
    )
