"""Who is appointed, who counts on a day, and what helpers offer."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

import sqlalchemy as sa

from matchmaker.core import folding
from matchmaker.core.db import db
from matchmaker.core.regions import region_prefix
from matchmaker.core.viewer import Viewer, in_regions
from matchmaker.directory.models import Person, PersonDocument
from matchmaker.rosters import access
from matchmaker.rosters.models import (
    Appointment,
    AppointmentReview,
    HelperProfile,
    InvestorDeal,
    InvestorProfile,
    ServiceRecord,
)
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


def twin_with_post(person: Person, kind: AppointmentKind) -> Person | None:
    """Somebody else with the same mobile number who holds such a post: most likely the same person under two names."""
    if not re.fullmatch(r"1[3-9]\d{9}", person.phone or ""):
        return None
    statement = (
        sa.select(Person)
        .join(Appointment, Appointment.person_id == Person.id)
        .where(Person.phone == person.phone, Person.id != person.id)
        .where(Appointment.kind == kind, Appointment.state.in_(STANDING))
        .limit(1)
    )
    return db.session.execute(statement).unique().scalars().first()


def people_visible_to(viewer: Viewer) -> sa.Select[Person]:
    """The people of a staff member's regions, and oneself."""
    return sa.select(Person).where(sa.or_(in_regions(Person.region, viewer), Person.user_id == (viewer.id or -1)))


def own_posts(viewer: Viewer) -> sa.Select[Appointment]:
    """A person's own posts, the newest first."""
    mine = sa.select(Person.id).where(Person.user_id == (viewer.id or -1))
    return (
        sa.select(Appointment)
        .where(Appointment.person_id.in_(mine))
        .order_by(Appointment.starts.desc(), Appointment.id)
    )


def phone_for(viewer: Any, person: Person) -> str:
    """A person's number as this viewer may read it: in full by `access.may_see_phone`, else masked."""
    if not person.phone:
        return ""
    return person.phone if access.may_see_phone(viewer, person) else folding.mask_phone(person.phone)


def reviews_of(person_id: int) -> sa.Select[AppointmentReview]:
    """A person's yearly reviews, the latest first."""
    return (
        sa.select(AppointmentReview)
        .where(AppointmentReview.person_id == person_id)
        .order_by(AppointmentReview.year.desc(), AppointmentReview.id.desc())
    )


def review_of(appointment_id: int, year: int) -> AppointmentReview | None:
    """The review that was kept for a year of a post."""
    statement = sa.select(AppointmentReview).where(
        AppointmentReview.appointment_id == appointment_id, AppointmentReview.year == year
    )
    return db.session.execute(statement).unique().scalar_one_or_none()


def reviews_listed(viewer: Viewer, _scope: Mapping[str, str]) -> sa.Select[AppointmentReview]:
    """The yearly results of a staff member's regions, with the person joined for search and order."""
    return (
        sa.select(AppointmentReview)
        .join(Person, Person.id == AppointmentReview.person_id)
        .where(in_regions(AppointmentReview.region, viewer))
    )


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


def deals_of(person_id: int) -> sa.Select[InvestorDeal]:
    """An investor's past deals, the latest first."""
    return (
        sa.select(InvestorDeal)
        .where(InvestorDeal.person_id == person_id)
        .order_by(InvestorDeal.year.desc(), InvestorDeal.id.desc())
    )


def works_of(person_id: int) -> sa.Select[PersonDocument]:
    """What somebody wrote or owns, the latest first."""
    return (
        sa.select(PersonDocument)
        .where(PersonDocument.person_id == person_id)
        .order_by(PersonDocument.year.desc().nulls_last(), PersonDocument.id.desc())
    )


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


def unreviewed(viewer: Viewer, *, year: int) -> sa.Select[Appointment]:
    """Mentors and envoys in office whose year has no review yet."""
    done = sa.select(AppointmentReview.appointment_id).where(AppointmentReview.year == year)
    return (
        visible_to(viewer)
        .where(Appointment.kind.in_((AppointmentKind.MENTOR, AppointmentKind.ENVOY)), Appointment.state.in_(STANDING))
        .where(Appointment.starts <= date(year, 12, 31), Appointment.ends >= date(year, 1, 1))
        .where(Appointment.id.not_in(done))
        .order_by(Appointment.kind, Appointment.ends, Appointment.id)
    )


def resigned(viewer: Viewer) -> sa.Select[Appointment]:
    """Resignations that nobody of the bureau has taken note of."""
    return (
        visible_to(viewer)
        .where(Appointment.resigned.is_not(None), Appointment.noted.is_(None))
        .order_by(Appointment.resigned, Appointment.id)
    )


def ending(region_viewer: Viewer, *, until: date) -> sa.Select[Appointment]:
    """Standing appointments that end within a while, the next first."""
    return (
        visible_to(region_viewer)
        .where(Appointment.state.in_(STANDING), Appointment.ends <= until)
        .order_by(Appointment.ends, Appointment.id)
    )
