"""Reminders before a deadline; repeated runs queue nothing new."""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa

from matchmaker.accounts.models import User
from matchmaker.competition.models import Contest, ContestStage, Entry
from matchmaker.competition.queries import judging
from matchmaker.competition.rules.states import ContestState, EntryState
from matchmaker.core import clock
from matchmaker.core.db import db
from matchmaker.notifications import services as notifications

AHEAD = timedelta(hours=48)


def remind_judges() -> int:
    """One message a judge and contest with ballots left, two days before judging ends."""
    now, queued = clock.now(), 0
    for user_id, stage_id, left in db.session.execute(judging.due_reminders(until=now + AHEAD, now=now)).all():
        stage = db.session.get_one(ContestStage, stage_id)
        contest = stage.contest
        message = notifications.enqueue(
            "competition/mail/reminder",
            to=db.session.get_one(User, user_id),
            about=contest,
            url="/contests/ballots/",
            dedupe=f"ballots-left:{stage_id}:{user_id}:{stage.judging_until.isoformat()}",
            contest=contest,
            stage=stage,
            n=left,
        )
        queued += message is not None
    return queued


def remind_entrants() -> int:
    """One message for every draft, two days before entries close."""
    now = clock.now()
    statement = (
        sa.select(Entry)
        .join(Contest, Contest.id == Entry.contest_id)
        .where(Entry.state == EntryState.DRAFT, Contest.state == ContestState.REGISTRATION)
        .where(Contest.deadline > now, Contest.deadline <= now + AHEAD)
        .order_by(Entry.id)
    )
    queued = 0
    for entry in db.session.execute(statement).unique().scalars():
        message = notifications.enqueue(
            "competition/mail/draft",
            to=entry.user,
            about=entry,
            url=f"/contests/entries/{entry.id}",
            dedupe=f"entry-draft:{entry.id}:{entry.contest.deadline.isoformat()}",
            entry=entry,
            contest=entry.contest,
        )
        queued += message is not None
    return queued
