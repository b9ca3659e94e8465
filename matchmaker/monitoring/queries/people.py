"""Mentors and envoys behind T4 and T5: a person counts once, with the latest appointment."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import sqlalchemy as sa

from matchmaker.candidacies import queries as agreements
from matchmaker.core.db import db
from matchmaker.core.regions import region_prefix
from matchmaker.monitoring.queries.lines import Line
from matchmaker.rosters import queries as rosters
from matchmaker.rosters.models import Appointment
from matchmaker.rosters.rules import AppointmentKind


def mentors(region: str, day: date) -> list[Line] | None:
    """T5."""
    return _people(AppointmentKind.MENTOR, region, day)


def envoys(region: str, day: date) -> list[Line] | None:
    """T4: who has had an agreement needs a live one on that day; those from before agreements count by their term."""
    lines = _people(AppointmentKind.ENVOY, region, day)
    lapsed = set(db.session.execute(agreements.people_without_live_agreement(day)).scalars())
    return None if lines is None else [line for line in lines if line.unit not in {f"person:{n}" for n in lapsed}]


def _people(kind: AppointmentKind, region: str, day: date) -> list[Line] | None:
    known = sa.select(Appointment.id).where(
        Appointment.kind == kind, Appointment.region.like(region_prefix(region) + "%"), Appointment.starts <= day
    )
    if db.session.execute(known.limit(1)).first() is None:
        return None
    rows = db.session.execute(rosters.live_people(kind, region, day)).unique().scalars()
    return [_line(row) for row in rows]


def _line(row: Appointment) -> Line:
    unit = row.person.organisation.name if row.person.organisation else row.person.unit_text
    return Line(
        kind=Appointment.__tablename__,
        key=row.id,
        unit=f"person:{row.person_id}",
        name=row.person.name,
        detail=" · ".join(filter(None, (unit, row.person.title))),
        document=row.document,
        since=row.starts,
        until=row.ended or row.ends,
    )


def _appointments(keys: Sequence[int]) -> list[Line]:
    rows = db.session.execute(sa.select(Appointment).where(Appointment.id.in_(keys))).unique().scalars()
    return [_line(row) for row in rows]


RESOLVERS = {Appointment.__tablename__: _appointments}
