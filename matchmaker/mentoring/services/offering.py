"""The times a mentor offers, and the carriers a mentor serves."""

from __future__ import annotations

from datetime import date, time
from typing import Any

from matchmaker.activity import services as activity
from matchmaker.core.db import db
from matchmaker.core.errors import Conflict, DomainError, NotPermitted
from matchmaker.directory.models import Person
from matchmaker.incubation import access as incubation
from matchmaker.incubation.models import Carrier
from matchmaker.mentoring import queries, rules
from matchmaker.mentoring.models import CarrierMentor, MentorDayOff, MentorWindow
from matchmaker.rosters.access import may_edit_profile, may_manage


def add_window(
    person: Person, *, actor: Any | None, weekday: int, starts: time, ends: time, slot_minutes: int, place: str
) -> MentorWindow:
    """A weekly time from now on."""
    if actor is not None and not may_edit_profile(actor, person):
        raise NotPermitted("只能修改自己的资料")
    last = ends.hour * 60 + ends.minute or 24 * 60
    window = rules.Window(weekday, starts.hour * 60 + starts.minute, last, slot_minutes, place.strip())
    rules.check_window(window, [row.value for row in queries.windows_of(person.id)])
    row = MentorWindow(
        person_id=person.id,
        weekday=window.weekday,
        starts_minute=window.starts_minute,
        ends_minute=window.ends_minute,
        slot_minutes=window.slot_minutes,
        place=window.place[:200],
    )
    db.session.add(row)
    db.session.flush()
    activity.record("mentoring.window_added", subject=person, actor=actor)
    return row


def drop_window(row: MentorWindow, *, actor: Any) -> None:
    """No new bookings there; what is booked stays."""
    db.session.delete(row)
    activity.record("mentoring.window_dropped", subject=db.session.get_one(Person, row.person_id), actor=actor)
    db.session.flush()


def take_day_off(person: Person, *, actor: Any, day: date, today: date) -> None:
    """No bookings on that day."""
    if day < today:
        raise DomainError("请填写今天或以后的日期", field="day")
    if any(row.day == day for row in queries.days_off(person.id, since=today)):
        raise Conflict("这一天已经设为不可预约", field="day")
    db.session.add(MentorDayOff(person_id=person.id, day=day))
    activity.record("mentoring.day_off", subject=person, actor=actor, day=day.isoformat())
    db.session.flush()


def serve(carrier: Carrier, person: Person, *, actor: Any | None, starts: date, demo: bool = False) -> CarrierMentor:
    """A mentor in office serves a carrier from a day on."""
    _check_carrier(carrier, actor)
    if queries.post_of(person.id, starts) is None:
        raise DomainError("{name}在 {day} 没有在聘的导师聘任", field="person", name=person.name, day=starts)
    for row in queries.mentors_of_carrier(carrier.id):
        if row.person_id == person.id and (row.ends is None or row.ends >= starts):
            raise Conflict("{name}已在为这个载体服务", field="person", name=person.name)
    row = CarrierMentor(carrier=carrier, person=person, starts=starts, demo=demo)
    db.session.add(row)
    db.session.flush()
    activity.record("mentoring.serves", subject=carrier, actor=actor, name=person.name)
    return row


def stop_serving(row: CarrierMentor, *, actor: Any, last: date) -> None:
    """The mentor's last day at a carrier."""
    _check_carrier(row.carrier, actor)
    if last < row.starts:
        raise DomainError("最后一天不能早于开始日期 {day}", field="day", day=row.starts)
    row.ends = last
    activity.record("mentoring.stops", subject=row.carrier, actor=actor, name=row.person.name)
    db.session.flush()


def _check_carrier(carrier: Carrier, actor: Any | None) -> None:
    if actor is None or incubation.may_edit(actor, carrier) or may_manage(actor, carrier.region):
        return
    raise NotPermitted("这个载体不归您管理")
