"""What live finals plug into the application."""

from __future__ import annotations

from typing import Any

from matchmaker.core.db import db
from matchmaker.core.feature import Feature, Part
from matchmaker.finals import queries, services, views

# What this feature writes into the activity log, in words.
ACTIVITIES = {
    "finals.prepared": "建立现场决赛",
    "finals.signed_in": "登记参赛者签到",
    "finals.drawn": "抽签确定出场顺序",
    "finals.stepped": "现场环节推进",
    "finals.clock": "现场计时暂停、继续或加时",
    "finals.postponed": "迟到项目移到最后出场",
    "finals.withdrawn": "登记现场弃赛",
    "finals.shown": "现场亮分",
}


def _of_stage(_viewer: Any, stage: Any) -> dict[str, Any] | None:
    """The way to the final of a live stage in judging."""
    if stage.mode != "live" or stage.opened is None:
        return None
    return {"stage": stage, "final": queries.of_stage(stage.id)}


def _of_contest(_viewer: Any, contest: Any) -> dict[str, Any] | None:
    """The public page of a draw, from the day its fingerprint is public."""
    if not any(stage.mode == "live" and stage.opened for stage in contest.stages):
        return None
    finals = db.session.execute(queries.of_contest(contest.id)).unique().scalars().all()
    return {"finals": finals} if finals else None


def _of_standings(_viewer: Any, shown: Any) -> dict[str, Any] | None:
    """The check of the order beside locked scores of a live stage."""
    if shown["stage"].mode != "live":
        return None
    effects = services.order_effects(shown["stage"], shown["standings"])
    return {"effects": effects} if effects else None


FEATURE = Feature(
    name="finals",
    title="现场决赛",
    activities=ACTIVITIES,
    blueprints=(views.bp,),
    parts=(
        Part("stage_manage", "finals/_manage.html", _of_stage),
        Part("contest_public", "finals/_public.html", _of_contest),
        Part("stage_standings", "finals/_standings.html", _of_standings),
        Part("stage_judge", "finals/_judge.html", _of_stage),
    ),
    personal_data=queries.personal_data,
    forget=services.forget,
)
