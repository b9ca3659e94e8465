"""Events that are over, with people who were there, and their papers."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from matchmaker.badges.models import AttendanceCertificate
from matchmaker.badges.services import certificates
from matchmaker.core import clock
from matchmaker.core.db import db, transaction
from matchmaker.events.models import Event, Registration
from matchmaker.events.rules import AttendeeLine, Source
from matchmaker.events.services import attendance, registrations
from tests.factories import events


def an_event_over(*, owner: Any, hours_ago: int = 2, **values: Any) -> Event:
    """An event that ended some hours ago."""
    now = clock.now()
    ends = now - timedelta(hours=hours_ago)
    times = {"starts": ends - timedelta(hours=3), "ends": ends, "deadline": ends - timedelta(hours=4)}
    return events.an_event(owner=owner, **{"capacity": 2000, **times, **values})


def a_guest(event: Event, *names: str, attended: bool = False, **values: Any) -> Registration:
    """A guest's registration with these people; `attended`: a gate let all of them in."""
    people = [AttendeeLine(name, "") for name in names or ("李明",)]
    given = {
        "audience": event.audiences[0],
        "source": Source.IMPORT,
        "name": people[0].name,
        "email": f"g{event.id}-{abs(hash(names))}@example.cn",
        "silent": True,
        **values,
    }
    with transaction():
        row = registrations.register_guest(event, actor=None, people=people, **given)
        if attended:
            for person in row.attendees:
                attendance.mark(person, moment=event.starts)
    return row


def a_certificate(event: Event, *, proposer: Any, approver: Any) -> AttendanceCertificate:
    """Everybody's certificate, proposed and confirmed; returns the first."""
    with transaction():
        certificates.propose(event, actor=proposer, reason="培训通知")
    with transaction():
        certificates.confirm(event, actor=approver)
    return db.session.query(AttendanceCertificate).filter_by(event_id=event.id).order_by("id").first()
