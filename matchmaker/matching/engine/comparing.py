"""One need against the profiles of an index: all of them roughly, some of them exactly."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from matchmaker.matching.engine import explain, ranking, similarity
from matchmaker.matching.engine.features import Feature
from matchmaker.matching.engine.profiles import Need
from matchmaker.matching.engine.ranking import Match
from matchmaker.matching.engine.sides import OTHER_KIND

if TYPE_CHECKING:
    from matchmaker.matching.engine.index import ProfileIndex

SLACK = 1e-4  # 32-bit scores are closer than this to the exact ones
GLANCE = 256  # neighbours of which the best is looked at first


class Asked:
    """What all comparisons of one need share."""

    def __init__(self, index: ProfileIndex, need: Need) -> None:
        self.need = need
        self.columns, self.term_weights = index.space.query(need.text)
        self.scale = index.scale(need)
        self.weights = self.scale.weights
        self.vector = index.meant([need])[need.text]
        self.features: Mapping[Feature, np.ndarray] = index.sides.values(need)  # of each side


class Sieve:
    """All profiles in 32 bits."""

    def __init__(self, index: ProfileIndex, asked: Asked) -> None:
        words = index.postings.likeness(asked.columns, asked.term_weights)
        if asked.vector is None:
            text = similarity.text_score(words)
        else:
            text = similarity.fused(words, *index.postings.meaning(asked.vector))
        scores = text.astype(np.float32, copy=False)
        scores *= np.float32(asked.weights["text"])
        scores += index.sides.points(asked.need, asked.features, asked.weights)
        self._scores = scores

    def count(self) -> int:
        """Rows that score and serve needs of this kind."""
        return int(np.count_nonzero(self._scores > 0))

    def nearest(self, wanted: int) -> tuple[np.ndarray, float]:
        """(at least `wanted` rows of this kind, rising, or all that score; a score that none of the others reaches)."""
        return _nearest(self._scores, wanted)

    def others(self, wanted: int, *, above: float) -> np.ndarray:
        """The nearest rows that serve needs of other kinds, of those that may score more than `above`."""
        least = OTHER_KIND + np.float32(max(above - SLACK, 0.0))
        rows = np.flatnonzero((self._scores > least) & (self._scores < 0))
        if len(rows) <= wanted:
            return rows
        found = self._scores[rows]
        return rows[found >= np.partition(found, len(rows) - wanted)[len(rows) - wanted] - 2 * SLACK]


def _nearest(scores: np.ndarray, wanted: int) -> tuple[np.ndarray, float]:
    whole = len(scores) // GLANCE * GLANCE
    least = 0.0
    if whole // GLANCE > 2 * wanted:  # so many neighbourhoods have somebody above this
        tops = scores[:whole].reshape(-1, GLANCE).max(axis=1)
        least = max(float(np.partition(tops, len(tops) - wanted)[len(tops) - wanted]), 0.0)
    rows = np.flatnonzero(scores >= least - 2 * SLACK) if least > 2 * SLACK else np.flatnonzero(scores > 0)
    if len(rows) <= wanted:
        return rows, max(least - SLACK, 0.0)
    found = scores[rows]
    least = float(np.partition(found, len(rows) - wanted)[len(rows) - wanted])
    return rows[found >= least - 2 * SLACK], least - SLACK


class Chosen:
    """Some rows with their documents, gathered for as many needs as are compared with them."""

    def __init__(self, index: ProfileIndex, rows: np.ndarray) -> None:
        self.rows = rows
        self.ids = [index.ids[row] for row in rows.tolist()]
        self.taken = index.postings.take(rows)
        self.sides = index.sides.sides.values[rows]
        self.starts = np.concatenate([[0], np.cumsum(self.taken.counts)])  # of each row's documents
        self.owner = np.repeat(np.arange(len(rows)), self.taken.counts)  # of each document
        self.document = np.repeat(np.arange(len(self.owner)), np.diff(self.taken.indptr))  # of each term in one


class Compared:
    """Some rows exactly. A row's figures do not depend on which others are compared beside it."""

    def __init__(self, index: ProfileIndex, asked: Asked, chosen: Chosen) -> None:
        self._index = index
        self._asked = asked
        self._chosen = chosen
        self.rows, self.ids, self._taken = chosen.rows, chosen.ids, chosen.taken
        weight = np.zeros(index.space.n_terms)
        weight[asked.columns] = asked.term_weights
        self._parts = self._taken.weights * weight[self._taken.columns]  # what each term gives to a cosine
        n_documents = len(chosen.owner)
        self._cosines = np.clip(np.bincount(chosen.document, weights=self._parts, minlength=n_documents), 0.0, 1.0)
        words = similarity.combined(self._cosines, chosen.owner, self._taken.share, len(self.rows))
        self.meaning, known = self._meaning(chosen.owner)
        self.text = similarity.fused(words, self.meaning, known)
        self.features = {feature: values[chosen.sides] for feature, values in asked.features.items()}
        self.evidence = ranking.scores(self.text, self.features, asked.weights)
        self.scores = asked.scale.scores(self.evidence)

    def _meaning(self, owner: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """(likeness of meaning over the documents that have a vector, whether any has), for each row."""
        taken, vector, n_rows = self._taken, self._asked.vector, len(self.rows)
        if vector is None or taken.vectors is None or taken.known is None:
            return np.zeros(n_rows), np.zeros(n_rows, dtype=bool)
        products = taken.vectors.astype(np.float64) * vector.astype(np.float64)
        found = np.clip(np.array([row.sum() for row in products]), 0.0, 1.0)
        share = taken.share * taken.known
        total = np.bincount(owner, weights=share, minlength=n_rows)
        share = share / np.where(total > 0, total, 1.0)[owner]
        return similarity.combined(found, owner, share, n_rows), total > 0

    def match(self, place: int) -> Match:
        """The figures of one of the rows."""
        learnt, scale = self._index.learnt, self._asked.scale
        score, evidence = float(self.scores[place]), float(self.evidence[place])
        return Match(
            profile_id=self.ids[place],
            score=score,
            evidence=evidence,
            text=float(self.text[place]),
            features={feature: float(values[place]) for feature, values in self.features.items()},
            weights=scale.linear(score, evidence),
            meaning=float(similarity.meaning_part(self.meaning[place])),
            base=scale.base,
            learnt=learnt.key if learnt else 0,
        )

    def explanation(self, match: Match) -> explain.Explanation:
        """Why a profile among the rows scores as it does."""
        row = self._index.row(match.profile_id)
        place = int(np.searchsorted(self.rows, row))
        start, stop = (int(edge) for edge in self._chosen.starts[place : place + 2])
        if start == stop:
            return explain.explain(match, self._asked.need.text, {}, "", self._index.engine)
        best = start + int(np.argmax(self._cosines[start:stop]))
        shares: dict[int, float] = {}
        for document in range(start, stop):
            factor = similarity.blended(self._taken.share[document], np.float64(document == best), stop - start)
            span = slice(int(self._taken.indptr[document]), int(self._taken.indptr[document + 1]))
            there = np.flatnonzero(self._parts[span])
            for column, part in zip(
                self._taken.columns[span][there].tolist(), self._parts[span][there].tolist(), strict=True
            ):
                shares[column] = shares.get(column, 0.0) + float(factor) * part
        columns = sorted(shares)
        terms = dict(zip(self._index.space.names(np.array(columns)), (shares[c] for c in columns), strict=True))
        closest = self._index.profile(row).documents[best - start][0]
        return explain.explain(match, self._asked.need.text, terms, closest, self._index.engine)
