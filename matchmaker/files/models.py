"""The table of uploads."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from matchmaker.core.db import Instant, Key, Name, db


class StoredFile(db.Model):  # type: ignore[name-defined]
    """One upload to one record. The content lies in the store under its hash; uploader and subject are named by id."""

    __tablename__ = "stored_files"
    __table_args__ = (sa.Index("ix_stored_files_subject", "subject_kind", "subject_id", "id"),)

    id: Mapped[Key]
    region: Mapped[str | None] = mapped_column(sa.String(6), index=True)
    subject_kind: Mapped[str] = mapped_column(sa.String(60))
    subject_id: Mapped[int]
    purpose: Mapped[str] = mapped_column(sa.String(40))
    name: Mapped[Name]
    mimetype: Mapped[str] = mapped_column(sa.String(100))
    size: Mapped[int]
    sha256: Mapped[str] = mapped_column(sa.String(64), index=True)
    uploaded_by_id: Mapped[int | None] = mapped_column(index=True)
    created: Mapped[Instant]
