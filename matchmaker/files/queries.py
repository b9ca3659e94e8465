"""Which files belong to a record."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from matchmaker.core.db import db
from matchmaker.files.models import StoredFile


def one(file_id: int) -> sa.Select[StoredFile]:
    """A file by its id; whether somebody may have it is the record's feature's to say."""
    return sa.select(StoredFile).where(StoredFile.id == file_id)


def of(subject: Any, *, purpose: str | None = None) -> Sequence[StoredFile]:
    """The files of one record in the order of their upload; narrowed to a purpose when one is given."""
    statement = sa.select(StoredFile).where(
        StoredFile.subject_kind == subject.__tablename__, StoredFile.subject_id == subject.id
    )
    if purpose is not None:
        statement = statement.where(StoredFile.purpose == purpose)
    return db.session.execute(statement.order_by(StoredFile.id)).scalars().all()


def personal_data(user: Any) -> dict[str, Any]:
    """What a person has uploaded."""
    statement = sa.select(StoredFile).where(StoredFile.uploaded_by_id == user.id).order_by(StoredFile.id)
    return {
        "uploads": [
            {"name": row.name, "size": row.size, "sha256": row.sha256, "created": row.created.isoformat()}
            for row in db.session.execute(statement).scalars()
        ]
    }


def hashes_in_use() -> set[str]:
    """Every content that some upload still needs."""
    return set(db.session.execute(sa.select(StoredFile.sha256).distinct()).scalars())
