"""The list of scans, described once for page and export."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from flask import url_for
from flask_babel import gettext

from matchmaker.checkin import queries
from matchmaker.checkin.models import Scan
from matchmaker.checkin.rules import Direction, Outcome, ScanSource
from matchmaker.core.i18n import local
from matchmaker.core.lists import Column, Filter, ListSpec
from matchmaker.events.models import Attendee


def _by_result(statement: sa.Select[Any], text: str) -> sa.Select[Any]:
    wanted = {
        Outcome.YES: sa.and_(Scan.accepted, ~Scan.forced, Scan.undone.is_(None)),
        Outcome.NO: ~Scan.accepted,
        Outcome.FORCED: sa.and_(Scan.forced, Scan.undone.is_(None)),
        Outcome.UNDONE: Scan.undone.is_not(None),
    }
    return statement.where(wanted[Outcome(text)])


def _search(statement: sa.Select[Any], text: str) -> sa.Select[Any]:
    return statement.where(
        sa.or_(Attendee.name.icontains(text, autoescape=True), Scan.code.icontains(text, autoescape=True))
    )


def _members(kind: Any) -> Any:
    return lambda _viewer: [(member.value, member.label) for member in kind]


def _reason(scan: Scan) -> str:
    return gettext(scan.reason.label).format(time="…", tags="…")


SCANS = ListSpec(
    name="scans",
    title="签到记录",
    permission=None,
    select=queries.scans_of_event,
    key=Scan.id,
    order=(Scan.moment.desc(),),
    columns=(
        Column("moment", "时间", lambda s: s.moment, "moment", sort=Scan.moment),
        Column("who", "姓名", lambda s: s.attendee.name if s.attendee else s.code, sort=Attendee.name),
        Column("party", "单位或个人", lambda s: s.attendee.registration.who if s.attendee else ""),
        Column("list", "签到名单", lambda s: local(s.list, "name"), sort=Scan.list_id),
        Column("direction", "进出", lambda s: s.direction),
        Column("result", "结果", lambda s: s.outcome, "state", sort=Scan.accepted),
        Column("reason", "说明", _reason),
        Column("gate", "入口", lambda s: local(s.gate, "name") if s.gate else "", sort=Scan.gate_id),
        Column("source", "来源", lambda s: s.source),
        Column("device", "设备", lambda s: s.device or s.actor_name),
        Column("received", "上传时间", lambda s: s.received, "moment", sort=Scan.received, export_only=True),
        Column("phone_moment", "设备显示的时间", lambda s: s.phone_moment, "moment", export_only=True),
        Column("force_reason", "放行理由", lambda s: s.force_reason, export_only=True),
        Column("undone_reason", "撤销理由", lambda s: s.undone_reason, export_only=True),
    ),
    filters=(
        Filter("q", "搜索", _search, "search"),
        Filter("result", "结果", _by_result, choices=_members(Outcome)),
        Filter("direction", "进出", lambda s, v: s.where(Scan.direction == v), choices=_members(Direction)),
        Filter("source", "来源", lambda s, v: s.where(Scan.source == v), choices=_members(ScanSource)),
    ),
    url=lambda s: url_for("checkin.person", attendee_id=s.attendee_id) if s.attendee_id else "",
    empty_title="还没有签到记录",
    empty_text="打开入口页面扫第一个码，记录会出现在这里",
)
