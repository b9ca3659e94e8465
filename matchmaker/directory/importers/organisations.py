"""Loads a file of organisations: one firm appears once, old names become its history, doubts wait for a person.

Key is the credit code, else the stock code, else the folded full name. Rows of one key are one firm when their names
share a stem; the first row bears the present name.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from matchmaker.activity import services as activity
from matchmaker.core import clock
from matchmaker.core.calendar import parse_day
from matchmaker.core.db import db
from matchmaker.core.errors import DomainError
from matchmaker.core.folding import fold_company, fold_uscc
from matchmaker.core.importing import ImportRun
from matchmaker.core.regions import check_region, contains
from matchmaker.core.tabular import ImportField, MappedRow
from matchmaker.directory import rules
from matchmaker.directory.importers import cells
from matchmaker.directory.importers.grouping import Group, Known, contradicts_itself, grouped, share_one_stem
from matchmaker.directory.models import HeldRecord, Organisation
from matchmaker.directory.rules import OrganisationState
from matchmaker.directory.services import records

FIELDS = (
    ImportField(
        "name", "单位名称", True, ("full_name", "公司全称", "企业名称", "公司名称", "全称", "名称"), cells.text(200)
    ),
    ImportField("uscc", "统一社会信用代码", False, ("信用代码", "社会信用代码", "统一信用代码"), fold_uscc),
    ImportField("stock_code", "证券代码", False, ("股票代码",), cells.stock_code, "证券代码是 4 至 19 位字母或数字"),
    ImportField(
        "exchange", "上市地", False, ("交易所", "上市交易所"), cells.exchange, "请填交易所名称，并检查本行是否错位"
    ),
    ImportField("short_name", "简称", False, ("证券简称", "股票简称", "公司简称"), cells.text(100)),
    ImportField("former_names", "曾用名", False, ("former_name", "原名"), cells.parts),
    ImportField("name_en", "英文名称", False, (), cells.text(200)),
    ImportField("kind", "单位类型", False, ("类型",), cells.kind, "可填：企业、高校、科研院所、投资机构等"),
    ImportField("region", "行政区划代码", False, ("区划代码",), check_region),
    ImportField("legal_representative", "法定代表人", False, ("法人", "法人代表"), cells.text(100)),
    ImportField("registered_address", "注册地址", False, ("住所", "注册地"), cells.text(300)),
    ImportField("working_address", "经营地址", False, ("办公地址", "生产经营地址", "地址"), cells.text(300)),
    ImportField(
        "industry_code",
        "国民经济行业代码",
        False,
        ("行业代码",),
        cells.code("industries"),
        "请填 GB/T 4754 的代码或名称",
    ),
    ImportField("industry_text", "行业", False, ("industry", "所属行业", "申万行业"), cells.text(200)),
    ImportField(
        "fields",
        "高新技术领域",
        False,
        ("技术领域", "领域"),
        cells.codes("high_tech_fields"),
        "请填八大领域的编号或名称",
    ),
    ImportField(
        "key_industries", "重点产业", False, ("产业标签",), cells.codes("key_industries"), "请填重点产业的代码或名称"
    ),
    ImportField("founded", "成立日期", False, ("注册日期", "成立时间", "founded_on"), parse_day),
    ImportField("listed_on", "上市日期", False, ("上市时间",), parse_day),
    ImportField("staff_count", "职工人数", False, ("staff", "从业人数", "员工人数"), cells.whole_number, "请填整数"),
    ImportField("revenue_fen", "营业收入（万元）", False, ("revenue_wan", "上年营业收入（万元）"), cells.wan),
    ImportField("summary", "单位简介", False, ("简介", "主营业务"), cells.text(5000)),
    ImportField("contact_name", "联系人", False, (), cells.text(100)),
    ImportField("contact_phone", "联系电话", False, ("phone", "电话"), cells.phone, "请填电话号码"),
    ImportField("contact_email", "电子邮箱", False, ("email", "邮箱"), cells.email, "请填邮箱地址"),
    ImportField("website", "网址", False, ("网站",), cells.text(200)),
)


def load(run: ImportRun) -> None:
    """Create, update, merge or hold every row of the file."""
    loader = _Loader(run)
    groups = grouped(row for row in run.rows() if loader.usable(row))
    loader.known = Known(groups)
    for group in groups:
        loader.take(group)
    db.session.flush()
    for organisation in loader.created:
        activity.record("directory.imported", subject=organisation, actor=run.actor, source=run.source)


class _Loader:
    """One file being loaded."""

    known: Known

    def __init__(self, run: ImportRun) -> None:
        self.run = run
        self.now: datetime = clock.now()
        self.today = clock.today()
        self.created: list[Organisation] = []

    def usable(self, row: MappedRow) -> bool:
        """Check what decides which firm it is; a wrong code is refused, for it would make a second record of a firm."""
        try:
            if row.values.get("uscc"):
                row.values["uscc"] = rules.check_uscc(row.values["uscc"])
            region = row.values.get("region") or self.run.region
            if not contains(self.run.region, region):
                raise DomainError("区划代码 {code} 不在您负责的区域内", code=region)
        except DomainError as error:
            self.run.refuse(row.line, error)
            return False
        try:
            if row.values.get("founded"):
                rules.check_founded(row.values["founded"], today=self.today)
        except DomainError as error:
            row.values["founded"] = None
            self.run.warn(row.line, error.message, **error.values)
        return True

    def take(self, group: Group) -> None:
        """Decide about the rows of one firm."""
        earlier = self.known.held.get(group.key)
        if earlier is not None and _covers(earlier, group):
            self._repeat(earlier, group)
            return
        self.known.translate(group)
        matches = self.known.match(group)
        reason = contradicts_itself(group) or _contradicts(group, matches)
        if reason is not None:
            self._hold(group, reason, earlier)
        elif not matches:
            self._create(group)
        elif not contains(self.run.region, matches[0].region):
            for row in group.rows:
                self.run.refused(row.line, "该单位登记在其他区域（{code}），请由当地更新", code=matches[0].region)
        else:
            self._update(matches[0], group)

    def _create(self, group: Group) -> None:
        first = group.rows[0]
        organisation = records.new_organisation(
            first.values["name"],
            region=first.values.get("region") or self.run.region,
            state=OrganisationState.UNCLAIMED,
            source=self.run.source,
            now=self.now,
            facts=_facts(group),
        )
        for name in _other_names(group):
            if fold_company(name) != organisation.folded_name:
                records.remember_name(organisation, name, source=self.run.source)
        self.created.append(organisation)
        self.run.created(first.line)
        self._merge_others(group)

    def _merge_others(self, group: Group) -> None:
        for row in group.rows[1:]:
            self.run.merged(
                row.line, "并入第 {line} 行的“{name}”", line=group.rows[0].line, name=group.rows[0].values["name"]
            )

    def _update(self, organisation: Organisation, group: Group) -> None:
        changed = list(records.change(organisation, _facts(group), now=self.now))
        before = organisation.name
        known = records.known_folds(organisation)
        if group.folds[0] not in known:
            records.set_name(organisation, group.names[0], until=None, source=self.run.source, now=self.now)
            changed.append("name")
        for name in _other_names(group):
            if fold_company(name)[:200] not in known | {organisation.folded_name}:
                records.remember_name(organisation, name, source=self.run.source)
                changed.append("former_names")
        if not changed:
            for row in group.rows:
                self.run.unchanged(row.line)
            return
        activity.record(
            "directory.updated", subject=organisation, actor=self.run.actor, fields=sorted(set(changed)), name=before
        )
        titles = {field.key: field.title for field in FIELDS}
        shown = "、".join(dict.fromkeys(titles.get(key, key) for key in changed))
        self.run.updated(group.rows[0].line, "更新了：{fields}", fields=shown)
        self._merge_others(group)

    def _hold(self, group: Group, reason: str, earlier: HeldRecord | None) -> None:
        held = earlier or HeldRecord(key=group.key, kind="organisations", created=self.now, region=self.run.region)
        held.reason, held.resolved, held.resolution = reason, None, None
        held.data = {"source": self.run.source, "rows": [_kept(row) for row in group.rows]}
        db.session.add(held)
        for row in group.rows:
            self.run.held(row.line, reason)

    def _repeat(self, held: HeldRecord, group: Group) -> None:
        """A group that was held before: it still waits, or a person has decided and nothing is changed."""
        for row in group.rows:
            if held.resolved is None:
                self.run.held(row.line, held.reason)
            else:
                self.run.unchanged(row.line, "此前已由人工处理")


def _contradicts(group: Group, matches: list[Organisation]) -> str | None:
    if len(matches) > 1:
        return "对应了多家已登记的单位"
    if not matches:
        return None
    (found,) = matches
    if not group.fits(uscc=found.uscc, stock_code=found.stock_code):
        return "已登记的单位另有不同的代码"
    if not share_one_stem([found.name, *(former.name for former in found.names), *group.names]):
        return "代码已登记在另一个名称下，且名称没有共同的字号"
    return None


def _facts(group: Group) -> dict[str, Any]:
    """What the rows say, the first row first; empty cells say nothing."""
    facts: dict[str, Any] = {}
    for row in group.rows:
        for key in records.FACTS:
            value = row.values.get(key)
            if value not in (None, [], ""):
                facts.setdefault(key, value)
    return facts


def _other_names(group: Group) -> list[str]:
    listed = [name for row in group.rows for name in row.values.get("former_names") or ()]
    return [*group.names[1:], *listed]


def _kept(row: MappedRow) -> dict[str, Any]:
    values = {key: records.plain(value) for key, value in row.values.items() if value not in (None, [], "")}
    return {"line": row.line, "values": values}


def _covers(held: HeldRecord, group: Group) -> bool:
    names: list[Mapping[str, Any]] = [row["values"] for row in held.data["rows"]]
    return set(group.folds) <= {fold_company(values["name"])[:200] for values in names}
