"""What live finals plug into the application."""

from __future__ import annotations

from typing import Any

from matchmaker.core.feature import Feature, Part
from matchmaker.finals import queries, services, views

# What this feature writes into the activity log, in words.
ACTIVITIES = {
    "finals.prepared": "建立现场决赛",
    "finals.signed_in": "登记参赛者签到",
    "finals.drawn": "抽签确定出场顺序",
    "finals.stepped": "现场环节推进",
    "finals.shown": "现场亮分",
}


def _of_stage(_viewer: Any, stage: Any) -> dict[str, Any] | None:
    """The way to the final of a live stage in judging."""
    if stage.mode != "live" or stage.opened is None:
        return None
    return {"stage": stage, "final": queries.of_stage(stage.id)}


FEATURE = Feature(
    name="finals",
    title="现场决赛",
    activities=ACTIVITIES,
    blueprints=(views.bp,),
    parts=(
        Part("stage_manage", "finals/_manage.html", _of_stage),
        Part("stage_judge", "finals/_judge.html", _of_stage),
    ),
    personal_data=queries.personal_data,
    forget=services.forget,
)
