"""The bureau's list of alliances."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from flask import url_for

from matchmaker.accounts.rules import Permission
from matchmaker.alliances import queries
from matchmaker.alliances.models import Alliance
from matchmaker.alliances.rules import AllianceState
from matchmaker.core.lists import Column, Filter, ListSpec


def _search(statement: sa.Select[Any], text: str) -> sa.Select[Any]:
    return statement.where(
        sa.or_(Alliance.title.icontains(text, autoescape=True), queries.lead_name().contains(text, autoescape=True))
    )


def _year(statement: sa.Select[Any], text: str) -> sa.Select[Any]:
    if not (text.isascii() and text.isdigit() and len(text) == 4):
        return statement
    return statement.where(sa.extract("year", Alliance.established) == int(text))


ALLIANCES = ListSpec(
    name="alliances",
    title="产学研联盟",
    permission=Permission.ALLIANCES_MANAGE,
    select=queries.handled_by,
    key=Alliance.id,
    order=(Alliance.established.desc(),),
    columns=(
        Column("title", "联盟", lambda a: a.title, sort=Alliance.title),
        Column("state", "状态", lambda a: a.state, "state", sort=Alliance.state),
        Column("lead", "牵头单位", lambda a: a.lead.organisation.name if a.lead else None),
        Column("members", "成员", lambda a: len(a.present), "number"),
        Column("signed", "已签署", lambda a: a.signed_count, "number"),
        Column("established", "发起", lambda a: a.established, "day", sort=Alliance.established),
        Column("filed", "备案", lambda a: a.filed, "day", sort=Alliance.filed),
        Column("ends", "协议结束", lambda a: a.ends, "day", sort=Alliance.ends),
        Column("document", "协议名称和编号", lambda a: a.document, export_only=True),
        Column("names", "成员名单", lambda a: "、".join(m.organisation.name for m in a.present), export_only=True),
    ),
    filters=(
        Filter("q", "搜索", _search, "search"),
        Filter(
            "state",
            "状态",
            lambda s, v: s.where(Alliance.state == v),
            choices=lambda _viewer: [(member.value, member.label) for member in AllianceState],
        ),
        Filter("year", "发起年份", _year, "year"),
    ),
    url=lambda a: url_for("alliances.show", alliance_id=a.id),
    empty_title="还没有联盟",
    empty_text="企业或高校院所发起联盟后会出现在这里",
)
