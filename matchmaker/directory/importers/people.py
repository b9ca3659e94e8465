"""What loaders of people share: the key of a person, the organisation behind a unit's name, creating and changing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import selectinload

from matchmaker.core import folding
from matchmaker.core.db import db
from matchmaker.core.tabular import MappedRow
from matchmaker.directory.importers.grouping import chunks
from matchmaker.directory.models import FormerName, Organisation, Person
from matchmaker.directory.services import records


def person_key(values: Mapping[str, Any]) -> str:
    """What a person is known by across files: a number of their own, else mail, else phone, else name and unit."""
    if values.get("key"):
        return f"no:{folding.fold(values['key'])}"[:80]
    if values.get("email"):
        return f"mail:{values['email']}"[:80]
    if values.get("phone"):
        return f"phone:{values['phone']}"[:80]
    return f"name:{folding.fold(values['name'])}|{folding.fold(values.get('unit_text') or '')}"[:80]


def known_people(keys: Iterable[str]) -> dict[str, Person]:
    """The people of these keys with their documents, in a few queries."""
    found: dict[str, Person] = {}
    for part in chunks(sorted(set(keys))):
        statement = sa.select(Person).options(selectinload(Person.documents)).where(Person.key.in_(part))
        found.update({row.key: row for row in db.session.execute(statement).unique().scalars() if row.key})
    return found


def people_by_contact(rows: Sequence[MappedRow]) -> dict[str, list[Person]]:
    """People entered in another way, by `phone:` and `mail:`, in a few queries."""
    phones = {row.values.get("phone") for row in rows} - {None}
    mails = {row.values.get("email") for row in rows} - {None}
    found: dict[str, list[Person]] = {}
    for kind, column, wanted in (("phone", Person.phone, phones), ("mail", Person.email, mails)):
        for part in chunks(sorted(wanted)):
            for row in db.session.execute(sa.select(Person).where(column.in_(part))).unique().scalars():
                found.setdefault(f"{kind}:{getattr(row, column.key)}", []).append(row)
    return found


def organisations_by_name(names: Iterable[str]) -> dict[str, int]:
    """The ids of organisations by the fold of their present or a former name; a name of several is left out."""
    folds = {folding.fold_company(name)[:200] for name in names}
    found: dict[str, set[int]] = {}
    for part in chunks(sorted(folds)):
        live = sa.select(Organisation.folded_name, Organisation.id).where(Organisation.merged_into_id.is_(None))
        former = sa.select(FormerName.folded_name, FormerName.organisation_id)
        rows = [
            *db.session.execute(live.where(Organisation.folded_name.in_(part))),
            *db.session.execute(former.where(FormerName.folded_name.in_(part))),
        ]
        for fold, organisation_id in rows:
            found.setdefault(fold, set()).add(organisation_id)
    return {fold: next(iter(ids)) for fold, ids in found.items() if len(ids) == 1}


def new_person(name: str, *, key: str, region: str, source: str, now: datetime, facts: Mapping[str, Any]) -> Person:
    """A new person in the session."""
    row = Person(
        key=key,
        region=region,
        name=name,
        folded_name=folding.fold(name)[:200],
        pinyin=folding.pinyin_initials(name)[:200],
        source=source[:60],
        created=now,
        updated=now,
        documents=[],
        **{key: facts[key] for key in records.PERSON_FACTS if facts.get(key) is not None},
    )
    db.session.add(row)
    return row
