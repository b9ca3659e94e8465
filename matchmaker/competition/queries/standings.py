"""The locked standings."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from matchmaker.competition import access
from matchmaker.competition.models import Contest, ContestStage, DiligenceCheck, JudgeRecord, Standing, Tally
from matchmaker.competition.queries import judging
from matchmaker.core.db import db
from matchmaker.core.viewer import Viewer, in_regions


def tally_of(stage_id: int) -> sa.Select[Tally]:
    """The tally of a stage that is in force."""
    return sa.select(Tally).where(Tally.stage_id == stage_id, Tally.reopened.is_(None))


def of_stage(stage_id: int) -> sa.Select[Standing]:
    """The standings of a stage by group and place, those of the tally in force."""
    return (
        sa.select(Standing)
        .join(Tally, Tally.id == Standing.tally_id)
        .where(Standing.stage_id == stage_id, Tally.reopened.is_(None))
        .order_by(*_ordered())
    )


def of_tally(tally_id: int) -> sa.Select[Standing]:
    """The standings of one tally, in force or not."""
    return sa.select(Standing).where(Standing.tally_id == tally_id).order_by(*_ordered())


def released_of(contest_id: int) -> sa.Select[Standing]:
    """What everybody may read of a contest: the stages that are released, the latest first."""
    return (
        sa.select(Standing)
        .join(Tally, Tally.id == Standing.tally_id)
        .join(ContestStage, ContestStage.id == Standing.stage_id)
        .where(Standing.contest_id == contest_id, ContestStage.released.is_not(None), Tally.reopened.is_(None))
        .order_by(ContestStage.position.desc(), *_ordered())
    )


def reopened(contest_id: int) -> sa.Select[Tally]:
    """The tallies of a contest that were opened again, the latest first; their reasons are public."""
    return (
        sa.select(Tally)
        .join(ContestStage, ContestStage.id == Tally.stage_id)
        .where(Tally.contest_id == contest_id, Tally.reopened.is_not(None))
        .order_by(ContestStage.position.desc(), Tally.version.desc(), Tally.id)
    )


def may_read_check(viewer: Any, check_id: int) -> bool:
    """Files of due diligence are for those who run or decide on the contest and have no part in it."""
    statement = sa.select(Contest).join(DiligenceCheck, DiligenceCheck.contest_id == Contest.id)
    contest = db.session.execute(statement.where(DiligenceCheck.id == check_id)).unique().scalar_one_or_none()
    if contest is None or not viewer.is_authenticated:
        return False
    if not (access.may_manage(viewer, contest) or access.may_decide(viewer, contest)):
        return False
    return not judging.is_blind(viewer, contest.id)


def _ordered() -> tuple[Any, ...]:
    """By group and place; who was taken out stands last."""
    out = sa.case((Standing.place.is_(None), 1), else_=0)
    return Standing.group_id, out, Standing.rank, Standing.code, Standing.id


def judge_records(viewer: Viewer) -> sa.Select[JudgeRecord]:
    """How judges scored in released stages of the viewer's regions, the latest first."""
    return (
        sa.select(JudgeRecord)
        .join(Tally, Tally.id == JudgeRecord.tally_id)
        .join(ContestStage, ContestStage.id == Tally.stage_id)
        .join(Contest, Contest.id == Tally.contest_id)
        .where(in_regions(Contest.region, viewer), ContestStage.released.is_not(None), Tally.reopened.is_(None))
        .order_by(JudgeRecord.tally_id.desc(), JudgeRecord.user_id)
        .limit(5000)
    )


def awarded() -> sa.Select[Standing]:
    """The winners of archived contests, the latest year first."""
    return (
        sa.select(Standing)
        .join(Tally, Tally.id == Standing.tally_id)
        .join(Contest, Contest.id == Standing.contest_id)
        .where(
            Contest.archived.is_not(None),
            Tally.released.is_not(None),
            Tally.reopened.is_(None),
            Standing.prize.is_not(None),
        )
        .order_by(Contest.year.desc(), Contest.id.desc(), *_ordered())
        .limit(2000)
    )
