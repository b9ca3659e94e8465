"""Mentors who are short of this year's sessions: told in time to act, once a step."""

from __future__ import annotations

from datetime import date

import sqlalchemy as sa

from matchmaker.core import clock
from matchmaker.core.db import db
from matchmaker.mentoring.services import reviewing
from matchmaker.rosters import queries as rosters
from matchmaker.rosters.models import Appointment
from matchmaker.rosters.rules import AppointmentKind
from matchmaker.rosters.rules import reviews as scoring
from matchmaker.rosters.services.telling import tell_person

MISSING = "mentoring/mail/missing"


def remind(*, today: date | None = None) -> int:
    """Write to every mentor who is short when a step has come; the key of a step lets no second mail through."""
    day = today or clock.today()
    posts = sa.select(Appointment).where(Appointment.kind == AppointmentKind.MENTOR, rosters.live_on(day))
    told = 0
    for each in reviewing.short(db.session.execute(posts.order_by(Appointment.id)).scalars().all(), today=day):
        step = scoring.step_of(day, last=each.last)
        if step is not None:
            post = each.post
            key = f"mentor-missing:{post.id}:{each.last.isoformat()}:{step}"
            told += tell_person(post.person, MISSING, about=post, url="/mentoring/own", dedupe=key, short=each)
    return told
