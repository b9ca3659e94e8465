"""Whom an entry is bound to, and whom its entrants ask to stay away: shown to the entrants themselves."""

from __future__ import annotations

import sqlalchemy as sa

from matchmaker.competition.models import EntryTie, RecusalWish


def ties_of(entry_id: int) -> sa.Select[EntryTie]:
    """Shareholders, officers, investors and fellow authors as they were written down."""
    return sa.select(EntryTie).where(EntryTie.entry_id == entry_id).order_by(EntryTie.id)


def wishes_of(entry_id: int) -> sa.Select[RecusalWish]:
    """What is asked for and was not taken back."""
    return (
        sa.select(RecusalWish)
        .where(RecusalWish.entry_id == entry_id, RecusalWish.withdrawn.is_(None))
        .order_by(RecusalWish.id)
    )
