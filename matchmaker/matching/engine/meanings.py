"""What documents mean, as vectors without what all have in common, for those that have one yet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from matchmaker.matching.engine import semantic

AT_ONCE = 5000  # vectors looked up together


class Meanings(Protocol):
    """Where vectors come from. Rows are of length 1 and rounded as they are kept; a text's row never changes."""

    name: str

    def known(self, texts: Sequence[str]) -> list[np.ndarray | None]:
        """Vectors of documents, None for those that have none yet."""

    def asked(self, text: str) -> np.ndarray | None:
        """The vector of a need."""

    def prior(self) -> np.ndarray:
        """Vectors of `semantic.PRIOR`."""


class Immediate:
    """Encodes whatever is asked for, when it is asked for: for files and small rosters."""

    def __init__(self, encoder: semantic.Encoder) -> None:
        self.name = encoder.name
        self._encoder = encoder

    def known(self, texts: Sequence[str]) -> list[np.ndarray | None]:
        """See `Meanings`."""
        return list(semantic.rounded(self._encoder.encode(texts)))

    def asked(self, text: str) -> np.ndarray | None:
        """See `Meanings`."""
        return np.asarray(semantic.rounded(self._encoder.encode([text]))[0])

    def prior(self) -> np.ndarray:
        """See `Meanings`."""
        return semantic.rounded(self._encoder.encode(semantic.PRIOR))


@dataclass(frozen=True)
class Vectors:
    """Rows of documents; zeros where a document has none."""

    rows: np.ndarray  # (n_documents, dimensions)
    known: np.ndarray  # (n_documents,) bool


class Middle:
    """What all texts have in common, fixed when an index is fitted, so that later vectors move nobody else's score."""

    def __init__(self, source: Meanings, texts: Sequence[str] = ()) -> None:
        self.source = source
        self.seen = 0  # documents that had a vector so far
        self._sum = np.zeros(semantic.DIMENSIONS)
        self._middle: np.ndarray | None = None
        for start in range(0, len(texts), AT_ONCE):
            found = [row for row in source.known(texts[start : start + AT_ONCE]) if row is not None]
            self._sum += np.sum(found, axis=0, dtype=np.float64) if found else 0.0
            self.seen += len(found)
        self.fitted_on = self.seen  # documents that had a vector when the index was fitted
        self.seen = 0

    def of(self, texts: Sequence[str]) -> Vectors:
        """The vectors of documents."""
        rows = np.zeros((len(texts), semantic.DIMENSIONS), dtype=np.float32)
        known = np.zeros(len(texts), dtype=bool)
        for start in range(0, len(texts), AT_ONCE):
            for place, row in enumerate(self.source.known(texts[start : start + AT_ONCE]), start=start):
                if row is not None:
                    rows[place], known[place] = row, True
        if known.any():
            rows[known] = semantic.centred(rows[known], self._fixed())
            self.seen += int(known.sum())
        return Vectors(rows, known)

    def asked(self, text: str) -> np.ndarray | None:
        """The vector of a need; None while there is nothing to compare it with."""
        vector = self.source.asked(text) if self.seen else None
        return None if vector is None else np.asarray(semantic.centred(vector[np.newaxis], self._fixed())[0])

    def _fixed(self) -> np.ndarray:
        if self._middle is None:
            total = self._sum + self.source.prior().sum(axis=0, dtype=np.float64)
            self._middle = (total / (len(semantic.PRIOR) + self.fitted_on)).astype(np.float32)
        return self._middle
