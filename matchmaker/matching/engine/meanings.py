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
    """Encodes whatever is asked for, when it is first asked for: for files and small rosters."""

    def __init__(self, encoder: semantic.Encoder) -> None:
        self.name = encoder.name
        self._encoder = encoder
        self._rows: dict[str, np.ndarray] = {}

    def known(self, texts: Sequence[str]) -> list[np.ndarray | None]:
        """See `Meanings`."""
        new = [text for text in dict.fromkeys(texts) if text not in self._rows]
        self._rows.update(zip(new, semantic.rounded(self._encoder.encode(new)), strict=True))
        return [self._rows[text] for text in texts]

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
    """What all texts of a language have in common, fixed when an index is fitted: later vectors move no other score.

    The encoder sets languages apart, so that an English need lies nearer to any English text than to the Chinese one
    that answers it. Each language (Chinese, and all others) therefore has a middle of its own.
    """

    def __init__(self, source: Meanings, texts: Sequence[str] = ()) -> None:
        self.source = source
        self.seen = 0  # documents that had a vector so far
        self.fitted_on = 0  # documents that had a vector when the index was fitted
        self._sums = np.zeros((2, semantic.DIMENSIONS))  # of other languages, of Chinese
        self._counts = np.zeros(2)
        self._middles: np.ndarray | None = None
        for start in range(0, len(texts), AT_ONCE):
            some = texts[start : start + AT_ONCE]
            for text, row in zip(some, source.known(some), strict=True):
                if row is not None:
                    self._add(text, row)
                    self.fitted_on += 1

    def of(self, texts: Sequence[str]) -> Vectors:
        """The vectors of documents."""
        rows = np.zeros((len(texts), semantic.DIMENSIONS), dtype=np.float32)
        known = np.zeros(len(texts), dtype=bool)
        for start in range(0, len(texts), AT_ONCE):
            for place, row in enumerate(self.source.known(texts[start : start + AT_ONCE]), start=start):
                if row is not None:
                    rows[place], known[place] = row, True
        if known.any():
            rows[known] = semantic.centred(rows[known], self._fixed()[_languages(texts)[known]])
            self.seen += int(known.sum())
        return Vectors(rows, known)

    def asked(self, text: str) -> np.ndarray | None:
        """The vector of a need; None while there is nothing to compare it with."""
        vector = self.source.asked(text) if self.seen else None
        if vector is None:
            return None
        return np.asarray(semantic.centred(vector[np.newaxis], self._fixed()[_languages([text])])[0])

    def _add(self, text: str, row: np.ndarray) -> None:
        language = int(semantic.is_chinese(text))
        self._sums[language] += row
        self._counts[language] += 1

    def _fixed(self) -> np.ndarray:
        if self._middles is None:
            for text, row in zip(semantic.PRIOR, self.source.prior(), strict=True):
                self._add(text, row)
            self._middles = (self._sums / self._counts[:, np.newaxis]).astype(np.float32)
        return self._middles


def _languages(texts: Sequence[str]) -> np.ndarray:
    """Which of the two middles each text takes."""
    return np.array([semantic.is_chinese(text) for text in texts], dtype=np.int64)
