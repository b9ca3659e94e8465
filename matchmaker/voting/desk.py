"""What public votes put on the organiser's desk."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from flask import url_for
from flask_babel import gettext as _

from matchmaker.competition.models import Contest, ContestStage
from matchmaker.competition.queries import judging
from matchmaker.core import clock
from matchmaker.core.db import db
from matchmaker.core.feature import DeskItem
from matchmaker.voting import queries
from matchmaker.voting.models import PublicVote


def waiting(viewer: Any) -> Sequence[DeskItem]:
    """Closed votes that wait for their check, checked ones that wait for their release."""
    statement = (
        queries.managed_by(viewer)
        .join(Contest, Contest.id == ContestStage.contest_id)
        .where(
            PublicVote.closes <= clock.now(),
            PublicVote.cancelled.is_(None),
            PublicVote.released.is_(None),
            sa.not_(judging.blind_in(viewer, Contest.id)),
        )
        .with_only_columns(PublicVote.id, PublicVote.checked, Contest.title)
        .order_by(PublicVote.closes, PublicVote.id)
        .limit(8)
    )
    return [
        DeskItem(
            _("“%(title)s”的票选待公布", title=title) if checked else _("“%(title)s”的票选已截止，待核查", title=title),
            url_for("voting.manage", vote_id=vote_id),
        )
        for vote_id, checked, title in db.session.execute(statement)
    ]
