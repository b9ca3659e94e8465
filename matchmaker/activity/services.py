"""Writing the activity log."""

from __future__ import annotations

from typing import Any

from matchmaker.activity.models import Activity
from matchmaker.core import clock
from matchmaker.core.db import db
from matchmaker.core.feature import features
from matchmaker.core.putting import put


def record(kind: str, *, subject: Any, actor: Any | None, **data: Any) -> Activity:
    """Append what happened to `subject` (flushed for its id). `data` must be JSON-ready and free of secrets."""
    if subject.id is None:
        db.session.flush()
    return enter(line(kind, subject=subject, actor=actor, **data), subject=subject)


def line(kind: str, *, subject: Any, actor: Any | None, **data: Any) -> Activity:
    """What `record` appends, not entered yet: a busy request words it before its turn to write."""
    return Activity(
        kind=kind,
        subject_kind=subject.__tablename__,
        actor_id=getattr(actor, "id", None) or None,
        actor_name=getattr(actor, "name", None) or "系统",
        moment=clock.now(),
        region=region_of(subject),
        data=data,
    )


def enter(row: Activity, *, subject: Any) -> Activity:
    """Append a line about a subject that has its number now."""
    row.subject_id = subject.id
    put(row)
    for feature in features().all:
        if feature.after_record is not None:
            feature.after_record(row)
    return row


def region_of(subject: Any) -> str | None:
    """The region of a record: its own, or that of the event it is part of."""
    region: str | None = getattr(subject, "region", None) or getattr(getattr(subject, "event", None), "region", None)
    return region
