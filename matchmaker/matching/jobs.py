"""Recurring work of matching."""

from __future__ import annotations

from matchmaker.core.db import transaction
from matchmaker.matching import queries
from matchmaker.matching.services import digest, offering, requests, stamps, suggesting, vectors


def expire() -> int:
    """Let unanswered requests run out; drop old notes of changed profiles."""
    with transaction():
        stamps.forget_old()
        return requests.expire_due() + offering.expire_due()


def encode() -> int:
    """Turn texts that have no vector yet into vectors, some at a time; forget those of texts that are gone.

    Where a run found nothing to do and no profile changed since, the next one asks one question.
    """
    work = vectors.missing()
    done = 0
    for hashes in work.batches():
        rows = vectors.encode(work, hashes)
        with transaction():
            done += vectors.keep(work, hashes, rows)
    if work.complete:
        with transaction():
            vectors.forget_unused(work)
            vectors.settle(work)
    return done


def nearness() -> int:
    """Keep the candidates' index of PostgreSQL up to date, where one is wanted."""
    with transaction():
        return suggesting.build_nearness()


def write_digests() -> int:
    """Queue this week's letters, each in a transaction of its own; a second run of the week finds nothing to do."""
    sent = 0
    for person_id, found in digest.plan().items():
        with transaction():
            sent += digest.send(queries.people([person_id])[person_id], found)
    return sent
