"""The lists of matching, described once for page, export and API."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from flask import url_for
from flask_babel import gettext

from matchmaker.accounts.rules import Permission
from matchmaker.core import folding
from matchmaker.core.lists import Column, Filter, ListSpec
from matchmaker.directory.models import Organisation, Person
from matchmaker.matching import queries
from matchmaker.matching.models import Need, Referral
from matchmaker.matching.rules import NeedKind, NeedState, ReferralState, Secrecy


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
    if not (text.isascii() and text.isdigit() and len(text) == 4):
        return statement.where(sa.false())
    return statement.where(sa.extract("year", Need.created) == int(text))


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
