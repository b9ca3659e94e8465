"""The list of visits, described once for page, export and API."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from flask import url_for

from matchmaker.accounts.rules import Permission
from matchmaker.core import folding
from matchmaker.core.lists import Column, Filter, ListSpec
from matchmaker.directory.models import Person
from matchmaker.envoys import queries
from matchmaker.envoys.models import EnvoyVisit
from matchmaker.envoys.rules import VisitState


def _search(statement: sa.Select[Any], text: str) -> sa.Select[Any]:
    folded = folding.fold(text)
    return statement.where(
        sa.or_(
            Person.folded_name.contains(folded, autoescape=True),
            Person.pinyin.startswith(folded, autoescape=True),
            EnvoyVisit.content.contains(text, autoescape=True),
        )
    )


VISITS = ListSpec(
    name="envoy_visits",
    title="特派员服务",
    permission=Permission.ROSTERS_READ,
    select=queries.listed,
    key=EnvoyVisit.id,
    order=(EnvoyVisit.starts.desc(),),
    columns=(
        Column("envoy", "特派员", lambda r: r.person.name, sort=Person.pinyin),
        Column("host", "受援企业", lambda r: r.agreement.host.name),
        Column("starts", "开始", lambda r: r.starts, "moment", sort=EnvoyVisit.starts),
        Column("minutes", "分钟", lambda r: r.minutes, "number"),
        Column("state", "状态", lambda r: r.state, "state", sort=EnvoyVisit.state),
        Column("rating", "评分", lambda r: r.rating, "number"),
        Column("place", "地点", lambda r: r.place, export_only=True),
        Column("content", "做了什么", lambda r: r.content, export_only=True),
        Column("alike", "照片与另一次服务相似", lambda r: bool(r.alike_id), "flag", export_only=True),
        Column("confirmer", "确认人", lambda r: r.confirmer_name, export_only=True),
    ),
    filters=(
        Filter("q", "搜索", _search, "search"),
        Filter(
            "state",
            "状态",
            lambda s, v: s.where(EnvoyVisit.state == v),
            choices=lambda _v: [(state.value, state.label) for state in VisitState],
        ),
    ),
    url=lambda r: url_for("envoys.visit", visit_id=r.id),
    empty_title="还没有特派员服务记录",
    empty_text="特派员登记服务后出现在这里",
)
