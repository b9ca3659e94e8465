"""Id numbers: sealed, the last four signs in clear, a keyed hash to find doubles."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from matchmaker.accounts import gateways, rules
from matchmaker.activity import services as activity
from matchmaker.core import clock
from matchmaker.core.db import db
from matchmaker.core.errors import Conflict
from matchmaker.directory.models import Person


def set_id_number(person: Person, number: str, *, actor: Any | None) -> None:
    """Keep a person's id number. Raises DomainError for a wrong one, Conflict when another person has it."""
    checked = rules.check_id_number(number, today=clock.today())
    hashed = id_number_hash(checked)
    other = sa.select(Person.id).where(Person.id_number_hash == hashed, Person.id != person.id)
    if db.session.execute(other).first():
        raise Conflict("这个身份证号已登记在另一个人名下，请核对", field="id_number")
    person.id_number_sealed = gateways.seal(checked)
    person.id_number_last4 = checked[-4:]
    person.id_number_hash = hashed
    activity.record("accounts.id_number_set", subject=person, actor=actor)


def id_number_of(person: Person, *, actor: Any) -> str | None:
    """The whole number, for the few who must see it; that they saw it is recorded."""
    if person.id_number_sealed is None:
        return None
    activity.record("accounts.id_number_read", subject=person, actor=actor)
    return gateways.unseal(person.id_number_sealed)


def clear_id_number(person: Person) -> None:
    """Forget it."""
    person.id_number_sealed = person.id_number_last4 = person.id_number_hash = None


def id_number_hash(number: str) -> str:
    """The keyed hash under which a number is found again."""
    return gateways.keyed_hash(f"id:{number.upper()}")
