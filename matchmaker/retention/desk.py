"""A line for who answers for an event whose data should have gone."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from flask import url_for
from flask_babel import gettext as _

from matchmaker.core import clock
from matchmaker.core.db import db
from matchmaker.core.feature import DeskItem
from matchmaker.core.i18n import local
from matchmaker.core.jobs import JobRun, RunState
from matchmaker.retention import queries

JOB = "retention.purge"
NIGHT = timedelta(days=2)  # one missed night is none yet


def overdue(viewer: Any) -> Sequence[DeskItem]:
    """Events with data that is due, when the nightly deletion failed or has not run; one query when all is well."""
    now = clock.now()
    well = sa.select(JobRun.id).where(JobRun.name == JOB, JobRun.state == RunState.DONE, JobRun.started > now - NIGHT)
    if db.session.execute(well.limit(1)).first() is not None:
        return []
    return [
        DeskItem(
            _("“%(title)s”有到期未删除的个人信息", title=local(event, "title")),
            url_for("retention.index", event_id=event.id),
            count=count,
            late=True,
        )
        for event, count in queries.neglected(viewer, now, after=NIGHT, limit=5)
    ]
