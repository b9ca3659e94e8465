"""Reading saved views and bulk runs."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from matchmaker.core.db import db
from matchmaker.core.viewer import Viewer
from matchmaker.lists.models import BulkRun, SavedView


def views_of(viewer: Viewer, list_name: str) -> sa.Select[SavedView]:
    """A person's saved views of one list."""
    return (
        sa.select(SavedView)
        .where(SavedView.user_id == viewer.id, SavedView.list_name == list_name)
        .order_by(SavedView.name, SavedView.id)
    )


def saved_views(viewer: Viewer) -> sa.Select[SavedView]:
    """All of a person's saved views."""
    return sa.select(SavedView).where(SavedView.user_id == viewer.id)


def bulk_runs(viewer: Viewer) -> sa.Select[BulkRun]:
    """A person's own bulk actions: only who did it may undo it."""
    return sa.select(BulkRun).where(BulkRun.user_id == viewer.id)


def personal_data(user: Any) -> dict[str, Any]:
    """A person's saved views, for their own download."""
    rows = db.session.execute(saved_views(user).order_by(SavedView.id)).scalars()
    return {"saved_views": [{"list": v.list_name, "name": v.name, "query": v.query} for v in rows]}
