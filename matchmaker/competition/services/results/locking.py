"""The end of scoring: proposed by one, confirmed by another; counted once and kept."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from matchmaker.activity import services as activity
from matchmaker.competition.models import ContestStage, Standing
from matchmaker.competition.queries import judging
from matchmaker.competition.queries import standings as standing_queries
from matchmaker.competition.rules.aggregation import check_panel
from matchmaker.competition.rules.ballots import BallotState
from matchmaker.competition.rules.stages import StageState
from matchmaker.competition.services import counting, tallies
from matchmaker.competition.services.guards import check_manages, check_unconflicted
from matchmaker.competition.services.results.steps import LOCK, address, check_decides, check_officer, open_decision
from matchmaker.competition.services.rulebook import check_unchanged
from matchmaker.core import clock
from matchmaker.core.db import claim, db
from matchmaker.core.errors import Conflict
from matchmaker.publicity.models import Decision
from matchmaker.publicity.services import decisions


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
        url=address(stage),
        data={"scores_version": stage.scores_version, "rules_hash": contest.rules_hash},
    )


def check_complete(stage: ContestStage) -> None:
    """Every entry has its panel of signed ballots; the first that has not is named. Nobody's veto waits.

    Judges whose absence is noted with its reason are not waited for; what they signed counts.
    """
    waiting = [row for row in counting.places_of(stage).values() if row.veto_asked and not row.vetoed]
    if waiting:
        raise Conflict("还有 {n} 个离题否决没有复核，请先办理", n=len(waiting))
    panels: dict[int, dict[int, BallotState]] = {}
    for entry_id, seat_id, state in db.session.execute(judging.awaited(stage.id)):
        panels.setdefault(entry_id, {})[seat_id] = state
    competing = counting.competing(stage)
    if not competing:
        raise Conflict("没有参加评审的项目，不能锁定成绩")
    for entry in competing:
        panel = panels.get(entry.id, {})
        signed = {seat for seat, state in panel.items() if state is BallotState.SUBMITTED}
        check_panel(set(panel), signed, minimum=stage.minimum_panel, entry=entry.title)


def confirm_lock(stage: ContestStage, *, actor: Any) -> int:
    """The second person locks: the standings are counted once and kept. Returns how many lines they have."""
    contest = stage.contest
    check_decides(actor, contest)
    decision = open_decision(stage, LOCK)
    decisions.confirm(decision, actor=actor)
    unlocked = sa.update(ContestStage).where(
        ContestStage.id == stage.id,
        ContestStage.opened.is_not(None),
        ContestStage.locked.is_(None),
        ContestStage.scores_version == decision.data["scores_version"],
    )
    if not claim(unlocked.values(locked=clock.now(), tallies=ContestStage.tallies + 1)):
        raise Conflict("提请锁定以后评分又有变化，请退回，由主办方核对后重新提请")
    db.session.refresh(stage)
    check_unchanged(contest)
    check_complete(stage)
    tally = tallies.keep(stage, decision=decision)
    lines = len(db.session.execute(standing_queries.of_tally(tally.id)).unique().scalars().all())
    activity.record(
        "competition.locked",
        subject=contest,
        actor=actor,
        stage=stage.code.value,
        entries=lines,
        version=tally.version,
        sha256=tally.sha256,
    )
    db.session.flush()
    return lines


def recount_differs(stage: ContestStage) -> bool:
    """Does a recount from the raw points give anything else than what was locked?"""
    return tallies.differs(stage)


def tally(stage: ContestStage, *, actor: Any, version: int | None = None) -> Sequence[Standing]:
    """The locked standings for those who run or decide on the contest and have no part in it; each look is recorded.

    `version` asks for an earlier lock, which was opened again since.
    """
    check_officer(actor, stage.contest)
    found = tallies.in_force(stage) if version is None else tallies.one(stage, version)
    activity.record(
        "competition.scores_viewed",
        subject=stage.contest,
        actor=actor,
        stage=stage.code.value,
        version=found.version,
    )
    return db.session.execute(standing_queries.of_tally(found.id)).unique().scalars().all()
