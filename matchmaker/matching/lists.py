"""The lists of matching, described once for page, export and API."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from flask import url_for
from flask_babel import gettext
from flask_login import current_user

from matchmaker.accounts.rules import Permission
from matchmaker.core import folding
from matchmaker.core.lists import Column, Filter, ListSpec
from matchmaker.directory.models import Organisation, Person
from matchmaker.matching import queries
from matchmaker.matching.models import HelpRequest, Need, Referral
from matchmaker.matching.rules import (
    NeedKind,
    NeedState,
    Origin,
    ReferralState,
    Reply,
    Result,
    Secrecy,
    SessionStep,
    month_span,
    reply_of,
    year_span,
)


def choices(kind: Any) -> Any:
    """All members of an enumeration as (value, label)."""
    return lambda _viewer: [(member.value, member.label) for member in kind]


def _search(statement: sa.Select[Any], text: str) -> sa.Select[Any]:
    """By title; by the firm's name only where the need does not keep it secret."""
    firms = sa.select(Organisation.id).where(
        sa.or_(
            Organisation.folded_name.contains(folding.fold(text), autoescape=True),
            Organisation.pinyin.startswith(folding.fold(text), autoescape=True),
        )
    )
    by_firm = sa.and_(Need.secrecy == Secrecy.OPEN, Need.organisation_id.in_(firms))
    return statement.where(sa.or_(Need.title.icontains(text, autoescape=True), by_firm))


def _year(statement: sa.Select[Any], text: str) -> sa.Select[Any]:
    return statement.where(queries.within(year_span(text)))


def _month(statement: sa.Select[Any], text: str) -> sa.Select[Any]:
    return statement.where(queries.within(month_span(text)))


def _origin(statement: sa.Select[Any], text: str) -> sa.Select[Any]:
    return statement.where(HelpRequest.offered.is_(text == Origin.OFFERED.value))


def _session(statement: sa.Select[Any], text: str) -> sa.Select[Any]:
    return statement.where(queries.with_session(SessionStep(text)))


def _people_search(statement: sa.Select[Any], text: str) -> sa.Select[Any]:
    """By the need's title; by helper or firm only where this person knows them."""
    folded = folding.fold(text)
    firms = sa.select(Organisation.id).where(Organisation.folded_name.contains(folded, autoescape=True))
    people = sa.or_(Person.folded_name.contains(folded, autoescape=True), Need.organisation_id.in_(firms))
    return statement.where(
        sa.or_(Need.title.icontains(text, autoescape=True), sa.and_(queries.charged(current_user), people))
    )


def _reply(row: Any) -> Reply:
    request = row.HelpRequest
    return reply_of(request.state, answered=request.answered is not None)


def _began(row: Any) -> Origin:
    return Origin.OFFERED if row.HelpRequest.offered else Origin.ASKED


def _known(row: Any, text: str) -> str:
    """A name of a request's people; in a secret need for the handler in charge alone."""
    return text if row.known else gettext("（保密）")


def who(need: Need) -> str:
    """Whose need it is, as any list may say."""
    return need.shown_who or gettext("（保密）")


def _referral_search(statement: sa.Select[Any], text: str) -> sa.Select[Any]:
    return statement.where(
        sa.or_(
            Need.title.icontains(text, autoescape=True),
            Person.folded_name.contains(folding.fold(text), autoescape=True),
        )
    )


NEEDS = ListSpec(
    name="needs",
    title="需求",
    permission=Permission.NEEDS_HANDLE,
    select=queries.listed,
    key=Need.id,
    order=(Need.created.desc(),),
    columns=(
        Column("title", "需求", lambda n: n.title, sort=Need.title),
        Column("kind", "类型", lambda n: n.kind, sort=Need.kind),
        Column("state", "状态", lambda n: n.state, "state", sort=Need.state),
        Column("who", "单位", who),
        Column("budget", "预算或融资额", lambda n: n.budget_fen, "money", sort=Need.budget_fen),
        Column("deadline", "希望完成", lambda n: n.deadline, "day", sort=Need.deadline),
        Column("created", "提出时间", lambda n: n.created, "moment", sort=Need.created),
    ),
    filters=(
        Filter("q", "搜索", _search, "search"),
        Filter("state", "状态", lambda s, v: s.where(Need.state == v), choices=choices(NeedState)),
        Filter("kind", "类型", lambda s, v: s.where(Need.kind == v), choices=choices(NeedKind)),
        Filter("year", "年份", _year, "year"),
    ),
    url=lambda n: url_for("matching.show", need_id=n.id),
    empty_title="还没有需求",
    empty_text="企业提出需求后会出现在这里",
)

MEASURED_NEEDS = ListSpec(
    name="measured_needs",
    title="对接成效：需求",
    permission=Permission.NEEDS_MEASURE,
    select=queries.measured_needs_listed,
    key=Need.id,
    order=(Need.created.desc(),),
    columns=(
        Column("title", "需求", lambda r: r.Need.title, sort=Need.title),
        Column("kind", "类型", lambda r: r.Need.kind, sort=Need.kind),
        Column("state", "状态", lambda r: r.Need.state, "state", sort=Need.state),
        Column("who", "单位", lambda r: who(r.Need)),
        Column("shown", "推荐人数", lambda r: r.shown, "number"),
        Column("created", "提出时间", lambda r: r.Need.created, "moment", sort=Need.created),
    ),
    filters=(
        Filter("q", "搜索", _search, "search"),
        Filter("kind", "类型", lambda s, v: s.where(Need.kind == v), choices=choices(NeedKind)),
        Filter("year", "年份", _year, "year"),
        Filter("month", "月份", _month, "month"),
    ),
    url=lambda r: url_for("matching.show", need_id=r.Need.id) if r.opens else "",
    empty_title="没有符合条件的需求",
    empty_text="请去掉一些筛选条件",
)

MEASURED_REQUESTS = ListSpec(
    name="measured_requests",
    title="对接成效：邀请",
    permission=Permission.NEEDS_MEASURE,
    select=queries.measured_requests_listed,
    key=HelpRequest.id,
    order=(HelpRequest.asked.desc(),),
    columns=(
        Column("need", "需求", lambda r: r.HelpRequest.need.title, sort=Need.title),
        Column("kind", "类型", lambda r: r.HelpRequest.need.kind, export_only=True),
        Column("who", "单位", lambda r: _known(r, r.HelpRequest.need.who)),
        Column("person", "服务者", lambda r: _known(r, r.HelpRequest.person.name)),
        Column("reply", "答复", _reply, "state"),
        Column("origin", "由谁发起", _began, export_only=True),
        Column("asked", "邀请时间", lambda r: r.HelpRequest.asked, "moment", sort=HelpRequest.asked),
        Column("answered", "答复时间", lambda r: r.HelpRequest.answered, "moment", export_only=True),
        Column("sessions", "确认的服务", lambda r: r.sessions, "number"),
        Column("points", "平均评分", lambda r: None if r.points is None else round(float(r.points), 1), "number"),
        Column("result", "结果", lambda r: r.result),
    ),
    filters=(
        Filter("q", "搜索", _people_search, "search"),
        Filter("kind", "类型", lambda s, v: s.where(Need.kind == v), choices=choices(NeedKind)),
        Filter("year", "年份", _year, "year"),
        Filter("month", "月份", _month, "month"),
        Filter("origin", "由谁发起", _origin, choices=choices(Origin)),
        Filter("reply", "答复", lambda s, v: s.where(queries.REPLIED[Reply(v)]), choices=choices(Reply)),
        Filter("session", "服务", _session, choices=choices(SessionStep)),
        Filter("result", "结果", lambda s, v: s.where(queries.with_result(Result(v))), choices=choices(Result)),
    ),
    url=lambda r: url_for("matching.request", request_id=r.HelpRequest.id) if r.opens else "",
    empty_title="没有符合条件的邀请",
    empty_text="请去掉一些筛选条件",
)

REFERRALS = ListSpec(
    name="referrals",
    title="待联系的服务者",
    permission=Permission.NEEDS_HANDLE,
    select=queries.referrals_listed,
    key=Referral.id,
    order=(Referral.state.desc(), Referral.created.desc()),
    columns=(
        Column("person", "服务者", lambda r: r.person.name),
        Column("state", "状态", lambda r: r.state, "state", sort=Referral.state),
        Column("need", "需求", lambda r: r.need.title),
        Column("who", "单位", lambda r: who(r.need)),
        Column("created", "提出时间", lambda r: r.created, "moment", sort=Referral.created),
        Column("resolution", "处理结果", lambda r: r.resolution),
    ),
    filters=(
        Filter("q", "搜索", _referral_search, "search"),
        Filter("state", "状态", lambda s, v: s.where(Referral.state == v), choices=choices(ReferralState)),
    ),
    url=lambda r: url_for("matching.referral", referral_id=r.id),
    empty_title="没有需要联系的服务者",
    empty_text="企业想邀请、但没有账号和联系方式的人会出现在这里",
)
