"""Reading the activity log."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from matchmaker.activity.models import Activity
from matchmaker.core.db import db
from matchmaker.core.viewer import Viewer, in_regions


def of(subject: Any, *, limit: int = 50) -> Sequence[Activity]:
    """What happened to one record, newest first."""
    statement = (
        sa.select(Activity)
        .where(Activity.subject_kind == subject.__tablename__, Activity.subject_id == subject.id)
        .order_by(Activity.id.desc())
        .limit(limit)
    )
    return db.session.execute(statement).scalars().all()


def visible_to(viewer: Viewer) -> sa.Select[tuple[Activity]]:
    """The log as an auditor or administrator of some regions sees it."""
    return sa.select(Activity).where(sa.or_(Activity.region.is_(None), in_regions(Activity.region, viewer)))
