"""The lists of publicity. None of their columns, filters or exports knows who objected."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from flask import url_for

from matchmaker.core import clock
from matchmaker.core.lists import Column, Filter, ListSpec
from matchmaker.publicity import queries
from matchmaker.publicity.models import Certificate, Decision, Notice, Objection
from matchmaker.publicity.rules import CertificateState, DecisionState, NoticeState, ObjectionState


def choices(kind: Any) -> Any:
    """All members of an enumeration as (value, label)."""
    return lambda _viewer: [(member.value, member.label) for member in kind]


def _by_state(statement: sa.Select[Any], text: str) -> sa.Select[Any]:
    """The state as it is today: a period that is over is over, whatever the row says."""
    today = clock.today()
    if text == NoticeState.EXPIRED:
        return statement.where(Notice.state == NoticeState.PUBLISHED, Notice.ends < today)
    if text == NoticeState.PUBLISHED:
        return statement.where(Notice.state == NoticeState.PUBLISHED, Notice.ends >= today)
    return statement.where(Notice.state == text)


def _year(column: Any) -> Any:
    def apply(statement: sa.Select[Any], text: str) -> sa.Select[Any]:
        if not (text.isascii() and text.isdigit() and len(text) == 4):
            return statement
        return statement.where(sa.extract("year", column) == int(text))

    return apply


def _contains(*columns: Any) -> Any:
    return lambda statement, text: statement.where(sa.or_(*(c.icontains(text, autoescape=True) for c in columns)))


_NOTICE_COLUMNS = (
    Column("title", "标题", lambda n: n.title, sort=Notice.title),
    Column("number", "编号", lambda n: n.number, sort=Notice.number),
    Column("state", "状态", lambda n: n.state_at(clock.now()), "state"),
    Column("starts", "起始日", lambda n: n.starts, "day", sort=Notice.starts),
    Column("ends", "截止日", lambda n: n.ends, "day", sort=Notice.ends),
    Column("working_days", "工作日", lambda n: n.working_days, "number", sort=Notice.working_days),
    Column("items", "名单行数", lambda n: len(n.items), "number"),
)
_SEARCH = Filter("q", "搜索", _contains(Notice.title, Notice.number), "search")
_YEAR = Filter("year", "年份", _year(Notice.starts), "year")

PUBLIC_NOTICES = ListSpec(
    name="public_notices",
    title="公示",
    permission=None,
    select=lambda _viewer, _scope: queries.published(),
    key=Notice.id,
    order=(Notice.ends.desc(),),
    columns=_NOTICE_COLUMNS,
    filters=(
        _SEARCH,
        Filter("state", "状态", _by_state, choices=choices([s for s in NoticeState if s is not NoticeState.DRAFT])),
        _YEAR,
    ),
    url=lambda n: url_for("publicity.show", notice_id=n.id),
    empty_title="还没有公示",
    empty_text="新的公示会出现在这里",
)

NOTICES = ListSpec(
    name="notices",
    title="公示管理",
    permission=None,  # the rows are limited to the viewer's regions; two permissions lead here
    select=lambda viewer, _scope: queries.managed_by(viewer),
    key=Notice.id,
    order=(Notice.updated.desc(),),
    columns=(*_NOTICE_COLUMNS, Column("owner", "经办人", lambda n: n.owner.name)),
    filters=(_SEARCH, Filter("state", "状态", _by_state, choices=choices(NoticeState)), _YEAR),
    url=lambda n: url_for("publicity.manage", notice_id=n.id),
    empty_title="还没有公示",
    empty_text="先建一个草稿，核对后再发布",
)

OBJECTIONS = ListSpec(
    name="objections",
    title="异议办理",
    permission="publicity:objection:handle",
    select=lambda viewer, _scope: queries.objections_handled_by(viewer),
    key=Objection.id,
    order=(Objection.created.desc(),),
    columns=(
        Column("notice", "公示", lambda o: o.notice.title),
        Column("item", "针对", lambda o: o.item),
        Column("state", "状态", lambda o: o.state, "state", sort=Objection.state),
        Column("created", "收到时间", lambda o: o.created, "moment", sort=Objection.created),
        Column("decided", "办结时间", lambda o: o.decided, "moment", sort=Objection.decided),
    ),
    filters=(
        Filter("q", "搜索", _contains(Notice.title), "search"),
        Filter("state", "状态", lambda s, v: s.where(Objection.state == v), choices=choices(ObjectionState)),
        Filter("year", "年份", _year(Objection.created), "year"),
    ),
    url=lambda o: url_for("publicity.objection", objection_id=o.id),
    empty_title="没有异议",
    empty_text="公示期内收到的异议会出现在这里",
)

DECISIONS = ListSpec(
    name="decisions",
    title="双人复核",
    permission=None,
    select=lambda viewer, _scope: queries.decisions_visible_to(viewer),
    key=Decision.id,
    order=(sa.case((Decision.state == DecisionState.PROPOSED, 0), else_=1), Decision.proposed.desc()),
    columns=(
        Column("title", "事项", lambda d: d.title, sort=Decision.title),
        Column("state", "状态", lambda d: d.state, "state", sort=Decision.state),
        Column("proposed_by", "提请人", lambda d: d.proposed_by.name),
        Column("proposed", "提请时间", lambda d: d.proposed, "moment", sort=Decision.proposed),
        Column("confirmed_by", "复核人", lambda d: d.confirmed_by.name if d.confirmed_by else None),
        Column("confirmed", "复核时间", lambda d: d.confirmed, "moment", sort=Decision.confirmed),
    ),
    filters=(
        Filter("q", "搜索", _contains(Decision.title), "search"),
        Filter("state", "状态", lambda s, v: s.where(Decision.state == v), choices=choices(DecisionState)),
        Filter("year", "年份", _year(Decision.proposed), "year"),
    ),
    url=lambda d: url_for("publicity.decision", decision_id=d.id),
    empty_title="没有需要复核的事项",
    empty_text="同事提请的决定会出现在这里",
)


def _certificate_state(statement: sa.Select[Any], text: str) -> sa.Select[Any]:
    over = sa.and_(Certificate.revoked_on.is_not(None), Certificate.revoked_on <= clock.today())
    if text == CertificateState.VALID:
        return statement.where(sa.not_(over))
    documented = Certificate.revoked_document.is_not(None)
    return statement.where(over, documented if text == CertificateState.REVOKED else sa.not_(documented))


CERTIFICATES = ListSpec(
    name="certificates",
    title="证书管理",
    permission=None,
    select=lambda viewer, _scope: queries.certificates_managed_by(viewer),
    key=Certificate.id,
    order=(Certificate.created.desc(),),
    columns=(
        Column("number", "证书编号", lambda c: c.number, sort=Certificate.number),
        Column("title", "名称", lambda c: c.title),
        Column("holder", "持有人", lambda c: c.holder, sort=Certificate.holder),
        Column("award", "奖项", lambda c: c.award),
        Column("state", "状态", lambda c: c.state, "state"),
        Column("issued_on", "发证日期", lambda c: c.issued_on, "day", sort=Certificate.issued_on),
    ),
    filters=(
        Filter("q", "搜索", _contains(Certificate.holder, Certificate.number, Certificate.award), "search"),
        Filter("state", "状态", _certificate_state, choices=choices(CertificateState)),
        Filter("year", "年份", _year(Certificate.issued_on), "year"),
    ),
    url=lambda c: url_for("publicity.manage_certificate", certificate_id=c.id),
    empty_title="还没有证书",
    empty_text="结果经双人复核后制发的证书会出现在这里",
)
