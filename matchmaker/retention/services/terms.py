"""How long an event keeps what."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from matchmaker.activity import services as activity
from matchmaker.core import clock
from matchmaker.core.db import db
from matchmaker.events.models import Event
from matchmaker.retention import rules
from matchmaker.retention.models import RetentionRule
from matchmaker.retention.rules import Line


def set_days(event: Event, line: Line, *, days: int, reason: str, actor: Any) -> None:
    """Keep one line for so many days after the event; longer than the default only with a reason."""
    rules.check_days(days, term=line.term, reason=reason)
    statement = sa.select(RetentionRule).where(
        RetentionRule.event_id == event.id,
        RetentionRule.category == line.category,
        RetentionRule.field_id == line.field_id,
    )
    row = db.session.execute(statement).scalar_one_or_none()
    if row is None:
        row = RetentionRule(event_id=event.id, category=line.category, field_id=line.field_id)
        db.session.add(row)
    row.days, row.reason, row.updated = days, reason, clock.now()
    activity.record(
        "retention.term_set",
        subject=event,
        actor=actor,
        category=line.category.value,
        label=line.label,
        before=line.days,
        after=days,
        reason=reason,
    )
    db.session.flush()


def copy(source: Event, copied: Event, _shift: timedelta) -> None:
    """Terms of whole categories come along; those of single fields belong to the old form."""
    statement = sa.select(RetentionRule).where(RetentionRule.event_id == source.id, RetentionRule.field_id == "")
    for row in db.session.execute(statement).scalars().all():
        values = {"category": row.category, "days": row.days, "reason": row.reason, "updated": clock.now()}
        db.session.add(RetentionRule(event_id=copied.id, **values))
