"""Helpers with appointments."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from matchmaker.core import clock
from matchmaker.core.db import transaction
from matchmaker.directory.models import Person
from matchmaker.rosters.models import Appointment
from matchmaker.rosters.rules import AppointmentKind
from matchmaker.rosters.services import appointments, profiles
from tests.factories.directory import a_person


def an_appointment(person: Person | None = None, **values: Any) -> Appointment:
    """A mentor's appointment that runs for a year from today, made the way everybody makes one."""
    person = person or a_person()
    given = {
        "actor": None,
        "kind": AppointmentKind.MENTOR,
        "document": "测试聘字〔2026〕1 号",
        "starts": clock.today(),
        "ends": clock.today() + timedelta(days=365),
        "civil_servant": False,
        **values,
    }
    with transaction():
        return appointments.appoint(person, **given)


def a_helper(
    *, user: Any = None, expertise: str = "", kind: AppointmentKind = AppointmentKind.MENTOR, **values: Any
) -> Person:
    """A person with a live appointment, words to be found by, and an account when `user` is given."""
    capacity = values.pop("capacity", None)
    person = a_person(user_id=user.id if user else None, **values)
    an_appointment(person, kind=kind, capacity=capacity)
    with transaction():
        profiles.ensure(person).expertise = expertise
    return person
