"""Every need against every profile at once, for people who have files and no installation."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence

import numpy as np
from scipy import sparse

from matchmaker.matching.engine import features, ranking, semantic, similarity
from matchmaker.matching.engine.features import Feature
from matchmaker.matching.engine.meanings import Immediate, Middle
from matchmaker.matching.engine.profiles import Need, Profile
from matchmaker.matching.engine.vectors import TermSpace

TOGETHER = 128  # needs compared at once: bounds the memory, changes no score


class Pairs:
    """Profiles whose term weights are learnt, ready for any needs.

    A score is the one that `ProfileIndex.match` gives for the pair: it depends on that need, that profile and the
    profiles that were learnt from, not on the other needs. Where a profile has no document or a need no word, there is
    nothing to compare and the score is 0, whatever their tags say.
    """

    def __init__(self, profiles: Sequence[Profile], *, encoder: semantic.Encoder | None = None) -> None:
        """Learn from all documents of `profiles`; with an encoder, meaning counts beside words."""
        self.profiles = tuple(profiles)
        self._signatures = {
            feature: [features.signature(feature, profile) for profile in self.profiles] for feature in Feature
        }
        texts = [text for profile in self.profiles for text, _ in profile.documents]
        self._space, rows = TermSpace.fit_transform(texts)
        self._rows = sparse.csr_array(rows.astype(np.float32).astype(float).T)  # to as many digits as an index keeps
        self._owner = np.repeat(np.arange(len(profiles)), [len(profile.documents) for profile in profiles])
        self._silent = np.array([not profile.documents for profile in profiles], dtype=bool)
        self._share = np.array([share for profile in profiles for share in _shares(profile)], dtype=float)
        self._middle = None if encoder is None else Middle(Immediate(encoder), texts)
        self._meant = None if self._middle is None else self._middle.of(texts).rows.astype(float)

    def scores(self, needs: Sequence[Need]) -> Iterator[np.ndarray]:
        """For each need an ndarray of shape (n_profiles,), in [0, 1]."""
        for first in range(0, len(needs), TOGETHER):
            some = needs[first : first + TOGETHER]
            said = [need for need in some if need.says_something]
            likeness = iter(self._likeness([need.text for need in said]) if said else ())
            for need in some:
                yield self._score(need, next(likeness)) if need.says_something else np.zeros(len(self.profiles))

    def _likeness(self, texts: Sequence[str]) -> np.ndarray:
        """Likeness of each text and profile, shape (n_texts, n_profiles)."""
        words = similarity.between(self._queries(texts), self._rows)
        together = [similarity.combined(row, self._owner, self._share, len(self.profiles)) for row in words]
        if self._middle is None or self._meant is None:
            return similarity.text_score(np.array(together))
        # one product a text: the last digits of a matrix product depend on how many rows it has
        cosines = (np.clip(self._meant @ row, 0.0, 1.0) for row in self._middle.of(texts).rows)
        meanings = [similarity.combined(row, self._owner, self._share, len(self.profiles)) for row in cosines]
        return similarity.fused(np.array(together), np.array(meanings))

    def _queries(self, texts: Sequence[str]) -> sparse.csr_array:
        found = [self._space.query(text) for text in texts]
        ends = np.cumsum([0, *(len(columns) for columns, _ in found)])
        columns = np.concatenate([columns for columns, _ in found])
        weights = np.concatenate([weights for _, weights in found])
        return sparse.csr_array((weights, columns, ends), shape=(len(texts), self._rows.shape[0]))

    def _score(self, need: Need, text: np.ndarray) -> np.ndarray:
        values = {feature: self._values(feature, need) for feature in features.stated(need)}
        return np.where(self._silent, 0.0, ranking.scores(text, values, ranking.weights(need)))

    def _values(self, feature: Feature, need: Need) -> np.ndarray:
        """A feature for each profile; profiles that look the same are compared once."""
        known: dict[Hashable, float] = {}
        for profile, signature in zip(self.profiles, self._signatures[feature], strict=True):
            if signature not in known:
                known[signature] = features.value(feature, need, profile)
        return np.array([known[signature] for signature in self._signatures[feature]])


def _shares(profile: Profile) -> list[float]:
    total = sum(weight for _, weight in profile.documents)
    return [weight / total for _, weight in profile.documents]
