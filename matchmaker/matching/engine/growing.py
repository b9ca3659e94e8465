"""An array that rows are added to at its end without being copied each time."""

from __future__ import annotations

from typing import Any

import numpy as np


class Growing:
    """Room doubles when it is used up; `values` is the filled part."""

    def __init__(self, dtype: Any, *, width: int = 0) -> None:
        self._room = np.zeros((64, width) if width else 64, dtype=dtype)
        self._used = 0

    def __len__(self) -> int:
        return self._used

    @property
    def values(self) -> np.ndarray:
        """The filled part; a view, so that single values can be set."""
        return self._room[: self._used]

    def append(self, value: Any) -> None:
        """One more row."""
        self.extend([value])

    def extend(self, values: Any) -> None:
        """More rows."""
        added = len(values)
        if self._used + added > len(self._room):
            room = np.zeros((max(2 * len(self._room), self._used + added), *self._room.shape[1:]), self._room.dtype)
            room[: self._used] = self.values
            self._room = room
        if added:
            self._room[self._used : self._used + added] = values
        self._used += added
