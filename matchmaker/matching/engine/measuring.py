"""What came of needs and of the suggestions for them, counted: pure figures for the staff page."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import fmean, median
from typing import TypeVar

from matchmaker.matching.engine import evaluation
from matchmaker.matching.rules import OVER, Reply, Result

Group = TypeVar("Group", bound=Hashable)
PLACES = 10  # of the suggestions that are judged
MET, MET_WELL = 1.0, 2.0  # what an accepted helper is worth, and one whose session was rated


@dataclass(frozen=True)
class Session:
    """A session held for a request; it counts once both sides have confirmed it."""

    confirmed: bool
    points: int | None = None


@dataclass(frozen=True)
class Asked:
    """A request and what came of it. Offers of helpers have no reply to wait for: they were the first to speak."""

    need: int
    person: int
    reply: Reply
    offered: bool = False
    wait: timedelta | None = None  # from the question to the answer
    sessions: tuple[Session, ...] = ()
    result: Result | None = None

    @property
    def gain(self) -> float:
        """How good it was to suggest this helper."""
        if self.reply is not Reply.ACCEPTED:
            return 0.0
        return MET_WELL if any(session.points is not None for session in self.sessions) else MET


@dataclass(frozen=True)
class Figures:
    """Counts of some needs; shares and means are None where there is nothing to divide by.

    over : questions that were answered or ran out, of which `accepted` is a share
    answers : those with an answer, from whose times `wait` is the middle one
    rated : confirmed sessions with points, of which `points` is the mean
    judged : needs with suggestions and somebody who accepted; `ndcg` is their mean
    """

    needs: int
    shown: int
    asked: int
    over: int
    accepted: int
    answers: int
    wait: timedelta | None
    sessions: int
    rated: int
    points: float | None
    results: Mapping[Result, int]
    judged: int
    ndcg: float | None

    @property
    def acceptance(self) -> float | None:
        return self.accepted / self.over if self.over else None

    @property
    def rated_share(self) -> float | None:
        return self.rated / self.sessions if self.sessions else None

    @property
    def outcomes(self) -> int:
        return sum(self.results.values())


def figures(needs: Collection[int], shown: Mapping[int, Sequence[int]], requests: Sequence[Asked]) -> Figures:
    """Count what came of these needs.

    Parameters
    ----------
    shown : for each need, the people its owner was shown, in the order in which they were first seen
    requests : of these needs, others are passed over
    """
    mine = [request for request in requests if request.need in needs]
    put = [request for request in mine if not request.offered]
    waits = [request.wait for request in put if request.wait is not None]
    held = [session for request in mine for session in request.sessions if session.confirmed]
    points = [session.points for session in held if session.points is not None]
    quality = _quality({need: shown[need] for need in needs if shown.get(need)}, mine)
    return Figures(
        needs=len(needs),
        shown=sum(len(shown.get(need, ())) for need in needs),
        asked=len(put),
        over=sum(request.reply in OVER for request in put),
        accepted=sum(request.reply is Reply.ACCEPTED for request in put),
        answers=len(waits),
        wait=timedelta(seconds=median(wait.total_seconds() for wait in waits)) if waits else None,
        sessions=len(held),
        rated=len(points),
        points=fmean(points) if points else None,
        results=Counter(request.result for request in mine if request.result is not None),
        judged=len(quality),
        ndcg=fmean(quality) if quality else None,
    )


def grouped(
    needs: Mapping[int, Group], shown: Mapping[int, Sequence[int]], requests: Sequence[Asked]
) -> dict[Group, Figures]:
    """`figures` of each group of needs; every request is looked at once."""
    members: dict[Group, set[int]] = {}
    for need, group in needs.items():
        members.setdefault(group, set()).add(need)
    by_group: dict[Group, list[Asked]] = {group: [] for group in members}
    for request in requests:
        if request.need in needs:
            by_group[needs[request.need]].append(request)
    return {group: figures(ids, shown, by_group[group]) for group, ids in members.items()}


def _quality(shown: Mapping[int, Sequence[int]], requests: Sequence[Asked]) -> list[float]:
    """nDCG of the suggestions of each need that found somebody; who accepted without being suggested was missed."""
    gains: dict[int, dict[str, float]] = {}
    for request in requests:
        if request.gain and request.need in shown:
            found = gains.setdefault(request.need, {})
            found[str(request.person)] = max(request.gain, found.get(str(request.person), 0.0))
    return [evaluation.ndcg([str(person) for person in shown[need]], gains[need], k=PLACES) for need in sorted(gains)]


@dataclass(frozen=True)
class Spread:
    """How widely suggestions reach: share of the helpers suggested at least once, and inequality (0 all alike)."""

    helpers: int
    suggested: int
    gini: float

    @property
    def coverage(self) -> float:
        return self.suggested / self.helpers


def spread(shown: Mapping[int, Sequence[int]], helpers: Collection[int]) -> Spread | None:
    """None where there is no helper to suggest, or nothing was suggested."""
    rankings = [[str(person) for person in people] for people in shown.values()]
    profiles = {str(person) for person in helpers}
    if not profiles or not any(rankings):
        return None
    reached = evaluation.coverage(rankings, profiles)
    return Spread(len(profiles), round(reached * len(profiles)), evaluation.exposure_gini(rankings, profiles))


def first_seen(rows: Sequence[tuple[int, int, date, int]]) -> dict[int, list[int]]:
    """For each need the people in the order in which they were first seen, from (need, person, day, place) rows."""
    found: dict[int, list[int]] = {}
    known: set[tuple[int, int]] = set()
    for need, person, _day, _place in sorted(rows, key=lambda row: (row[0], row[2], row[3], row[1])):
        if (need, person) not in known:
            known.add((need, person))
            found.setdefault(need, []).append(person)
    return found
