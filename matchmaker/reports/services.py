"""The report of one event, counted when somebody asks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask_babel import get_locale, gettext

from matchmaker.core.db import db
from matchmaker.core.i18n import local
from matchmaker.directory import taxonomy
from matchmaker.events.models import Event
from matchmaker.events.rules import HOLDING, RegistrationState, Source
from matchmaker.reports import queries
from matchmaker.reports.rules import Counts, Line, PersonState, Split, gathered, person_state, summed


@dataclass(frozen=True)
class Balance:
    """Every person in exactly one state. `holding` people must equal the seats taken."""

    states: dict[PersonState, int]
    total: int
    holding: int
    seats: int

    @property
    def adds_up(self) -> bool:
        """Do the states add up to everybody, and the people with a place to the seats taken?"""
        return sum(self.states.values()) == self.total and self.holding == self.seats


@dataclass(frozen=True)
class Report:
    """The funnel, its split, and the balance."""

    split: Split
    lines: list[Line]
    total: Counts
    balance: Balance


def report_of(event: Event, split: Split) -> Report:
    """Count everything anew."""
    statements = queries.stages(event.id, split)
    counted = {
        stage: {str(key): n for key, n in db.session.execute(statement)} for stage, statement in statements.items()
    }
    lines = gathered(counted)
    return Report(split, lines, summed(lines), balance_of(event))


def balance_of(event: Event) -> Balance:
    """The people of an event by their one state, against the seats that are taken."""
    states: dict[PersonState, int] = {}
    total = holding = 0
    for state, seen, people in db.session.execute(queries.people_by_state(event.id)):
        one = person_state(RegistrationState(state).value, attended=bool(seen))
        states[one] = states.get(one, 0) + people
        total += people
        holding += people if state in HOLDING else 0
    return Balance({s: states[s] for s in PersonState if s in states}, total, holding, event.pool.used)


def title_of(event: Event, split: Split, key: str) -> str:
    """What a line of the split is called, in the reader's language."""
    if not key:
        return gettext("未填写")
    if split is Split.SOURCE:
        return gettext(Source(key).label)
    if split is Split.INDUSTRY:
        return taxonomy.shown("industries", [key], locale=str(get_locale()))
    group = next((each for each in event.audiences if each.name == key), None)
    return local(group, "name") if group else key


def percent(value: Any) -> str:
    """A share for the page and the files."""
    return "" if value is None else f"{value}%"
