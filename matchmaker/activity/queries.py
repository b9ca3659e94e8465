"""Reading the activity log."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from matchmaker.activity.models import Activity
from matchmaker.core.db import db
from matchmaker.core.feature import activity_title, features
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


def visible_to(viewer: Viewer) -> sa.Select[Activity]:
    """The log as an auditor or administrator of some regions sees it."""
    hidden = [feature.hidden_activities(viewer) for feature in features().all if feature.hidden_activities is not None]
    return sa.select(Activity).where(
        sa.or_(Activity.region.is_(None), in_regions(Activity.region, viewer)),
        *(sa.not_(clause) for clause in hidden if clause is not None),
    )


def personal_data(user: Any) -> dict[str, Any]:
    """What a person did, and what was done to their account, for their own download."""
    own_account = sa.and_(Activity.subject_kind == "users", Activity.subject_id == user.id)
    statement = sa.select(Activity).where(sa.or_(Activity.actor_id == user.id, own_account)).order_by(Activity.id)
    return {
        "activities": [
            {
                "moment": row.moment.isoformat(),
                "kind": row.kind,
                "title": activity_title(row.kind),
                "subject": f"{row.subject_kind} {row.subject_id}",
                "by": "self" if row.actor_id == user.id else "other",
                "data": row.data,
            }
            for row in db.session.execute(statement).scalars()
        ]
    }
