"""Whose badge may be printed, which are, and who has a certificate."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from matchmaker.accounts.rules import Permission
from matchmaker.badges.models import (
    AttendanceCertificate,
    BadgeSetting,
    CertificateSetting,
    PrintedBadge,
    PrintRun,
)
from matchmaker.core import folding
from matchmaker.core.db import db
from matchmaker.core.viewer import Viewer, in_regions
from matchmaker.directory.models import Organisation
from matchmaker.events.models import Attendee, Event, EventRole, Registration, RegistrationTag
from matchmaker.events.rules import COMING, EventDuty, RegistrationState
from matchmaker.publicity.models import Certificate, Decision
from matchmaker.publicity.rules import DecisionState

PRINTING = (EventDuty.MANAGER, EventDuty.REGISTRATIONS, EventDuty.CHECKIN)
STATES = (*COMING, RegistrationState.SUBMITTED)
ISSUE = "badges.certificates"
CORRECT = "badges.correction"


def printed_by(viewer: Viewer) -> sa.Select[Event]:
    """The events whose badges a person prints: organisers of the region, and who registers or checks people in."""
    given = sa.select(EventRole.event_id).where(EventRole.user_id == viewer.id, EventRole.duty.in_(PRINTING))
    here = in_regions(Event.region, viewer) if viewer.has(Permission.EVENTS_MANAGE) else sa.false()
    return sa.select(Event).where(sa.or_(here, Event.id.in_(given)))


def _falls_to(viewer: Viewer) -> sa.ColumnElement[bool]:
    here = in_regions(Event.region, viewer) if viewer.has(Permission.EVENTS_MANAGE) else sa.false()
    given = sa.select(EventRole.id).where(
        EventRole.user_id == viewer.id,
        EventRole.event_id == Registration.event_id,
        EventRole.duty.in_(PRINTING),
        sa.or_(EventRole.audience_id.is_(None), EventRole.audience_id == Registration.audience_id),
    )
    return sa.or_(here, given.correlate(Registration).exists())


def attendees_for(viewer: Viewer, event_id: int, filters: Mapping[str, str]) -> sa.Select[Attendee]:
    """The people whose badges this person may print, as filtered, by name of their group and organisation."""
    statement = (
        sa.select(Attendee)
        .join(Registration, Registration.id == Attendee.registration_id)
        .join(Event, Event.id == Registration.event_id)
        .where(Registration.event_id == event_id, _falls_to(viewer))
    )
    state = filters.get("state", "")
    wanted = (RegistrationState(state),) if state in {s.value for s in STATES} else COMING
    statement = statement.where(Registration.state.in_(wanted))
    if (group := filters.get("group", "")).isdecimal():
        statement = statement.where(Registration.audience_id == int(group[:9]))
    if tag := filters.get("tag", ""):
        tagged = sa.select(RegistrationTag.registration_id).where(RegistrationTag.text == tag[:40])
        statement = statement.where(Registration.id.in_(tagged))
    if filters.get("unprinted"):
        statement = statement.where(~sa.select(PrintedBadge.id).where(PrintedBadge.attendee_id == Attendee.id).exists())
    if words := filters.get("q", "").strip():
        statement = statement.where(_named(words[:60]))
    return statement.order_by(Registration.audience_id, Registration.id, Attendee.id)


def _named(words: str) -> sa.ColumnElement[bool]:
    firms = sa.select(Organisation.id).where(
        Organisation.folded_name.contains(folding.fold(words), autoescape=True),
    )
    return sa.or_(
        Attendee.name.icontains(words, autoescape=True),
        Registration.organisation_name.icontains(words, autoescape=True),
        Registration.organisation_id.in_(firms),
    )


def count_of(statement: sa.Select[Any]) -> int:
    """How many rows a statement has."""
    return int(
        db.session.execute(sa.select(sa.func.count()).select_from(statement.order_by(None).subquery())).scalar_one()
    )


def tags_of(event_id: int) -> Sequence[str]:
    """The tags in use among an event's registrations."""
    statement = (
        sa.select(RegistrationTag.text)
        .join(Registration, Registration.id == RegistrationTag.registration_id)
        .where(Registration.event_id == event_id)
        .distinct()
        .order_by(RegistrationTag.text)
        .limit(100)
    )
    return db.session.execute(statement).scalars().all()


def times_printed(attendee_ids: Sequence[int]) -> dict[int, int]:
    """How often each of these people's badge was printed."""
    statement = (
        sa.select(PrintedBadge.attendee_id, sa.func.count())
        .where(PrintedBadge.attendee_id.in_(attendee_ids))
        .group_by(PrintedBadge.attendee_id)
    )
    return {row[0]: row[1] for row in db.session.execute(statement)}


def runs_of(event_id: int) -> Sequence[PrintRun]:
    """What was printed for an event, the latest first."""
    statement = sa.select(PrintRun).where(PrintRun.event_id == event_id).order_by(PrintRun.id.desc()).limit(50)
    return db.session.execute(statement).scalars().all()


def runs_visible_to(viewer: Viewer) -> sa.Select[PrintRun]:
    """The printings of the events whose badges a person prints."""
    return sa.select(PrintRun).where(PrintRun.event_id.in_(printed_by(viewer).with_only_columns(Event.id)))


def people_of_run(viewer: Viewer, run: PrintRun) -> Sequence[Attendee]:
    """The people of a printing, as far as they fall to this person."""
    statement = (
        sa.select(Attendee)
        .join(PrintedBadge, PrintedBadge.attendee_id == Attendee.id)
        .join(Registration, Registration.id == Attendee.registration_id)
        .join(Event, Event.id == Registration.event_id)
        .where(PrintedBadge.run_id == run.id, _falls_to(viewer))
        .order_by(PrintedBadge.id)
    )
    return db.session.execute(statement).unique().scalars().all()


def setting_of(event_id: int) -> BadgeSetting | None:
    """What stands on the badges of an event."""
    return db.session.execute(sa.select(BadgeSetting).where(BadgeSetting.event_id == event_id)).scalar_one_or_none()


def words_of(event_id: int) -> CertificateSetting | None:
    """The words of an event's certificates."""
    statement = sa.select(CertificateSetting).where(CertificateSetting.event_id == event_id)
    return db.session.execute(statement).scalar_one_or_none()


def certified_by(viewer: Viewer) -> sa.Select[Event]:
    """The events whose certificates a person prepares (organisers, managers) or confirms (approvers of the region)."""
    given = sa.select(EventRole.event_id).where(EventRole.user_id == viewer.id, EventRole.duty == EventDuty.MANAGER)
    staff = viewer.has(Permission.EVENTS_MANAGE) or viewer.has(Permission.NOTICES_DECIDE)
    here = in_regions(Event.region, viewer) if staff else sa.false()
    return sa.select(Event).where(sa.or_(here, Event.id.in_(given)))


def seen(event_id: int) -> sa.Select[Attendee]:
    """Everybody whom a gate of this event let in."""
    return (
        sa.select(Attendee)
        .join(Registration, Registration.id == Attendee.registration_id)
        .where(Registration.event_id == event_id, Attendee.attended_at.is_not(None))
        .order_by(Attendee.id)
    )


def without_certificate(event_id: int) -> sa.Select[Attendee]:
    """Those of them who have none yet."""
    there = sa.select(AttendanceCertificate.id).where(AttendanceCertificate.attendee_id == Attendee.id)
    return seen(event_id).where(~there.exists())


def certificates_of(event_id: int, *, holder: str = "") -> sa.Select[AttendanceCertificate]:
    """The certificates of an event by number; `holder`: those with these words in the name."""
    statement = (
        sa.select(AttendanceCertificate)
        .join(Certificate, Certificate.id == AttendanceCertificate.certificate_id)
        .where(AttendanceCertificate.event_id == event_id)
        .order_by(Certificate.year, Certificate.serial)
    )
    return statement.where(Certificate.holder.icontains(holder, autoescape=True)) if holder else statement


def standing_certificates(event_id: int, *, holder: str = "") -> sa.Select[AttendanceCertificate]:
    """Those of them that were not revoked."""
    return certificates_of(event_id, holder=holder).where(Certificate.revoked_on.is_(None))


def certificates_of_registration(registration_id: int) -> Sequence[AttendanceCertificate]:
    """The certificates of the people of one registration that still stand."""
    statement = (
        sa.select(AttendanceCertificate)
        .join(Attendee, Attendee.id == AttendanceCertificate.attendee_id)
        .join(Certificate, Certificate.id == AttendanceCertificate.certificate_id)
        .where(Attendee.registration_id == registration_id, Certificate.revoked_on.is_(None))
        .order_by(Attendee.id)
    )
    return db.session.execute(statement).scalars().all()


def by_number(number: str) -> AttendanceCertificate | None:
    """The attendance certificate with that number; None for an unknown or replaced one."""
    statement = (
        sa.select(AttendanceCertificate)
        .join(Certificate, Certificate.id == AttendanceCertificate.certificate_id)
        .where(Certificate.number == number)
    )
    return db.session.execute(statement).scalar_one_or_none()


def events_being_issued() -> Sequence[Decision]:
    """Confirmed decisions about events where somebody who was there at that time still waits for the paper."""
    waits = (
        sa.select(Attendee.id)
        .join(Registration, Registration.id == Attendee.registration_id)
        .where(Registration.event_id == Decision.subject_id, Attendee.attended_at.is_not(None))
        .where(~sa.select(AttendanceCertificate.id).where(AttendanceCertificate.attendee_id == Attendee.id).exists())
    )
    statement = (
        sa.select(Decision)
        .where(Decision.kind == ISSUE, Decision.subject_kind == Event.__tablename__)
        .where(Decision.state == DecisionState.CONFIRMED, waits.correlate(Decision).exists())
        .order_by(Decision.id)
    )
    return db.session.execute(statement).scalars().all()


def personal_data(user: Any) -> dict[str, Any]:
    """The attendance certificates of the person's own registrations."""
    statement = (
        sa.select(Certificate.number, Certificate.holder, Certificate.issued_on, Event.title)
        .join(AttendanceCertificate, AttendanceCertificate.certificate_id == Certificate.id)
        .join(Attendee, Attendee.id == AttendanceCertificate.attendee_id)
        .join(Registration, Registration.id == Attendee.registration_id)
        .join(Event, Event.id == AttendanceCertificate.event_id)
        .where(Registration.user_id == user.id)
        .order_by(Certificate.id)
    )
    return {
        "attendance_certificates": [
            {"number": number, "holder": holder, "issued": day.isoformat(), "event": title}
            for number, holder, day, title in db.session.execute(statement)
        ]
    }
