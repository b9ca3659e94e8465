"""The table of what texts mean, as far as they have been encoded."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from matchmaker.core.db import Instant, db


class TextVector(db.Model):  # type: ignore[name-defined]
    """The vector of a text under the hash of what the encoder reads of it, by model and version."""

    __tablename__ = "text_vectors"

    hash: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    model: Mapped[str] = mapped_column(sa.String(60), primary_key=True)
    vector: Mapped[bytes] = mapped_column(sa.LargeBinary())  # thousandths in 16 bits
    created: Mapped[Instant]
