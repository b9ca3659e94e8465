"""The activity log of events in plain words: what was, what became of it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext

from matchmaker.core import i18n
from matchmaker.core.feature import activity_title
from matchmaker.events.rules import EventDuty, EventKind, RegistrationState, WaitingPolicy

WORDS: tuple[Any, ...] = (RegistrationState, EventDuty, EventKind, WaitingPolicy)
LONG = {"description", "description_en", "summary", "summary_en"}


def entries(rows: Iterable[Any], event: Any) -> list[dict[str, Any]]:
    """The rows as a timeline shows them."""
    return [
        {"when": row.moment, "who": row.actor_name, "what": _(activity_title(row.kind)), "detail": detail(row.data)}
        for row in rows
    ]


def detail(data: dict[str, Any]) -> str:
    """What was, what is, and why, in one line."""
    said = [*_subject(data), *_change(data.get("before"), data.get("after"))]
    if data.get("reason"):
        said.append(_("理由：%(reason)s", reason=data["reason"]))
    return "；".join(part for part in said if part)


def _subject(data: dict[str, Any]) -> list[str]:
    found = [str(data[key]) for key in ("group", "pool", "tag", "name") if data.get(key)]
    if data.get("duty"):
        found.append(_shown(data["duty"]))
    if data.get("field"):
        found.append(_name(data["field"]))
    if data.get("by"):
        found.append(ngettext("增加 %(n)d 个名额", "增加 %(n)d 个名额", data["by"], n=data["by"]))
    return found


def _change(before: Any, after: Any) -> list[str]:
    if isinstance(before, dict) or isinstance(after, dict):
        was, now = (part if isinstance(part, dict) else {} for part in (before, after))
        keys = [key for key in dict.fromkeys([*was, *now]) if was.get(key) != now.get(key)]
        return [
            _name(key) if key in LONG else f"{_name(key)} {_shown(was.get(key))} → {_shown(now.get(key))}"
            for key in keys
        ]
    if before is None and after is None:
        return []
    if before is None or after is None:
        return [_shown(after or before)]
    return [f"{_shown(before)} → {_shown(after)}"]


def _name(key: str) -> str:
    return _names().get(key, key)


def _names() -> dict[str, str]:
    return {
        "kind": _("活动类型"),
        "title": _("活动名称"),
        "title_en": _("英文名称"),
        "summary": _("一句话介绍"),
        "summary_en": _("英文介绍"),
        "description": _("活动详情"),
        "description_en": _("英文详情"),
        "venue": _("地点"),
        "venue_en": _("英文地点"),
        "address": _("详细地址"),
        "address_en": _("英文地址"),
        "starts": _("开始时间"),
        "ends": _("结束时间"),
        "deadline": _("报名截止"),
        "needs_approval": _("报名需要审核"),
        "contact": _("联系人与电话"),
        "listed": _("公开列表中显示"),
        "waiting_policy": _("满员后的候补"),
        "offer_hours": _("候补邀约保留"),
        "capacity": _("名额"),
        "party": _("人数"),
        "state": _("状态"),
        "note": _("备注"),
        "name": _("名称"),
        "organisation_name": _("单位名称（手填）"),
    }


def _shown(value: Any) -> str:
    if value is None or value == "":
        return "—"
    if isinstance(value, bool):
        return _("是") if value else _("否")
    if isinstance(value, str):
        for kind in WORDS:
            if value in set(kind):
                return _(kind(value).label)
        return _moment(value)
    return str(value)


def _moment(text: str) -> str:
    if len(text) < 19 or text[4:5] != "-":
        return text
    try:
        return i18n.moment(datetime.fromisoformat(text))
    except (ValueError, TypeError):
        return text
