"""The lists of the competition, described once for page, export and bulk action."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from flask import url_for
from flask_babel import gettext
from sqlalchemy.orm import selectinload

from matchmaker.accounts.rules import Permission
from matchmaker.competition.models import Contest, ContestGroup, Entry, PriorWin
from matchmaker.competition.queries import contests as contest_queries
from matchmaker.competition.queries import entries as entry_queries
from matchmaker.competition.queries import prior
from matchmaker.competition.rules.eligibility import Group, Level
from matchmaker.competition.rules.states import ContestState, EntryState
from matchmaker.competition.services import checks, entries
from matchmaker.core import folding
from matchmaker.core.i18n import current_locale
from matchmaker.core.lists import BulkAction, Column, Filter, ListSpec
from matchmaker.directory.models import Organisation


def _named(row: Any) -> str:
    """A group or track in the reader's language."""
    return row.title_en if current_locale() == "en" and row.title_en else row.title


def _choices(kind: Any) -> Any:
    return lambda _viewer: [(member.value, member.label) for member in kind]


def _year(statement: sa.Select[Any], text: str) -> sa.Select[Any]:
    return (
        statement.where(Contest.year == int(text))
        if text.isascii() and text.isdigit() and len(text) == 4
        else statement
    )


def _entry_search(statement: sa.Select[Any], text: str) -> sa.Select[Any]:
    firms = sa.select(Organisation.id).where(
        sa.or_(
            Organisation.folded_name.contains(folding.fold(text), autoescape=True),
            Organisation.pinyin.startswith(folding.fold(text), autoescape=True),
        )
    )
    return statement.where(
        sa.or_(
            Entry.title.icontains(text, autoescape=True),
            Entry.team_name.icontains(text, autoescape=True),
            Entry.number == text,
            Entry.organisation_id.in_(firms),
        )
    )


def _in_group(statement: sa.Select[Any], text: str) -> sa.Select[Any]:
    return statement.where(Entry.group_id.in_(sa.select(ContestGroup.id).where(ContestGroup.code == text)))


def _open_questions(entry: Entry) -> str:
    """The checks that are not passed, by name."""
    return "、".join(gettext(CHECKS[row["check"]]) for row in checks.open_checks(entry))


def _team(entry: Entry) -> str:
    """The people with their contacts and answers."""
    parts = ((m.name, m.phone, m.email, gettext(m.state.label)) for m in entry.team)
    return "；".join(" ".join(part for part in each if part) for each in parts)


def _files(entry: Entry) -> str:
    return "；".join(f"{gettext(row.kind.label)} {row.file.name}" for row in entry.files if row.file)


def _settled(entry: Entry) -> str:
    """What people settled, with grounds and names."""
    return "；".join(
        f"{gettext(CHECKS[row.check])} {gettext(row.verdict.label)}：{row.note}（{row.actor.name}）"
        for row in entry.settlements
        if row.check in CHECKS
    )


def _late(statement: sa.Select[Any], text: str) -> sa.Select[Any]:
    return statement.where(Entry.late.is_(text == "yes"))


def _win_search(statement: sa.Select[Any], text: str) -> sa.Select[Any]:
    folded = folding.fold(text)
    return statement.where(
        sa.or_(
            PriorWin.folded_name.contains(folded, autoescape=True),
            PriorWin.folded_project.contains(folded, autoescape=True),
            PriorWin.uscc == folding.fold_uscc(text),
        )
    )


def _win_year(statement: sa.Select[Any], text: str) -> sa.Select[Any]:
    fits = text.isascii() and text.isdigit() and len(text) == 4
    return statement.where(PriorWin.year == int(text)) if fits else statement


CHECKS = {
    "registration": "成立时间",
    "group": "组别",
    "revenue": "营业收入",
    "listing": "上市情况",
    "number": "资质编号",
    "wins": "往届获奖",
    "unregistered": "未注册企业",
    "members": "成员人数",
    "district": "所属区域",
    "ip": "知识产权",
    "record": "信用记录",
    "team": "成员确认",
    "people": "每人项目数",
    "copies": "重复申报",
}

CONTESTS = ListSpec(
    name="contests",
    title="大赛管理",
    permission=Permission.CONTESTS_MANAGE,
    select=lambda viewer, _scope: contest_queries.managed_by(viewer),
    key=Contest.id,
    order=(Contest.year.desc(), Contest.id.desc()),
    columns=(
        Column("title", "大赛", lambda c: c.title, sort=Contest.title),
        Column("year", "年度", lambda c: str(c.year), sort=Contest.year),
        Column("state", "状态", lambda c: c.state, "state", sort=Contest.state),
        Column("deadline", "报名截止", lambda c: c.deadline, "moment", sort=Contest.deadline),
        Column("judging_until", "评审截止", lambda c: c.judging_until, "moment"),
    ),
    filters=(
        Filter("q", "搜索", lambda s, v: s.where(Contest.title.icontains(v, autoescape=True)), "search"),
        Filter("state", "状态", lambda s, v: s.where(Contest.state == v), choices=_choices(ContestState)),
        Filter("year", "年份", _year, "year"),
    ),
    url=lambda c: url_for("competition.manage", contest_id=c.id),
    empty_title="还没有大赛",
    empty_text="先建一个草稿，核对规则后再发布",
)

ENTRIES = ListSpec(
    name="entries",
    title="参赛项目",
    permission=Permission.CONTESTS_MANAGE,
    select=entry_queries.of_contest,
    key=Entry.id,
    order=(Entry.group_id, Entry.submitted),
    columns=(
        Column("title", "项目", lambda e: e.title, sort=Entry.title),
        Column("who", "单位或团队", lambda e: e.who),
        Column("group", "组别", lambda e: _named(e.group)),
        Column("track", "赛道", lambda e: _named(e.track)),
        Column("state", "状态", lambda e: e.state, "state", sort=Entry.state),
        Column("verdict", "资格核对", checks.overall_of, "state"),
        Column("questions", "待核实", _open_questions),
        Column("submitted", "提交时间", lambda e: e.submitted, "moment", sort=Entry.submitted),
        Column("late", "逾期", lambda e: e.late, "flag"),
        Column("number", "编号", lambda e: e.number, export_only=True),
        Column("uscc", "统一社会信用代码", lambda e: e.organisation.uscc if e.organisation else "", export_only=True),
        Column("leader", "项目负责人", lambda e: e.leader, export_only=True),
        Column("phone", "联系电话", lambda e: e.phone, export_only=True),
        Column("email", "邮箱", lambda e: e.email, export_only=True),
        Column("team", "核心成员", _team, export_only=True),
        Column("summary", "项目介绍", lambda e: e.summary, export_only=True),
        Column("revenue", "上年度营业收入", lambda e: e.revenue_fen, "money", export_only=True),
        Column("sme_number", "科技型中小企业入库编号", lambda e: e.sme_number, export_only=True),
        Column("hnte_number", "高新技术企业证书编号", lambda e: e.hnte_number, export_only=True),
        Column("files", "参赛材料", _files, export_only=True),
        Column("versions", "提交次数", lambda e: e.versions, "number", export_only=True),
        Column("settled", "人工核实", _settled, export_only=True),
        Column("note", "审查意见", lambda e: e.review_note, export_only=True),
        Column("reason", "理由", lambda e: e.reason, export_only=True),
    ),
    filters=(
        Filter("q", "搜索", _entry_search, "search"),
        Filter("state", "状态", lambda s, v: s.where(Entry.state == v), choices=_choices(EntryState)),
        Filter("group", "组别", _in_group, choices=_choices(Group)),
        Filter("late", "逾期", _late, choices=lambda _viewer: [("yes", "是"), ("no", "否")]),
    ),
    export_options=(selectinload(Entry.files),),
    url=lambda e: url_for("competition.review", entry_id=e.id),
    bulk=(
        BulkAction(
            "accept",
            "通过审查",
            Permission.CONTESTS_MANAGE,
            "资格核对全部符合的项目将变为“已分组”，报名人会收到通知",
            entries.check_acceptable,
            entries.accept_eligible,
            entries.undo_accept,
        ),
    ),
    empty_title="还没有参赛项目",
    empty_text="项目提交后会出现在这里",
)

PRIOR_WINS = ListSpec(
    name="prior_wins",
    title="往届获奖名单",
    permission=Permission.CONTESTS_MANAGE,
    select=prior.wins_managed_by,
    key=PriorWin.id,
    order=(PriorWin.year.desc(), PriorWin.id),
    columns=(
        Column("name", "获奖单位", lambda w: w.name, sort=PriorWin.name),
        Column("year", "年度", lambda w: str(w.year), sort=PriorWin.year),
        Column("level", "级别", lambda w: w.level, "state", sort=PriorWin.level),
        Column("contest", "大赛名称", lambda w: w.contest),
        Column("group", "组别", lambda w: w.group_code, "state"),
        Column("project", "项目名称", lambda w: w.project),
        Column("prize", "奖项", lambda w: w.prize),
        Column("uscc", "统一社会信用代码", lambda w: w.uscc),
        Column("source", "来源文件", lambda w: w.source, export_only=True),
    ),
    filters=(
        Filter("q", "搜索", _win_search, "search"),
        Filter("level", "级别", lambda s, v: s.where(PriorWin.level == v), choices=_choices(Level)),
        Filter("year", "年份", _win_year, "year"),
    ),
    single=True,
    empty_title="还没有导入往届获奖名单",
    empty_text="导入后，资格审查会自动核对获奖次数和全国赛获奖",
)
