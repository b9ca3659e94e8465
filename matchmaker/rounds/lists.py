"""The lists of rounds and of the pairs of one, described once for page and export."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from flask import url_for
from flask_babel import gettext

from matchmaker.accounts.rules import Permission
from matchmaker.core import folding
from matchmaker.core.lists import Column, Filter, ListSpec
from matchmaker.directory.models import Person
from matchmaker.matching.models import Need
from matchmaker.rounds import queries
from matchmaker.rounds.models import MatchRound, RoundPair
from matchmaker.rounds.rules import PairState, RoundState


def state_of(pair: RoundPair) -> Any:
    """How a pair stands: by its request once it was asked."""
    return pair.request.state if pair.request is not None else pair.state


def _found(statement: sa.Select[Any], text: str) -> sa.Select[Any]:
    return statement.where(
        sa.or_(
            Need.title.icontains(text, autoescape=True),
            Person.folded_name.contains(folding.fold(text), autoescape=True),
        )
    )


ROUNDS = ListSpec(
    name="rounds",
    title="批量对接",
    permission=Permission.NEEDS_HANDLE,
    select=queries.listed,
    key=MatchRound.id,
    order=(MatchRound.created.desc(), MatchRound.id.desc()),
    columns=(
        Column("title", "名称", lambda r: r.title, sort=MatchRound.title),
        Column("state", "状态", lambda r: r.state, "state", sort=MatchRound.state),
        Column("per_need", "每项需求", lambda r: r.per_need, "number"),
        Column("per_helper", "每人", lambda r: r.per_helper, "number"),
        Column("created_by", "经办人", lambda r: r.created_by.name),
        Column("created", "建立时间", lambda r: r.created, "moment", sort=MatchRound.created),
        Column("published", "发出时间", lambda r: r.published, "moment", sort=MatchRound.published),
    ),
    filters=(
        Filter("q", "搜索", lambda s, v: s.where(MatchRound.title.icontains(v, autoescape=True)), "search"),
        Filter(
            "state",
            "状态",
            lambda s, v: s.where(MatchRound.state == v),
            choices=lambda _v: [(state.value, state.label) for state in RoundState],
        ),
    ),
    url=lambda r: url_for("rounds.show", round_id=r.id),
    empty_title="还没有批量对接",
    empty_text="需求较多时，一次为所有需求安排合适的人，最难的需求也不落下",
)

PAIRS = ListSpec(
    name="round_pairs",
    title="对接方案",
    permission=Permission.NEEDS_HANDLE,
    select=queries.pairs_listed,
    key=RoundPair.id,
    order=(RoundPair.need_id, RoundPair.score.desc(), RoundPair.id),
    columns=(
        Column("need", "需求", lambda r: r.need.title, sort=Need.title),
        Column("state", "状态", state_of, "state"),
        Column("who", "单位", lambda r: r.need.shown_who or gettext("（保密）")),
        Column("person", "服务者", lambda r: r.person.name, sort=Person.pinyin),
        Column("score", "匹配度", lambda r: round(100 * r.score), "number", sort=RoundPair.score),
        Column("reason", "说明", lambda r: gettext(r.reason) if r.reason else ""),
    ),
    filters=(
        Filter("q", "搜索", _found, "search"),
        Filter(
            "sent",
            "是否发出",
            lambda s, v: s.where(RoundPair.state == v),
            choices=lambda _v: [(state.value, state.label) for state in PairState],
        ),
    ),
    url=lambda r: url_for("matching.show", need_id=r.need_id),
    empty_title="还没有方案",
    empty_text="点“生成方案”，先看再发",
)
