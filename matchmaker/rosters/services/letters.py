"""Letters of appointment end with the term they are about; the public check then says since when, and no reason."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa

from matchmaker.core.db import db
from matchmaker.publicity import queries as publicity
from matchmaker.publicity.models import Certificate
from matchmaker.publicity.services import certificates
from matchmaker.rosters.models import Appointment

ONE_DAY = timedelta(days=1)


def lapse(appointment: Appointment, *, last: date, actor: Any | None) -> None:
    """The letter of a post holds until its last day."""
    for letter in db.session.execute(publicity.certificates_of(appointment)).scalars():
        certificates.lapse(letter, since=last + ONE_DAY, actor=actor)


def lapse_over(*, today: date) -> int:
    """Every letter whose term is over, however it ended; how many."""
    last = sa.func.coalesce(Appointment.ended, Appointment.ends)
    statement = (
        sa.select(Certificate, last)
        .join(Appointment, Appointment.id == Certificate.subject_id)
        .where(Certificate.subject_kind == Appointment.__tablename__, Certificate.revoked_on.is_(None), last < today)
        .order_by(Certificate.id)
    )
    rows = db.session.execute(statement).unique().all()
    for letter, day in rows:
        certificates.lapse(letter, since=day + ONE_DAY, actor=None)
    return len(rows)
