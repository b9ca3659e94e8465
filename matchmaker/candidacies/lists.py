"""The list of candidacies, described once for page, export and API."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from flask import url_for

from matchmaker.accounts.rules import Permission
from matchmaker.candidacies import queries
from matchmaker.candidacies.models import Candidacy
from matchmaker.candidacies.rules import CANDIDATE_KINDS, OPEN
from matchmaker.core import folding
from matchmaker.core.lists import Column, Filter, ListSpec
from matchmaker.directory.models import Person
from matchmaker.rosters.rules import AppointmentState


def _search(statement: sa.Select[Any], text: str) -> sa.Select[Any]:
    folded = folding.fold(text)
    return statement.where(
        sa.or_(
            Person.folded_name.contains(folded, autoescape=True),
            Person.pinyin.startswith(folded, autoescape=True),
            Candidacy.statement.contains(text, autoescape=True),
        )
    )


def _unit(row: Candidacy) -> str:
    return row.person.organisation.name if row.person.organisation else row.person.unit_text or ""


CANDIDACIES = ListSpec(
    name="candidacies",
    title="聘任申报",
    permission=Permission.ROSTERS_READ,
    select=queries.listed,
    key=Candidacy.id,
    order=(Candidacy.id.desc(),),
    columns=(
        Column("person", "姓名", lambda r: r.person.name, sort=Person.pinyin),
        Column("kind", "类别", lambda r: r.kind, sort=Candidacy.kind),
        Column("state", "状态", lambda r: r.state, "state", sort=Candidacy.state),
        Column("unit", "单位", _unit),
        Column("recommender", "推荐单位", lambda r: r.recommender.name if r.recommender else ""),
        Column("host", "受援企业", lambda r: r.host.name if r.host else ""),
        Column("created", "提交时间", lambda r: r.created, "moment", sort=Candidacy.created),
        Column("statement", "能提供什么帮助", lambda r: r.statement, export_only=True),
    ),
    filters=(
        Filter("q", "搜索", _search, "search"),
        Filter(
            "kind",
            "类别",
            lambda s, v: s.where(Candidacy.kind == v),
            choices=lambda _v: [(k.value, k.label) for k in CANDIDATE_KINDS],
        ),
        Filter(
            "open",
            "办理",
            lambda s, v: s.where(Candidacy.state.in_(OPEN) if v == "yes" else Candidacy.state.not_in(OPEN)),
            choices=lambda _v: [("yes", "办理中"), ("no", "已办结")],
        ),
        Filter(
            "state",
            "状态",
            lambda s, v: s.where(Candidacy.state == v),
            choices=lambda _v: [(state.value, state.label) for state in AppointmentState],
        ),
    ),
    url=lambda r: url_for("candidacies.show", candidacy_id=r.id),
    empty_title="还没有聘任申报",
    empty_text="本人可以申报，单位和载体可以推荐；提交后出现在这里",
)
