"""Vectors of texts: kept under the hash of the text, made in the background, looked up by the index."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from matchmaker.core import clock
from matchmaker.core.db import db
from matchmaker.matching import encoding
from matchmaker.matching.models import ProfileStamp, TextVector
from matchmaker.matching.services import stamps

if TYPE_CHECKING:
    import numpy as np

    from matchmaker.matching.engine.meanings import Meanings, Middle

MOST = 600  # texts a run: a minute or two on one core
BATCH = 16  # texts a transaction
TOGETHER = 500  # hashes a query


def stored() -> Meanings | None:
    """The vectors of this database, for an index; None where the extra is not installed."""
    from matchmaker.matching.engine import semantic

    encoder = semantic.encoder()
    return None if encoder is None else _Stored(encoder)


def have_multiplied(middle: Middle) -> bool:
    """Whether so many vectors have come since an index was fitted that its middle stands for few of them."""
    return middle.seen > 2 * middle.fitted_on + 8


class _Stored:
    """Documents as far as they are encoded; a need is encoded when it is asked."""

    def __init__(self, encoder: Any) -> None:
        self.name = encoder.name

    def known(self, texts: Sequence[str]) -> list[np.ndarray | None]:
        from matchmaker.matching.engine import semantic

        hashes = [semantic.digest(text) for text in texts]
        found = _kept(self.name, hashes)
        return [found.get(key) for key in hashes]

    def asked(self, text: str) -> np.ndarray | None:
        return _now(text)

    def prior(self) -> np.ndarray:
        import numpy as np

        from matchmaker.matching.engine import semantic

        return np.array([_now(text) for text in semantic.PRIOR])


def _kept(model: str, hashes: Sequence[str]) -> dict[str, np.ndarray]:
    from matchmaker.matching.engine import semantic

    found: dict[str, np.ndarray] = {}
    for start in range(0, len(hashes), TOGETHER):
        rows = db.session.execute(
            sa.select(TextVector.hash, TextVector.vector).where(
                TextVector.model == model, TextVector.hash.in_(hashes[start : start + TOGETHER])
            )
        ).all()
        found |= dict(zip([key for key, _ in rows], semantic.unpacked(row for _, row in rows), strict=True))
    return found


@lru_cache(maxsize=512)
def _now(text: str) -> np.ndarray | None:
    """The vector of a need, as it would be kept; the needs of the day stay in memory."""
    from matchmaker.matching.engine import semantic

    encoder = semantic.encoder()
    return None if encoder is None else semantic.rounded(encoder.encode([text]))[0]


@dataclass
class Work:
    """Texts of profiles that have no vector, with whose they are."""

    model: str = ""
    texts: dict[str, str] = field(default_factory=dict)  # by hash
    people: dict[str, set[int]] = field(default_factory=dict)  # by hash
    used: set[str] = field(default_factory=set)  # every hash of today's profiles
    state: str = ""  # of the database before it was read

    @property
    def complete(self) -> bool:
        """Whether this run leaves nothing to do."""
        return bool(self.model) and len(self.texts) <= MOST

    def batches(self) -> Iterator[list[str]]:
        """Hashes to encode in this run."""
        todo = sorted(self.texts)[:MOST]
        return (todo[start : start + BATCH] for start in range(0, len(todo), BATCH))


def missing() -> Work:
    """What there is to encode; nothing where the extra is not installed, or all was done and nothing changed since."""
    from matchmaker.matching.engine import semantic

    encoder = semantic.encoder()
    if encoder is None:
        return Work()
    state, settled = _state(encoder.name)
    if settled:
        return Work()
    work = Work(encoder.name, state=state)
    found: dict[str, str] = {}
    for profile in encoding.profiles(None, today=clock.today()):
        for text, _weight in profile.documents:
            key = semantic.digest(text)
            found[key] = text
            work.people.setdefault(key, set()).add(int(profile.id))
    work.used = set(found)
    kept = set(db.session.execute(sa.select(TextVector.hash).where(TextVector.model == work.model)).scalars())
    work.texts = {key: text for key, text in found.items() if key not in kept}
    return work


def _state(model: str) -> tuple[str, bool]:
    """(what the profiles, the day and the model come to, whether all texts of just this state have their vectors)."""
    row = db.session.execute(sa.select(ProfileStamp.epoch, ProfileStamp.version, ProfileStamp.encoded)).first()
    if row is None:
        return "", False
    state = f"{row.epoch} {row.version} {clock.today()} {model}"
    return state, row.encoded == state


def settle(work: Work) -> None:
    """Note that nothing was left to do in this state; a change between reading and now is another state."""
    if work.state and work.complete and not work.texts:
        db.session.execute(sa.update(ProfileStamp).values(encoded=work.state))


def encode(work: Work, hashes: Sequence[str]) -> list[bytes]:
    """Vectors of some of the texts, as they are kept."""
    from matchmaker.matching.engine import semantic

    encoder = semantic.encoder()
    if encoder is None:
        return []
    return semantic.packed(encoder.encode([work.texts[key] for key in hashes]))


def keep(work: Work, hashes: Sequence[str], rows: Sequence[bytes]) -> int:
    """Write vectors down; the indexes of all processes reread those people. What somebody else wrote stays."""
    known = set(
        db.session.execute(
            sa.select(TextVector.hash).where(TextVector.model == work.model, TextVector.hash.in_(hashes))
        ).scalars()
    )
    fresh = [(key, row) for key, row in zip(hashes, rows, strict=True) if key not in known]
    for key, row in fresh:
        db.session.add(TextVector(hash=key, model=work.model, vector=row, created=clock.now()))
        for person_id in work.people[key]:
            stamps.touch(person_id)
    db.session.flush()
    return len(fresh)


def forget_unused(work: Work) -> int:
    """Drop vectors of texts that no profile holds any more, and those of other models."""
    rows = db.session.execute(sa.select(TextVector.hash, TextVector.model)).all()
    gone = [key for key, model in rows if model == work.model and key not in work.used]
    count = 0
    for start in range(0, len(gone), TOGETHER):
        statement = sa.delete(TextVector).where(
            TextVector.model == work.model, TextVector.hash.in_(gone[start : start + TOGETHER])
        )
        count += int(db.session.execute(statement).rowcount)  # type: ignore[attr-defined]
    others = db.session.execute(sa.delete(TextVector).where(TextVector.model != work.model))
    return count + int(others.rowcount)  # type: ignore[attr-defined]


def coverage() -> tuple[str, int]:
    """(model in its version, texts encoded) of this database."""
    row = db.session.execute(
        sa.select(TextVector.model, sa.func.count())
        .group_by(TextVector.model)
        .order_by(sa.func.count().desc(), TextVector.model)
    ).first()
    return (row[0], int(row[1])) if row else ("", 0)
