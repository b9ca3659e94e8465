"""What rounds plug into the application."""

from __future__ import annotations

from matchmaker.accounts.rules import Permission
from matchmaker.core.feature import Feature, Link
from matchmaker.rounds import lists, views

# What this feature writes into the activity log, in words.
ACTIVITIES = {
    "rounds.created": "建立批量对接",
    "rounds.edited": "修改批量对接",
    "rounds.planned": "生成对接方案",
    "rounds.published": "发出批量邀请",
    "rounds.closed": "结束批量对接",
    "rounds.deleted": "删除批量对接草稿",
}

FEATURE = Feature(
    name="rounds",
    title="批量对接",
    activities=ACTIVITIES,
    blueprints=(views.bp,),
    links=(Link("批量对接", "rounds.index", Permission.NEEDS_HANDLE, icon="network", group="组织", order=26),),
    lists=(lists.ROUNDS, lists.PAIRS),
)
