"""An off-topic entry is left out by two: the judge whom the organiser named asks, a member of staff confirms."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from matchmaker.activity import services as activity
from matchmaker.competition.models import Ballot, ContestStage, JudgeSeat, StageEntry
from matchmaker.competition.rules.results import check_reason
from matchmaker.competition.rules.stages import StageState
from matchmaker.competition.services.counting import places_of
from matchmaker.competition.services.guards import check_manages, check_unconflicted, count_change
from matchmaker.competition.services.results.steps import check_officer
from matchmaker.core import clock
from matchmaker.core.db import claim, db
from matchmaker.core.errors import Conflict, DomainError, NotPermitted


def name_judge(stage: ContestStage, *, actor: Any, seat_id: int | None) -> None:
    """Say which judge may ask to leave out off-topic entries, or that nobody may."""
    check_manages(actor, stage.contest)
    check_unconflicted(actor, stage.contest)
    if stage.locked is not None:
        raise Conflict("本阶段成绩已锁定，不能再指定否决评委")
    seat = db.session.get(JudgeSeat, seat_id) if seat_id else None
    if seat_id and (seat is None or seat.contest_id != stage.contest_id):
        raise DomainError("请选择本届大赛的评委", field="seat_id")
    stage.veto_seat_id = seat.id if seat else None
    activity.record(
        "competition.veto_judge",
        subject=stage.contest,
        actor=actor,
        stage=stage.code.value,
        judge=seat.user.name if seat else None,
    )
    db.session.flush()


def ask(ballot: Ballot, *, actor: Any, reason: str) -> StageEntry:
    """The named judge asks to leave out an entry from which nothing keeps them away."""
    stage = ballot.stage
    if ballot.seat.user_id != actor.id or stage.veto_seat_id != ballot.seat_id:
        raise NotPermitted("只有主办方指定的评委可以提出离题否决")
    check_reason(reason)
    _check_judging(stage)
    place = places_of(stage)[ballot.entry_id]
    fresh = sa.update(StageEntry).where(StageEntry.id == place.id, StageEntry.veto_asked.is_(None))
    asked = {"veto_asked": clock.now(), "veto_asked_by_id": actor.id, "veto_reason": reason.strip()}
    if not claim(fresh.values(**asked)):
        raise Conflict("这个项目已经提出过离题否决，请等待主办方复核")
    db.session.refresh(place)
    activity.record("competition.veto_asked", subject=stage.contest, actor=actor, entry=place.code, reason=reason)
    db.session.flush()
    return place


def confirm(place: StageEntry, *, actor: Any) -> None:
    """A second person agrees: the entry is not counted."""
    _settle(place, actor=actor, values={"vetoed": clock.now(), "vetoed_by_id": actor.id})
    activity.record("competition.vetoed", subject=place.stage.contest, actor=actor, entry=place.code)
    db.session.flush()


def dismiss(place: StageEntry, *, actor: Any) -> None:
    """A second person does not agree: the entry goes on as before."""
    _settle(place, actor=actor, values={"veto_asked": None, "veto_asked_by_id": None, "veto_reason": ""})
    activity.record("competition.veto_dismissed", subject=place.stage.contest, actor=actor, entry=place.code)
    db.session.flush()


def _settle(place: StageEntry, *, actor: Any, values: dict[str, Any]) -> None:
    check_officer(actor, place.stage.contest)
    _check_judging(place.stage)
    if place.veto_asked_by_id == actor.id:
        raise NotPermitted("提出否决和复核须由两个人办理")
    count_change(place.stage)
    waiting = sa.update(StageEntry).where(
        StageEntry.id == place.id, StageEntry.veto_asked.is_not(None), StageEntry.vetoed.is_(None)
    )
    if not claim(waiting.values(**values)):
        raise Conflict("没有等待复核的离题否决，请刷新页面")
    db.session.refresh(place)
    db.session.refresh(place.stage)


def _check_judging(stage: ContestStage) -> None:
    if stage.state is not StageState.JUDGING:
        raise Conflict("本阶段不在评审中，不能办理离题否决")
