"""The lists of the directory, described once for page, export and bulk action."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from flask import url_for
from flask_babel import gettext

from matchmaker.accounts.rules import Permission
from matchmaker.core.lists import BulkAction, Column, Filter, ListSpec
from matchmaker.directory import queries, taxonomy
from matchmaker.directory.models import HeldRecord, Organisation, Person
from matchmaker.directory.rules import HeldResolution, HighTechField, OrganisationKind, OrganisationState
from matchmaker.directory.services import organisations


def choices(kind: Any) -> Any:
    """All members of an enumeration as (value, label)."""
    return lambda _viewer: [(member.value, member.label) for member in kind]


def _names(table: str, codes: list[str]) -> str:
    known = taxonomy.names(table)
    return "、".join(gettext(known.get(code, code)) for code in codes or ())


def _year(statement: sa.Select[Any], text: str) -> sa.Select[Any]:
    if not (text.isascii() and text.isdigit() and len(text) == 4 and int(text) > 0):
        return statement
    return statement.where(queries.founded_in(int(text)))


def _without_code(statement: sa.Select[Any], _text: str) -> sa.Select[Any]:
    return statement.where(Organisation.uscc.is_(None))


def _held_state(statement: sa.Select[Any], text: str) -> sa.Select[Any]:
    return statement.where(HeldRecord.resolved.is_(None) if text == "waiting" else HeldRecord.resolved.is_not(None))


ORGANISATIONS = ListSpec(
    name="organisations",
    title="单位",
    permission=Permission.DIRECTORY_READ,
    select=lambda viewer, _scope: queries.visible_to(viewer),
    key=Organisation.id,
    order=(Organisation.name,),
    columns=(
        Column("name", "单位名称", lambda o: o.name, sort=Organisation.name),
        Column("state", "状态", lambda o: o.state, "state", sort=Organisation.state),
        Column("kind", "类型", lambda o: o.kind, sort=Organisation.kind),
        Column("uscc", "统一社会信用代码", lambda o: o.uscc or gettext("待补"), "code", sort=Organisation.uscc),
        Column("key_industries", "重点产业", lambda o: _names("key_industries", o.key_industries)),
        Column("founded", "成立日期", lambda o: o.founded, "day", sort=Organisation.founded),
        Column("working_address", "经营地址", lambda o: o.working_address),
        Column("short_name", "简称", lambda o: o.short_name, export_only=True),
        Column("stock_code", "证券代码", lambda o: o.stock_code, export_only=True),
        Column("fields", "高新技术领域", lambda o: _names("high_tech_fields", o.fields), export_only=True),
        Column("industry", "行业", lambda o: o.industry_code or o.industry_text, export_only=True),
        Column("legal", "法定代表人", lambda o: o.legal_representative, export_only=True),
        Column("registered_address", "注册地址", lambda o: o.registered_address, export_only=True),
        Column("staff", "职工人数", lambda o: o.staff_count, "number", export_only=True),
        Column("contact_name", "联系人", lambda o: o.contact_name, export_only=True),
        Column("contact_phone", "联系电话", lambda o: o.contact_phone, export_only=True),
        Column("region", "行政区划代码", lambda o: o.region, export_only=True),
    ),
    filters=(
        Filter("q", "代码、新旧名称、拼音首字母", lambda s, v: s.where(queries.matches(v)), "search"),
        Filter("kind", "类型", lambda s, v: s.where(Organisation.kind == v), choices=choices(OrganisationKind)),
        Filter("state", "状态", lambda s, v: s.where(Organisation.state == v), choices=choices(OrganisationState)),
        Filter(
            "industry",
            "重点产业",
            lambda s, v: s.where(queries.has_code(Organisation.key_industries, v)),
            choices=lambda _viewer: list(taxonomy.names("key_industries").items()),
        ),
        Filter(
            "field",
            "高新技术领域",
            lambda s, v: s.where(queries.has_code(Organisation.fields, v)),
            choices=choices(HighTechField),
        ),
        Filter("year", "成立年份", _year, "year"),
        Filter("nocode", "代码待补", _without_code, "flag"),
    ),
    url=lambda o: url_for("directory.show", organisation_id=o.id),
    bulk=(
        BulkAction(
            "confirm",
            "通过核验",
            Permission.DIRECTORY_EDIT,
            "单位将变为“有效”",
            organisations.check_confirmable,
            organisations.confirm,
            organisations.undo_confirm,
        ),
    ),
    empty_title="没有符合条件的单位",
    empty_text="换个条件再找，或新建、导入单位",
)

PEOPLE = ListSpec(
    name="people",
    title="人员",
    permission=Permission.DIRECTORY_READ,
    select=lambda viewer, _scope: queries.people_visible_to(viewer),
    key=Person.id,
    order=(Person.name,),
    columns=(
        Column("name", "姓名", lambda p: p.name, sort=Person.name),
        Column("unit", "所在单位", lambda p: p.organisation.name if p.organisation else p.unit_text),
        Column("title", "职称", lambda p: p.title),
        Column("discipline", "学科", lambda p: p.discipline, sort=Person.discipline),
        Column("fields", "高新技术领域", lambda p: _names("high_tech_fields", p.fields)),
        Column("reachable", "可联系", lambda p: p.reachable, "flag"),
        Column("sample", "样例资料", lambda p: p.sample, "flag"),
        Column("region", "行政区划代码", lambda p: p.region, export_only=True),
    ),
    filters=(
        Filter("q", "姓名、单位、学科、拼音首字母", lambda s, v: s.where(queries.person_matches(v)), "search"),
        Filter(
            "field",
            "高新技术领域",
            lambda s, v: s.where(queries.has_code(Person.fields, v)),
            choices=choices(HighTechField),
        ),
        Filter("sample", "只看样例资料", lambda s, _v: s.where(Person.sample.is_(True)), "flag"),
        Filter("real", "不含样例资料", lambda s, _v: s.where(Person.sample.is_(False)), "flag"),
    ),
    url=lambda p: url_for("directory.person", person_id=p.id),
    empty_title="没有符合条件的人员",
    empty_text="换个条件再找，或导入人员名单",
)

HELD = ListSpec(
    name="held",
    title="待核记录",
    permission=Permission.DIRECTORY_EDIT,
    select=lambda viewer, _scope: queries.held(viewer),
    key=HeldRecord.id,
    order=(HeldRecord.resolved.desc().nulls_first(), HeldRecord.created),
    columns=(
        Column("names", "涉及的名称", lambda h: "、".join(row["values"]["name"] for row in h.data["rows"][:4])),
        Column("reason", "为什么要核对", lambda h: gettext(h.reason)),
        Column("rows", "行数", lambda h: len(h.data["rows"]), "number"),
        Column("source", "文件", lambda h: h.data.get("source")),
        Column("created", "搁置时间", lambda h: h.created, "moment", sort=HeldRecord.created),
        Column("resolution", "处理", lambda h: HeldResolution(h.resolution) if h.resolution else None),
    ),
    filters=(
        Filter(
            "state",
            "状态",
            _held_state,
            choices=lambda _viewer: [("waiting", "待处理"), ("resolved", "已处理")],
        ),
    ),
    url=lambda h: url_for("directory.held_record", held_id=h.id),
    empty_title="没有待核的记录",
    empty_text="导入时拿不准的行会在这里等人决定",
)
