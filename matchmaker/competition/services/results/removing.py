"""Due diligence on prospective winners, and who moves up when one of them is taken out by two people."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from matchmaker.activity import services as activity
from matchmaker.competition.models import Contest, ContestStage, DiligenceCheck, Standing
from matchmaker.competition.queries import standings as standing_queries
from matchmaker.competition.rules.results import CheckResult, check_diligence, check_reason, check_result, outcomes
from matchmaker.competition.rules.states import ContestState, EntryState
from matchmaker.competition.services import counting, tallies
from matchmaker.competition.services.guards import check_manages, check_unconflicted
from matchmaker.competition.services.results.steps import REMOVE, address, check_decides, move, open_decision
from matchmaker.core import clock
from matchmaker.core.db import db
from matchmaker.core.errors import Conflict, DomainError
from matchmaker.files import services as files
from matchmaker.publicity import queries as publicity
from matchmaker.publicity.models import Decision
from matchmaker.publicity.rules import DecisionState, NoticeState
from matchmaker.publicity.services import decisions, notices


def record_check(
    standing: Standing, *, actor: Any, item: str, result: CheckResult, note: str = "", upload: Any = None
) -> DiligenceCheck:
    """What came of one item for one prospective winner, under the name of whoever checked."""
    contest = standing.stage.contest
    check_manages(actor, contest)
    check_unconflicted(actor, contest)
    _check_pending(standing)
    if item not in {row["key"] for row in contest.diligence}:
        raise DomainError("这一项不在尽职调查清单里，请刷新页面", field="item")
    check_result(result, note=note)
    row = checks_of(contest).get((standing.entry_id, item))
    if row is None:
        row = DiligenceCheck(contest_id=contest.id, entry_id=standing.entry_id, entry=standing.entry, item=item)
        db.session.add(row)
    row.result, row.note, row.checked, row.checked_by_id = result, note.strip(), clock.now(), actor.id
    db.session.flush()
    if getattr(upload, "filename", ""):
        files.attach(upload, subject=row, actor=actor, purpose="evidence", field="upload")
    activity.record(
        "competition.checked", subject=standing.entry, actor=actor, item=item, result=result.value, note=note.strip()
    )
    db.session.flush()
    return row


def checks_of(contest: Contest) -> dict[tuple[int, str], DiligenceCheck]:
    """Every result so far by (entry, item)."""
    statement = sa.select(DiligenceCheck).where(DiligenceCheck.contest_id == contest.id)
    return {(row.entry_id, row.item): row for row in db.session.execute(statement).unique().scalars()}


def check_winners(contest: Contest, rows: Sequence[Standing]) -> None:
    """Every prospective winner has passed due diligence, where the contest has a list of it."""
    checks = checks_of(contest)
    for row in rows:
        if row.prize and row.removed is None:
            results = {item: check.result for (entry, item), check in checks.items() if entry == row.entry_id}
            check_diligence(contest.diligence, results, entry=row.entry.title)


def propose_removal(standing: Standing, *, actor: Any, reason: str) -> Decision:
    """Put before a second person that an entry is taken out and the next moves up."""
    stage = standing.stage
    check_manages(actor, stage.contest)
    check_unconflicted(actor, stage.contest)
    _check_pending(standing)
    check_reason(reason)
    return decisions.propose(
        REMOVE,
        subject=standing,
        actor=actor,
        title=f"递补：{stage.contest.title}（{standing.entry.title}）"[:200],
        reason=reason,
        url=address(stage),
        data={"tally": standing.tally_id},
    )


def confirm_removal(standing: Standing, *, actor: Any) -> None:
    """The second person agrees: the entry is out, the others move up; after the release a new notice says so."""
    stage = standing.stage
    check_decides(actor, stage.contest)
    decision = open_decision(standing, REMOVE)
    _check_pending(standing)
    decisions.confirm(decision, actor=actor)
    standing.removed, standing.removed_reason = clock.now(), decision.reason[:500]
    entry = standing.entry
    entry.state, entry.reason, entry.updated = EntryState.DISQUALIFIED, decision.reason[:500], clock.now()
    rows = db.session.execute(standing_queries.of_stage(stage.id)).unique().scalars().all()
    rearrange(stage, rows)
    if stage.released is not None:
        _announce_again(stage, rows, standing, proposer=decision.proposed_by)
    activity.record(
        "competition.removed", subject=stage.contest, actor=actor, entry=entry.title, reason=decision.reason
    )
    db.session.flush()


def rearrange(stage: ContestStage, rows: Sequence[Standing]) -> None:
    """Places, prizes and the cut of every cell without those who were taken out."""
    by_entry = {row.entry_id: row for row in rows}
    for group in stage.contest.groups:
        members = [row.entry for row in rows if row.group_id == group.id]
        for cell in counting.cells_of(stage, group, members):
            ranks = {entry.id: by_entry[entry.id].rank for entry in cell.entries}
            removed = [entry.id for entry in cell.entries if by_entry[entry.id].removed is not None]
            prizes = group.prize_list if stage.last else None
            for entry_id, outcome in outcomes(ranks, removed=removed, places=cell.places, prizes=prizes).items():
                row = by_entry[entry_id]
                row.place, row.tied = outcome.place, outcome.tied
                row.prize, row.advances = outcome.prize, outcome.advances


def waiting_removal(standing: Standing) -> Decision | None:
    """The removal that waits for the second person, or the last one that was sent back."""
    decision = publicity.decision_of(standing, kind=REMOVE)
    return decision if decision is not None and decision.state is not DecisionState.CONFIRMED else None


def _announce_again(stage: ContestStage, rows: Sequence[Standing], out: Standing, *, proposer: Any) -> None:
    from matchmaker.competition.services.results.releasing import notice_of, publish_notice

    contest = stage.contest
    following = contest.after(stage)
    onward = EntryState.PROPOSED if following is None else EntryState(following.code.value)
    for row in rows:
        if row.removed is None and (row.prize if stage.last else row.advances):
            move(row.entry, onward)
    if not stage.last:
        return
    notice = notice_of(contest)
    if notice is not None and notice.state in (NoticeState.PUBLISHED, NoticeState.DISPUTED):
        notices.withdraw(notice, actor=proposer, reason="获奖名单递补，另行公示")
    correction = f"项目“{out.entry.title}”取消资格，后一名递补，理由：{out.removed_reason}。"
    tallies.in_force(stage).notice_id = publish_notice(contest, rows, actor=proposer, correction=correction).id


def _check_pending(standing: Standing) -> None:
    stage = standing.stage
    if standing.removed is not None:
        raise Conflict("这个项目已经取消资格")
    if standing.tally.reopened is not None or stage.locked is None:
        raise Conflict("成绩已重新打开，请等再次锁定后办理")
    if stage.contest.state is ContestState.ARCHIVED:
        raise Conflict("大赛已归档，不能再递补")
    following = stage.contest.after(stage)
    if following is not None and following.opened is not None:
        raise Conflict("下一阶段评审已经开始，本阶段不能再递补")
