"""What the competition puts on the desks, and what the search finds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from flask import url_for
from flask_babel import gettext as _

from matchmaker.competition.models import Ballot, Contest, ContestStage, Entry, EntryRecheck, Recusal
from matchmaker.competition.queries import contests, entries, judging, rechecks, teams
from matchmaker.competition.rules.ballots import LEFT
from matchmaker.competition.rules.conflicts import RecusalState
from matchmaker.competition.rules.rechecking import Outcome
from matchmaker.competition.rules.states import ContestState, EntryState
from matchmaker.core import clock
from matchmaker.core.db import db
from matchmaker.core.feature import DeskItem

TO_REVIEW = (EntryState.SUBMITTED, EntryState.SCREENING)


def waiting_for_judge(viewer: Any) -> Sequence[DeskItem]:
    """Ballots left, a line a contest."""
    statement = (
        judging.waiting_for(viewer)
        .with_only_columns(Contest.id, Contest.title, ContestStage.judging_until, sa.func.count(Ballot.id))
        .order_by(None)
        .group_by(Contest.id, Contest.title, ContestStage.judging_until)
        .order_by(ContestStage.judging_until, Contest.id)
    )
    now = clock.now()
    return [
        DeskItem(
            _("“%(title)s”待评审", title=title),
            url_for("competition.own_ballots"),
            count=n,
            due=until,
            late=until < now,
        )
        for _id, title, until, n in db.session.execute(statement)
    ] + [
        DeskItem(
            _("“%(title)s”的评审承诺书待签署", title=row.contest.title), url_for("competition.pledge", seat_id=row.id)
        )
        for row in db.session.execute(judging.unpledged(viewer)).unique().scalars()
    ]


def waiting_for_organiser(viewer: Any) -> Sequence[DeskItem]:
    """Entries to review and ballots missing, the next deadline first."""
    return [*_to_review(viewer), *_questioned(viewer), *_to_settle(viewer), *_missing(viewer)]


def _to_review(viewer: Any) -> list[DeskItem]:
    statement = (
        entries.managed_by(viewer)
        .where(Entry.state.in_(TO_REVIEW))
        .with_only_columns(Contest.id, Contest.title, Contest.deadline, sa.func.count(Entry.id))
        .group_by(Contest.id, Contest.title, Contest.deadline)
        .order_by(Contest.deadline, Contest.id)
        .limit(8)
    )
    return [
        DeskItem(
            _("“%(title)s”有项目待审查", title=title),
            url_for("competition.entries_list", contest_id=contest_id),
            count=n,
            due=until,
        )
        for contest_id, title, until, n in db.session.execute(statement)
    ]


def _questioned(viewer: Any) -> list[DeskItem]:
    """Accepted entries that an amendment questions."""
    shown = entries.managed_by(viewer).with_only_columns(Entry.id)
    statement = (
        sa.select(Contest.id, Contest.title, sa.func.count(EntryRecheck.id))
        .select_from(EntryRecheck)
        .join(Entry, Entry.id == EntryRecheck.entry_id)
        .join(Contest, Contest.id == Entry.contest_id)
        .where(Entry.id.in_(shown), rechecks.is_open(), Contest.state.in_(judging.UNDECIDED))
        .group_by(Contest.id, Contest.title)
        .order_by(Contest.id)
        .limit(8)
    )
    return [
        DeskItem(
            _("“%(title)s”有已通过的项目要按补充通知重新决定", title=title),
            url_for("competition.rechecks_list", contest_id=contest_id, outcome=Outcome.OPEN.value),
            count=n,
        )
        for contest_id, title, n in db.session.execute(statement)
    ]


def _to_settle(viewer: Any) -> list[DeskItem]:
    """Reasons to stay away that nobody has looked at."""
    shown = entries.managed_by(viewer).with_only_columns(Entry.id)
    statement = (
        sa.select(Contest.id, Contest.title, sa.func.count(Recusal.id))
        .select_from(Recusal)
        .join(Entry, Entry.id == Recusal.entry_id)
        .join(Contest, Contest.id == Entry.contest_id)
        .where(Entry.id.in_(shown), Recusal.state == RecusalState.CANDIDATE, Contest.state.in_(judging.UNDECIDED))
        .where(sa.not_(judging.blind_in(viewer, Contest.id)))
        .group_by(Contest.id, Contest.title)
        .order_by(Contest.id)
        .limit(8)
    )
    return [
        DeskItem(
            _("“%(title)s”有回避情形待核实", title=title),
            url_for("competition.recusals", contest_id=contest_id, state=RecusalState.CANDIDATE.value),
            count=n,
        )
        for contest_id, title, n in db.session.execute(statement)
    ]


def _missing(viewer: Any) -> list[DeskItem]:
    shown = entries.managed_by(viewer).with_only_columns(Entry.id)
    statement = (
        sa.select(Contest.id, Contest.title, ContestStage.judging_until, sa.func.count(Ballot.id))
        .select_from(Ballot)
        .join(Entry, Entry.id == Ballot.entry_id)
        .join(Contest, Contest.id == Entry.contest_id)
        .join(ContestStage, ContestStage.id == Ballot.stage_id)
        .where(Entry.id.in_(shown), Contest.state == ContestState.JUDGING, Ballot.state.in_(LEFT), judging.counting())
        .where(sa.not_(judging.blind_in(viewer, Contest.id)))
        .group_by(Contest.id, Contest.title, ContestStage.judging_until)
        .order_by(ContestStage.judging_until, Contest.id)
        .limit(8)
    )
    now = clock.now()
    return [
        DeskItem(
            _("“%(title)s”还缺评分表", title=title),
            url_for("competition.manage", contest_id=contest_id),
            count=n,
            due=until,
            late=until < now,
        )
        for contest_id, title, until, n in db.session.execute(statement)
    ]


def mine(viewer: Any) -> Sequence[DeskItem]:
    """One's own drafts and returned entries that wait to be handed in."""
    statement = (
        entries.own(viewer)
        .join(Contest, Contest.id == Entry.contest_id)
        .where(
            Entry.state.in_((EntryState.DRAFT, EntryState.RETURNED)),
            Contest.state.in_((ContestState.REGISTRATION, ContestState.SCREENING)),
        )
        .limit(8)
    )
    rows = db.session.execute(statement).unique().scalars()
    now = clock.now()
    return [
        DeskItem(
            _("“%(title)s”还没有报名：%(state)s，请提交", title=row.title, state=_(row.state.label)),
            url_for("competition.entry", entry_id=row.id),
            due=row.contest.deadline,
            late=row.contest.deadline < now,
        )
        for row in rows
    ]


def asked_as_member(viewer: Any) -> Sequence[DeskItem]:
    """Entries that name this person as a member and wait for an answer."""
    rows = db.session.execute(teams.waiting_for(viewer).limit(8)).unique().scalars()
    return [
        DeskItem(
            _("您参加“%(title)s”吗？请确认", title=row.entry.title),
            url_for("competition.membership", entry_member_id=row.id),
            due=row.entry.contest.deadline,
        )
        for row in rows
    ]


def open_contests(_viewer: Any) -> Sequence[DeskItem]:
    """Contests that take entries now."""
    rows = db.session.execute(contests.open_at(clock.now()).limit(4)).unique().scalars()
    return [DeskItem(row.title, url_for("competition.show", contest_id=row.id), due=row.deadline) for row in rows]


def find(_viewer: Any, words: str) -> Sequence[tuple[str, str, str]]:
    """Announced contests by title for the search in the top bar."""
    statement = contests.public().where(Contest.title.icontains(words, autoescape=True)).limit(10)
    rows = db.session.execute(statement).unique().scalars()
    return [(row.title, _(row.state.label), url_for("competition.show", contest_id=row.id)) for row in rows]
