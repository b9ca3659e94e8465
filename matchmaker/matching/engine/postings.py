"""Documents of all profiles, turned over by term for the rough comparison and by document for the exact one.

Within a block documents lie in layers: the first documents of all its profiles, then the second ones of those that have
two, and so on, profiles with most documents first. The best and the mean of a profile's documents are then sums and
maxima of neighbouring stretches, without looking up whose document it is.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse

try:  # more than half of a need's time is the copy that the public product makes of the rows it needs
    from scipy.sparse._sparsetools import csc_matvec
except ImportError:
    csc_matvec = None

from matchmaker.matching.engine import similarity
from matchmaker.matching.engine.meanings import Vectors

SEGMENT = 1000  # documents after which the growing tail is closed and a new one begun


@dataclass
class Written:
    """Documents of some profiles, those of the first profile, then those of the second, and so on."""

    rows: sparse.csr_array  # (n_documents, n_terms)
    counts: np.ndarray  # (n_profiles,) documents of each
    share: np.ndarray  # (n_documents,) weight in the profile
    vectors: Vectors | None = None


@dataclass(frozen=True)
class Taken:
    """The documents of some profiles, one after the other: term columns and weights as rows of a CSR matrix."""

    counts: np.ndarray  # (n_profiles,) documents
    share: np.ndarray  # (n_documents,)
    indptr: np.ndarray  # (n_documents + 1,)
    columns: np.ndarray
    weights: np.ndarray
    vectors: np.ndarray | None = None  # (n_documents, dimensions)
    known: np.ndarray | None = None  # (n_documents,) whether there is a vector


class Block:
    """Some profiles with consecutive rows; closed, never changed."""

    def __init__(self, written: Written) -> None:
        counts = self.counts = written.counts
        order = np.argsort(-counts, kind="stable")
        self._sorted = bool((order == np.arange(len(counts))).all())
        self._order = order
        self._rank = np.argsort(order, kind="stable")
        starts = np.cumsum(counts) - counts
        self.layers = [int((counts > place).sum()) for place in range(int(counts.max(initial=0)))]
        self._offsets = np.cumsum([0, *self.layers])
        picked = [starts[order[:size]] + place for place, size in enumerate(self.layers)]
        self._picked = np.concatenate([np.zeros(0, dtype=np.int64), *picked])
        self._rows = _light(written.rows)[self._picked]
        self._rows.sort_indices()
        self._share = written.share[self._picked]
        self._turned = sparse.csr_array(self._rows.T)
        self._best_share = similarity.best_share(counts[order]).astype(np.float32)
        self._mean_share = self._of_mean(self._share)
        self._vectors = self._known = None
        if written.vectors is not None:
            self._vectors, self._known = written.vectors.rows[self._picked], written.vectors.known[self._picked]
            total = self._spread(self._summed(self._share * self._known))
            self._meaning_share = self._of_mean(self._share * self._known / np.where(total > 0, total, 1.0))
            self._meant = self._by_row(self._summed(self._share * self._known) > 0)

    def __len__(self) -> int:
        return len(self._picked)

    def likeness(self, columns: np.ndarray, weights: np.ndarray) -> np.ndarray:
        """Each profile's likeness over its documents in 32 bits, see `similarity.blended`."""
        known = columns < self._turned.shape[0]
        return self._blended(_product(self._turned, columns[known], weights[known]), self._mean_share)

    def meaning(self, vector: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Likeness of meaning over the documents that have a vector, and whether any has, in 32 bits."""
        if self._vectors is None:
            nothing = np.zeros(len(self.counts), dtype=np.float32)
            return nothing, nothing > 0
        return self._blended(np.clip(self._vectors @ vector, 0.0, 1.0), self._meaning_share), self._meant

    def _blended(self, found: np.ndarray, mean_share: np.ndarray) -> np.ndarray:
        best = np.zeros(len(self.counts), dtype=np.float32)
        for start, size in zip(self._offsets, self.layers, strict=False):
            np.maximum(best[:size], found[start : start + size], out=best[:size])
        best *= self._best_share
        found *= mean_share
        for start, size in zip(self._offsets, self.layers, strict=False):
            best[:size] += found[start : start + size]
        return self._by_row(best)

    def _summed(self, values: np.ndarray) -> np.ndarray:
        total = np.zeros(len(self.counts))
        for start, size in zip(self._offsets, self.layers, strict=False):
            total[:size] += values[start : start + size]
        return total

    def _spread(self, values: np.ndarray) -> np.ndarray:
        """A value of each profile, for each of its documents."""
        return np.concatenate([np.zeros(0, dtype=values.dtype), *(values[:size] for size in self.layers)])

    def _of_mean(self, share: np.ndarray) -> np.ndarray:
        """What each document counts in the mean, where the best one counts beside it."""
        return (share * (1.0 - self._spread(self._best_share))).astype(np.float32)

    def _by_row(self, values: np.ndarray) -> np.ndarray:
        return values if self._sorted else values[self._rank]

    def take(self, rows: np.ndarray) -> Taken:
        """The documents of some profiles, by their place in the block."""
        counts = self.counts[rows]
        place = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
        documents = self._offsets[place] + np.repeat(self._rank[rows], counts)
        begins = self._rows.indptr[documents]
        lengths = self._rows.indptr[documents + 1] - begins
        ends = np.cumsum(lengths)
        at = np.arange(lengths.sum()) + np.repeat(begins - (ends - lengths), lengths)
        return Taken(
            counts,
            self._share[documents],
            np.concatenate([[0], ends]),
            self._rows.indices[at],
            self._rows.data[at],
            None if self._vectors is None else self._vectors[documents],
            None if self._known is None else self._known[documents],
        )

    def plain(self) -> Written:
        """What it was built from."""
        back = np.argsort(self._picked, kind="stable")
        vectors = None
        if self._vectors is not None and self._known is not None:
            vectors = Vectors(self._vectors[back], self._known[back])
        return Written(self._rows[back], self.counts, self._share[back], vectors)


class Postings:
    """Blocks of documents: one of the fit, later ones small and merged as they grow, and a tail still open."""

    def __init__(self) -> None:
        self._blocks: list[Block] = []
        self._tail: list[Written] = []
        self._tail_block: Block | None = None

    def extend(self, written: Written) -> None:
        """Take many profiles at once; fastest where those with most documents come first."""
        if len(written.counts):
            self._blocks.append(Block(written))

    def append(self, written: Written) -> None:
        """Take one profile."""
        self._tail.append(written)
        self._tail_block = None
        if sum(len(each.share) for each in self._tail) < SEGMENT:
            return
        self._blocks.append(_joined(self._tail))
        self._tail = []
        while len(self._blocks) > 1 and len(self._blocks[-1]) >= len(self._blocks[-2]):
            self._blocks[-2:] = [_joined([block.plain() for block in self._blocks[-2:]])]

    def likeness(self, columns: np.ndarray, weights: np.ndarray) -> np.ndarray:
        """Each profile's likeness of words in 32 bits, good to about five decimals."""
        light = weights.astype(np.float32)
        return _stretched([block.likeness(columns, light) for block in self._all()])

    def meaning(self, vector: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """(likeness of meaning, whether any document has a vector), in 32 bits."""
        light = vector.astype(np.float32)
        found = [block.meaning(light) for block in self._all()]
        return _stretched([each for each, _ in found]), _stretched([known for _, known in found]).astype(bool)

    def take(self, rows: np.ndarray) -> Taken:
        """The documents of some profiles, whose rows rise."""
        pieces, first = [], 0
        for block in self._all():
            inside = rows[(rows >= first) & (rows < first + len(block.counts))] - first
            if len(inside):
                pieces.append(block.take(inside))
            first += len(block.counts)
        if not pieces:
            none = np.zeros(0, dtype=np.int64)
            return Taken(none, np.zeros(0), np.zeros(1, dtype=np.int64), none, np.zeros(0))
        ends = np.cumsum([0, *(int(piece.indptr[-1]) for piece in pieces)])
        return Taken(
            np.concatenate([piece.counts for piece in pieces]),
            np.concatenate([piece.share for piece in pieces]),
            np.concatenate([[0], *(piece.indptr[1:] + end for piece, end in zip(pieces, ends, strict=False))]),
            np.concatenate([piece.columns for piece in pieces]),
            np.concatenate([piece.weights for piece in pieces]),
            *(_stacked([getattr(piece, name) for piece in pieces]) for name in ("vectors", "known")),
        )

    def _all(self) -> list[Block]:
        if not self._tail:
            return self._blocks
        if self._tail_block is None:
            self._tail_block = _joined(self._tail)
        return [*self._blocks, self._tail_block]


def _product(turned: sparse.csr_array, columns: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """`turned[columns].T @ weights`, without gathering the rows first where scipy lets its kernel be called."""
    if csc_matvec is None:
        return np.asarray(turned[columns].T @ weights)
    found = np.zeros(turned.shape[1], dtype=turned.dtype)
    for place, column in enumerate(columns.tolist()):
        ends = turned.indptr[column : column + 2]
        csc_matvec(len(found), 1, ends, turned.indices, turned.data, weights[place : place + 1], found)
    return found


def _joined(parts: list[Written]) -> Block:
    widest = max(part.rows.shape[1] for part in parts)
    for part in parts:
        part.rows.resize((part.rows.shape[0], widest))
    vectors = [part.vectors for part in parts if part.vectors is not None]
    return Block(
        Written(
            sparse.csr_array(sparse.vstack([part.rows for part in parts], format="csr")),
            np.concatenate([part.counts for part in parts]),
            np.concatenate([part.share for part in parts]),
            Vectors(*(np.concatenate([getattr(v, name) for v in vectors]) for name in ("rows", "known")))
            if vectors
            else None,
        )
    )


def _stretched(parts: list[np.ndarray]) -> np.ndarray:
    if len(parts) == 1:
        return parts[0]
    return np.concatenate(parts or [np.zeros(0, dtype=np.float32)])


def _stacked(parts: list[np.ndarray | None]) -> np.ndarray | None:
    there = [part for part in parts if part is not None]
    return np.concatenate(there) if there else None


def _light(rows: sparse.csr_array) -> sparse.csr_array:
    """Weights in 32 bits, and numbers of terms where they suffice."""
    index = np.int32 if rows.nnz < 2**31 else np.int64
    return sparse.csr_array(
        (rows.data.astype(np.float32), rows.indices.astype(index), rows.indptr.astype(index)), shape=rows.shape
    )
