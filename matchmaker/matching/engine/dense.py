"""One vector a profile whose product with a need's vector comes near the score, for indexes that only know vectors.

Such an index proposes candidates; their scores come from `ProfileIndex.among`, so they are the same as without it. What
the proposals miss is stated as recall. A vector has three parts: words, each term at a few places fixed by its hash;
meaning, where the index compares it; tags with their upper levels, so that codes of one branch meet.
"""

from __future__ import annotations

import zlib

import numpy as np

from matchmaker.matching.engine import similarity
from matchmaker.matching.engine.features import INDUSTRY_LEVELS, REGION_LEVELS, Feature
from matchmaker.matching.engine.index import ProfileIndex
from matchmaker.matching.engine.profiles import Need, Profile, Tags

WORDS, MEANING, TAGS = 1024, 384, 256
DIMENSIONS = WORDS + MEANING + TAGS
SLOPE = 1.6  # a text score is the root of a cosine; around the cosines of good matches it rises this fast
LEVELS = {Feature.FIELD: None, Feature.INDUSTRY: INDUSTRY_LEVELS, Feature.REGION: REGION_LEVELS}


class Dense:
    """Vectors in the terms and with the middle of a fitted index.

    References
    ----------
    Weinberger, Dasgupta, Langford, Smola, Attenberg, 2009, Feature hashing for large scale multitask learning,
    arXiv 0902.2206: products of folded rows are those of the rows in the mean.
    """

    def __init__(self, index: ProfileIndex) -> None:
        self._index = index
        self._middle = index.middle if index.engine else None

    def profile(self, profile: Profile) -> np.ndarray:
        """The vector of a profile, shape (DIMENSIONS,): the mean of its documents by their weights, and its tags."""
        weights = np.array([weight for _, weight in profile.documents], dtype=float)
        texts = [text for text, _ in profile.documents]
        words = sum((weight * self._folded(text) for text, weight in profile.documents), np.zeros(WORDS))
        meaning = np.zeros(MEANING)
        if self._middle is not None and texts:
            meaning = weights @ self._middle.of(texts).rows
        tags = np.zeros(TAGS)
        for feature in LEVELS:
            for place in _places(feature, profile.tags):
                tags[place] = 1.0
        return np.concatenate([np.concatenate([words, meaning]) / (weights.sum() or 1.0), tags])

    def need(self, need: Need) -> np.ndarray:
        """The vector of a need, shape (DIMENSIONS,): each part by its weight in the score."""
        weights = self._index.scale(need).weights
        asked = None if self._middle is None else self._middle.asked(need.text)
        share = similarity.MEANING if asked is not None else 0.0
        tags = np.zeros(TAGS)
        for feature in LEVELS:
            places = _places(feature, need.tags)
            for place in places:
                tags[place] += weights.get(str(feature), 0.0) / len(places)
        text = weights["text"]
        meaning = np.zeros(MEANING) if asked is None else text * share * asked
        return np.concatenate([text * (1.0 - share) * SLOPE * self._folded(need.text), meaning, tags])

    def _folded(self, text: str) -> np.ndarray:
        row = np.zeros(WORDS)
        for term, weight in self._index.space.weigh(text).items():
            drawn = zlib.crc32(term.encode())
            row[drawn % WORDS] += weight if drawn >> 20 & 1 else -weight
        return row


def _places(feature: Feature, tags: Tags) -> list[int]:
    """Where the tags of a feature and their upper levels stand."""
    levels = LEVELS[feature]
    parts = {
        value[:level]
        for value in tags.get(feature, frozenset())
        for level in ((len(value),) if levels is None else levels)
        if level <= len(value)
    }
    return [zlib.crc32(f"{feature.value}:{part}".encode()) % TAGS for part in sorted(parts)]
