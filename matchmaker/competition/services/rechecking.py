"""Amended entry rules and entries accepted before: looked at again, decided one by one, nobody is written to."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from matchmaker.activity import services as activity
from matchmaker.competition import access
from matchmaker.competition.models import Contest, Entry, EntryRecheck
from matchmaker.competition.queries import rechecks
from matchmaker.competition.rules.eligibility import Verdict
from matchmaker.competition.rules.rechecking import Outcome, check_grounds
from matchmaker.competition.rules.states import ContestState, EntryState
from matchmaker.competition.services import checks, settling
from matchmaker.core import clock
from matchmaker.core.db import claim, db
from matchmaker.core.errors import Conflict, NotPermitted
from matchmaker.directory.services import years

BEFORE_JUDGING = (ContestState.REGISTRATION, ContestState.SCREENING)


def after_amendment(contest: Contest, *, number: int) -> int:
    """Look at every accepted entry by the rules as they are now; returns how many wait for a decision."""
    accepted = sa.select(Entry).where(Entry.contest_id == contest.id, Entry.state == EntryState.GROUPED)
    waiting = 0
    for entry in db.session.execute(accepted.order_by(Entry.id)).unique().scalars():
        before, row = list(entry.findings), rechecks.open_of(entry.id)
        checks.refresh(entry)
        if checks.overall_of(entry) is Verdict.PASS:
            if row is not None:
                _close(row, Outcome.LAPSED)
            continue
        waiting += 1
        if row is None:
            row = EntryRecheck(entry=entry, accepted_by=before, outcome=Outcome.OPEN, opened=clock.now())
            db.session.add(row)
        row.number = number
    db.session.flush()
    return waiting


def keep(entry: Entry, *, actor: Any, note: str) -> None:
    """The entry stays accepted: each open finding is settled with these grounds."""
    _check_decides(entry, actor)
    grounds, row = check_grounds(note), _open(entry)
    _close(row, Outcome.KEPT, actor=actor, note=grounds)
    settling.settle_open(entry, actor=actor, note=grounds)
    activity.record("competition.recheck_kept", subject=entry, actor=actor, number=row.number, note=grounds)
    db.session.flush()


def undo_keep(entry: Entry, *, actor: Any) -> None:
    """Put an entry that was kept back to those that wait, before judging begins."""
    _check_decides(entry, actor)
    row = rechecks.latest_of(entry.id)
    if row is None or row.outcome is not Outcome.KEPT or row.decided is None:
        raise Conflict("该项目后来又有变化，不能撤销")
    since = row.decided
    same = sa.update(EntryRecheck).where(EntryRecheck.id == row.id, EntryRecheck.outcome == Outcome.KEPT)
    if not claim(same.values(outcome=Outcome.OPEN, note="", decided=None, actor_id=None)):
        raise Conflict("该项目后来又有变化，不能撤销")
    settling.end_since(entry, since)
    db.session.refresh(row)
    activity.record("competition.recheck_undone", subject=entry, actor=actor, number=row.number)
    db.session.flush()


def returned(entry: Entry, *, actor: Any) -> None:
    """An accepted entry goes back to its entrant: only where amended rules ask for a decision."""
    if entry.state is EntryState.GROUPED:
        _close(_open(entry), Outcome.RETURNED, actor=actor)


def accepted(entry: Entry) -> None:
    """An entry was accepted by the rules of now: nothing about it waits any more."""
    row = rechecks.open_of(entry.id)
    if row is not None:
        _close(row, Outcome.LAPSED)


def check_decided(contest: Contest) -> None:
    """Judging does not begin while an accepted entry waits for a decision."""
    waiting = rechecks.count_open(contest.id)
    if waiting:
        raise Conflict("还有 {n} 个已通过审查的项目要按补充通知重新决定，请先办结", n=waiting)


def _open(entry: Entry) -> EntryRecheck:
    row = rechecks.open_of(entry.id)
    if row is None:
        raise Conflict("这个项目没有等待决定的重新核对，请刷新页面")
    return row


def _close(row: EntryRecheck, outcome: Outcome, *, actor: Any = None, note: str = "") -> None:
    """One conditional UPDATE: of two who decide at once, one does."""
    still = sa.update(EntryRecheck).where(EntryRecheck.id == row.id, EntryRecheck.outcome == Outcome.OPEN)
    values = {"outcome": outcome, "decided": clock.now(), "note": note, "actor_id": actor.id if actor else None}
    if not claim(still.values(**values)):
        raise Conflict("这个项目没有等待决定的重新核对，请刷新页面")
    db.session.refresh(row)


def _check_decides(entry: Entry, actor: Any) -> None:
    if not access.may_manage(actor, entry.contest) or access.owns(actor, entry):
        raise NotPermitted("这个项目不由您办理：不在您负责的区域，或与您有关")
    years.require_open_year(entry.contest.region, entry.contest.year)
    if entry.contest.state not in BEFORE_JUDGING or entry.state is not EntryState.GROUPED:
        raise Conflict("评审已经开始，或项目已经不在“已分组”状态，不能再办理")
