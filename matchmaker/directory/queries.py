"""Finding organisations and people: by code, present or former name, pinyin initials."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import selectinload

from matchmaker.accounts.rules import Permission
from matchmaker.activity.models import Activity
from matchmaker.core import folding
from matchmaker.core.db import db
from matchmaker.core.regions import ancestors
from matchmaker.core.viewer import Viewer, in_regions
from matchmaker.directory.models import ClosedYear, FormerName, HeldRecord, Organisation, Person, PersonDocument
from matchmaker.directory.rules import OrganisationState


def visible_to(viewer: Viewer) -> sa.Select[Organisation]:
    """Staff see the organisations of their regions, members their own; records merged into others are left out."""
    return sa.select(Organisation).where(_seen(viewer, Organisation.id), Organisation.merged_into_id.is_(None))


def _seen(viewer: Viewer, column: Any) -> sa.ColumnElement[bool]:
    shown = column.in_(sorted(viewer.organisation_ids))
    return sa.or_(shown, in_regions(Organisation.region, viewer)) if viewer.has(Permission.DIRECTORY_READ) else shown


def managed_by(viewer: Viewer) -> sa.Select[Organisation]:
    """The organisations of a handler's regions."""
    return sa.select(Organisation).where(in_regions(Organisation.region, viewer), Organisation.merged_into_id.is_(None))


def own(viewer: Viewer) -> sa.Select[Organisation]:
    """The organisations a person belongs to."""
    return (
        sa.select(Organisation)
        .options(selectinload(Organisation.names))
        .where(Organisation.id.in_(sorted(viewer.organisation_ids)), Organisation.merged_into_id.is_(None))
        .order_by(Organisation.name, Organisation.id)
    )


def kept_instead_of(organisation_id: int, viewer: Viewer) -> int | None:
    """The record that took the place of a merged one, when this person may see it."""
    statement = sa.select(Organisation.merged_into_id).where(Organisation.id == organisation_id)
    kept = db.session.execute(statement).scalar_one_or_none()
    if kept is None:
        return None
    return db.session.execute(
        visible_to(viewer).with_only_columns(Organisation.id).where(Organisation.id == kept)
    ).scalar()


def matches(text: str) -> sa.ColumnElement[bool]:
    """Code, stock code, present or former name, short name, or pinyin initials, however typed."""
    folded = folding.fold_company(text)
    code = folding.fold_uscc(text)
    former = sa.select(FormerName.organisation_id).where(FormerName.folded_name.contains(folded, autoescape=True))
    ways = [
        Organisation.folded_name.contains(folded, autoescape=True),
        Organisation.short_name.contains(text.strip(), autoescape=True),
        Organisation.id.in_(former),
    ]
    if folded.isascii():
        ways += [
            Organisation.pinyin.contains(folded, autoescape=True),
            Organisation.uscc.startswith(code, autoescape=True),
            Organisation.stock_code.startswith(code, autoescape=True),
        ]
    return sa.or_(*ways)


def same_name(name: str, *, but: int | None = None) -> sa.Select[Organisation]:
    """Live organisations that bear or bore a name."""
    folded = folding.fold_company(name)[:200]
    former = sa.select(FormerName.organisation_id).where(FormerName.folded_name == folded)
    statement = sa.select(Organisation).where(
        sa.or_(Organisation.folded_name == folded, Organisation.id.in_(former)), Organisation.merged_into_id.is_(None)
    )
    return statement if but is None else statement.where(Organisation.id != but)


def by_code(code: str) -> sa.Select[Organisation]:
    """The organisation of a credit code, merged or not."""
    return sa.select(Organisation).where(Organisation.uscc == folding.fold_uscc(code))


def history(organisation: Organisation, *, limit: int = 50) -> Sequence[Activity]:
    """What happened to a record and to those merged into it, newest first."""
    merged = sa.select(Organisation.id).where(Organisation.merged_into_id == organisation.id)
    statement = (
        sa.select(Activity)
        .where(Activity.subject_kind == "organisations")
        .where(sa.or_(Activity.subject_id == organisation.id, Activity.subject_id.in_(merged)))
        .order_by(Activity.id.desc())
        .limit(limit)
    )
    return db.session.execute(statement).scalars().all()


def founded_in(year: int) -> sa.ColumnElement[bool]:
    """Founded in that year."""
    return Organisation.founded.between(date(year, 1, 1), date(year, 12, 31))


def has_code(column: Any, code: str) -> sa.ColumnElement[bool]:
    """Does a list of codes contain this one? Works on the text of the list, as every database keeps it."""
    return sa.cast(column, sa.Text).contains(f'"{code}"', autoescape=True)


def waiting(viewer: Viewer) -> sa.Select[Any]:
    """How many organisations wait for a check."""
    return (
        sa.select(sa.func.count())
        .select_from(Organisation)
        .where(Organisation.state == OrganisationState.PENDING, Organisation.merged_into_id.is_(None))
        .where(in_regions(Organisation.region, viewer))
    )


def held(viewer: Viewer) -> sa.Select[HeldRecord]:
    """The held rows of a staff member's regions, those that wait first."""
    return sa.select(HeldRecord).where(in_regions(HeldRecord.region, viewer))


def people_visible_to(viewer: Viewer) -> sa.Select[Person]:
    """Staff see the people of their regions, everybody themselves."""
    shown = sa.and_(Person.user_id.is_not(None), Person.user_id == viewer.id)
    if viewer.has(Permission.DIRECTORY_READ):
        shown = sa.or_(shown, in_regions(Person.region, viewer))
    return sa.select(Person).where(shown)


def person_matches(text: str) -> sa.ColumnElement[bool]:
    """Name, unit, phone's or mail's beginning, or pinyin initials."""
    folded = folding.fold(text)
    ways = [
        Person.folded_name.contains(folded, autoescape=True),
        Person.unit_text.contains(text.strip(), autoescape=True),
        Person.discipline.contains(text.strip(), autoescape=True),
    ]
    if folded.isascii():
        ways += [
            Person.pinyin.contains(folded, autoescape=True),
            Person.phone.startswith(folding.digits(text) or "-", autoescape=True),
            Person.email.startswith(folded, autoescape=True),
        ]
    return sa.or_(*ways)


def documents_of(person_id: int) -> sa.Select[PersonDocument]:
    """A person's documents, the newest first."""
    return (
        sa.select(PersonDocument)
        .where(PersonDocument.person_id == person_id)
        .order_by(PersonDocument.year.desc().nulls_last(), PersonDocument.id)
    )


def closed_years(region: str) -> frozenset[int]:
    """The closed years of a region: those closed for itself or for a region above it."""
    statement = sa.select(ClosedYear.year).where(ClosedYear.region.in_((region, *ancestors(region))))
    return frozenset(db.session.execute(statement).scalars())
