"""What judges state about their fields, and what entries are about, in words: for plans that prefer the nearest."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import lazyload

from matchmaker.competition.models import Entry, JudgeSeat
from matchmaker.competition.rules import nearness
from matchmaker.core.db import db
from matchmaker.directory import taxonomy
from matchmaker.directory.models import Person
from matchmaker.directory.rules import HighTechField
from matchmaker.rosters.models import HelperProfile

FIELDS = {field.value: field.label for field in HighTechField}


def terms_of_seats(seats: Sequence[JudgeSeat]) -> dict[int, tuple[str, ...]]:
    """seat → the terms its judge states: in the roster's profile and in the directory's record."""
    users = {seat.user_id for seat in seats}
    people = db.session.execute(
        sa.select(Person, HelperProfile.expertise)
        .outerjoin(HelperProfile, HelperProfile.person_id == Person.id)
        .where(Person.user_id.in_(users))
        .options(lazyload(Person.organisation))
    )
    stated = {
        person.user_id: nearness.terms_of(
            expertise or "",
            person.discipline or "",
            _fields(person.fields),
            _industries(person.key_industries),
        )
        for person, expertise in people
    }
    return {seat.id: stated.get(seat.user_id, ()) for seat in seats}


def text_of(entry: Entry) -> str:
    """What an entry is about: its title and words, and the stated fields of its firm."""
    firm = entry.organisation
    parts = [entry.title, entry.summary]
    if firm is not None:
        parts += [
            firm.industry_text or "",
            *(FIELDS.get(code, "") for code in firm.fields),
            _industries(firm.key_industries),
        ]
    return "\n".join(parts)


def met_terms(entries: Sequence[Entry], seats: Sequence[JudgeSeat]) -> dict[tuple[int, int], tuple[str, ...]]:
    """(entry, seat) → the judge's terms that the entry is about; pairs without any are left out."""
    stated = {seat_id: terms for seat_id, terms in terms_of_seats(seats).items() if terms}
    found = {}
    for entry in entries if stated else ():
        text = text_of(entry)
        for seat_id, terms in stated.items():
            if near := nearness.met(terms, text):
                found[entry.id, seat_id] = near
    return found


def _fields(codes: Sequence[str]) -> str:
    return "、".join(FIELDS.get(code, "") for code in codes)


def _industries(codes: Sequence[str]) -> str:
    names = taxonomy.names("key_industries")
    return "、".join(names.get(code, "") for code in codes)
