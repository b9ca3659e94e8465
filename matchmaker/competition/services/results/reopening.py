"""A locked stage is opened again by two people with a reason that everybody may read; its tally is kept."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from matchmaker.activity import services as activity
from matchmaker.competition.models import ContestStage
from matchmaker.competition.queries import standings as standing_queries
from matchmaker.competition.rules.results import back_to, check_reason, check_reopen
from matchmaker.competition.rules.stages import check_later
from matchmaker.competition.rules.states import ContestState, EntryState, check_transition
from matchmaker.competition.services import rulebook, tallies
from matchmaker.competition.services.guards import check_manages, check_unconflicted
from matchmaker.competition.services.results.releasing import notice_of
from matchmaker.competition.services.results.steps import REOPEN, address, check_decides, open_decision
from matchmaker.core import clock
from matchmaker.core.db import claim, db
from matchmaker.core.errors import Conflict
from matchmaker.publicity.models import Decision
from matchmaker.publicity.rules import NoticeState
from matchmaker.publicity.services import decisions, notices


def propose_reopen(stage: ContestStage, *, actor: Any, reason: str, until: datetime) -> Decision:
    """Put before a second person that judges may score again until a new end."""
    contest = stage.contest
    check_manages(actor, contest)
    check_unconflicted(actor, contest)
    _check_reopen(stage)
    check_reason(reason)
    check_later(until, now=clock.now())
    return decisions.propose(
        REOPEN,
        subject=stage,
        actor=actor,
        title=f"重新打开成绩：{contest.title}（{stage.code.label}）",
        reason=reason,
        url=address(stage),
        data={"tallies": stage.tallies, "until": until.isoformat()},
    )


def confirm_reopen(stage: ContestStage, *, actor: Any) -> None:
    """The second person agrees: ballots may be corrected, the notice is withdrawn, the old tally stays readable."""
    contest = stage.contest
    check_decides(actor, contest)
    decision = open_decision(stage, REOPEN)
    _check_reopen(stage)
    decisions.confirm(decision, actor=actor)
    until = datetime.fromisoformat(decision.data["until"])
    check_later(until, now=clock.now())
    old, last = tallies.in_force(stage), contest.after(stage) is None
    opened = sa.update(ContestStage).where(
        ContestStage.id == stage.id,
        ContestStage.locked.is_not(None),
        ContestStage.tallies == decision.data["tallies"],
    )
    values = {"locked": None, "released": None, "judging_until": until}
    if not claim(opened.values(scores_version=ContestStage.scores_version + 1, **values)):
        raise Conflict("提请以后成绩又有变化，请退回，由主办方重新提请")
    db.session.refresh(stage)
    old.reopened, old.reopen_reason, old.reopen_decision_id = clock.now(), decision.reason, decision.id
    rulebook.publish(contest, reason=f"成绩重新打开：{decision.reason}", decision=decision)
    _step_back(stage, tally_id=old.id)
    notice = notice_of(contest) if last else None
    if notice is not None and notice.state in (NoticeState.PUBLISHED, NoticeState.DISPUTED):
        notices.withdraw(notice, actor=notice.owner, reason=f"成绩重新打开：{decision.reason}"[:500])
    if contest.state is ContestState.PUBLICITY:
        check_transition(contest.state, ContestState.JUDGING)
        contest.state = ContestState.JUDGING
    activity.record(
        "competition.reopened",
        subject=contest,
        actor=actor,
        stage=stage.code.value,
        version=old.version,
        reason=decision.reason,
    )
    db.session.flush()


def may_reopen(stage: ContestStage) -> bool:
    """Can this stage be opened again at all?"""
    try:
        _check_reopen(stage)
    except Conflict:
        return False
    return True


def _check_reopen(stage: ContestStage) -> None:
    following = stage.contest.after(stage)
    check_reopen(
        locked=stage.locked is not None,
        archived=stage.contest.state is ContestState.ARCHIVED,
        following_opened=following is not None and following.opened is not None,
    )


def _step_back(stage: ContestStage, *, tally_id: int) -> None:
    """Those who were counted compete again."""
    target = EntryState(stage.code.value)
    for row in db.session.execute(standing_queries.of_tally(tally_id)).unique().scalars():
        state = back_to(row.entry.state, target)
        if state is not row.entry.state:
            row.entry.state, row.entry.updated = state, clock.now()
