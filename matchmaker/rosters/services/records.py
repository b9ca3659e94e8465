"""Records of service: written by one side, confirmed by the other."""

from __future__ import annotations

from datetime import date
from typing import Any

import sqlalchemy as sa

from matchmaker.activity import services as activity
from matchmaker.core import clock
from matchmaker.core.db import db
from matchmaker.core.errors import Conflict
from matchmaker.directory.models import Person
from matchmaker.rosters import queries, rules
from matchmaker.rosters.models import Appointment, ServiceRecord


def record_service(
    person: Person,
    *,
    actor: Any | None,
    organisation_id: int | None,
    served: date,
    minutes: int,
    place: str,
    content: str,
    by_helper: bool,
    rating: int | None = None,
    demo: bool = False,
) -> ServiceRecord:
    """Write down one service; the writer's side has confirmed it by writing. The caller has checked who writes."""
    rules.check_service(served=served, minutes=minutes, content=content, place=place, today=clock.today())
    if rating is not None:
        rules.check_rating(rater=person.id if by_helper else 0, mentor=person.id, points=rating)
    now = clock.now()
    record = ServiceRecord(
        region=person.region,
        person=person,
        appointment_id=_appointment_on(person, served),
        organisation_id=organisation_id,
        served=served,
        minutes=minutes,
        place=place.strip(),
        content=content.strip(),
        rating=rating,
        helper_confirmed=now if by_helper else None,
        client_confirmed=None if by_helper else now,
        created_by_id=getattr(actor, "id", None) or None,
        created=now,
        demo=demo,
    )
    db.session.add(record)
    activity.record("rosters.service_recorded", subject=record, actor=actor, minutes=minutes)
    db.session.flush()
    return record


def confirm(record: ServiceRecord, *, actor: Any | None, by_helper: bool, rating: int | None = None) -> None:
    """The other side agrees with a record; a client may rate with it. The caller has checked who confirms."""
    _hold(record)
    if (record.helper_confirmed if by_helper else record.client_confirmed) is not None:
        raise Conflict("您已经确认过这条记录")
    if rating is not None:
        rules.check_rating(rater=record.person_id if by_helper else 0, mentor=record.person_id, points=rating)
        record.rating = rating
    if by_helper:
        record.helper_confirmed = clock.now()
    else:
        record.client_confirmed = clock.now()
    activity.record("rosters.service_confirmed", subject=record, actor=actor)
    db.session.flush()


def correct(
    record: ServiceRecord, *, actor: Any | None, served: date, minutes: int, place: str, content: str
) -> dict[str, Any]:
    """The helper writes down what it really was; the client confirms anew. Returns what stood there before."""
    _hold(record)
    if record.helper_confirmed is not None:
        raise Conflict("您已经确认过这条记录")
    rules.check_service(served=served, minutes=minutes, content=content, place=place, today=clock.today())
    before = {"served": str(record.served), "minutes": record.minutes, "place": record.place}
    record.served, record.minutes = served, minutes
    record.place, record.content = place.strip(), content.strip()
    record.appointment_id = _appointment_on(record.person, served)
    record.helper_confirmed, record.client_confirmed = clock.now(), None
    activity.record("rosters.service_corrected", subject=record, actor=actor, before=before)
    db.session.flush()
    return before


def _hold(record: ServiceRecord) -> None:
    """One word about a record after the other: its row is held, and read as it is now, until the transaction ends."""
    db.session.execute(sa.select(ServiceRecord.id).where(ServiceRecord.id == record.id).with_for_update())
    db.session.refresh(record, ["served", "minutes", "place", "content", "helper_confirmed", "client_confirmed"])


def _appointment_on(person: Person, day: date) -> int | None:
    statement = queries.of_person(person.id).where(queries.live_on(day)).with_only_columns(Appointment.id).limit(1)
    return db.session.execute(statement).scalars().first()
