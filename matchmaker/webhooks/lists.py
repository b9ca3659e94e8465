"""The lists of webhooks and of their deliveries."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from flask import url_for
from flask_babel import gettext

from matchmaker.core.feature import activity_title
from matchmaker.core.lists import Column, Filter, ListSpec
from matchmaker.webhooks import queries
from matchmaker.webhooks.models import Delivery, Webhook
from matchmaker.webhooks.rules import DeliveryState

WEBHOOKS = ListSpec(
    name="webhooks",
    title="数据推送",
    permission=None,
    select=queries.visible_to,
    key=Webhook.id,
    order=(Webhook.id.desc(),),
    columns=(
        Column("name", "名称", lambda w: w.name, sort=Webhook.name),
        Column("url", "接收网址", lambda w: w.url, sort=Webhook.url),
        Column("active", "启用中", lambda w: w.active, "flag", sort=Webhook.active),
        Column("failures", "连续失败", lambda w: w.failures, "number", sort=Webhook.failures),
        Column("last_success", "最近成功", lambda w: w.last_success, "moment", sort=Webhook.last_success),
        Column("owner", "负责人", lambda w: w.owner.name),
    ),
    filters=(
        Filter(
            "active",
            "启用中",
            lambda s, v: s.where(Webhook.active.is_(v == "yes")),
            choices=lambda _v: [("yes", "是"), ("no", "否")],
        ),
    ),
    url=lambda w: url_for("webhooks.show", webhook_id=w.id),
    empty_title="还没有数据推送",
    empty_text="设置后，活动里发生的事会自动告诉贵单位的其他系统",
)


def _kind(statement: sa.Select[Any], text: str) -> sa.Select[Any]:
    return statement.where(Delivery.kind.startswith(text.strip(), autoescape=True))


DELIVERIES = ListSpec(
    name="webhook_deliveries",
    title="推送记录",
    permission=None,
    select=queries.deliveries_visible_to,
    key=Delivery.id,
    order=(Delivery.id.desc(),),
    columns=(
        Column("id", "编号", lambda d: str(d.id), sort=Delivery.id),
        Column("kind", "操作", lambda d: gettext(activity_title(d.kind)), sort=Delivery.kind),
        Column("code", "代码", lambda d: d.kind, export_only=True),
        Column("state", "状态", lambda d: d.state, "state", sort=Delivery.state),
        Column("created", "发生时间", lambda d: d.created, "moment", sort=Delivery.created),
        Column("attempts", "次数", lambda d: d.attempts, "number", sort=Delivery.attempts),
        Column("status", "答复", lambda d: str(d.status_code) if d.status_code else None, sort=Delivery.status_code),
        Column("delivered", "送达时间", lambda d: d.delivered, "moment", export_only=True),
    ),
    filters=(
        Filter("q", "搜索", _kind, "search"),
        Filter(
            "state",
            "状态",
            lambda s, v: s.where(Delivery.state == v),
            choices=lambda _v: [(state.value, state.label) for state in DeliveryState],
        ),
    ),
    url=lambda d: url_for("webhooks.delivery", webhook_id=d.webhook_id, delivery_id=d.id),
    empty_title="还没有推送记录",
)
