"""Was this project text handed in before? A sketch of 64 bits finds candidates, shared pairs of signs decide."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from matchmaker.core.folding import bigrams

BITS = 64
NEAR = 24  # bits that may differ between candidates: unrelated texts differ in 32 on average
ALIKE = 0.6  # share of common pairs from which a person should look
SIGNS = 4_000  # of a text that are looked at


def sketch(title: str, summary: str) -> str:
    """The sketch of a project as 16 hexadecimal digits: texts that share most pairs of signs differ in few bits."""
    weights = [0] * BITS
    for pair in _pairs(title, summary):
        value = int.from_bytes(hashlib.blake2b(pair.encode(), digest_size=8).digest(), "big")
        for bit in range(BITS):
            weights[bit] += 1 if value >> bit & 1 else -1
    return f"{sum(1 << bit for bit, weight in enumerate(weights) if weight > 0):016x}"


def near(one: str, others: Iterable[tuple[int, str]]) -> list[int]:
    """The keys of sketches that may belong to the same text."""
    value = int(one, 16)
    return [key for key, other in others if other and (value ^ int(other, 16)).bit_count() <= NEAR]


def likeness(one: tuple[str, str], other: tuple[str, str]) -> float:
    """Shared pairs of signs of two (title, summary): 1 for the same words, 0 for nothing in common."""
    a, b = set(_pairs(*one)), set(_pairs(*other))
    return len(a & b) / len(a | b) if a and b else 0.0


def _pairs(title: str, summary: str) -> tuple[str, ...]:
    return bigrams(f"{title}\n{summary}"[:SIGNS])
