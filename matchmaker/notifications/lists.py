"""The delivery log and the stopped addresses, described once for page and export."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from flask import url_for
from flask_babel import gettext

from matchmaker.accounts.rules import Permission
from matchmaker.core.lists import Column, Filter, ListSpec
from matchmaker.notifications import queries
from matchmaker.notifications.models import Message, Suppression
from matchmaker.notifications.rules import Channel, MessageState, Source


def _choices(kind: Any) -> Any:
    return lambda _viewer: [(member.value, member.label) for member in kind]


def _search_log(statement: sa.Select[Any], text: str) -> sa.Select[Any]:
    words = text.strip().lower()
    return statement.where(
        sa.or_(
            Message.address.contains(words, autoescape=True),
            Message.to_name.contains(text, autoescape=True),
            Message.batch == words,
        )
    )


DELIVERIES = ListSpec(
    name="deliveries",
    title="发送记录",
    permission=Permission.ACCOUNTS_MANAGE,
    select=queries.log_of,
    key=Message.id,
    order=(Message.id.desc(),),
    columns=(
        Column("address", "收件地址", lambda m: m.address or "—", sort=Message.address, hint=lambda m: m.to_name),
        Column("subject", "标题", lambda m: m.subject),
        Column("channel", "渠道", lambda m: m.channel, sort=Message.channel),
        Column("state", "状态", lambda m: m.state, "state", sort=Message.state),
        Column("due", "计划时间", lambda m: m.due, "moment", sort=Message.due),
        Column("sent", "发送时间", lambda m: m.sent, "moment", sort=Message.sent),
        Column("attempts", "次数", lambda m: m.attempts, "number"),
        Column("error", "原因", lambda m: gettext(m.error) if m.error else None),
        Column("batch", "批次", lambda m: m.batch, export_only=True),
    ),
    filters=(
        Filter("q", "搜索", _search_log, "search"),
        Filter("channel", "渠道", lambda s, v: s.where(Message.channel == v), choices=_choices(Channel)),
        Filter("state", "状态", lambda s, v: s.where(Message.state == v), choices=_choices(MessageState)),
    ),
    empty_title="还没有发送记录",
)


def _search_address(statement: sa.Select[Any], text: str) -> sa.Select[Any]:
    return statement.where(Suppression.address.contains(text.strip().lower(), autoescape=True))


def _standing(statement: sa.Select[Any], value: str) -> sa.Select[Any]:
    return statement.where(Suppression.lifted.is_(None) if value == "yes" else Suppression.lifted.is_not(None))


SUPPRESSIONS = ListSpec(
    name="suppressions",
    title="停发地址",
    permission=Permission.ACCOUNTS_MANAGE,
    select=queries.suppressions_visible_to,
    key=Suppression.id,
    order=(Suppression.lifted.is_not(None), Suppression.since.desc()),
    columns=(
        Column("address", "收件地址", lambda s: s.address, sort=Suppression.address),
        Column("channel", "渠道", lambda s: s.channel, sort=Suppression.channel),
        Column("source", "来源", lambda s: s.source, sort=Suppression.source),
        Column("reason", "原因", lambda s: s.reason),
        Column("since", "停发时间", lambda s: s.since, "moment", sort=Suppression.since),
        Column("lifted", "恢复时间", lambda s: s.lifted, "moment", sort=Suppression.lifted),
        Column("lift_reason", "恢复理由", lambda s: s.lift_reason, export_only=True),
    ),
    filters=(
        Filter("q", "搜索", _search_address, "search"),
        Filter("standing", "仍在停发", _standing, choices=lambda _v: [("yes", "是"), ("no", "否")]),
        Filter("source", "来源", lambda s, v: s.where(Suppression.source == v), choices=_choices(Source)),
    ),
    url=lambda s: url_for("notifications.suppression", suppression_id=s.id),
    empty_title="没有停发的地址",
    empty_text="地址无效或一个月内三次收不到时，系统停止向它发送",
)
