"""Which titles exist for whom, and which count on a day."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import sqlalchemy as sa

from matchmaker.accounts.rules import Permission
from matchmaker.core.db import db
from matchmaker.core.folding import fold_company, fold_uscc
from matchmaker.core.regions import region_prefix
from matchmaker.core.viewer import Viewer, in_regions
from matchmaker.directory.models import FormerName, Organisation
from matchmaker.directory.rules import OrganisationState
from matchmaker.evaluation.models import Title
from matchmaker.evaluation.rules import TitleKind

GONE = (OrganisationState.MOVED_OUT, OrganisationState.DEREGISTERED)


def visible_to(viewer: Viewer) -> sa.Select[Title]:
    """The titles of a staff member's regions, and those of one's own organisations."""
    shown: sa.ColumnElement[bool] = Title.organisation_id.in_(sorted(viewer.organisation_ids))
    if viewer.has(Permission.TARGETS_READ):
        shown = sa.or_(shown, in_regions(Title.region, viewer))
    return sa.select(Title).where(shown)


def listed(viewer: Viewer, _scope: Mapping[str, str]) -> sa.Select[Title]:
    """The ledger of a staff member's regions."""
    return sa.select(Title).where(in_regions(Title.region, viewer))


def of_organisation(viewer: Viewer, organisation_id: int) -> sa.Select[Title]:
    """An organisation's titles as this person may see them, the latest first."""
    return (
        visible_to(viewer)
        .where(Title.organisation_id == organisation_id)
        .order_by(Title.valid_from.desc(), Title.id.desc())
    )


def numbered(kind: TitleKind, number: str) -> sa.Select[Title]:
    """The title with that number."""
    return sa.select(Title).where(Title.kind == kind, Title.number == number)


def inside(region: str) -> sa.ColumnElement[bool]:
    """Titles of a region and of those within it."""
    return Title.region.like(region_prefix(region) + "%")


def live_on(day: date) -> sa.ColumnElement[bool]:
    """Titles in force on a day: the first and the last day count, the day of an early end does not."""
    return sa.and_(
        Title.valid_from <= day,
        sa.or_(Title.valid_to.is_(None), Title.valid_to >= day),
        sa.or_(Title.ended.is_(None), Title.ended > day),
    )


def live(kind: TitleKind, region: str, day: date) -> sa.Select[Title]:
    """Every title of a kind in force on a day; a title with co-owners is one title."""
    return sa.select(Title).where(Title.kind == kind, inside(region), live_on(day)).order_by(Title.valid_from, Title.id)


def live_firms(kind: TitleKind, region: str, day: date) -> sa.Select[Title]:
    """One title for each different firm that holds one on that day, its latest.

    A firm that moved out or was struck off counts up to the day before. Holders that are not in the directory are
    told apart by their folded names.
    """
    unknown = sa.case((Title.organisation_id.is_(None), Title.folded_holder))
    gone = sa.and_(
        Organisation.state.in_(GONE), sa.or_(Organisation.state_since.is_(None), Organisation.state_since <= day)
    )
    rank = sa.func.row_number().over(
        partition_by=[Title.organisation_id, unknown], order_by=[Title.valid_from.desc(), Title.id.desc()]
    )
    ranked = (
        sa.select(Title.id.label("id"), rank.label("rank"))
        .outerjoin(Organisation, Organisation.id == Title.organisation_id)
        .where(Title.kind == kind, inside(region), live_on(day))
        .where(sa.or_(Organisation.id.is_(None), sa.not_(gone)))
        .subquery()
    )
    return (
        sa.select(Title)
        .join(ranked, ranked.c.id == Title.id)
        .where(ranked.c.rank == 1)
        .order_by(Title.valid_from, Title.id)
    )


def anything_known(kind: TitleKind, region: str, day: date) -> bool:
    """Was any title of this kind on record by that day? Without one the number is unknown, which is not zero."""
    statement = sa.select(Title.id).where(Title.kind == kind, inside(region), Title.valid_from <= day).limit(1)
    return db.session.execute(statement).first() is not None


def organisations_named(texts: list[str]) -> dict[str, Organisation]:
    """Organisations by credit code, full name or former name, keyed by what was written; three queries at most."""
    found: dict[str, Organisation] = {}
    codes = {fold_uscc(text): text for text in texts if text}
    names = {fold_company(text): text for text in texts if text}
    living = Organisation.merged_into_id.is_(None)
    former = sa.select(FormerName.folded_name, Organisation).join(FormerName.organisation)
    for folded, row in db.session.execute(former.where(FormerName.folded_name.in_(names), living)):
        found[names[folded]] = row
    for row in db.session.execute(sa.select(Organisation).where(Organisation.folded_name.in_(names), living)).scalars():
        found[names[row.folded_name]] = row
    for row in db.session.execute(sa.select(Organisation).where(Organisation.uscc.in_(codes), living)).scalars():
        found[codes[row.uscc or ""]] = row
    return found


def known_numbers(pairs: list[tuple[Any, str]]) -> dict[tuple[TitleKind, str], Title]:
    """The titles on record among these kinds and numbers."""
    statement = sa.select(Title).where(Title.number.in_({number for _kind, number in pairs}))
    rows = db.session.execute(statement).unique().scalars()
    return {(row.kind, row.number): row for row in rows}
