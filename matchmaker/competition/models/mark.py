"""What ballots have said: marks that are only appended to, each holding on to the one before."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from matchmaker.competition.models.ballot import Ballot
from matchmaker.competition.rules.ballots import MarkKind
from matchmaker.core.db import Instant, Json, Key, db


class BallotMark(db.Model):  # type: ignore[name-defined]
    """What a ballot said when it was signed, taken back, upheld or made void: appended, never changed.

    `digest` covers the mark's pseudonymous content and `previous`, the digest of the mark before it in the stage.
    """

    __tablename__ = "ballot_marks"
    __table_args__ = (
        sa.UniqueConstraint("stage_id", "sequence"),
        sa.CheckConstraint("sequence >= 1", name="sequence_from_one"),
    )

    id: Mapped[Key]
    ballot_id: Mapped[int] = mapped_column(sa.ForeignKey("ballots.id"), index=True)
    stage_id: Mapped[int] = mapped_column(sa.ForeignKey("contest_stages.id"))
    sequence: Mapped[int]
    what: Mapped[MarkKind]
    actor_id: Mapped[int] = mapped_column(sa.ForeignKey("users.id"))
    moment: Mapped[Instant]
    data: Mapped[Json]
    previous: Mapped[str] = mapped_column(sa.String(64))
    digest: Mapped[str] = mapped_column(sa.String(64))
    ballot: Mapped[Ballot] = relationship()


@event.listens_for(Session, "before_flush")
def _append_only(session: Session, _context: Any, _instances: Any) -> None:
    changed = [row for row in (*session.dirty, *session.deleted) if isinstance(row, BallotMark)]
    if any(session.is_modified(row) or row in session.deleted for row in changed):
        raise RuntimeError("what a ballot said is only ever appended to")


# The database refuses, too. `data` is left out: its points and total are in the digest, and a comment may be erased.
_KEPT = "id, ballot_id, stage_id, sequence, what, moment, previous, digest"
_SENTENCE = "marks of ballots are only appended to"
APPEND_ONLY = {
    "sqlite": (
        "CREATE TRIGGER ballot_marks_unchanged BEFORE UPDATE OF "
        f"{_KEPT} ON ballot_marks BEGIN SELECT RAISE(ABORT, '{_SENTENCE}'); END",
        "CREATE TRIGGER ballot_marks_undeleted BEFORE DELETE ON ballot_marks "
        f"BEGIN SELECT RAISE(ABORT, '{_SENTENCE}'); END",
    ),
    "postgresql": (
        "CREATE OR REPLACE FUNCTION ballot_marks_append_only() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{_SENTENCE}'; END $$",
        f"CREATE TRIGGER ballot_marks_append_only BEFORE DELETE OR UPDATE OF {_KEPT} ON ballot_marks "
        "FOR EACH ROW EXECUTE FUNCTION ballot_marks_append_only()",
    ),
}
for _dialect, _statements in APPEND_ONLY.items():
    for _statement in _statements:
        event.listen(BallotMark.__table__, "after_create", sa.DDL(_statement).execute_if(dialect=_dialect))
