"""What public votes plug into the application."""

from __future__ import annotations

from typing import Any

from matchmaker.core.db import db
from matchmaker.core.feature import DeskSource, Feature, Part
from matchmaker.voting import desk, queries, views
from matchmaker.voting.services import setting

# What this feature writes into the activity log, in words. A single vote writes nothing: nobody counts lines.
ACTIVITIES = {
    "voting.prepared": "建立网络票选",
    "voting.edited": "修改网络票选",
    "voting.extended": "延长网络票选",
    "voting.cancelled": "取消网络票选",
    "voting.struck": "剔除可疑选票",
    "voting.restored": "恢复剔除的选票",
    "voting.checked": "复核通过票选核查",
    "voting.released": "公布票选结果",
}


def _of_stage(_viewer: Any, stage: Any) -> dict[str, Any] | None:
    """The way to the vote of a stage whose entries are known."""
    if stage.opened is None:
        return None
    votes = queries.all_of_stage(stage.id)
    standing = [vote for vote in votes if vote.cancelled is None]
    return {"stage": stage, "vote": standing[0] if standing else None, "cancelled": votes[0] if votes else None}


def _of_contest(_viewer: Any, contest: Any) -> dict[str, Any] | None:
    """The votes of a contest on its public page."""
    if not any(stage.opened for stage in contest.stages):
        return None
    votes = db.session.execute(queries.of_contest(contest.id)).unique().scalars().all()
    return {"votes": votes} if votes else None


FEATURE = Feature(
    name="voting",
    title="网络票选",
    activities=ACTIVITIES,
    blueprints=(views.bp,),
    parts=(
        Part("stage_manage", "voting/_manage.html", _of_stage, order=60),
        Part("contest_public", "voting/_public.html", _of_contest, order=60),
    ),
    desk=(DeskSource("voting.waiting", frozenset({"organiser"}), desk.waiting, order=16),),
    personal_data=queries.personal_data,
    forget=setting.forget,
)
