"""The roster lists, described once for page, export and API."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from flask import url_for
from flask_login import current_user

from matchmaker.accounts.rules import Permission
from matchmaker.core import clock, folding
from matchmaker.core.lists import Column, Filter, ListSpec
from matchmaker.directory.models import Person
from matchmaker.directory.rules import HighTechField
from matchmaker.rosters import queries
from matchmaker.rosters.models import Appointment, AppointmentReview
from matchmaker.rosters.rules import AppointmentKind, AppointmentState
from matchmaker.rosters.rules.documents import Grade
from matchmaker.rosters.rules.reviews import Part


def choices(kind: Any) -> Any:
    """All members of an enumeration as (value, label)."""
    return lambda _viewer: [(member.value, member.label) for member in kind]


def _search(statement: sa.Select[Any], text: str) -> sa.Select[Any]:
    folded = folding.fold(text)
    return statement.where(
        sa.or_(
            Person.folded_name.contains(folded, autoescape=True),
            Person.pinyin.startswith(folded, autoescape=True),
            Appointment.document.contains(text, autoescape=True),
        )
    )


def _year(statement: sa.Select[Any], text: str) -> sa.Select[Any]:
    if not (text.isascii() and text.isdigit() and len(text) == 4):
        return statement.where(sa.false())
    return statement.where(sa.extract("year", Appointment.starts) == int(text))


def _field(statement: sa.Select[Any], value: str) -> sa.Select[Any]:
    """People with one of the eight fields; the column is a short JSON list of one-digit codes."""
    return statement.where(sa.cast(Person.fields, sa.String).contains(f'"{value}"', autoescape=True))


def _live(statement: sa.Select[Any], value: str) -> sa.Select[Any]:
    live = queries.live_on(clock.today())
    return statement.where(live if value == "yes" else sa.not_(live))


def _unit(row: Appointment) -> str:
    return row.person.organisation.name if row.person.organisation else row.person.unit_text or ""


APPOINTMENTS = ListSpec(
    name="appointments",
    title="聘任名册",
    permission=Permission.ROSTERS_READ,
    select=queries.listed,
    key=Appointment.id,
    order=(Appointment.starts.desc(),),
    columns=(
        Column("person", "姓名", lambda a: a.person.name, sort=Person.pinyin),
        Column("kind", "类别", lambda a: a.kind, sort=Appointment.kind),
        Column("state", "状态", lambda a: a.state, "state", sort=Appointment.state),
        Column("unit", "单位", _unit),
        Column("document", "文件号", lambda a: a.document, sort=Appointment.document),
        Column("starts", "聘期开始", lambda a: a.starts, "day", sort=Appointment.starts),
        Column("ends", "聘期结束", lambda a: a.ended or a.ends, "day", sort=Appointment.ends),
        Column("phone", "手机", lambda a: queries.phone_for(current_user, a.person), "phone"),
        Column("category", "导师类别", lambda a: a.category, export_only=True),
        Column("carrier", "服务载体", lambda a: a.carrier, export_only=True),
        Column("certificate", "聘书号", lambda a: a.certificate, export_only=True),
    ),
    filters=(
        Filter("q", "搜索", _search, "search"),
        Filter("kind", "类别", lambda s, v: s.where(Appointment.kind == v), choices=choices(AppointmentKind)),
        Filter("live", "今日在聘", _live, choices=lambda _v: [("yes", "在聘"), ("no", "不在聘")]),
        Filter("field", "技术领域", _field, choices=choices(HighTechField)),
        Filter("state", "状态", lambda s, v: s.where(Appointment.state == v), choices=choices(AppointmentState)),
        Filter("year", "聘任年份", _year, "year"),
    ),
    url=lambda a: url_for("rosters.show", appointment_id=a.id),
    empty_title="还没有聘任记录",
    empty_text="从人员页面聘任，或导入名册",
)


def _search_person(statement: sa.Select[Any], text: str) -> sa.Select[Any]:
    folded = folding.fold(text)
    return statement.where(
        sa.or_(Person.folded_name.contains(folded, autoescape=True), Person.pinyin.startswith(folded, autoescape=True))
    )


def _review_year(statement: sa.Select[Any], text: str) -> sa.Select[Any]:
    known = text.isascii() and text.isdigit() and len(text) == 4
    return statement.where(AppointmentReview.year == int(text) if known else sa.false())


def _part(part: Part, key: str) -> Any:
    """What one line of a kept review says."""
    return lambda row: next((Decimal(line[key]) for line in row.lines if line["part"] == part.value), None)


REVIEWS = ListSpec(
    name="appointment_reviews",
    title="年度考核结果",
    permission=Permission.ROSTERS_READ,
    select=queries.reviews_listed,
    key=AppointmentReview.id,
    order=(AppointmentReview.year.desc(), AppointmentReview.id.desc()),
    columns=(
        Column("person", "姓名", lambda r: r.appointment.person.name, sort=Person.pinyin),
        Column("kind", "类别", lambda r: r.kind, sort=AppointmentReview.kind),
        Column("year", "年份", lambda r: str(r.year), sort=AppointmentReview.year),
        Column("service", "服务工作量", _part(Part.SERVICE, "points"), "number"),
        Column("results", "服务成效", _part(Part.RESULTS, "points"), "number"),
        Column("satisfaction", "服务满意度", _part(Part.SATISFACTION, "points"), "number"),
        Column("total", "总分", lambda r: r.total, "number", sort=AppointmentReview.total),
        Column("grade", "等次", lambda r: r.grade, "state", sort=AppointmentReview.grade),
        Column("served", "服务次数", _part(Part.SERVICE, "done"), "number", export_only=True),
        Column("due", "应完成次数", _part(Part.SERVICE, "due"), "number", export_only=True),
        Column("first", "考核期开始", lambda r: r.first, "day", export_only=True),
        Column("last", "考核期结束", lambda r: r.last, "day", export_only=True),
        Column("doc_no", "依据", lambda r: r.doc_no, export_only=True),
        Column("note", "考核意见", lambda r: r.note, export_only=True),
        Column("confirmed_on", "登记日期", lambda r: r.confirmed_on, "day", export_only=True),
    ),
    filters=(
        Filter("q", "搜索", _search_person, "search"),
        Filter("kind", "类别", lambda s, v: s.where(AppointmentReview.kind == v), choices=choices(AppointmentKind)),
        Filter("grade", "等次", lambda s, v: s.where(AppointmentReview.grade == v), choices=choices(Grade)),
        Filter("year", "年份", _review_year, "year"),
    ),
    url=lambda r: url_for("rosters.show", appointment_id=r.appointment_id),
    empty_title="还没有年度考核结果",
    empty_text="在“考核与到期”中逐人登记后出现在这里",
)
