"""Mentors with times, tenants, sessions."""

from __future__ import annotations

from datetime import time, timedelta
from typing import Any

from matchmaker.core import clock
from matchmaker.core.db import transaction
from matchmaker.directory.models import Person
from matchmaker.incubation.models import Tenancy
from matchmaker.incubation.rules import TenancyState
from matchmaker.mentoring.models import MentorSession
from matchmaker.mentoring.services import booking, offering
from tests.cast import a_user
from tests.factories import incubation
from tests.factories.directory import an_organisation
from tests.factories.rosters import a_helper

TOPIC = "第一轮融资前怎样准备财务资料"


def a_mentor(**values: Any) -> Person:
    """A mentor with an account who offers every Tuesday from two to four."""
    user = values.pop("user", None) or a_user()
    person = a_helper(user=user, **values)
    with transaction():
        offering.add_window(
            person, actor=user, weekday=1, starts=time(14), ends=time(16), slot_minutes=60, place="孵化器 302"
        )
    return person


def a_tenant(**values: Any) -> tuple[Any, Tenancy]:
    """(member, stay) of a firm in a carrier."""
    firm = values.pop("firm", None) or an_organisation(founded=incubation.YOUNG)
    tenancy = incubation.a_tenancy(organisation=firm, state=TenancyState.INCUBATING, **values)
    return a_user(organisation=firm), tenancy


def a_session(person: Person | None = None, *, tenant: Any = None, at: int = 0) -> MentorSession:
    """A booking of the first free time (or the next but `at`)."""
    person = person or a_mentor()
    user, tenancy = tenant or a_tenant()
    slot = booking.free_slots(person)[at]
    with transaction():
        return booking.book(person, actor=user, starts=slot.starts, topic=TOPIC, tenancy=tenancy)


def after(row: MentorSession) -> Any:
    """The clock ten minutes after a session."""
    return clock.frozen(row.ends + timedelta(minutes=10))
