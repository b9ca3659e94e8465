"""What is erased of a person in mentoring."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from matchmaker.core.db import db
from matchmaker.mentoring.models import MentorDayOff, MentorSession, MentorWindow
from matchmaker.rosters import queries as rosters


def forget(user: Any) -> None:
    """Words and offered times go; that a session took place stays in the record of service."""
    person = db.session.execute(rosters.person_of(user.id)).scalar_one_or_none()
    own = MentorSession.booked_by_id == user.id
    mine = sa.or_(own, MentorSession.person_id == person.id) if person else own
    db.session.execute(sa.update(MentorSession).where(mine).values(topic="", content="", comment="", reason=""))
    if person is not None:
        for table in (MentorWindow, MentorDayOff):
            db.session.execute(sa.delete(table).where(table.person_id == person.id))
    db.session.flush()
