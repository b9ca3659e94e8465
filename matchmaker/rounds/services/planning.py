"""Making a plan: for the whole round at first, afterwards for the needs that lack somebody."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import numpy as np
import sqlalchemy as sa

from matchmaker.activity import services as activity
from matchmaker.core import clock
from matchmaker.core.db import claim, db
from matchmaker.core.errors import Conflict, DomainError, NotPermitted
from matchmaker.directory.models import Person
from matchmaker.matching.models import Need
from matchmaker.matching.queries import LIVE
from matchmaker.matching.rules import MOST_WAITING, NeedState, RequestState
from matchmaker.matching.services import many
from matchmaker.rounds import access, engine, queries, rules
from matchmaker.rounds.models import MatchRound, RoundPair
from matchmaker.rounds.rules import Gap, PairState
from matchmaker.rounds.services.rounds import OPEN_NEEDS, drop_proposals

COUNTING = (*LIVE, RequestState.CLOSED)  # a pair in these states fills a place


def plan(row: MatchRound, *, actor: Any) -> int:
    """Propose helpers for whatever is still lacking; returns how many pairs. Who was asked stays as they are.

    The same round with the same profiles and the same seed gives the same plan.
    """
    if not access.may_lead(actor, row):
        raise NotPermitted("只能在您负责的区域组织批量对接")
    rules.check_open(row.state)
    seen = row.plan
    needs = [need for need in queries.needs_of(row.id) if need.state in OPEN_NEEDS]
    helpers = queries.helpers_of(row.id)
    pairs = [pair for pair in queries.pairs_of(row.id) if pair.request_id is not None]
    held = [pair for pair in pairs if pair.request is not None and pair.request.state in COUNTING]
    wanted = _lacking(row, needs, held)
    affected = [need for need in needs if wanted[need.id] > 0]
    if pairs and not affected:
        raise DomainError("没有需要补人的需求：邀请都在等待答复或已被接受")
    report, proposed = _solved(row, affected, helpers, pairs, held, wanted)
    if not claim(sa.update(MatchRound).where(MatchRound.id == row.id, MatchRound.plan == seen).values(plan=seen + 1)):
        raise Conflict("方案刚刚有变化，请核对后再发出")
    db.session.refresh(row)
    drop_proposals(row)
    db.session.add_all(proposed)
    row.report, row.updated = report, clock.now()
    activity.record("rounds.planned", subject=row, actor=actor, pairs=len(proposed), unserved=len(report["unserved"]))
    db.session.flush()
    return len(proposed)


def _lacking(row: MatchRound, needs: Sequence[Need], held: Sequence[RoundPair]) -> dict[int, int]:
    """How many each need still lacks; a need that somebody accepted is served."""
    count = Counter(pair.need_id for pair in held)
    met = {pair.need_id for pair in held if pair.request is not None and pair.request.state is not RequestState.ASKED}
    return {
        need.id: 0 if need.id in met or need.state is NeedState.MATCHED else max(row.per_need - count[need.id], 0)
        for need in needs
    }


def _room(row: MatchRound, helpers: Sequence[Person], held: Sequence[RoundPair]) -> list[int]:
    """How many needs each helper can still take: by the round, by free places, by questions that wait."""
    ids = [person.id for person in helpers]
    loads = Counter(pair.person_id for pair in held)
    places, waiting = queries.places(ids), queries.waiting(ids)
    return [
        max(
            0,
            min(
                row.per_helper - loads[key],
                places.get(key, row.per_helper) - waiting.get(key, 0),
                MOST_WAITING - waiting.get(key, 0),
            ),
        )
        for key in ids
    ]


def _solved(
    row: MatchRound,
    needs: Sequence[Need],
    helpers: Sequence[Person],
    pairs: Sequence[RoundPair],
    held: Sequence[RoundPair],
    wanted: dict[int, int],
) -> tuple[dict[str, Any], list[RoundPair]]:
    """(report, proposals)."""
    ids = [person.id for person in helpers]
    table = many.score_table(needs, ids)
    tried = {(pair.need_id, pair.person_id) for pair in pairs}
    standing = queries.standing([need.id for need in needs])
    gaps: list[list[str]] = []  # for each need and helper: why not; empty where nothing speaks against it
    for place, need in enumerate(needs):
        gaps.append(
            [_gap(row, table, place, column, (need.id, key), tried, standing) for column, key in enumerate(ids)]
        )
    allowed = np.array([[not gap for gap in line] for line in gaps], dtype=bool).reshape(len(needs), len(ids))
    lacking, room = [wanted[need.id] for need in needs], _room(row, helpers, held)
    found = engine.plan(table.scores, allowed, wanted=lacking, room=room, seed=row.seed, aim=row.aim)
    proposed = [
        RoundPair(
            round_id=row.id,
            need_id=needs[place].id,
            person_id=ids[column],
            state=PairState.PROPOSED,
            score=_exact(table.scores[place, column]),
            reason="",
        )
        for place, column in found.pairs
    ]
    return _report(found, [float(table.scores[pair]) for pair in found.pairs], needs, ids, gaps), proposed


def _report(
    found: engine.Planned, scores: Sequence[float], needs: Sequence[Need], ids: Sequence[int], gaps: list[list[str]]
) -> dict[str, Any]:
    """What the page tells of a plan, with ids for names."""
    return {
        "needs": len(needs),
        "total": str(_exact(found.total)),
        "worst": str(_exact(min(scores))) if scores else None,
        "least": _told(found.least),
        "raised": None
        if found.raised is None
        else {
            "total": _told(found.raised.total),
            "least": _told(found.raised.least),
            "ceiling": _told(found.raised.ceiling),
            "proved": found.raised.proved,
        },
        "unserved": [
            {"need": needs[place].id, "gaps": {Gap.FULL.value: 1} if place in found.full else Counter(gaps[place])}
            for place in found.unserved
        ],
        "blocking": [
            {
                "sentence": proof.sentence,
                "needs": [needs[place].id for place in proof.items],
                "people": [ids[column] for column in proof.people],
                "need": proof.need,
                "available": proof.available,
            }
            for proof in found.blocking
        ],
    }


def _gap(row, table, place: int, column: int, key: tuple[int, int], tried, standing) -> str:
    if key in tried:
        return Gap.TRIED.value
    if key in standing:
        return Gap.STANDING.value
    barrier = table.barriers[place][column]
    if barrier is not None:
        return str(barrier.value)
    below = table.scores[place, column] <= 0 or 100 * table.scores[place, column] < row.floor
    return Gap.BELOW_FLOOR.value if below else ""


def _told(value: float | None) -> str | None:
    return None if value is None else str(_exact(value))


def _exact(value: Any) -> Decimal:
    return Decimal(str(round(float(value), 6)))
