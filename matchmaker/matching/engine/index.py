"""All profiles in memory: ranks them for a need, explains, and takes changes without a new fit.

A query goes twice over the profiles: all of them in 32 bits, to see who stands near the top, then those few exactly.
Every ranking, single pair and batch takes its scores from the second step, so that a pair has one score.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from typing import Any

import numpy as np

from matchmaker.core.errors import Missing
from matchmaker.matching.engine import explain, features, ranking
from matchmaker.matching.engine.comparing import Asked, Chosen, Compared, Sieve
from matchmaker.matching.engine.meanings import Meanings, Middle
from matchmaker.matching.engine.postings import Postings, Written
from matchmaker.matching.engine.profiles import Need, Profile, barrier
from matchmaker.matching.engine.ranking import Match, Ranking
from matchmaker.matching.engine.scales import Chances, Scale
from matchmaker.matching.engine.sides import Sides
from matchmaker.matching.engine.spreading import spread
from matchmaker.matching.engine.vectors import TermSpace
from matchmaker.matching.rules import Barrier

FIRST_LOOK = 4  # times k rows are compared exactly at first
PIECE = 4096  # rows compared exactly at once where all are wanted


class ProfileIndex:
    """Exact search over profiles.

    Term weights are learnt once, by `fit`; `put` and `remove` change what is found at once and leave the weights alone,
    so no other profile's score moves. Fit again (nightly) when much has changed. One writer at a time.
    """

    def __init__(self, space: TermSpace, middle: Middle | None = None) -> None:
        self.space = space
        self.postings = Postings()
        self.middle = middle
        self.sides = Sides()
        self.learnt: Chances | None = None  # ranks in place of the weights set by hand
        self.ids: list[str] = []
        self._foreseen: dict[str, np.ndarray | None] | None = None  # what needs mean, where it was found elsewhere
        self._profiles: list[Profile | None] = []  # by row; None once removed
        self._rows: dict[str, int] = {}

    @classmethod
    def fit(cls, profiles: Iterable[Profile], meanings: Meanings | None = None) -> ProfileIndex:
        """Learn term weights from all documents and index them; the order of `profiles` does not matter."""
        profiles = sorted(profiles, key=lambda profile: (-len(profile.documents), profile.id))
        texts = [text for profile in profiles for text, _ in profile.documents]
        space, rows = TermSpace.fit_transform(texts)
        index = cls(space, None if meanings is None else Middle(meanings, texts))
        for profile in profiles:
            index._enter(profile)
        index.postings.extend(index._written(profiles, rows))
        return index

    def __len__(self) -> int:
        return len(self._rows)

    @property
    def engine(self) -> str:
        """The model that compares meanings, in its version; empty where words alone decide."""
        return self.middle.source.name if self.middle is not None and self.middle.seen else ""

    def scale(self, need: Need) -> Scale:
        """How this need's scores are made at present."""
        return ranking.scale(need) if self.learnt is None else self.learnt.scale(features.stated(need))

    def __contains__(self, profile_id: str) -> bool:
        return profile_id in self._rows

    def put(self, profile: Profile) -> None:
        """Add a profile or replace the one of the same id; it is found by the next query."""
        rows = self.space.rows(text for text, _ in profile.documents)
        if profile.id in self._rows:
            self.remove(profile.id)
        self._enter(profile)
        self.postings.append(self._written([profile], rows))

    def remove(self, profile_id: str) -> None:
        """Forget a profile. Raises Missing where there is none."""
        row = self.row(profile_id)
        self._profiles[row] = None
        self.sides.leave(row)
        del self._rows[profile_id]

    def top(self, need: Need, k: int = 20) -> Ranking:
        """The k best profiles that anything speaks for and no hard rule forbids, best first.

        Raises DomainError where the need says nothing.
        """
        need.check()
        asked = Asked(self, need)
        sieve, wanted = Sieve(self, asked), max(FIRST_LOOK * k, 64)
        while True:
            rows, least = sieve.nearest(wanted)
            found = Compared(self, asked, Chosen(self, rows))
            chosen = self._chosen(need, found, k)
            complete = len(chosen.matches) == k and chosen.matches[-1].evidence >= least
            if complete or len(rows) == sieve.count():
                return self._with_other_kinds(chosen, asked, sieve, k)
            wanted *= 4

    def tops(self, needs: Sequence[Need], k: int = 20) -> Iterator[Ranking]:
        """`top` of many needs, in their order; very many are shared out among processes."""
        return spread(partial(_tops, self, k), needs)

    def among(self, need: Need, profile_ids: Sequence[str], k: int = 20) -> Ranking:
        """The k best of some candidates that another index proposed; the same scores as in `top`."""
        need.check()
        rows = np.array(sorted(self._rows[key] for key in set(profile_ids) if key in self._rows), dtype=np.int64)
        return self._chosen(need, Compared(self, Asked(self, need), Chosen(self, rows)), k)

    def match(self, need: Need, profile_id: str) -> Match:
        """The score of one pair, whatever the hard rules say; the same figure as in any ranking."""
        return self.matches(need, [profile_id])[0]

    def matches(self, need: Need, profile_ids: Sequence[str] | None = None) -> list[Match]:
        """The scores of some pairs, or of all profiles by id, whatever the hard rules say."""
        wanted = sorted(self._rows) if profile_ids is None else profile_ids
        order = [self.row(key) for key in wanted]
        found: dict[int, Match] = {}
        for piece in self._pieces(need, order):
            found |= {int(row): piece.match(place) for place, row in enumerate(piece.rows)}
        return [found[row] for row in order]

    def scores(self, need: Need, profile_ids: Sequence[str]) -> np.ndarray:
        """The scores of `matches` alone, shape (n_profile_ids,)."""
        return self.table([need], profile_ids)[0]

    def table(self, needs: Sequence[Need], profile_ids: Sequence[str]) -> np.ndarray:
        """The scores of all pairs, shape (n_needs, n_profile_ids), whatever the hard rules say.

        The profiles' documents are gathered once for all needs; a pair has the figure that it has alone.
        """
        order = np.array([self.row(key) for key in profile_ids], dtype=np.int64)
        rows = np.unique(order)
        for need in needs:
            need.check()
        asked = [Asked(self, need) for need in needs]
        found = np.zeros((len(needs), len(rows)))
        for start in range(0, len(rows), PIECE):
            some = Chosen(self, rows[start : start + PIECE])
            for place, each in enumerate(asked):
                found[place, start : start + PIECE] = Compared(self, each, some).scores
        return found[:, np.searchsorted(rows, order)]

    def meant(self, needs: Iterable[Need]) -> dict[str, np.ndarray | None]:
        """The vectors of what needs mean, by text; None where words alone decide."""
        if self._foreseen is not None:
            return {need.text: self._foreseen[need.text] for need in needs}
        return {need.text: None if self.middle is None else self.middle.asked(need.text) for need in needs}

    def travelling(self) -> ProfileIndex:
        """This index for another machine, where neither encoder nor database is at hand."""
        copied = copy.copy(self)
        copied.middle, copied._foreseen = None, {}
        return copied

    def foreseeing(self, meant: dict[str, np.ndarray | None]) -> ProfileIndex:
        """This index with what some needs mean, as `meant` found it at home."""
        copied = copy.copy(self)
        copied._foreseen = meant
        return copied

    def _pieces(self, need: Need, order: Sequence[int]) -> Iterator[Compared]:
        need.check()
        asked, rows = Asked(self, need), np.unique(np.array(order, dtype=np.int64))
        return (
            Compared(self, asked, Chosen(self, rows[start : start + PIECE])) for start in range(0, len(rows), PIECE)
        )

    def explain(self, need: Need, matches: Iterable[Match]) -> list[explain.Explanation]:
        """For each match, the phrases and features that made its score."""
        matches = list(matches)
        rows = np.array(sorted({self.row(match.profile_id) for match in matches}), dtype=np.int64)
        compared = Compared(self, Asked(self, need), Chosen(self, rows))
        return [compared.explanation(match) for match in matches]

    def row(self, profile_id: str) -> int:
        """Where a profile stands. Raises Missing where there is none."""
        try:
            return self._rows[profile_id]
        except KeyError:
            raise Missing("没有找到这位服务者，请刷新页面后再试") from None

    def profile(self, row: int) -> Profile:
        """The profile of a row that was not removed."""
        profile = self._profiles[row]
        if profile is None:
            raise LookupError(f"row {row} was removed")
        return profile

    def profiles(self) -> Iterator[Profile]:
        """Everybody, in the order of rows."""
        return (profile for profile in self._profiles if profile is not None)

    def _chosen(self, need: Need, found: Compared, k: int) -> Ranking:
        matches: list[Match] = []
        aside: list[tuple[str, Barrier]] = []
        for place in ranking.best_first(found.evidence, found.ids, np.flatnonzero(found.evidence > 0)):
            if len(matches) == k:
                break
            reason = barrier(need, self.profile(int(found.rows[place])))
            if reason is None:
                matches.append(found.match(place))
            else:
                aside.append((found.ids[place], reason))
        return Ranking(tuple(matches), tuple(aside))

    def _with_other_kinds(self, chosen: Ranking, asked: Asked, sieve: Sieve, k: int) -> Ranking:
        """With the best of those who serve needs of another kind, as long as they would stand among the best."""
        if not asked.need.profile_kinds:
            return chosen
        last = chosen.matches[-1].evidence if len(chosen.matches) == k else 0.0
        rows = sieve.others(k, above=last)
        found = Compared(self, asked, Chosen(self, rows))
        places = ranking.best_first(found.evidence, found.ids, np.flatnonzero(found.evidence > last))[:k]
        others = tuple((found.ids[place], Barrier.WRONG_KIND) for place in places)
        return Ranking(chosen.matches, (*chosen.set_aside, *others))

    def _enter(self, profile: Profile) -> None:
        if profile.id in self._rows:
            raise ValueError(f"two profiles have the id {profile.id}")
        self._rows[profile.id] = len(self._profiles)
        self._profiles.append(profile)
        self.ids.append(profile.id)
        self.sides.enter(profile)

    def _written(self, profiles: Sequence[Profile], rows: Any) -> Written:
        weights = [weight for profile in profiles for _, weight in profile.documents]
        counts = np.array([len(profile.documents) for profile in profiles], dtype=np.int64)
        totals = [sum(weight for _, weight in profile.documents) for profile in profiles]
        vectors = None
        if self.middle is not None:
            vectors = self.middle.of([text for profile in profiles for text, _ in profile.documents])
        return Written(rows, counts, np.array(weights, dtype=float) / np.repeat(totals, counts), vectors)


def _tops(index: ProfileIndex, k: int, needs: Sequence[Need]) -> list[Ranking]:
    return [index.top(need, k) for need in needs]
