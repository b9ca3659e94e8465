"""Writing down who was shown to whom: once for a need, a person, a side and a day, never twice, never in the way."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from flask import current_app
from sqlalchemy.dialects import postgresql, sqlite

from matchmaker.core import clock
from matchmaker.core.db import db
from matchmaker.matching import gateways, queries
from matchmaker.matching.models import Impression
from matchmaker.matching.rules import Side

LEXICAL = "lexical"
Shown = tuple[int, int, dict[str, Any]]  # need, person, explanation; in the order shown


def engine_name() -> str:
    """What ranks at present."""
    return str(getattr(gateways.holder_of(current_app).index, "engine", "") or LEXICAL)[:60]


def unwritten(shown: Sequence[Shown], *, side: Side) -> list[tuple[int, Shown]]:
    """What of it was not written down today yet, with its place; most visits find nothing to write."""
    pairs = [(need, person) for need, person, _why in shown]
    known = queries.seen_on(clock.today(), pairs, side=side)
    return [(place, row) for place, row in enumerate(shown, start=1) if (row[0], row[1]) not in known]


def write(rows: Sequence[tuple[int, Shown]], *, side: Side) -> None:
    """Write rows of `unwritten`; who writes the same at the same moment changes nothing."""
    if not rows:
        return
    values = [
        {
            "need_id": need,
            "person_id": person,
            "side": side,
            "day": clock.today(),
            "rank": place,
            "score": Decimal(str(round(why["raw"], 6))),
            "engine": engine_name(),
            "weights_id": why.get("basis", {}).get("learnt") or None,
            "basis": why.get("basis", {}),
        }
        for place, (need, person, why) in rows
    ]
    insert: Any = postgresql.insert if db.engine.dialect.name == "postgresql" else sqlite.insert
    statement: sa.Insert = insert(Impression).values(values).on_conflict_do_nothing()
    db.session.execute(statement)
