"""The list of snapshots."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from flask import url_for

from matchmaker.accounts.rules import Permission
from matchmaker.core.lists import Column, Filter, ListSpec
from matchmaker.monitoring.models import Snapshot
from matchmaker.monitoring.queries import plans
from matchmaker.monitoring.rules import SnapshotState


def _year(statement: sa.Select[Any], text: str) -> sa.Select[Any]:
    if not (text.isascii() and text.isdigit() and len(text) == 4):
        return statement
    return statement.where(sa.extract("year", Snapshot.day) == int(text))


SNAPSHOTS = ListSpec(
    name="snapshots",
    title="指标快照",
    permission=Permission.TARGETS_READ,
    select=plans.snapshots,
    key=Snapshot.id,
    order=(Snapshot.day.desc(), Snapshot.edition.desc()),
    columns=(
        Column("day", "数据日期", lambda s: s.day, "day", sort=Snapshot.day),
        Column("edition", "版次", lambda s: s.edition, "number"),
        Column("state", "状态", lambda s: s.state, "state", sort=Snapshot.state),
        Column("note", "说明", lambda s: s.note),
        Column("taken", "采集时间", lambda s: s.taken, "moment", sort=Snapshot.taken),
        Column("taken_by", "采集人", lambda s: s.taken_by.name if s.taken_by else "系统"),
        Column("locked_by", "锁定人", lambda s: s.locked_by.name if s.locked_by else None),
        Column("reason", "更正原因", lambda s: s.reason, export_only=True),
    ),
    filters=(
        Filter(
            "state",
            "状态",
            lambda s, v: s.where(Snapshot.state == v),
            choices=lambda _viewer: [(m.value, m.label) for m in SnapshotState],
        ),
        Filter("year", "年份", _year, "year"),
    ),
    url=lambda s: url_for("monitoring.snapshot", snapshot_id=s.id),
    empty_title="还没有快照",
    empty_text="每月初自动保存上月末的数字，也可以随时手动保存",
)
