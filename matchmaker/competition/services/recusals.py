"""Keeping judges away from what they must not score: found, declared, asked for, settled."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from matchmaker.activity import services as activity
from matchmaker.competition.models import Ballot, Contest, Entry, JudgeSeat, Recusal, StageEntry
from matchmaker.competition.queries import entries, facts, judging
from matchmaker.competition.rules import conflicts, detection
from matchmaker.competition.rules.ballots import LIVE, BallotState, MarkKind, RecusalSource
from matchmaker.competition.rules.conflicts import RecusalReason, RecusalState
from matchmaker.competition.rules.detection import RecusalCandidate
from matchmaker.competition.rules.states import ContestState, EntryState
from matchmaker.competition.services import chain
from matchmaker.competition.services.guards import check_manages, check_unconflicted, count_change
from matchmaker.core import clock
from matchmaker.core.db import db
from matchmaker.core.errors import Conflict, DomainError, NotPermitted

COMPETING = (
    EntryState.SUBMITTED, EntryState.SCREENING, EntryState.RETURNED, EntryState.GROUPED, EntryState.PRELIMINARY,
    EntryState.SEMIFINAL, EntryState.FINAL,
)  # fmt: skip
# What may bring a new reason to light: lines about accounts and helpers name the person in their data.
ABOUT_PEOPLE = frozenset({"accounts.joined", "accounts.left", "accounts.address_changed", "accounts.profile_edited"})


@dataclass
class Found:
    """What a comparison brought: new reasons, and ignored ones brought back by new evidence."""

    new: int = 0
    again: int = 0

    @property
    def any(self) -> int:
        return self.new + self.again


def detect(contest: Contest, *, actor: Any) -> int:
    """Compare every judge with every entry; returns how many reasons now wait for a person that did not before."""
    check_manages(actor, contest)
    check_unconflicted(actor, contest)
    check_before_lock(contest)
    found = look_again(_seats(contest.id), _competing(contest.id))
    activity.record("competition.recusals_detected", subject=contest, actor=actor, found=found.any)
    db.session.flush()
    return found.any


def look_again(seats: Sequence[JudgeSeat], competing: Sequence[Entry]) -> Found:
    """Compare these judges with these entries of their contest, and keep what is found."""
    found = Found()
    if not seats or not competing:
        return found
    judges, entrants = facts.judges_of(seats), facts.entrants_of(competing)
    known = _known(seats, competing)
    for seat in seats:
        since = detection.first_year(clock.today().year, seat.contest.recusal_years)
        for entry in competing:
            if entry.contest_id != seat.contest_id:
                continue
            by_reason: dict[RecusalReason, list[RecusalCandidate]] = {}
            for candidate in detection.detect(judges[seat.id], entrants[entry.id], since=since):
                by_reason.setdefault(candidate.reason, []).append(candidate)
            for reason, candidates in by_reason.items():
                _keep(seat, entry, known.get((seat.id, entry.id, reason)), candidates, found)
            _drop_stale(seat, entry, known, by_reason)
    contest = seats[0].contest
    if found.any:
        _count(contest)
    db.session.flush()
    return found


def after_record(line: Any) -> None:
    """An entry or a person has changed: compare again what may be concerned, in the transaction of the change."""
    if line.subject_kind == "entries" and line.kind.startswith("competition.entry_"):
        entry = db.session.get(Entry, line.subject_id)
        if entry is not None and entry.state in COMPETING and entry.contest.locked is None:
            look_again(_seats(entry.contest_id), [entry])
    elif line.kind in ABOUT_PEOPLE:
        user_id = line.subject_id if line.subject_kind == "users" else line.data.get("user_id")
        for seat in db.session.execute(judging.open_seats_of(user_id or 0)).unique().scalars():
            if seat.contest.locked is None:
                look_again([seat], _competing(seat.contest_id))


def seated(seat: JudgeSeat) -> Found:
    """A judge was seated, or what is known of them has changed."""
    return look_again([seat], _competing(seat.contest_id))


def declare(ballot: Ballot, *, actor: Any, reason: RecusalReason, note: str = "") -> Recusal:
    """A judge steps back from an entry; it counts at once and the ballot is gone from their list."""
    if ballot.seat.user_id != actor.id:
        raise NotPermitted("只能为自己申报回避")
    check_before_lock(ballot.seat.contest)
    conflicts.check_declaration(reason, note=note)
    return _keep_away(ballot.seat, ballot.entry, actor=actor, reason=reason, note=note, source=RecusalSource.DECLARED)


def recuse(seat: JudgeSeat, entry: Entry, *, actor: Any, reason: RecusalReason, note: str) -> Recusal:
    """The organiser notes a reason that was told to them, for instance by telephone."""
    check_manages(actor, seat.contest)
    check_unconflicted(actor, seat.contest)
    check_before_lock(seat.contest)
    if entry.contest_id != seat.contest_id:
        raise DomainError("评委与项目不在同一届大赛", field="entry_id")
    if not note.strip():
        raise DomainError("请写明回避的依据", field="note")
    return _keep_away(seat, entry, actor=actor, reason=reason, note=note, source=RecusalSource.ORGANISER)


def check_settles(recusal: Recusal, actor: Any) -> None:
    """May this person settle this recusal now?"""
    contest = recusal.seat.contest
    check_manages(actor, contest)
    if recusal.seat.user_id == actor.id:
        raise NotPermitted("不能核实与自己有关的回避")
    check_unconflicted(actor, contest)
    check_before_lock(contest)


def settle(recusal: Recusal, *, actor: Any, state: RecusalState, note: str) -> bool:
    """Confirm a reason, or ignore it with what was verified; what must never be ignored is refused. Returns whether a
    ballot was taken out of the count."""
    check_settles(recusal, actor)
    conflicts.check_transition(recusal.state, state, reason=recusal.reason, note=note)
    if state is not RecusalState.IGNORED:
        _check_not_shown(recusal.entry)
    _count(recusal.seat.contest)
    recusal.state, recusal.note = state, note.strip()[:500]
    recusal.settled, recusal.settled_by_id = clock.now(), actor.id
    voided = state is not RecusalState.IGNORED and _void(recusal.seat_id, recusal.entry, actor=actor)
    activity.record("competition.recusal_settled", subject=recusal.entry, actor=actor, state=state.value)
    db.session.flush()
    return voided


def check_confirmable(recusal: Recusal, actor: Any) -> None:
    """May this one be confirmed together with others?"""
    check_settles(recusal, actor)
    conflicts.check_transition(recusal.state, RecusalState.CONFIRMED, reason=recusal.reason, note="-")
    _check_not_shown(recusal.entry)


def check_ignorable(recusal: Recusal, actor: Any) -> None:
    """May this one be ignored together with others? What must never be ignored stays."""
    check_settles(recusal, actor)
    conflicts.check_transition(recusal.state, RecusalState.IGNORED, reason=recusal.reason, note="-")


def confirm_many(recusal: Recusal, actor: Any, values: Mapping[str, str]) -> dict[str, Any]:
    """Confirm one of many; returns what an undo needs."""
    return _settle_one(recusal, actor, RecusalState.CONFIRMED, values)


def ignore_many(recusal: Recusal, actor: Any, values: Mapping[str, str]) -> dict[str, Any]:
    """Ignore one of many; returns what an undo needs."""
    return _settle_one(recusal, actor, RecusalState.IGNORED, values)


def undo_settled(recusal: Recusal, actor: Any, before: dict[str, Any]) -> None:
    """Put one back as it was; where a ballot was taken out of the count it stays so."""
    check_settles(recusal, actor)
    if recusal.state.value != before["became"] or before["voided"]:
        raise Conflict("评分表已撤下，或后来又有变化，不能撤销；请逐条重新核实")
    _count(recusal.seat.contest)
    recusal.state, recusal.note, recusal.settled = RecusalState(before["state"]), before["note"], None
    recusal.settled_by_id = None
    activity.record("competition.recusal_settled", subject=recusal.entry, actor=actor, state=recusal.state.value)
    db.session.flush()


def check_before_lock(contest: Contest) -> None:
    """After the lock neither judges nor recusals change."""
    if contest.locked is not None:
        raise Conflict("成绩已锁定，回避和评委不能再改；确有问题请按异议程序办理")


def _check_not_shown(entry: Entry) -> None:
    """A score that everybody has heard is not counted anew behind it; doubts about it are objections."""
    stage = entry.contest.current
    shown = sa.select(StageEntry.id).where(
        StageEntry.stage_id == stage.id, StageEntry.entry_id == entry.id, StageEntry.shown.is_not(None)
    )
    if db.session.execute(shown).first() is not None:
        raise Conflict("“{title}”已当场亮分，不能再登记或确认回避；请按异议程序办理", title=entry.title)


def _settle_one(recusal: Recusal, actor: Any, state: RecusalState, values: Mapping[str, str]) -> dict[str, Any]:
    before = {"state": recusal.state.value, "note": recusal.note, "became": state.value}
    return {**before, "voided": settle(recusal, actor=actor, state=state, note=values.get("note", ""))}


def _keep(
    seat: JudgeSeat, entry: Entry, row: Recusal | None, candidates: Sequence[RecusalCandidate], found: Found
) -> None:
    """Store a reason that was found. One that a person ignored comes back only with evidence they have not seen."""
    grounds = [candidate.ground for candidate in candidates]
    if row is None:
        first = candidates[0]
        asked = first.reason is RecusalReason.ASKED
        db.session.add(
            Recusal(
                seat=seat,
                entry=entry,
                reason=first.reason,
                source=RecusalSource.ENTRANT if asked else RecusalSource.DETECTED,
                state=RecusalState.CANDIDATE,
                evidence=first.evidence,
                values=dict(first.values),
                grounds=grounds,
                created=clock.now(),
            )
        )
        found.new += 1
        return
    unseen = [candidate for candidate in candidates if candidate.ground not in row.grounds]
    if not unseen:
        return
    row.grounds = [*row.grounds, *(candidate.ground for candidate in unseen)]
    row.evidence, row.values = unseen[0].evidence, dict(unseen[0].values)
    if row.state is RecusalState.IGNORED:
        row.state, row.reopened = RecusalState.CANDIDATE, clock.now()
        found.again += 1


def _drop_stale(
    seat: JudgeSeat,
    entry: Entry,
    known: Mapping[tuple[int, int, RecusalReason], Recusal],
    by_reason: Mapping[RecusalReason, Any],
) -> None:
    """Before judging, a reason nobody has looked at goes when the record that gave it was corrected."""
    if seat.contest.state not in (ContestState.REGISTRATION, ContestState.SCREENING):
        return
    for (seat_id, entry_id, reason), row in known.items():
        found_by_us = row.source in (RecusalSource.DETECTED, RecusalSource.ENTRANT)
        unseen = row.state is RecusalState.CANDIDATE and row.settled is None
        if (seat_id, entry_id) == (seat.id, entry.id) and found_by_us and unseen and reason not in by_reason:
            db.session.delete(row)


def _known(seats: Sequence[JudgeSeat], competing: Sequence[Entry]) -> dict[tuple[int, int, RecusalReason], Recusal]:
    statement = sa.select(Recusal)
    if len(seats) < len(competing):
        statement = statement.where(Recusal.seat_id.in_([seat.id for seat in seats]))
    else:
        statement = statement.where(Recusal.entry_id.in_([entry.id for entry in competing]))
    rows = db.session.execute(statement).unique().scalars()
    return {(row.seat_id, row.entry_id, row.reason): row for row in rows}


def _keep_away(
    seat: JudgeSeat, entry: Entry, *, actor: Any, reason: RecusalReason, note: str, source: RecusalSource
) -> Recusal:
    _check_not_shown(entry)
    same = sa.select(Recusal).where(Recusal.seat_id == seat.id, Recusal.entry_id == entry.id, Recusal.reason == reason)
    row = db.session.execute(same).unique().scalars().first()
    if row is None:
        row = Recusal(seat=seat, entry=entry, reason=reason, values={}, grounds=[], created=clock.now())
        db.session.add(row)
    row.source, row.state, row.note = source, RecusalState.DECLARED, note.strip()[:500]
    _void(seat.id, entry, actor=actor)
    activity.record("competition.recused", subject=entry, actor=actor, reason=reason.value, source=source.value)
    db.session.flush()
    return row


def _void(seat_id: int, entry: Entry, *, actor: Any) -> bool:
    """Take the ballots of this pair out of every stage not locked; what they said stays in the history."""
    statement = sa.select(Ballot).where(Ballot.seat_id == seat_id, Ballot.entry_id == entry.id, Ballot.state.in_(LIVE))
    voided = False
    for ballot in db.session.execute(statement).unique().scalars().all():
        if ballot.stage.locked is not None:
            continue
        if ballot.stage.opened is not None:
            count_change(ballot.stage, counts=not ballot.shadow)
            chain.append(ballot, MarkKind.VOID, actor=actor)
        ballot.state, ballot.version, ballot.updated = BallotState.VOID, ballot.version + 1, clock.now()
        voided = True
    return voided


def _count(contest: Contest) -> None:
    """Other ballots count than before: a proposal to lock that was made before is about something else."""
    stage = contest.current
    if stage.opened is not None and stage.locked is None:
        count_change(stage)


def _seats(contest_id: int) -> Sequence[JudgeSeat]:
    """Everybody who was asked: reasons are looked for before the answer."""
    return db.session.execute(judging.roster_of(contest_id)).unique().scalars().all()


def _competing(contest_id: int) -> list[Entry]:
    statement = entries.in_contest(contest_id, *COMPETING)
    return list(db.session.execute(statement).unique().scalars())
