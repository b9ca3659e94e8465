"""Which finals exist for whom."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from matchmaker.accounts.models import User
from matchmaker.competition.models import Ballot, Contest, ContestStage, JudgeSeat
from matchmaker.competition.queries import contests, judging
from matchmaker.competition.rules.ballots import BallotState
from matchmaker.competition.rules.states import Stage
from matchmaker.core.db import db
from matchmaker.core.viewer import Viewer
from matchmaker.finals.models import Appearance, Final


def managed_by(viewer: Viewer) -> sa.Select[Final]:
    """The finals of a staff member's regions."""
    shown = contests.managed_by(viewer).with_only_columns(Contest.id)
    return (
        sa.select(Final).join(ContestStage, ContestStage.id == Final.stage_id).where(ContestStage.contest_id.in_(shown))
    )


def stage_managed_by(viewer: Viewer, contest_id: int, code: str) -> sa.Select[ContestStage]:
    """A stage of a contest of a staff member's regions."""
    shown = contests.managed_by(viewer).where(Contest.id == contest_id).with_only_columns(Contest.id)
    return sa.select(ContestStage).where(ContestStage.contest_id.in_(shown), ContestStage.code == Stage(code))


def of_stage(stage_id: int) -> Final | None:
    """The final of a stage, if it is prepared."""
    found: Final | None = (
        db.session.execute(sa.select(Final).where(Final.stage_id == stage_id)).unique().scalar_one_or_none()
    )
    return found


def by_token(token: str) -> sa.Select[Final]:
    """The final whose screen has this address."""
    return sa.select(Final).where(Final.token == token)


def announced(final_id: int) -> sa.Select[Final]:
    """A final of an announced contest: its draw is everybody's to check."""
    shown = sa.select(ContestStage.id).where(
        ContestStage.contest_id.in_(contests.public().order_by(None).with_only_columns(Contest.id))
    )
    return sa.select(Final).where(Final.id == final_id, Final.stage_id.in_(shown))


def of_contest(contest_id: int) -> sa.Select[Final]:
    """The finals of a contest in the order of its stages."""
    return (
        sa.select(Final)
        .join(ContestStage, ContestStage.id == Final.stage_id)
        .where(ContestStage.contest_id == contest_id)
        .order_by(ContestStage.position, Final.id)
    )


def positions(stage_id: int) -> dict[int, int]:
    """{entry: 1, 2, 3 …} in the order in which the entries really went on stage; {} where nobody did.

    What `competition.engine.order.order_of_entries` asks for.
    """
    statement = (
        sa.select(Appearance.entry_id)
        .join(Final, Final.id == Appearance.final_id)
        .where(Final.stage_id == stage_id, Appearance.called.is_not(None))
        .order_by(Appearance.called, Appearance.position)
    )
    return {entry_id: turn for turn, entry_id in enumerate(db.session.execute(statement).scalars(), start=1)}


def missing(final: Final) -> dict[int, list[str]]:
    """entry → names of the judges whose ballot is not in; never what anybody wrote."""
    statement = (
        sa.select(Ballot.entry_id, User.name)
        .join(JudgeSeat, JudgeSeat.id == Ballot.seat_id)
        .join(User, User.id == JudgeSeat.user_id)
        .where(Ballot.stage_id == final.stage_id, judging.counting(), Ballot.state != BallotState.SUBMITTED)
        .where(sa.not_(judging.excused()))
        .order_by(Ballot.entry_id, JudgeSeat.id)
    )
    found: dict[int, list[str]] = {}
    for entry_id, name in db.session.execute(statement):
        found.setdefault(entry_id, []).append(name)
    return found


def judged_by(viewer: Viewer) -> sa.Select[Final]:
    """The finals in which a judge has a ballot."""
    stages = judging.own_ballots(viewer).with_only_columns(Ballot.stage_id).order_by(None)
    return sa.select(Final).where(Final.stage_id.in_(stages))


def own_ballots(viewer: Viewer, stage_id: int) -> sa.Select[Ballot]:
    """A judge's ballots of a stage, without those from which they stay away."""
    return judging.own_ballots(viewer).where(Ballot.stage_id == stage_id)


def panel_of(appearance: Appearance) -> tuple[int, int]:
    """(ballots, signed) of an appearance; never what they say."""
    states = [
        state
        for entry_id, _seat, state in db.session.execute(judging.awaited(appearance.final.stage_id))
        if entry_id == appearance.entry_id
    ]
    return len(states), sum(state is BallotState.SUBMITTED for state in states)


def panels(final: Final) -> dict[int, tuple[int, int]]:
    """entry → (ballots, signed) of a whole final in one query."""
    found: dict[int, tuple[int, int]] = {}
    for entry_id, _seat, state in db.session.execute(judging.awaited(final.stage_id)):
        all_, done = found.get(entry_id, (0, 0))
        found[entry_id] = (all_ + 1, done + (state is BallotState.SUBMITTED))
    return found


def personal_data(user: Any) -> dict[str, Any]:
    """What finals hold about a person: who spoke for their entries."""
    statement = sa.select(Appearance).where(Appearance.entry.has(user_id=user.id)).order_by(Appearance.id)
    return {
        "appearances": [
            {"entry": row.entry.title, "speaker": row.speaker, "word": row.word}
            for row in db.session.execute(statement).unique().scalars()
        ]
    }
