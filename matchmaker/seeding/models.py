"""What has been loaded from the demo files."""

from __future__ import annotations

from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from matchmaker.core.db import Key, db


class DemoRecord(db.Model):  # type: ignore[name-defined]
    """A row of a demo file and the record it became; `day` is the first start, to which all its days are relative."""

    __tablename__ = "demo_records"

    id: Mapped[Key]
    key: Mapped[str] = mapped_column(sa.String(60), unique=True)
    record_id: Mapped[int]
    day: Mapped[date]
