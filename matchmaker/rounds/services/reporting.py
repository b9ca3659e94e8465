"""What a plan comes to, and how the answers stand, for the page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from flask_babel import gettext

from matchmaker.core.feasibility import Blocking
from matchmaker.matching import queries as matching
from matchmaker.matching.rules import Barrier, RequestState
from matchmaker.rounds import queries
from matchmaker.rounds.models import MatchRound, RoundPair
from matchmaker.rounds.rules import Gap

MET = (RequestState.ACCEPTED, RequestState.CLOSED)
LABELS = {member.value: member.label for kind in (Barrier, Gap) for member in kind}


@dataclass(frozen=True)
class Unserved:
    """A need that nobody was found for: (reason, how many of the chosen helpers), most frequent first."""

    need_id: int
    title: str
    reasons: Sequence[tuple[str, int]]


@dataclass(frozen=True)
class Raised:
    """What the worst-off need and the sum would be under the largest sum, in points of a hundred."""

    least: int | None
    total: int | None
    ceiling: int | None
    proved: bool


@dataclass(frozen=True)
class Told:
    """The figures of a round."""

    needs: int
    helpers: int
    served: int  # needs with somebody proposed, asked or agreed
    accepted: int
    waiting: int
    declined: int
    total: int | None  # points of a hundred, over the pairs of the last plan
    worst: int | None
    least: int | None  # of the worst-off need, over all its helpers
    raised: Raised | None
    unserved: Sequence[Unserved]
    proofs: Sequence[str]


def told(row: MatchRound, pairs: Sequence[RoundPair]) -> Told:
    """Read the last report with today's names."""
    needs = {need.id: need for need in queries.needs_of(row.id)}
    helpers = queries.helpers_of(row.id)
    report = row.report or {}
    requests = [pair.request for pair in pairs if pair.request is not None]
    live = {pair.need_id for pair in pairs if pair.request is None or pair.request.state in (*matching.LIVE, *MET)}
    return Told(
        needs=len(needs),
        helpers=len(helpers),
        served=len(live),
        accepted=sum(request.state in MET for request in requests),
        waiting=sum(request.state is RequestState.ASKED for request in requests),
        declined=sum(request.state in (RequestState.DECLINED, RequestState.EXPIRED) for request in requests),
        total=_points(report.get("total")),
        worst=_points(report.get("worst")),
        least=_points(report.get("least")),
        raised=_raised(report.get("raised")),
        unserved=[_unserved(item, needs) for item in report.get("unserved", ()) if item["need"] in needs],
        proofs=[
            _proof(item, needs, {person.id: person.name for person in helpers}) for item in report.get("blocking", ())
        ],
    )


def _raised(kept: dict[str, Any] | None) -> Raised | None:
    if not kept:
        return None
    least, total, ceiling = (_points(kept[name]) for name in ("least", "total", "ceiling"))
    return Raised(least, total, ceiling, kept["proved"])


def _points(value: Any) -> int | None:
    return None if value is None else round(100 * Decimal(str(value)))


def _unserved(item: dict[str, Any], needs: dict[int, Any]) -> Unserved:
    gaps = sorted(item["gaps"].items(), key=lambda pair: (-pair[1], pair[0]))
    known = [(gettext(LABELS[gap]), count) for gap, count in gaps if gap in LABELS]
    return Unserved(item["need"], needs[item["need"]].title, known or [(gettext(Gap.NOBODY.label), 0)])


def _proof(item: dict[str, Any], needs: dict[int, Any], people: dict[int, str]) -> str:
    """The proof that some needs cannot all have somebody, with names."""
    rows = [key for key in item["needs"] if key in needs]
    columns = [key for key in item["people"] if key in people]
    proof = Blocking(
        item["sentence"], tuple(range(len(rows))), tuple(range(len(columns))), item["need"], item["available"]
    )
    return proof.text([needs[key].title for key in rows], [people[key] for key in columns], translate=gettext)
