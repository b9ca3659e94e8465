"""What features and kinds of profiles look like from a need: profiles that look the same are compared once."""

from __future__ import annotations

from collections.abc import Hashable, Mapping

import numpy as np

from matchmaker.matching.engine import features
from matchmaker.matching.engine.features import Feature
from matchmaker.matching.engine.growing import Growing
from matchmaker.matching.engine.profiles import Need, Profile

OTHER_KIND = np.float32(-9.0)  # takes a profile of another kind below every score


class Sides:
    """Profiles by kind and features; rows of the same side get the same points."""

    def __init__(self) -> None:
        self.sides = Growing(np.int32)  # by row
        self._kinds = _Known()
        self._groups = {feature: _Known() for feature in Feature}
        self._known: dict[tuple[int, ...], int] = {}
        self._parts = Growing(np.int32, width=1 + len(Feature))  # of each side: its kind and its group of each feature

    def enter(self, profile: Profile) -> None:
        """The next row."""
        codes = [groups.code(features.signature(feature, profile), profile) for feature, groups in self._groups.items()]
        key = (self._kinds.code(profile.kind, profile), *codes)
        side = self._known.setdefault(key, len(self._parts))
        if side == len(self._parts):
            self._parts.append(key)
        self.sides.append(side)

    def values(self, need: Need) -> dict[Feature, np.ndarray]:
        """Each feature that the need states, for each side."""
        place = {feature: number for number, feature in enumerate(Feature, start=1)}
        return {
            feature: np.array(
                [features.value(feature, need, example) for example in self._groups[feature].examples], dtype=float
            )[self._parts.values[:, place[feature]]]
            for feature in features.stated(need)
        }

    def points(self, need: Need, values: Mapping[Feature, np.ndarray], weights: Mapping[str, float]) -> np.ndarray:
        """What features add to a row's score, in 32 bits; far below 0 for rows that serve other kinds of needs."""
        total = np.zeros(len(self._parts), dtype=float)
        for feature, value in values.items():
            total += weights[feature] * value
        if need.profile_kinds:
            serves = np.array([example.kind in need.profile_kinds for example in self._kinds.examples], dtype=bool)
            total[~serves[self._parts.values[:, 0]]] += OTHER_KIND
        return total.astype(np.float32)[self.sides.values]


class _Known:
    """Values seen so far, numbered, with one profile each."""

    def __init__(self) -> None:
        self.examples: list[Profile] = []
        self._codes: dict[Hashable, int] = {}

    def code(self, key: Hashable, profile: Profile) -> int:
        found = self._codes.setdefault(key, len(self.examples))
        if found == len(self.examples):
            self.examples.append(profile)
        return found
