"""Recurring work of matching."""

from __future__ import annotations

from matchmaker.core.db import transaction
from matchmaker.matching.services import requests, stamps, suggesting, vectors


def expire() -> int:
    """Let unanswered requests run out; drop old notes of changed profiles."""
    with transaction():
        stamps.forget_old()
        return requests.expire_due()


def encode() -> int:
    """Turn texts that have no vector yet into vectors, some at a time; forget those of texts that are gone."""
    work = vectors.missing()
    done = 0
    for hashes in work.batches():
        rows = vectors.encode(work, hashes)
        with transaction():
            done += vectors.keep(work, hashes, rows)
    if work.complete:
        with transaction():
            vectors.forget_unused(work)
    return done


def nearness() -> int:
    """Keep the candidates' index of PostgreSQL up to date, where one is wanted."""
    with transaction():
        return suggesting.build_nearness()
