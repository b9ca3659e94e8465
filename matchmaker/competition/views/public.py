"""What everybody sees: the contests, how to enter, the results once released."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask_login import current_user

from matchmaker.competition import access
from matchmaker.competition.models import Contest, Entry
from matchmaker.competition.queries import contests, entries, standings
from matchmaker.competition.services import results
from matchmaker.competition.views import bp
from matchmaker.core import clock
from matchmaker.core.db import db
from matchmaker.core.web import one_or_404, page, public


@bp.get("/")
@public
def index() -> Any:
    """Announced contests, the newest first."""
    rows = db.session.execute(contests.public().limit(50)).unique().scalars().all()
    return page("competition/index.html", contests=rows, now=clock.now())


@bp.get("/<int:contest_id>")
@public
def show(contest_id: int) -> Any:
    """One contest: groups, rules with their fingerprint, how to enter, results when released."""
    contest = one_or_404(contests.public().where(Contest.id == contest_id))
    own: Sequence[Entry] = []
    if current_user.is_authenticated:
        statement = entries.own(current_user).where(Entry.contest_id == contest_id)
        own = db.session.execute(statement).unique().scalars().all()
    rows = db.session.execute(standings.released_of(contest_id)).unique().scalars().all()
    return page(
        "competition/show.html",
        contest=contest,
        own=own,
        standings=rows,
        reopened=db.session.execute(standings.reopened(contest_id)).unique().scalars().all(),
        notice=results.notice_of(contest) if contest.released else None,
        manages=access.may_manage(current_user, contest),
        now=clock.now(),
    )
