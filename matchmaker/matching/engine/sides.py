"""What features and kinds of profiles look like from a need: profiles that look the same are compared once."""

from __future__ import annotations

from collections.abc import Hashable, Mapping

import numpy as np

from matchmaker.matching.engine import features
from matchmaker.matching.engine.features import Feature
from matchmaker.matching.engine.growing import Growing
from matchmaker.matching.engine.profiles import Need, Profile

GONE = 0  # the side of rows that were removed
MOST_KEPT = 4096  # values of what needs ask for
OTHER_KIND = np.float32(-9.0)  # takes a profile of another kind below every score


class Sides:
    """Profiles by kind and features; rows of the same side get the same points."""

    def __init__(self) -> None:
        self.sides = Growing(np.intp)  # by row
        self._kinds = _Known()
        self._groups = {feature: _Known() for feature in Feature}
        self._known: dict[tuple[int, ...], int] = {}
        self._parts = Growing(np.int32, width=1 + len(Feature))  # of each side: its kind and its group of each feature
        self._parts.append([0] * (1 + len(Feature)))  # GONE
        self._kept: dict[Hashable, np.ndarray] = {}  # what a feature asked for is worth in each of its groups

    def enter(self, profile: Profile) -> None:
        """The next row."""
        codes = [groups.code(features.signature(feature, profile), profile) for feature, groups in self._groups.items()]
        key = (self._kinds.code(profile.kind, profile), *codes)
        side = self._known.setdefault(key, len(self._parts))
        if side == len(self._parts):
            self._parts.append(key)
        self.sides.append(side)

    def leave(self, row: int) -> None:
        """The row is never found again."""
        self.sides.values[row] = GONE

    def values(self, need: Need) -> dict[Feature, np.ndarray]:
        """Each feature that the need states, for each side."""
        place = {feature: number for number, feature in enumerate(Feature, start=1)}
        return {
            feature: self._of_groups(feature, need)[self._parts.values[:, place[feature]]]
            for feature in features.stated(need)
        }

    def _of_groups(self, feature: Feature, need: Need) -> np.ndarray:
        examples, key = self._groups[feature].examples, (feature, features.asked(feature, need))
        found = self._kept.get(key)
        if found is None or len(found) <= len(examples):
            values = [features.value(feature, need, example) for example in examples]
            found = np.array([*values, 0.0])  # at the end, for a side of nobody
            if len(self._kept) >= MOST_KEPT:
                self._kept.clear()
            self._kept[key] = found
        return found

    def points(self, need: Need, values: Mapping[Feature, np.ndarray], weights: Mapping[str, float]) -> np.ndarray:
        """What features add to a row's score, in 32 bits; far below 0 for rows that serve other kinds of needs."""
        total = np.zeros(len(self._parts), dtype=float)
        for feature, value in values.items():
            total += weights[feature] * value
        if need.profile_kinds:
            serves = np.array([example.kind in need.profile_kinds for example in self._kinds.examples], dtype=bool)
            total[~np.append(serves, False)[self._parts.values[:, 0]]] += OTHER_KIND
        total[GONE] = 2 * OTHER_KIND
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
