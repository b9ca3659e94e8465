"""All profiles in memory: ranks them for a need, explains, and takes changes without a new fit."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping
from functools import cached_property

import numpy as np
from scipy import sparse

from matchmaker.core.errors import Missing
from matchmaker.matching.engine import explain, features, ranking, similarity
from matchmaker.matching.engine.features import Feature
from matchmaker.matching.engine.profiles import Need, Profile, barrier
from matchmaker.matching.engine.ranking import Match, Ranking
from matchmaker.matching.engine.vectors import TermSpace
from matchmaker.matching.rules import Barrier

SEGMENT = 1000  # documents after which the growing tail is closed and a new one begun


class ProfileIndex:
    """Exact search over profiles.

    Term weights are learnt once, by `fit`; `put` and `remove` change what is found at once and leave the weights alone,
    so no other profile's score moves. Fit again (nightly) when much has changed. One writer at a time.
    """

    def __init__(self, space: TermSpace) -> None:
        self._space = space
        self._segments: list[sparse.csr_array] = []  # each (n_terms, n_documents), closed
        self._tail: list[sparse.csr_array] = []  # each (n_documents, n_terms), rows of added profiles
        self._owner: list[int] = []  # row of the profile of each document
        self._share: list[float] = []  # weight of each document in its profile
        self._spans: list[tuple[int, int]] = []  # documents of each row
        self._profiles: list[Profile | None] = []  # by row; None once removed
        self._rows: dict[str, int] = {}
        self._ids: list[str] = []
        self._signatures = {feature: _Signatures() for feature in Feature}
        self._arrays: tuple[np.ndarray, np.ndarray, np.ndarray] | None = None

    @classmethod
    def fit(cls, profiles: Iterable[Profile]) -> ProfileIndex:
        """Learn term weights from all documents and index them; the order of `profiles` does not matter."""
        profiles = sorted(profiles, key=lambda profile: profile.id)
        space, rows = TermSpace.fit_transform([text for profile in profiles for text, _ in profile.documents])
        index = cls(space)
        for profile in profiles:
            index._enter(profile)
        if rows.shape[0]:
            index._segments.append(sparse.csr_array(rows.T))
        return index

    def __len__(self) -> int:
        return len(self._rows)

    def __contains__(self, profile_id: str) -> bool:
        return profile_id in self._rows

    def put(self, profile: Profile) -> None:
        """Add a profile or replace the one of the same id; it is found by the next query."""
        rows = self._space.rows(text for text, _ in profile.documents)
        if profile.id in self._rows:
            self.remove(profile.id)
        self._enter(profile)
        if rows.shape[0]:
            self._tail.append(rows)
        if sum(block.shape[0] for block in self._tail) >= SEGMENT:
            self._segments.append(self._joined_tail())
            self._tail = []

    def remove(self, profile_id: str) -> None:
        """Forget a profile. Raises Missing where there is none."""
        self._profiles[self._row(profile_id)] = None
        del self._rows[profile_id]
        self._arrays = None

    def top(self, need: Need, k: int = 20) -> Ranking:
        """The k best profiles with a score above 0 that no hard rule forbids, best first.

        Raises DomainError where the need says nothing.
        """
        need.check()
        matches: list[Match] = []
        aside: list[tuple[str, Barrier]] = []
        compared = _Compared(self, need)
        for row in _descending(compared.scores, self._ids, k):
            if len(matches) == k:
                break
            reason = barrier(need, self._profile(row))
            if reason is None:
                matches.append(compared.match(row))
            else:
                aside.append((self._ids[row], reason))
        return Ranking(tuple(matches), tuple(aside))

    def match(self, need: Need, profile_id: str) -> Match:
        """The score of one pair, whatever the hard rules say; the same figure as in any ranking."""
        need.check()
        return _Compared(self, need).match(self._row(profile_id))

    def explain(self, need: Need, matches: Iterable[Match]) -> list[explain.Explanation]:
        """For each match, the phrases and features that made its score."""
        compared = _Compared(self, need)
        return [compared.explanation(match) for match in matches]

    def _row(self, profile_id: str) -> int:
        try:
            return self._rows[profile_id]
        except KeyError:
            raise Missing("没有找到这位服务者，请刷新页面后再试") from None

    def _profile(self, row: int) -> Profile:
        profile = self._profiles[row]
        if profile is None:
            raise LookupError(f"row {row} was removed")
        return profile

    def _enter(self, profile: Profile) -> None:
        if profile.id in self._rows:
            raise ValueError(f"two profiles have the id {profile.id}")
        row, first = len(self._profiles), len(self._owner)
        total = sum(weight for _, weight in profile.documents)
        self._owner += [row] * len(profile.documents)
        self._share += (weight / total for _, weight in profile.documents)
        self._spans.append((first, len(self._owner)))
        self._profiles.append(profile)
        self._ids.append(profile.id)
        self._rows[profile.id] = row
        for feature, signatures in self._signatures.items():
            signatures.add(feature, profile)
        self._arrays = None

    def _blocks(self) -> list[sparse.csr_array]:
        return [*self._segments, self._joined_tail()] if self._tail else self._segments

    def _joined_tail(self) -> sparse.csr_array:
        for block in self._tail:
            block.resize((block.shape[0], self._space.n_terms))
        if len(self._tail) > 1:
            self._tail = [sparse.csr_array(sparse.vstack(self._tail))]
        return sparse.csr_array(self._tail[0].T)

    def _tables(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Owner and share of each document, and which rows are alive."""
        if self._arrays is None:
            alive = np.array([profile is not None for profile in self._profiles], dtype=bool)
            self._arrays = np.array(self._owner, dtype=np.int64), np.array(self._share, dtype=float), alive
        return self._arrays


class _Signatures:
    """Profiles grouped by what one feature sees of them, so that each distinct value is compared once."""

    def __init__(self) -> None:
        self.codes: list[int] = []  # by row
        self.examples: list[Profile] = []  # one profile of each group
        self._known: dict[Hashable, int] = {}
        self._array = np.array([], dtype=np.int64)

    def add(self, feature: Feature, profile: Profile) -> None:
        code = self._known.setdefault(features.signature(feature, profile), len(self.examples))
        if code == len(self.examples):
            self.examples.append(profile)
        self.codes.append(code)

    def values(self, feature: Feature, need: Need) -> np.ndarray:
        """The feature for every row, shape (n_rows,)."""
        if len(self._array) != len(self.codes):
            self._array = np.array(self.codes, dtype=np.int64)
        each = np.array([features.value(feature, need, example) for example in self.examples], dtype=float)
        return each[self._array]


class _Compared:
    """One need against every row of an index."""

    def __init__(self, index: ProfileIndex, need: Need) -> None:
        self._index = index
        self._need = need
        self._terms = index._space.query(need.text)
        owner, share, alive = index._tables()
        self._blocks = index._blocks()
        found = [similarity.cosines(block, *self._terms) for block in self._blocks]
        likeness = np.concatenate([*found, np.zeros(0)])
        self.text = similarity.text_score(similarity.combined(likeness, owner, share, len(alive)))
        self.weights = ranking.weights(need)
        self.features: Mapping[Feature, np.ndarray] = {
            feature: index._signatures[feature].values(feature, need) for feature in features.stated(need)
        }
        self.scores = np.where(alive, ranking.scores(self.text, self.features, self.weights), 0.0)

    def match(self, row: int) -> Match:
        return Match(
            profile_id=self._index._ids[row],
            score=float(self.scores[row]),
            text=float(self.text[row]),
            features={feature: float(values[row]) for feature, values in self.features.items()},
            weights=self.weights,
        )

    def explanation(self, match: Match) -> explain.Explanation:
        row = self._index._row(match.profile_id)
        start, stop = self._index._spans[row]
        profile = self._index._profile(row)
        parts = self._documents(start, stop) * self._terms[1][:, np.newaxis]
        share = np.array(self._index._share[start:stop])
        best = int(np.argmax(parts.sum(axis=0))) if parts.size else 0
        shares = similarity.MEAN_SHARE * (parts @ share)
        if parts.size:
            shares = shares + (1.0 - similarity.MEAN_SHARE) * parts[:, best]
        names = self._index._space.names(self._terms[0])
        closest = profile.documents[best][0] if profile.documents else ""
        return explain.explain(match, self._need.text, dict(zip(names, shares.tolist(), strict=True)), closest)

    def _documents(self, start: int, stop: int) -> np.ndarray:
        """Weights of the need's terms in some documents, shape (n_known_terms, stop - start)."""
        dense, first = np.zeros((len(self._terms[0]), stop - start)), 0
        for part in self._parts:
            last = first + part.shape[1]
            if first <= start < stop <= last:
                dense[: part.shape[0]] = part[:, start - first : stop - first].toarray()
            first = last
        return dense

    @cached_property
    def _parts(self) -> list[sparse.csc_array]:
        """The need's terms of each block, documents first; columns rise, so the terms a block lacks come last."""
        columns = self._terms[0]
        return [sparse.csc_array(block[columns[columns < block.shape[0]]]) for block in self._blocks]


def _descending(scores: np.ndarray, ids: list[str], k: int) -> Iterator[int]:
    """Rows with a score above 0, best first; sorts only as many as are asked for, doubling."""
    rows = np.nonzero(scores > 0)[0]
    given, wanted = 0, max(4 * k, 64)
    while given < len(rows):
        if wanted < len(rows):
            least = np.partition(scores[rows], len(rows) - wanted)[len(rows) - wanted]
            ordered = ranking.best_first(scores, ids, rows[scores[rows] >= least - 10.0**-ranking.SAME])
        else:
            ordered = ranking.best_first(scores, ids, rows)
        yield from ordered[given:]
        given, wanted = len(ordered), wanted * 4
