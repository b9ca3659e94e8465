"""Earlier prizes, certificates on record, and earlier entries with nearly the same words."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Any

import sqlalchemy as sa

from matchmaker.competition.models import Contest, ContestGroup, Entry, PriorWin, Standing
from matchmaker.competition.rules import likeness
from matchmaker.competition.rules.states import EntryState
from matchmaker.core.db import db
from matchmaker.core.folding import fold, fold_company
from matchmaker.core.viewer import Viewer, in_regions
from matchmaker.evaluation import queries as titles
from matchmaker.evaluation.models import Title
from matchmaker.evaluation.rules import TitleKind

WON = (EntryState.AWARDED, EntryState.PAID, EntryState.FOLLOWED)
HANDED_IN = tuple(s for s in EntryState if s not in (EntryState.DRAFT, EntryState.WITHDRAWN))
MOST_ALIKE = 5


def own_wins(entry: Entry) -> sa.Select[Any, Any, Any, Any]:
    """(year, group, contest, prize) of this platform's contests: of the firm, or of the same person's teams."""
    statement = (
        sa.select(Contest.year, ContestGroup.code, Contest.title, Standing.prize)
        .select_from(Entry)
        .join(Contest, Contest.id == Entry.contest_id)
        .join(ContestGroup, ContestGroup.id == Entry.group_id)
        .outerjoin(Standing, Standing.entry_id == Entry.id)
        .where(Entry.state.in_(WON), Entry.id != entry.id)
    )
    if entry.organisation is not None:
        return statement.where(Entry.organisation_id == entry.organisation.id)
    return statement.where(Entry.organisation_id.is_(None), Entry.user_id == entry.user_id)


def listed_wins(entry: Entry) -> sa.Select[PriorWin]:
    """Prizes on imported lists: by credit code, by any name the firm had, or the same project of a team."""
    firm = entry.organisation
    if firm is None:
        same = sa.or_(
            PriorWin.folded_project == fold(entry.title)[:200],
            PriorWin.folded_name == fold_company(entry.team_name or "")[:200],
        )
        return sa.select(PriorWin).where(same, PriorWin.uscc == "").order_by(PriorWin.year, PriorWin.id)
    names = [firm.folded_name, *(row.folded_name for row in firm.names)]
    same = PriorWin.folded_name.in_(names)
    if firm.uscc:
        # another firm of the same name has another code
        same = sa.or_(PriorWin.uscc == firm.uscc, sa.and_(same, PriorWin.uscc == ""))
    return sa.select(PriorWin).where(same).order_by(PriorWin.year, PriorWin.id)


def wins_managed_by(viewer: Viewer, _scope: Any = None) -> sa.Select[PriorWin]:
    """The imported lists of a staff member's regions."""
    return sa.select(PriorWin).where(in_regions(PriorWin.region, viewer))


def titles_of(organisation_id: int, day: date) -> sa.Select[Title]:
    """The certificates of a firm in force on a day."""
    kinds = (TitleKind.TECH_SME, TitleKind.HNTE)
    return (
        sa.select(Title)
        .where(Title.organisation_id == organisation_id, Title.kind.in_(kinds), titles.live_on(day))
        .order_by(Title.valid_from, Title.id)
    )


def register_holders(numbers: Collection[str]) -> list[int | None]:
    """Whose numbers they are in the register."""
    kinds = (TitleKind.TECH_SME, TitleKind.HNTE)
    statement = sa.select(Title.organisation_id).where(Title.kind.in_(kinds), Title.number.in_(numbers))
    return list(db.session.execute(statement).scalars())


def alike(entry: Entry) -> list[Entry]:
    """Entries handed in before with nearly the same words, the likest first; one's own withdrawn ones do not count."""
    if not entry.mark:
        return []
    earlier = sa.select(Entry.id, Entry.mark).where(Entry.id != entry.id, Entry.state.in_(HANDED_IN), Entry.mark != "")
    if entry.submitted is not None:
        earlier = earlier.where(Entry.submitted <= entry.submitted)
    marks = db.session.execute(earlier)
    near = likeness.near(entry.mark, [(key, mark) for key, mark in marks])
    if not near:
        return []
    own = (entry.title, entry.summary)
    rows = db.session.execute(sa.select(Entry).where(Entry.id.in_(near[:500]))).unique().scalars()
    shares = {row: likeness.likeness(own, (row.title, row.summary)) for row in rows}
    found = [row for row, share in shares.items() if share >= likeness.ALIKE]
    return sorted(found, key=lambda row: (-shares[row], row.id))[:MOST_ALIKE]
