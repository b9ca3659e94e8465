"""From signed ballots to certificates: lock by two people, release with a public notice, award by two people."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from matchmaker.activity import services as activity
from matchmaker.competition import access
from matchmaker.competition.models import Ballot, Contest, ContestGroup, Entry, Standing
from matchmaker.competition.queries import entries as entry_queries
from matchmaker.competition.queries import judging
from matchmaker.competition.queries import standings as standing_queries
from matchmaker.competition.rules import editions, ties
from matchmaker.competition.rules.aggregation import check_panel, entry_score
from matchmaker.competition.rules.ballots import BallotState
from matchmaker.competition.rules.states import (
    ContestState,
    EntryState,
    check_entry_transition,
    check_release,
    check_transition,
)
from matchmaker.competition.services.contests import check_unchanged
from matchmaker.competition.services.guards import check_manages, check_unconflicted
from matchmaker.core import clock
from matchmaker.core.db import claim, db
from matchmaker.core.errors import Conflict, NotPermitted
from matchmaker.notifications import services as notifications
from matchmaker.publicity import queries as publicity
from matchmaker.publicity.models import Decision, Notice
from matchmaker.publicity.rules import DecisionState
from matchmaker.publicity.services import certificates, decisions, notices

LOCK = "competition.lock"
AWARD = "competition.award"
CERTIFICATE = "DS"


@dataclass(frozen=True)
class Line:
    """An entry's place in its group, with the ballots' totals it was counted from."""

    group: ContestGroup
    entry: Entry
    place: ties.Place
    prize: str | None
    marks: tuple[Decimal, ...]


def propose_lock(contest: Contest, *, actor: Any, reason: str) -> Decision:
    """Put the end of scoring before a second person: every panel is complete; nobody has seen a score."""
    check_manages(actor, contest)
    check_unconflicted(actor, contest)
    if contest.state is not ContestState.JUDGING or contest.locked is not None:
        raise Conflict("只有评审中、尚未锁定的大赛可以提请锁定成绩")
    check_unchanged(contest)
    check_complete(contest)
    return decisions.propose(
        LOCK,
        subject=contest,
        actor=actor,
        title=f"锁定成绩：{contest.title}",
        reason=reason,
        url=f"/contests/manage/{contest.id}/results",
        data={"scores_version": contest.scores_version, "rules_hash": contest.rules_hash},
    )


def check_complete(contest: Contest) -> None:
    """Every entry has its full panel of signed ballots; the first that has not is named."""
    panels: dict[int, dict[int, BallotState]] = {}
    for entry_id, seat_id, state in db.session.execute(judging.progress(contest.id)):
        panels.setdefault(entry_id, {})[seat_id] = state
    competing = _competing(contest)
    if not competing:
        raise Conflict("没有参加评审的项目，不能锁定成绩")
    for entry in competing:
        panel = panels.get(entry.id, {})
        signed = {seat for seat, state in panel.items() if state is BallotState.SUBMITTED}
        check_panel(set(panel), signed, excused=set(), minimum=contest.minimum_panel, entry=entry.title)


def confirm_lock(contest: Contest, *, actor: Any) -> int:
    """The second person locks: the standings are counted once and kept. Returns how many lines they have."""
    _check_decides(actor, contest)
    decision = _open_decision(contest, LOCK)
    decisions.confirm(decision, actor=actor)
    unlocked = sa.update(Contest).where(
        Contest.id == contest.id,
        Contest.locked.is_(None),
        Contest.state == ContestState.JUDGING,
        Contest.scores_version == decision.data["scores_version"],
    )
    if not claim(unlocked.values(locked=clock.now())):
        raise Conflict("提请锁定以后评分又有变化，请退回，由主办方核对后重新提请")
    db.session.refresh(contest)
    check_unchanged(contest)
    check_complete(contest)
    lines = count(contest)
    for line in lines:
        db.session.add(
            Standing(
                contest_id=contest.id,
                group_id=line.group.id,
                entry_id=line.entry.id,
                rank=line.place.rank,
                score=line.place.result.score,
                tied=line.place.tied,
                advances=line.place.advances,
                prize=line.prize,
                marks=[f"{mark.normalize():f}" for mark in line.marks],
            )
        )
    activity.record("competition.locked", subject=contest, actor=actor, entries=len(lines))
    db.session.flush()
    return len(lines)


def count(contest: Contest) -> list[Line]:
    """The standings of every group from the raw points of the ballots, in exact decimals."""
    marks: dict[int, list[Decimal]] = {}
    for ballot in _signed(contest):
        marks.setdefault(ballot.entry_id, []).append(_total(ballot))
    competing = _competing(contest)
    return [line for group in contest.groups for line in _count_group(contest, group, competing, marks)]


def recount_differs(contest: Contest) -> bool:
    """Does a recount from the raw points give anything else than what was locked?"""
    kept = {
        row.entry_id: (row.rank, row.score)
        for row in db.session.execute(standing_queries.of_contest(contest.id)).scalars()
    }
    totals: dict[int, list[Decimal]] = {}
    for ballot in _signed(contest):
        totals.setdefault(ballot.entry_id, []).append(_total(ballot))
    return any(
        entry_score(totals.get(entry_id, []), rule=contest.aggregation, entry=str(entry_id)) != score
        for entry_id, (_rank, score) in kept.items()
    )


def tally(contest: Contest, *, actor: Any) -> Sequence[Standing]:
    """The locked standings for those who run or decide on the contest and have no part in it; each look is recorded."""
    if not (access.may_manage(actor, contest) or access.may_decide(actor, contest)):
        raise NotPermitted("您没有查看成绩的权限")
    check_unconflicted(actor, contest)
    if contest.locked is None:
        raise Conflict("成绩锁定以后才能查看；锁定前任何人都看不到分数")
    activity.record("competition.scores_viewed", subject=contest, actor=actor)
    return db.session.execute(standing_queries.of_contest(contest.id)).unique().scalars().all()


def check_party(contest: Contest, *, actor: Any) -> None:
    """Raise NotPermitted for whoever has a part in an entry or judges in this contest."""
    check_unconflicted(actor, contest)


def give_back(contest: Contest, *, actor: Any, kind: str, reason: str) -> None:
    """The second person does not agree and says why."""
    _check_decides(actor, contest)
    decisions.give_back(_open_decision(contest, kind), actor=actor, reason=reason)


def release(contest: Contest, *, actor: Any) -> Notice:
    """Publish the results: scores become visible and the winners stand in a public notice counted in working days."""
    check_manages(actor, contest)
    check_unconflicted(actor, contest)
    if contest.locked is None:
        raise Conflict("成绩还没有锁定，不能发布")
    check_release(released=contest.released, unfinished=0)
    check_transition(contest.state, ContestState.PUBLICITY)
    now = clock.now()
    once = sa.update(Contest).where(Contest.id == contest.id, Contest.released.is_(None))
    if not claim(once.values(released=now, state=ContestState.PUBLICITY)):
        raise Conflict("本阶段成绩已经发布，不能重复发布")
    db.session.refresh(contest)
    rows = db.session.execute(standing_queries.of_contest(contest.id)).unique().scalars().all()
    for row in rows:
        _step(row.entry, EntryState.PROPOSED if row.prize else EntryState.NOT_ADVANCED)
    notice = notices.draft(actor=actor, subject=contest, **_notice_of(contest, rows))
    notices.publish(notice, actor=actor)
    contest.notice_id = notice.id
    activity.record("competition.released", subject=contest, actor=actor, notice=notice.id)
    for row in rows:
        notifications.enqueue(
            "competition/mail/released",
            to=row.entry.user,
            about=row.entry,
            url=f"/contests/entries/{row.entry_id}",
            standing=row,
            contest=contest,
        )
    db.session.flush()
    return notice


def propose_awards(contest: Contest, *, actor: Any, reason: str) -> Decision:
    """After a clear notice, put the prizes before a second person."""
    check_manages(actor, contest)
    check_unconflicted(actor, contest)
    check_transition(contest.state, ContestState.ARCHIVED)
    notice = notice_of(contest)
    if notice is None:
        raise Conflict("成绩还没有公示，不能提请授奖")
    notices.make_effective(notice, actor=actor)
    winners = _winners(contest)
    if not winners:
        raise Conflict("没有拟获奖的项目，不能提请授奖")
    return decisions.propose(
        AWARD,
        subject=contest,
        actor=actor,
        title=f"授奖：{contest.title}",
        reason=reason,
        url=f"/contests/manage/{contest.id}/results",
        data={"entries": [row.entry_id for row in winners]},
    )


def confirm_awards(contest: Contest, *, actor: Any) -> int:
    """The second person awards: every winner gets a numbered certificate, and the contest is closed."""
    _check_decides(actor, contest)
    decision = _open_decision(contest, AWARD)
    decisions.confirm(decision, actor=actor)
    winners = _winners(contest)
    if [row.entry_id for row in winners] != decision.data["entries"]:
        raise Conflict("提请授奖以后获奖名单又有变化，请退回，由主办方重新提请")
    for row in winners:
        _step(row.entry, EntryState.AWARDED)
        _certify(contest, row, decision=decision, actor=actor)
    check_transition(contest.state, ContestState.ARCHIVED)
    contest.state, contest.archived = ContestState.ARCHIVED, clock.now()
    activity.record("competition.awarded", subject=contest, actor=actor, entries=len(winners))
    db.session.flush()
    return len(winners)


def notice_of(contest: Contest) -> Notice | None:
    """The public notice of the results."""
    return db.session.get(Notice, contest.notice_id) if contest.notice_id else None


def _certify(contest: Contest, row: Standing, *, decision: Decision, actor: Any) -> None:
    entry = row.entry
    prize = row.prize or ""
    text = f"在{contest.title}中，项目“{entry.title}”荣获{entry.group.title}{prize}。特发此证。"
    certificate = certificates.issue(
        CERTIFICATE,
        subject=entry,
        decision=decision,
        actor=actor,
        title="获奖证书",
        holder=entry.who,
        text=text,
        personal=False,
        award=f"{entry.group.title} {prize}",
    )
    notifications.enqueue(
        "competition/mail/awarded",
        to=entry.user,
        about=entry,
        url=f"/contests/entries/{entry.id}",
        standing=row,
        contest=contest,
        certificate=certificate,
    )


def _notice_of(contest: Contest, rows: Sequence[Standing]) -> dict[str, Any]:
    return {
        "region": contest.region,
        "title": f"关于{contest.title}拟获奖项目的公示",
        "body": (
            f"经报名、资格审查和专家评审，现将{contest.title}拟获奖项目予以公示。"
            f"评分规则文件号：{contest.rules.get('doc_no', '')}；规则指纹：{contest.rules_hash}。"
            "对公示内容有异议的，请在公示期内实名书面提出。"
        ),
        "items": [
            {
                "name": row.entry.who,
                "uscc": row.entry.organisation.uscc or "" if row.entry.organisation else "",
                "detail": f"{row.entry.group.title} {row.prize}《{row.entry.title}》{row.score:.2f} 分",
                "organisation_id": row.entry.organisation_id,
                "user_id": row.entry.user_id,
            }
            for row in rows
            if row.prize
        ],
        "working_days": contest.working_days,
        "contact_name": contest.contact_name,
        "contact_phone": contest.contact_phone,
    }


def _count_group(
    contest: Contest, group: ContestGroup, competing: Sequence[Entry], marks: dict[int, list[Decimal]]
) -> list[Line]:
    members = {entry.id: entry for entry in competing if entry.group_id == group.id}
    results = [
        ties.Result(entry.id, entry_score(marks.get(entry.id, []), rule=contest.aggregation, entry=entry.title))
        for entry in members.values()
    ]
    lines = []
    for place in ties.standings(results, places=group.places):
        prize = editions.prize_at(place.rank, group.prize_list)
        entry = members[place.result.entry]
        lines.append(Line(group, entry, place, prize.title if prize else None, tuple(marks[entry.id])))
    return lines


def _total(ballot: Ballot) -> Decimal:
    """Counted anew from the points; what was stored at signing must agree."""
    from matchmaker.competition.rules.rubric import ballot_total

    total = ballot_total(ballot.entry.group.rubric, ballot.points)
    if ballot.total is None or total != ballot.total:
        raise Conflict("评分表与提交时的总分不一致，不能计算成绩，请联系管理员核对")
    return total


def _signed(contest: Contest) -> Sequence[Ballot]:
    statement = judging.ballots_of(contest.id).where(Ballot.state == BallotState.SUBMITTED)
    return db.session.execute(statement).unique().scalars().all()


def _competing(contest: Contest) -> Sequence[Entry]:
    statement = entry_queries.in_contest(contest.id, EntryState(contest.stage.value))
    return db.session.execute(statement).unique().scalars().all()


def _winners(contest: Contest) -> list[Standing]:
    statement = standing_queries.of_contest(contest.id).join(Entry, Entry.id == Standing.entry_id)
    statement = statement.where(Entry.state == EntryState.PROPOSED)
    return list(db.session.execute(statement).unique().scalars())


def _step(entry: Entry, target: EntryState) -> None:
    if entry.state in (EntryState.WITHDRAWN, EntryState.DISQUALIFIED):
        return
    check_entry_transition(entry.state, target)
    entry.state, entry.updated = target, clock.now()


def _open_decision(contest: Contest, kind: str) -> Decision:
    decision = publicity.decision_of(contest, kind=kind)
    if decision is None or decision.state is not DecisionState.PROPOSED:
        raise Conflict("没有等待复核的提请，请刷新页面")
    return decision


def _check_decides(actor: Any, contest: Contest) -> None:
    if not access.may_decide(actor, contest):
        raise NotPermitted("您没有复核这件事的权限")
    check_unconflicted(actor, contest)
