"""The events that a person runs or reads."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from flask import url_for

from matchmaker.core.i18n import local
from matchmaker.core.lists import Column, Filter, ListSpec
from matchmaker.events import queries
from matchmaker.events.models import Event, SeatPool
from matchmaker.events.rules import EventKind, EventState


def choices(kind: Any) -> Any:
    """All members of an enumeration as (value, label)."""
    return lambda _viewer: [(member.value, member.label) for member in kind]


def _year(statement: sa.Select[Any], text: str) -> sa.Select[Any]:
    if not (text.isascii() and text.isdigit() and len(text) == 4):
        return statement
    return statement.where(sa.extract("year", Event.starts) == int(text))


def _event_search(statement: sa.Select[Any], text: str) -> sa.Select[Any]:
    return statement.where(
        sa.or_(*(text_of.icontains(text, autoescape=True) for text_of in (Event.title, Event.title_en, Event.venue)))
    )


EVENTS = ListSpec(
    name="events",
    title="活动管理",
    permission=None,  # the rows are limited to one's regions and duties
    select=lambda viewer, _scope: queries.with_pool(queries.managed_by(viewer)),
    key=Event.id,
    order=(Event.starts.desc(),),
    columns=(
        Column("title", "活动", lambda e: local(e, "title"), sort=Event.title),
        Column("kind", "类型", lambda e: e.kind),
        Column("state", "状态", lambda e: e.state, "state", sort=Event.state),
        Column("starts", "开始", lambda e: e.starts, "moment", sort=Event.starts),
        Column("venue", "地点", lambda e: local(e, "venue")),
        Column("used", "已占名额", lambda e: e.pool.used, "number", sort=SeatPool.used),
        Column("capacity", "名额", lambda e: e.pool.capacity, "number", sort=SeatPool.capacity),
        Column("deadline", "报名截止", lambda e: e.deadline, "moment", sort=Event.deadline, export_only=True),
    ),
    filters=(
        Filter("q", "搜索", _event_search, "search"),
        Filter("state", "状态", lambda s, v: s.where(Event.state == v), choices=choices(EventState)),
        Filter("kind", "类型", lambda s, v: s.where(Event.kind == v), choices=choices(EventKind)),
        Filter("year", "年份", _year, "year"),
    ),
    url=lambda e: url_for("events.overview", event_id=e.id),
    empty_title="还没有活动",
    empty_text="先建一个草稿，写好后再发布",
)
