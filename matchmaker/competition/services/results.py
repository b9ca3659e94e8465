"""From signed ballots to certificates: lock by two people, release with a public notice, award by two people."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from matchmaker.activity import services as activity
from matchmaker.competition import access
from matchmaker.competition.models import Contest, ContestStage, Entry, Standing
from matchmaker.competition.queries import judging
from matchmaker.competition.queries import standings as standing_queries
from matchmaker.competition.rules.aggregation import check_panel
from matchmaker.competition.rules.ballots import BallotState
from matchmaker.competition.rules.stages import StageState
from matchmaker.competition.rules.states import (
    ContestState,
    EntryState,
    check_entry_transition,
    check_release,
    check_transition,
)
from matchmaker.competition.services import counting
from matchmaker.competition.services.guards import check_manages, check_unconflicted
from matchmaker.competition.services.rulebook import check_unchanged
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


def propose_lock(stage: ContestStage, *, actor: Any, reason: str) -> Decision:
    """Put the end of scoring before a second person: every panel is complete; nobody has seen a score."""
    contest = stage.contest
    check_manages(actor, contest)
    check_unconflicted(actor, contest)
    if stage.state is not StageState.JUDGING:
        raise Conflict("只有评审中、尚未锁定的阶段可以提请锁定成绩")
    check_unchanged(contest)
    check_complete(stage)
    return decisions.propose(
        LOCK,
        subject=stage,
        actor=actor,
        title=f"锁定成绩：{contest.title}（{stage.code.label}）",
        reason=reason,
        url=f"/contests/manage/{contest.id}/{stage.code.value}/results",
        data={"scores_version": stage.scores_version, "rules_hash": contest.rules_hash},
    )


def check_complete(stage: ContestStage) -> None:
    """Every entry has its panel of signed ballots; the first that has not is named."""
    panels: dict[int, dict[int, BallotState]] = {}
    for entry_id, seat_id, state in db.session.execute(judging.progress(stage.id)):
        panels.setdefault(entry_id, {})[seat_id] = state
    competing = counting.competing(stage)
    if not competing:
        raise Conflict("没有参加评审的项目，不能锁定成绩")
    for entry in competing:
        panel = panels.get(entry.id, {})
        signed = {seat for seat, state in panel.items() if state is BallotState.SUBMITTED}
        check_panel(set(panel), signed, excused=set(), minimum=stage.minimum_panel, entry=entry.title)


def confirm_lock(stage: ContestStage, *, actor: Any) -> int:
    """The second person locks: the standings are counted once and kept. Returns how many lines they have."""
    contest = stage.contest
    _check_decides(actor, contest)
    decision = _open_decision(stage, LOCK)
    decisions.confirm(decision, actor=actor)
    unlocked = sa.update(ContestStage).where(
        ContestStage.id == stage.id,
        ContestStage.opened.is_not(None),
        ContestStage.locked.is_(None),
        ContestStage.scores_version == decision.data["scores_version"],
    )
    if not claim(unlocked.values(locked=clock.now())):
        raise Conflict("提请锁定以后评分又有变化，请退回，由主办方核对后重新提请")
    db.session.refresh(stage)
    check_unchanged(contest)
    check_complete(stage)
    lines = counting.count(stage)
    for line in lines:
        db.session.add(
            Standing(
                contest_id=contest.id,
                stage_id=stage.id,
                group_id=line.group.id,
                entry_id=line.entry.id,
                rank=line.place.rank,
                score=line.place.result.score,
                error=line.error,
                tied=line.place.tied,
                advances=line.place.advances,
                prize=line.prize,
                marks=[f"{mark.normalize():f}" for mark in line.marks],
            )
        )
    activity.record("competition.locked", subject=contest, actor=actor, stage=stage.code.value, entries=len(lines))
    db.session.flush()
    return len(lines)


def recount_differs(stage: ContestStage) -> bool:
    """Does a recount from the raw points give anything else than what was locked?"""
    kept = {row.entry_id: row.score for row in db.session.execute(standing_queries.of_stage(stage.id)).scalars()}
    again = counting.scores(stage, entries=kept)
    return any(again[entry_id].value != score for entry_id, score in kept.items())


def tally(stage: ContestStage, *, actor: Any) -> Sequence[Standing]:
    """The locked standings for those who run or decide on the contest and have no part in it; each look is recorded."""
    contest = stage.contest
    if not (access.may_manage(actor, contest) or access.may_decide(actor, contest)):
        raise NotPermitted("您没有查看成绩的权限")
    check_unconflicted(actor, contest)
    if stage.locked is None:
        raise Conflict("成绩锁定以后才能查看；锁定前任何人都看不到分数")
    activity.record("competition.scores_viewed", subject=contest, actor=actor, stage=stage.code.value)
    return db.session.execute(standing_queries.of_stage(stage.id)).unique().scalars().all()


def check_party(contest: Contest, *, actor: Any) -> None:
    """Raise NotPermitted for whoever has a part in an entry or judges in this contest."""
    check_unconflicted(actor, contest)


def give_back(subject: Contest | ContestStage, *, actor: Any, kind: str, reason: str) -> None:
    """The second person does not agree and says why; the lock is about a stage, the awards are about the contest."""
    _check_decides(actor, subject if isinstance(subject, Contest) else subject.contest)
    decisions.give_back(_open_decision(subject, kind), actor=actor, reason=reason)


def release(stage: ContestStage, *, actor: Any) -> Notice | None:
    """Publish a stage: its scores become visible and entries go on or are out.

    After the last stage the winners stand in a public notice counted in working days, which is returned.
    """
    contest = stage.contest
    check_manages(actor, contest)
    check_unconflicted(actor, contest)
    if stage.locked is None:
        raise Conflict("成绩还没有锁定，不能发布")
    check_release(released=stage.released, unfinished=0)
    last = contest.after(stage) is None
    if last:
        check_transition(contest.state, ContestState.PUBLICITY)
    now = clock.now()
    once = sa.update(ContestStage).where(ContestStage.id == stage.id, ContestStage.released.is_(None))
    if not claim(once.values(released=now)):
        raise Conflict("本阶段成绩已经发布，不能重复发布")
    db.session.refresh(stage)
    rows = db.session.execute(standing_queries.of_stage(stage.id)).unique().scalars().all()
    following = contest.after(stage)
    onward = EntryState.PROPOSED if following is None else EntryState(following.code.value)
    for row in rows:
        _step(row.entry, onward if (row.prize if last else row.advances) else EntryState.NOT_ADVANCED)
    notice = None
    if last:
        contest.state = ContestState.PUBLICITY
        notice = notices.draft(actor=actor, subject=contest, **_notice_of(contest, rows))
        notices.publish(notice, actor=actor)
        contest.notice_id = notice.id
    activity.record(
        "competition.released",
        subject=contest,
        actor=actor,
        stage=stage.code.value,
        notice=notice.id if notice else None,
    )
    for row in rows:
        notifications.enqueue(
            "competition/mail/released",
            to=row.entry.user,
            about=row.entry,
            url=f"/contests/entries/{row.entry_id}",
            standing=row,
            contest=contest,
            stage=stage,
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


def _winners(contest: Contest) -> list[Standing]:
    statement = standing_queries.of_stage(contest.stages[-1].id).join(Entry, Entry.id == Standing.entry_id)
    statement = statement.where(Entry.state == EntryState.PROPOSED)
    return list(db.session.execute(statement).unique().scalars())


def _step(entry: Entry, target: EntryState) -> None:
    if entry.state in (EntryState.WITHDRAWN, EntryState.DISQUALIFIED):
        return
    check_entry_transition(entry.state, target)
    entry.state, entry.updated = target, clock.now()


def _open_decision(subject: Any, kind: str) -> Decision:
    decision = publicity.decision_of(subject, kind=kind)
    if decision is None or decision.state is not DecisionState.PROPOSED:
        raise Conflict("没有等待复核的提请，请刷新页面")
    return decision


def _check_decides(actor: Any, contest: Contest) -> None:
    if not access.may_decide(actor, contest):
        raise NotPermitted("您没有复核这件事的权限")
    check_unconflicted(actor, contest)
