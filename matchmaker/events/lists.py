"""The lists of events, described once for page, export, bulk action and API."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from flask import url_for

from matchmaker.accounts.models import User
from matchmaker.accounts.rules import Permission
from matchmaker.core import folding
from matchmaker.core.lists import BulkAction, Column, Filter, ListSpec
from matchmaker.directory.models import Organisation
from matchmaker.events import queries
from matchmaker.events.models import Event, Registration, SeatPool
from matchmaker.events.rules import EventKind, EventState, RegistrationState
from matchmaker.events.services import deciding


def choices(kind: Any) -> Any:
    """All members of an enumeration as (value, label)."""
    return lambda _viewer: [(member.value, member.label) for member in kind]


def _year(statement: sa.Select[Any], text: str) -> sa.Select[Any]:
    if not (text.isascii() and text.isdigit() and len(text) == 4):
        return statement
    return statement.where(sa.extract("year", Event.starts) == int(text))


def _event_search(statement: sa.Select[Any], text: str) -> sa.Select[Any]:
    return statement.where(
        sa.or_(Event.title.icontains(text, autoescape=True), Event.venue.icontains(text, autoescape=True))
    )


def _registration_search(statement: sa.Select[Any], text: str) -> sa.Select[Any]:
    firms = sa.select(Organisation.id).where(
        sa.or_(
            Organisation.folded_name.contains(folding.fold(text), autoescape=True),
            Organisation.pinyin.startswith(folding.fold(text), autoescape=True),
        )
    )
    people = sa.select(User.id).where(User.name.contains(text, autoescape=True))
    return statement.where(sa.or_(Registration.organisation_id.in_(firms), Registration.user_id.in_(people)))


EVENTS = ListSpec(
    name="events",
    title="活动管理",
    permission=Permission.EVENTS_READ,
    select=lambda viewer, _scope: queries.with_pool(queries.managed_by(viewer)),
    key=Event.id,
    order=(Event.starts.desc(),),
    columns=(
        Column("title", "活动", lambda e: e.title, sort=Event.title),
        Column("kind", "类型", lambda e: e.kind),
        Column("state", "状态", lambda e: e.state, "state", sort=Event.state),
        Column("starts", "开始", lambda e: e.starts, "moment", sort=Event.starts),
        Column("venue", "地点", lambda e: e.venue),
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
    url=lambda e: url_for("events.manage", event_id=e.id),
    empty_title="还没有活动",
    empty_text="先建一个草稿，写好后再发布",
)

REGISTRATIONS = ListSpec(
    name="registrations",
    title="报名名单",
    permission=Permission.EVENTS_READ,
    select=queries.registrations_of_event,
    key=Registration.id,
    order=(Registration.created,),
    columns=(
        Column("who", "单位或个人", lambda r: r.who),
        Column("state", "状态", lambda r: r.state, "state", sort=Registration.state),
        Column("party", "人数", lambda r: r.party, "number", sort=Registration.party),
        Column("attendees", "参会人", lambda r: "、".join(a.name for a in r.attendees)),
        Column("phone", "联系电话", lambda r: r.phone, "code"),
        Column("note", "备注", lambda r: r.note),
        Column("created", "报名时间", lambda r: r.created, "moment", sort=Registration.created),
        Column("reason", "未通过理由", lambda r: r.reason, export_only=True),
    ),
    filters=(
        Filter("q", "搜索", _registration_search, "search"),
        Filter("state", "状态", lambda s, v: s.where(Registration.state == v), choices=choices(RegistrationState)),
    ),
    url=lambda r: url_for("events.registration", registration_id=r.id),
    bulk=(
        BulkAction(
            "approve",
            "通过",
            Permission.EVENTS_MANAGE,
            "报名将变为“已通过”，报名人会收到通知",
            deciding.check_approvable,
            deciding.approve,
            deciding.undo_decision,
        ),
        BulkAction(
            "reject",
            "不通过",
            Permission.EVENTS_MANAGE,
            "报名将变为“未通过”，名额立即释放，报名人会收到理由",
            deciding.check_rejectable,
            deciding.reject,
            deciding.undo_decision,
            asks_reason=True,
        ),
    ),
    empty_title="还没有人报名",
    empty_text="发布后，报名会出现在这里",
)
