"""Accepted entries that amended entry rules question, as a list."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from flask import url_for
from flask_babel import gettext

from matchmaker.accounts.rules import Permission
from matchmaker.competition.lists import CHECKS
from matchmaker.competition.models import Entry, EntryRecheck
from matchmaker.competition.queries import rechecks
from matchmaker.competition.rules.rechecking import Outcome
from matchmaker.competition.services import checks
from matchmaker.core.lists import Column, Filter, ListSpec


def _questions(row: EntryRecheck) -> str:
    """The checks that do not pass by the rules of now, by name; settled ones no longer stand here."""
    return "、".join(gettext(CHECKS[found["check"]]) for found in checks.open_checks(row.entry))


def _search(statement: sa.Select[Any], text: str) -> sa.Select[Any]:
    return statement.where(
        sa.or_(
            Entry.title.icontains(text, autoescape=True),
            Entry.team_name.icontains(text, autoescape=True),
            Entry.number == text,
        )
    )


RECHECKS = ListSpec(
    name="rechecks",
    title="补充通知后重新核对",
    permission=Permission.CONTESTS_MANAGE,
    select=rechecks.of_contest,
    key=EntryRecheck.id,
    order=(EntryRecheck.decided.is_not(None), EntryRecheck.id),
    columns=(
        Column("title", "项目", lambda r: r.entry.title, sort=Entry.title),
        Column("who", "单位或团队", lambda r: r.entry.who),
        Column("state", "状态", lambda r: r.entry.state, "state"),
        Column("number", "规则版本", lambda r: r.number, "number", sort=EntryRecheck.number),
        Column("questions", "待核实", _questions),
        Column("outcome", "决定", lambda r: r.outcome, "state", sort=EntryRecheck.outcome),
        Column("note", "理由", lambda r: r.note),
        Column("actor", "办理人", lambda r: r.actor.name if r.actor else ""),
        Column("decided", "办理时间", lambda r: r.decided, "moment", sort=EntryRecheck.decided),
        Column("opened", "重新核对时间", lambda r: r.opened, "moment", export_only=True),
    ),
    filters=(
        Filter("q", "搜索", _search, "search"),
        Filter(
            "outcome",
            "决定",
            lambda s, v: s.where(EntryRecheck.outcome == v),
            choices=lambda _viewer: [(each.value, each.label) for each in Outcome],
        ),
    ),
    url=lambda r: url_for("competition.review", entry_id=r.entry_id, _anchor="questioned"),
    empty_title="没有要重新决定的项目",
    empty_text="修改报名规则的补充通知公布以后，已通过审查的项目会按新规则再核对一次",
)
