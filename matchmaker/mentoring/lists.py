"""The list of sessions, described once for page, export and API."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from flask import url_for

from matchmaker.accounts.rules import Permission
from matchmaker.core import folding
from matchmaker.core.lists import Column, Filter, ListSpec
from matchmaker.directory.models import Person
from matchmaker.mentoring import queries
from matchmaker.mentoring.models import MentorSession
from matchmaker.rosters.rules import SessionState


def _search(statement: sa.Select[Any], text: str) -> sa.Select[Any]:
    folded = folding.fold(text)
    return statement.where(
        sa.or_(
            Person.folded_name.contains(folded, autoescape=True),
            Person.pinyin.startswith(folded, autoescape=True),
            MentorSession.topic.contains(text, autoescape=True),
        )
    )


SESSIONS = ListSpec(
    name="mentor_sessions",
    title="辅导记录",
    permission=Permission.ROSTERS_READ,
    select=queries.listed,
    key=MentorSession.id,
    order=(MentorSession.starts.desc(),),
    columns=(
        Column("mentor", "导师", lambda r: r.person.name, sort=Person.pinyin),
        Column("client", "企业或团队", lambda r: r.who),
        Column("starts", "时间", lambda r: r.starts, "moment", sort=MentorSession.starts),
        Column("state", "状态", lambda r: r.state, "state", sort=MentorSession.state),
        Column("minutes", "分钟", lambda r: r.minutes, "number"),
        Column("rating", "评分", lambda r: r.rating, "number"),
        Column("place", "地点", lambda r: r.place, export_only=True),
        Column("topic", "想谈什么", lambda r: r.topic, export_only=True),
        Column("content", "谈了什么", lambda r: r.content, export_only=True),
    ),
    filters=(
        Filter("q", "搜索", _search, "search"),
        Filter(
            "state",
            "状态",
            lambda s, v: s.where(MentorSession.state == v),
            choices=lambda _v: [(state.value, state.label) for state in SessionState],
        ),
    ),
    url=lambda r: url_for("mentoring.session", session_id=r.id),
    empty_title="还没有辅导记录",
    empty_text="在孵企业预约导师后出现在这里",
)
