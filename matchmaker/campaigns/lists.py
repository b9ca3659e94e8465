"""The campaigns of an event, and the delivery log of one, described once for page and export."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from flask import url_for
from flask_babel import gettext

from matchmaker.campaigns import queries
from matchmaker.campaigns.models import Campaign
from matchmaker.campaigns.rules import CampaignState, Occasion
from matchmaker.core.lists import Column, Filter, ListSpec
from matchmaker.notifications.models import Message
from matchmaker.notifications.rules import Channel, MessageState


def _choices(kind: Any) -> Any:
    return lambda _viewer: [(member.value, member.label) for member in kind]


def _search_campaign(statement: sa.Select[Any], text: str) -> sa.Select[Any]:
    return statement.where(
        sa.or_(Campaign.name.icontains(text, autoescape=True), Campaign.subject.icontains(text, autoescape=True))
    )


def _search_log(statement: sa.Select[Any], text: str) -> sa.Select[Any]:
    address = Message.address.contains(text.strip().lower(), autoescape=True)
    return statement.where(sa.or_(address, Message.to_name.contains(text.strip(), autoescape=True)))


CAMPAIGNS = ListSpec(
    name="campaigns",
    title="活动消息",
    permission=None,
    select=queries.of_event,
    key=Campaign.id,
    order=(Campaign.id.desc(),),
    columns=(
        Column("name", "消息名称", lambda c: c.name, sort=Campaign.name, hint=lambda c: c.subject),
        Column("state", "状态", lambda c: c.state, "state", sort=Campaign.state),
        Column("occasion", "用途", lambda c: c.occasion),
        Column("planned", "计划时间", lambda c: c.planned_for, "moment"),
        Column("queued", "已交付发送", lambda c: c.queued, "number", sort=Campaign.queued),
        Column("unreachable", "无法送达", lambda c: c.unreachable, "number", sort=Campaign.unreachable),
        Column("finished", "完成时间", lambda c: c.finished, "moment", sort=Campaign.finished),
        Column("created_by", "撰写人", lambda c: c.created_by.name if c.created_by else None, export_only=True),
    ),
    filters=(
        Filter("q", "搜索", _search_campaign, "search"),
        Filter("state", "状态", lambda s, v: s.where(Campaign.state == v), choices=_choices(CampaignState)),
        Filter("occasion", "用途", lambda s, v: s.where(Campaign.occasion == v), choices=_choices(Occasion)),
    ),
    url=lambda c: url_for("campaigns.show", campaign_id=c.id),
    empty_title="还没有发过消息",
    empty_text="从一段现成文本开始，预览后再发送",
)

LOG = ListSpec(
    name="campaign_log",
    title="发送记录",
    permission=None,
    select=queries.log_of,
    key=Message.id,
    order=(Message.id,),
    columns=(
        Column("name", "收件人", lambda m: m.to_name or "—", sort=Message.to_name),
        Column("address", "收件地址", lambda m: m.address or "—", sort=Message.address),
        Column("channel", "渠道", lambda m: m.channel, sort=Message.channel),
        Column("state", "状态", lambda m: m.state, "state", sort=Message.state),
        Column("sent", "发送时间", lambda m: m.sent, "moment", sort=Message.sent),
        Column("attempts", "次数", lambda m: m.attempts, "number"),
        Column("error", "原因", lambda m: gettext(m.error) if m.error else None),
        Column("subject", "标题", lambda m: m.subject, export_only=True),
    ),
    filters=(
        Filter("q", "搜索", _search_log, "search"),
        Filter("channel", "渠道", lambda s, v: s.where(Message.channel == v), choices=_choices(Channel)),
        Filter("state", "状态", lambda s, v: s.where(Message.state == v), choices=_choices(MessageState)),
    ),
    empty_title="还没有发送记录",
)
