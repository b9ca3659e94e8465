"""Writing the activity log."""

from __future__ import annotations

from typing import Any

from matchmaker.activity.models import Activity
from matchmaker.core import clock
from matchmaker.core.db import db


def record(kind: str, *, subject: Any, actor: Any | None, **data: Any) -> Activity:
    """Append what happened to `subject` (flushed for its id). `data` must be JSON-ready and free of secrets."""
    if subject.id is None:
        db.session.flush()
    row = Activity(
        kind=kind,
        subject_kind=subject.__tablename__,
        subject_id=subject.id,
        actor_id=getattr(actor, "id", None) or None,
        actor_name=getattr(actor, "name", None) or "系统",
        moment=clock.now(),
        region=getattr(subject, "region", None),
        data=data,
    )
    db.session.add(row)
    return row
