"""Tables of imports: a batch and its two files."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from matchmaker.core.db import Instant, Json, Key, Name, RegionCode, db
from matchmaker.imports.rules import BatchState


class ImportBatch(db.Model):  # type: ignore[name-defined]
    """One file on its way in. `actor_id` is None when it came from the command line."""

    __tablename__ = "import_batches"
    __table_args__ = (sa.Index("ix_import_batches_region_created", "region", "created"),)

    id: Mapped[Key]
    region: Mapped[RegionCode]
    kind: Mapped[str] = mapped_column(sa.String(40), index=True)
    filename: Mapped[Name]
    state: Mapped[BatchState] = mapped_column(index=True)
    headers: Mapped[list[str]] = mapped_column(sa.JSON())
    line_count: Mapped[int]
    mapping: Mapped[Json]
    options: Mapped[Json]
    counts: Mapped[Json]
    sample: Mapped[list[Any]] = mapped_column(sa.JSON(), default=list)
    error: Mapped[str | None] = mapped_column(sa.Text())
    actor_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"), index=True)
    created: Mapped[Instant]
    finished: Mapped[Instant | None]


class ImportFile(db.Model):  # type: ignore[name-defined]
    """The content of an uploaded (`source`) or produced (`result`) file, kept in the database to share its fate."""

    __tablename__ = "import_files"
    __table_args__ = (sa.UniqueConstraint("batch_id", "role"),)

    id: Mapped[Key]
    batch_id: Mapped[int] = mapped_column(sa.ForeignKey("import_batches.id", ondelete="CASCADE"))
    role: Mapped[str] = mapped_column(sa.String(10))
    content: Mapped[bytes] = mapped_column(sa.LargeBinary())
