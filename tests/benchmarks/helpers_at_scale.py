"""Helpers and needs in any number, put together from the sentences of real abstracts; the same seed, the same ones."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterator
from functools import lru_cache

import numpy as np

from matchmaker.matching.engine.profiles import Need, Profile
from matchmaker.matching.rules import Barrier, NeedKind
from tests.conftest import shared_data

PAPERS = shared_data() / "papers_zh.jsonl.gz"
FIELDS = [f"field-{n}" for n in range(8)]
INDUSTRIES = ["C3911", "C3912", "C2650", "I6513", "M7320", "A0111", "C2770", "D4416"]
REGIONS = ["650105", "650104", "650102", "650103", "310101", "110108"]
LENGTH = 90  # characters of a helper's profile


@lru_cache(maxsize=1)
def sentences() -> list[str]:
    """Sentences of eight characters and more."""
    with gzip.open(PAPERS, "rt", encoding="utf-8") as lines:
        abstracts = [json.loads(line)["abstract"] for line in lines]
    return [part for abstract in abstracts for part in re.split(r"[。；;]", abstract) if len(part) >= 8]


def profiles(n: int, *, seed: int = 1, prefix: str = "p") -> Iterator[Profile]:
    """Helpers with a statement of their own and a description, about 90 characters together."""
    random = np.random.default_rng(seed)
    known = sentences()
    for number in range(n):
        picked, length = [], 0
        while length < LENGTH:
            picked.append(known[int(random.integers(len(known)))])
            length += len(picked[-1])
        stated, rest = picked[0][: LENGTH // 3], "。".join(picked)[LENGTH // 3 : LENGTH]
        investor = number % 10 == 0
        yield Profile(
            id=f"{prefix}{number:07}",
            kind="investor" if investor else "adviser",
            documents=((stated, 3.0), (rest, 2.0)) if rest else ((stated, 3.0),),
            tags={
                "field": frozenset({FIELDS[int(random.integers(8))]}),
                "industry": frozenset({INDUSTRIES[int(random.integers(8))]}),
                "region": frozenset({REGIONS[int(random.integers(6))]}),
            },
            numbers={"ticket_min_fen": 10**8, "ticket_max_fen": int(random.integers(2, 90)) * 10**8}
            if investor
            else {"secrecy": int(random.integers(2))},
            organisations=frozenset({f"unit-{int(random.integers(n // 5 + 1))}"}),
            barriers=(Barrier.NO_CAPACITY,) if number % 7 == 0 else (),
        )


def needs(n: int, *, seed: int = 2) -> list[Need]:
    """Needs of two sentences with a field, an industry and a region, one in three secret."""
    random = np.random.default_rng(seed)
    known = sentences()
    return [
        Need(
            text="。".join(known[int(random.integers(len(known)))] for _ in range(2))[:LENGTH],
            kind=NeedKind.TECHNICAL,
            tags={
                "field": frozenset({FIELDS[int(random.integers(8))]}),
                "industry": frozenset({INDUSTRIES[int(random.integers(8))]}),
                "region": frozenset({REGIONS[int(random.integers(6))]}),
            },
            numbers={"secrecy": int(random.integers(3) == 0)},
            profile_kinds=frozenset({"adviser"}),
            organisation=f"unit-{int(random.integers(100))}",
        )
        for _ in range(n)
    ]
