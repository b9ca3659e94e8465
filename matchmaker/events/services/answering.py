"""What people answer when they register: kept as a sheet of the registration, with the places that options draw on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from flask import url_for

from matchmaker.core.db import db
from matchmaker.events.models import Event, Registration, SeatPool
from matchmaker.events.rules import AttendeeLine, PoolKind
from matchmaker.events.services import pools
from matchmaker.questionnaires import services as questionnaires
from matchmaker.questionnaires.models import Questionnaire, QuestionnaireVersion
from matchmaker.questionnaires.rules import answers as rules


@dataclass(frozen=True)
class Filled:
    """Checked answers with the wording of the form they were given on."""

    version: QuestionnaireVersion
    answers: Mapping[str, Any]

    def places(self, party: int) -> dict[int, int]:
        """The places that the chosen options draw on: pool id → seats."""
        return rules.claims_of(self.version.content, self.answers, party)

    @property
    def companions(self) -> list[AttendeeLine]:
        """People named in the answers who take a seat each."""
        people = rules.companions_of(self.version.content, self.answers)
        return [AttendeeLine(person["name"], person.get("phone", "")) for person in people]


def keep(registration: Registration, filled: Filled | None, *, actor: Any | None) -> None:
    """Store the answers of a registration, or replace the ones it has."""
    if filled is None:
        return
    if registration.sheet is None:
        registration.sheet = questionnaires.store(
            filled.version, dict(filled.answers), subject=registration, actor=actor
        )
    else:
        questionnaires.update(registration.sheet, dict(filled.answers), version=filled.version)
    db.session.flush()


def blame(refused: pools.NoSeat, event: Event, filled: Filled | None) -> pools.NoSeat:
    """Put a refusal about the places of an option on the question that offers it."""
    name = refused.values.get("pool")
    full = {pool.id for pool in event.pools if pool.name == name and pool.kind is PoolKind.OPTION}
    for field in filled.version.content.fields if filled else ():
        if any(option.pool in full for option in field.options):
            refused.field = field.id
    return refused


def named_in_answers(registration: Registration) -> set[tuple[str, str]]:
    """(name, phone) of the attendees who come from the answers, not from the list of attendees."""
    if registration.sheet is None:
        return set()
    people = rules.companions_of(registration.sheet.version.content, registration.sheet.answers)
    return {(person["name"], person.get("phone", "")) for person in people}


def keep_places(questionnaire: Questionnaire, wanted: Sequence[Any]) -> dict[str, int]:
    """Pools for the options with limited places of an event's form: option id → pool id."""
    event = db.session.get_one(Event, questionnaire.owner_id)
    kept = {pool.id: pool for pool in event.pools if pool.kind is PoolKind.OPTION}
    return {each.option_id: _pool(event, kept.get(each.pool or 0), each).id for each in wanted}


def _pool(event: Event, pool: SeatPool | None, each: Any) -> SeatPool:
    if pool is None:
        name = _free_name(event, each.label)
        return pools.add(event, kind=PoolKind.OPTION, name=name, name_en=each.label_en or None, capacity=each.places)
    if pool.capacity != each.places:
        pools.resize(pool, capacity=each.places)
    return pool


def _free_name(event: Event, label: str) -> str:
    taken = {pool.name for pool in event.pools if pool.kind is PoolKind.OPTION}
    name, number = label[:90], 1
    while name in taken:
        number += 1
        name = f"{label[:90]} {number}"
    return name


def places_left(pool_ids: Sequence[int]) -> dict[int, int]:
    """How many places the pools of options have left."""
    statement = sa.select(SeatPool.id, SeatPool.capacity - SeatPool.used).where(SeatPool.id.in_(pool_ids))
    return {row[0]: max(0, row[1]) for row in db.session.execute(statement)}


def home(event_id: int) -> tuple[str, str]:
    """The title and address of the page that a form of an event belongs to."""
    return db.session.get_one(Event, event_id).title, url_for("events.manage", event_id=event_id)
