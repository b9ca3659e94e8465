"""Mentors who are short of this year's sessions: told in time to act, once a step."""

from __future__ import annotations

from datetime import date

import sqlalchemy as sa

from matchmaker.accounts.models import User
from matchmaker.core import clock
from matchmaker.core.db import db
from matchmaker.mentoring.services import reviewing
from matchmaker.mentoring.services.reviewing import Behind
from matchmaker.notifications import services as notifications
from matchmaker.rosters import queries as rosters
from matchmaker.rosters.models import Appointment
from matchmaker.rosters.rules import AppointmentKind
from matchmaker.rosters.rules import reviews as scoring

MISSING = "mentoring/mail/missing"


def remind(*, today: date | None = None) -> int:
    """Write to every mentor who is short when a step has come; the key of a step lets no second mail through."""
    day = today or clock.today()
    posts = sa.select(Appointment).where(Appointment.kind == AppointmentKind.MENTOR, rosters.live_on(day))
    told = 0
    for each in reviewing.short(db.session.execute(posts.order_by(Appointment.id)).scalars().all(), today=day):
        step = scoring.step_of(day, last=each.last)
        if step is not None:
            told += _tell(each, dedupe=f"mentor-missing:{each.post.id}:{each.last.isoformat()}:{step}")
    return told


def _tell(each: Behind, *, dedupe: str) -> int:
    person = each.post.person
    user = db.session.get(User, person.user_id) if person.user_id else None
    if user is None and not person.email:
        return 0
    queued = notifications.enqueue(
        MISSING,
        to=user,
        email=None if user else person.email,
        to_name=person.name,
        about=each.post,
        url="/mentoring/own",
        dedupe=dedupe,
        short=each,
    )
    return int(queued is not None)
