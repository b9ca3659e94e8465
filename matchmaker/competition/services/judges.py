"""Seating judges, and keeping them away from what they must not score."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from matchmaker.accounts.models import User
from matchmaker.accounts.rules import Permission
from matchmaker.activity import services as activity
from matchmaker.competition.models import Ballot, Contest, Entry, JudgeSeat, Recusal
from matchmaker.competition.queries import entries, judging
from matchmaker.competition.rules import conflicts
from matchmaker.competition.rules.ballots import LIVE, BallotState, MarkKind, RecusalSource
from matchmaker.competition.rules.conflicts import Individual, Judge, RecusalReason, RecusalState, Unit
from matchmaker.competition.rules.states import EntryState
from matchmaker.competition.services import chain, pseudonyms
from matchmaker.competition.services.guards import check_manages, count_change
from matchmaker.core import clock, folding
from matchmaker.core.db import db
from matchmaker.core.errors import Conflict, DomainError, NotPermitted
from matchmaker.directory.models import Organisation

COMPETING = (
    EntryState.SUBMITTED, EntryState.SCREENING, EntryState.RETURNED, EntryState.GROUPED, EntryState.PRELIMINARY,
    EntryState.SEMIFINAL, EntryState.FINAL,
)  # fmt: skip


def seat(
    contest: Contest,
    *,
    actor: Any,
    user: User,
    organisation_id: int | None = None,
    unit_text: str = "",
    title: str = "",
    tracks: Sequence[str] = (),
    load: int = 20,
) -> JudgeSeat:
    """Make a person with the judge's role a judge of this contest; their recusals are looked for at once."""
    check_manages(actor, contest)
    _check_before_lock(contest)
    if not user.has(Permission.BALLOTS_OWN):
        raise DomainError("{name}还没有评委身份，请先由管理员授予评委角色", field="user_id", name=user.name)
    if not 1 <= load <= 500:
        raise DomainError("评审上限应为 1 至 500 个项目", field="load")
    taken = sa.select(JudgeSeat.id).where(JudgeSeat.contest_id == contest.id, JudgeSeat.user_id == user.id)
    if db.session.execute(taken).first() is not None:
        raise Conflict("{name}已经是本届评委", field="user_id", name=user.name)
    row = JudgeSeat(
        contest=contest,
        user=user,
        organisation_id=organisation_id or _known(unit_text),
        unit_text=unit_text,
        title=title,
        tracks=list(tracks),
        load=load,
        created=clock.now(),
    )
    db.session.add(row)
    db.session.flush()
    pseudonyms.give(row)
    activity.record("competition.judge_seated", subject=contest, actor=actor, judge=user.name)
    _detect_for(row, _competing(contest))
    db.session.flush()
    return row


def unseat(seat: JudgeSeat, *, actor: Any) -> None:
    """Take a judge out who has no ballot."""
    check_manages(actor, seat.contest)
    statement = sa.select(Ballot.id).where(Ballot.seat_id == seat.id).limit(1)
    if db.session.execute(statement).first() is not None:
        raise Conflict("该评委已有评审任务，不能移除；不再参加评审请登记回避")
    db.session.execute(sa.delete(Recusal).where(Recusal.seat_id == seat.id))
    activity.record("competition.judge_unseated", subject=seat.contest, actor=actor, judge=seat.user.name)
    db.session.delete(seat)
    db.session.flush()


def detect(contest: Contest, *, actor: Any) -> int:
    """Compare every judge with every entry; returns how many new reasons were found, each waiting for a person."""
    check_manages(actor, contest)
    competing = _competing(contest)
    seats = db.session.execute(judging.seats_of(contest.id)).unique().scalars().all()
    found = sum(_detect_for(row, competing) for row in seats)
    activity.record("competition.recusals_detected", subject=contest, actor=actor, found=found)
    db.session.flush()
    return found


def declare(ballot: Ballot, *, actor: Any, reason: RecusalReason, note: str = "") -> Recusal:
    """A judge steps back from an entry; it counts at once and the ballot is gone from their list."""
    if ballot.seat.user_id != actor.id:
        raise NotPermitted("只能为自己申报回避")
    _check_before_lock(ballot.seat.contest)
    conflicts.check_declaration(reason, note=note)
    return _keep_away(ballot.seat, ballot.entry, actor=actor, reason=reason, note=note, source=RecusalSource.DECLARED)


def recuse(seat: JudgeSeat, entry: Entry, *, actor: Any, reason: RecusalReason, note: str) -> Recusal:
    """The organiser notes a reason that was told to them, for instance by the entrant."""
    check_manages(actor, seat.contest)
    _check_before_lock(seat.contest)
    if entry.contest_id != seat.contest_id:
        raise DomainError("评委与项目不在同一届大赛", field="entry_id")
    if not note.strip():
        raise DomainError("请写明回避的依据", field="note")
    return _keep_away(seat, entry, actor=actor, reason=reason, note=note, source=RecusalSource.ORGANISER)


def settle(recusal: Recusal, *, actor: Any, state: RecusalState, note: str) -> None:
    """Confirm a reason, or ignore it with what was verified; what must never be ignored is refused."""
    contest = recusal.seat.contest
    check_manages(actor, contest)
    if recusal.seat.user_id == actor.id:
        raise NotPermitted("不能核实与自己有关的回避")
    _check_before_lock(contest)
    conflicts.check_transition(recusal.state, state, reason=recusal.reason, note=note)
    recusal.state, recusal.note = state, note.strip()[:500]
    recusal.settled, recusal.settled_by_id = clock.now(), actor.id
    if state is not RecusalState.IGNORED:
        _void(recusal.seat_id, recusal.entry, actor=actor)
    activity.record("competition.recusal_settled", subject=recusal.entry, actor=actor, state=state.value)
    db.session.flush()


def _known(unit_text: str) -> int | None:
    """The organisation of that full name, if the directory has it."""
    if not unit_text.strip():
        return None
    name = folding.fold_company(unit_text)
    return db.session.execute(sa.select(Organisation.id).where(Organisation.folded_name == name).limit(1)).scalar()


def _keep_away(
    seat: JudgeSeat, entry: Entry, *, actor: Any, reason: RecusalReason, note: str, source: RecusalSource
) -> Recusal:
    same = sa.select(Recusal).where(Recusal.seat_id == seat.id, Recusal.entry_id == entry.id, Recusal.reason == reason)
    row = db.session.execute(same).unique().scalars().first()
    if row is None:
        row = Recusal(seat=seat, entry=entry, reason=reason, values={}, created=clock.now())
        db.session.add(row)
    row.source, row.state, row.note = source, RecusalState.DECLARED, note.strip()[:500]
    _void(seat.id, entry, actor=actor)
    activity.record("competition.recused", subject=entry, actor=actor, reason=reason.value, source=source.value)
    db.session.flush()
    return row


def _void(seat_id: int, entry: Entry, *, actor: Any) -> None:
    """Take the ballots of this pair out of every stage not locked; what they said stays in the history."""
    statement = sa.select(Ballot).where(Ballot.seat_id == seat_id, Ballot.entry_id == entry.id, Ballot.state.in_(LIVE))
    for ballot in db.session.execute(statement).unique().scalars().all():
        if ballot.stage.locked is not None:
            continue
        if ballot.stage.opened is not None:
            count_change(ballot.stage, counts=not ballot.shadow)
            chain.append(ballot, MarkKind.VOID, actor=actor)
        ballot.state, ballot.version, ballot.updated = BallotState.VOID, ballot.version + 1, clock.now()


def _competing(contest: Contest) -> list[Entry]:
    statement = entries.in_contest(contest.id, *COMPETING)
    return list(db.session.execute(statement).unique().scalars())


def _detect_for(seat: JudgeSeat, competing: Sequence[Entry]) -> int:
    seen = sa.select(Recusal.entry_id, Recusal.reason).where(Recusal.seat_id == seat.id)
    known = {(entry_id, reason) for entry_id, reason in db.session.execute(seen)}
    judge, found = _judge(seat), 0
    for entry in competing:
        for candidate in conflicts.detect(judge, _entrant(entry)):
            if (entry.id, candidate.reason) in known:
                continue
            known.add((entry.id, candidate.reason))
            found += 1
            db.session.add(
                Recusal(
                    seat=seat,
                    entry=entry,
                    reason=candidate.reason,
                    source=RecusalSource.DETECTED,
                    state=RecusalState.CANDIDATE,
                    evidence=candidate.evidence,
                    values=dict(candidate.values),
                    created=clock.now(),
                )
            )
    return found


def _judge(seat: JudgeSeat) -> Judge:
    user = seat.user
    employers = [_unit(seat.organisation)] if seat.organisation else []
    employers += [_unit(membership.organisation) for membership in user.memberships]
    if seat.unit_text:
        employers.append(Unit(name=seat.unit_text))
    return Judge(
        individual=Individual(name=user.name, person=user.id, phone=user.phone or "", mail=user.email or ""),
        employers=tuple(employers),
    )


def _unit(organisation: Organisation) -> Unit:
    return Unit(name=organisation.name, organisation=organisation.id, uscc=organisation.uscc or "")


def _entrant(entry: Entry) -> conflicts.Entrant:
    people = [Individual(name=entry.leader, phone=entry.phone, mail=entry.email)]
    people += [
        Individual(name=m.get("name", ""), phone=m.get("phone", ""), mail=m.get("email", "")) for m in entry.members
    ]
    if entry.user_id:
        people.append(Individual(name=entry.user.name, person=entry.user_id, phone=entry.user.phone or ""))
    return conflicts.Entrant(unit=_unit(entry.organisation) if entry.organisation else None, people=tuple(people))


def _check_before_lock(contest: Contest) -> None:
    if contest.locked is not None:
        raise Conflict("成绩已锁定，回避和评委不能再改；确有问题请按异议程序办理")
