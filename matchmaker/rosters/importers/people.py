"""Rosters from files: mentors and envoys, one appointment a row, found again by key, phone or name and unit."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from typing import Any

import sqlalchemy as sa

from matchmaker.core import calendar, clock, folding, money
from matchmaker.core.db import db
from matchmaker.core.errors import DomainError
from matchmaker.core.importing import ImportRun
from matchmaker.core.tabular import ImportField, MappedRow
from matchmaker.directory.models import Organisation, Person
from matchmaker.directory.rules import HighTechField
from matchmaker.rosters import queries, rules
from matchmaker.rosters.models import Appointment
from matchmaker.rosters.rules import AppointmentKind, InvestmentStage, MentorCategory
from matchmaker.rosters.services import appointments, profiles

SOURCE = "roster import"
PARTS = re.compile(r"[;；、,，|/\n]+")
LONGEST = {"name": 60, "unit": 200, "title": 100, "document": 200, "carrier": 200, "certificate": 100, "key": 60}


def text(value: Any) -> str:
    """A cell as clean text."""
    return folding.clean_text(str(value))


def mobile(value: Any) -> str:
    """A phone number of 7 to 12 digits."""
    number = (
        folding.digits(str(value)).removeprefix("86") if str(value).startswith("+86") else folding.digits(str(value))
    )
    if not 7 <= len(number) <= 12:
        raise DomainError("电话应为 7 到 12 位数字")
    return number


def mail(value: Any) -> str:
    """A mail address."""
    from matchmaker.accounts.rules import check_mail

    return check_mail(str(value))


def day(value: Any) -> date:
    """A day in any usual writing."""
    return calendar.parse_day(value)


def number(value: Any) -> int:
    """A capacity."""
    count = int(str(value).strip())
    rules.check_capacity(count)
    return count


def high_tech_fields(value: Any) -> list[str]:
    """Codes or names of the eight fields, several in a cell."""
    parts = value if isinstance(value, list) else PARTS.split(str(value))
    known = {f.value: f.value for f in HighTechField} | {f.label: f.value for f in HighTechField}
    found = [known.get(folding.clean_text(str(part))) for part in parts if str(part).strip()]
    if None in found:
        raise DomainError("技术领域应为 1 到 8 的代码或名称，多个用分号隔开")
    return sorted({code for code in found if code})


def category(value: Any) -> MentorCategory:
    """A mentor's category by name or code."""
    wanted = folding.clean_text(str(value))
    for member in MentorCategory:
        if wanted in {member.value, member.label, f"{member.label}类"}:
            return member
    raise DomainError("导师类别应为：产业技术、经营管理、金融经济")


def yes_or_no(value: Any) -> bool:
    """是 or 否."""
    wanted = folding.fold(str(value))
    if wanted in {"是", "yes", "y", "true", "1", "√"}:
        return True
    if wanted in {"否", "不是", "no", "n", "false", "0", "×"}:
        return False
    raise DomainError("请填“是”或“否”")


def wan(value: Any) -> int:
    """An amount in 万元 as fen."""
    return money.fen_from_wan(str(value))


def stages(value: Any) -> list[str]:
    """Stages by name or code, several in a cell."""
    known = {s.value: s.value for s in InvestmentStage} | {folding.fold(s.label): s.value for s in InvestmentStage}
    found = [known.get(folding.fold(part)) for part in PARTS.split(str(value)) if part.strip()]
    if None in found:
        raise DomainError("投资阶段应为：种子期、天使期、A 轮、B 轮、成长期，多个用分号隔开")
    return [code for code in found if code]


COMMON = (
    ImportField("name", "姓名", required=True, aliases=("导师姓名", "特派员姓名", "name"), parse=text),
    ImportField(
        "document", "聘任文件号", required=True, aliases=("文件号", "聘书编号", "文号", "document"), parse=text
    ),
    ImportField(
        "starts", "聘期开始", required=True, aliases=("聘任日期", "起始日期", "starts"), parse=day, hint="如 2026-03-02"
    ),
    ImportField("ends", "聘期结束", required=True, aliases=("截止日期", "到期日", "ends"), parse=day),
    ImportField("key", "编号", aliases=("人员编号", "序列号", "key"), parse=text),
    ImportField("unit", "单位", aliases=("工作单位", "所在单位", "派出单位", "organisation"), parse=text),
    ImportField("title", "职务职称", aliases=("职务", "职称", "title"), parse=text),
    ImportField("phone", "手机", aliases=("电话", "联系电话", "手机号", "phone"), parse=mobile),
    ImportField("email", "邮箱", aliases=("电子邮箱", "email"), parse=mail),
    ImportField("fields", "技术领域", aliases=("领域", "fields"), parse=high_tech_fields),
    ImportField("expertise", "擅长", aliases=("专长", "服务内容", "topics", "expertise"), parse=text),
    ImportField("summary", "简介", aliases=("个人简介", "介绍", "bio", "summary"), parse=text),
    ImportField("carrier", "服务载体", aliases=("服务单位", "host", "carrier"), parse=text),
    ImportField("certificate", "聘书号", aliases=("协议号", "certificate", "agreement"), parse=text),
    ImportField("capacity", "同时服务数", aliases=("capacity",), parse=number),
)
MENTOR_FIELDS = (*COMMON, ImportField("category", "导师类别", aliases=("category",), parse=category))
ENVOY_FIELDS = (
    *COMMON,
    ImportField(
        "civil_servant", "是否公务员", required=True, aliases=("公务员", "参公", "civil_servant"), parse=yes_or_no
    ),
)


INVESTOR_FIELDS = (
    *COMMON,
    ImportField("ticket_min", "单笔最低（万元）", aliases=("最低投资额",), parse=wan),
    ImportField("ticket_max", "单笔最高（万元）", aliases=("最高投资额",), parse=wan),
    ImportField("stages", "投资阶段", aliases=("阶段",), parse=stages),
)


def load_mentors(run: ImportRun) -> None:
    """Start-up mentors with their terms; past terms are taken as history."""
    _load(run, AppointmentKind.MENTOR)


def load_envoys(run: ImportRun) -> None:
    """Tech envoys with their terms; past terms are taken as history."""
    _load(run, AppointmentKind.ENVOY)


def load_researchers(run: ImportRun) -> None:
    """Researchers with their terms; their papers come by the file of works."""
    _load(run, AppointmentKind.RESEARCHER)


def load_experts(run: ImportRun) -> None:
    """Experts of the pool from which a contest seats its judges."""
    _load(run, AppointmentKind.EXPERT)


def load_investors(run: ImportRun) -> None:
    """Investors with their terms and what they put in."""
    _load(run, AppointmentKind.INVESTOR)


def _load(run: ImportRun, kind: AppointmentKind) -> None:
    rows = list(run.rows())
    known = _Known(run.region, rows, kind)
    for row in rows:
        values = {key: value for key, value in row.values.items() if value is not None and value != ""}
        try:
            with db.session.begin_nested():
                outcome = _take(run, row, kind, values, known)
        except DomainError as error:
            run.refuse(row.line, error)
            continue
        {"created": run.created, "updated": run.updated, "unchanged": run.unchanged}[outcome](row.line)


def _take(run: ImportRun, row: MappedRow, kind: AppointmentKind, values: dict[str, Any], known: _Known) -> str:
    for key, length in LONGEST.items():
        if len(str(values.get(key, ""))) > length:
            raise DomainError("“{title}”最多 {n} 个字", title=key, n=length)
    rules.check_appointment(
        kind,
        civil_servant=values.get("civil_servant"),
        document=values["document"],
        term=rules.Term(values["starts"], values["ends"]),
    )
    person = known.find(values)
    created = person is None
    if person is None:
        person = _person(run, values, known)
        known.add(person, values)
    changed = _change_person(person, values, known)
    if not created and person.sample:
        run.warn(row.line, "与样例档案同名，请核对")
    if kind is AppointmentKind.INVESTOR:
        changed |= _change_ticket(person, values)
    profile = profiles.ensure(person, capacity=values.get("capacity"))
    if values.get("expertise") and profile.expertise != values["expertise"]:
        profile.expertise, profile.updated, changed = values["expertise"], clock.now(), True
    appointment = known.appointment(person, values)
    if appointment is None:
        appointment = appointments.appoint(
            person,
            actor=None,
            kind=kind,
            historic=values["ends"] < clock.today(),
            **{k: values[k] for k in ("document", "starts", "ends")},
            **{k: values[k] for k in ("category", "carrier", "certificate", "civil_servant") if k in values},
        )
        known.remember(person, appointment)
        return "created"
    changed |= _change_appointment(appointment, values)
    db.session.flush()
    return "updated" if changed else "unchanged"


def _change_ticket(person: Person, values: dict[str, Any]) -> bool:
    if not {"ticket_min", "ticket_max", "stages"} & set(values):
        return False
    row = queries.investor_of(person.id)
    before = (row.ticket_min_fen, row.ticket_max_fen, list(row.stages)) if row else (None, None, [])
    wanted: tuple[Any, ...] = tuple(
        values.get(key, old) for key, old in zip(("ticket_min", "ticket_max", "stages"), before, strict=True)
    )
    kept = profiles.state_ticket(person, actor=None, low_fen=wanted[0], high_fen=wanted[1], stages=wanted[2])
    return (kept.ticket_min_fen, kept.ticket_max_fen, list(kept.stages)) != before


def _change_appointment(appointment: Appointment, values: dict[str, Any]) -> bool:
    changed = False
    for key in ("ends", "document", "category", "carrier", "certificate"):
        if key in values and getattr(appointment, key) != values[key]:
            setattr(appointment, key, values[key])
            appointment.updated, changed = clock.now(), True
    if changed and appointment.state in {*rules.STANDING, rules.AppointmentState.EXPIRED}:
        appointment.state = rules.state_of_term(appointment.term, today=clock.today())
    return changed


def _person(run: ImportRun, values: dict[str, Any], known: _Known) -> Person:
    now = clock.now()
    person = Person(
        region=run.region,
        key=known.full_key(values),
        name=values["name"],
        folded_name=folding.fold(values["name"]),
        pinyin=folding.pinyin_initials(values["name"])[:200],
        fields=[],
        key_industries=[],
        source=SOURCE,
        created=now,
        updated=now,
    )
    db.session.add(person)
    return person


def _change_person(person: Person, values: dict[str, Any], known: _Known) -> bool:
    wanted: dict[str, Any] = {
        key: values[key] for key in ("title", "phone", "email", "fields", "summary") if key in values
    }
    if "unit" in values:
        unit = known.units.get(folding.fold_company(values["unit"]))
        wanted |= {"organisation_id": unit} if unit else {"unit_text": values["unit"]}
    changes = {key: value for key, value in wanted.items() if getattr(person, key) != value}
    for key, value in changes.items():
        setattr(person, key, value)
    if changes:
        person.updated = clock.now()
    db.session.flush()
    return bool(changes)


class _Known:
    """What the database holds of the people of a file, fetched before the rows are read."""

    def __init__(self, region: str, rows: Iterable[MappedRow], kind: AppointmentKind) -> None:
        self._region, self._kind = region, kind
        rows = list(rows)
        names = {folding.fold(str(row.values["name"])) for row in rows if row.values.get("name")}
        units = {folding.fold_company(str(row.values["unit"])) for row in rows if row.values.get("unit")}
        self._people: list[Person] = []
        for chunk in _chunks(names):
            statement = sa.select(Person).where(Person.folded_name.in_(chunk), Person.region == region)
            self._people += db.session.execute(statement.order_by(Person.id)).scalars().all()
        self.units: dict[str, int] = {}
        for chunk in _chunks(units):
            found = sa.select(Organisation.folded_name, Organisation.id).where(
                Organisation.folded_name.in_(chunk), Organisation.merged_into_id.is_(None)
            )
            self.units |= dict(db.session.execute(found).all())
        ids = [person.id for person in self._people]
        self._terms: dict[tuple[Any, date], Appointment] = {}
        for chunk in _chunks(ids):
            statement = sa.select(Appointment).where(Appointment.person_id.in_(chunk), Appointment.kind == kind)
            for appointment in db.session.execute(statement).scalars():
                self._terms[(appointment.person_id, appointment.starts)] = appointment

    def full_key(self, values: dict[str, Any]) -> str | None:
        """The person's key in the directory: the file's number within region and kind."""
        return f"{self._kind.value}:{self._region}:{values['key']}" if values.get("key") else None

    def find(self, values: dict[str, Any]) -> Person | None:
        """By key, else by name and phone, else by name and unit where the stored row does not contradict."""
        same = [p for p in self._people if p.folded_name == folding.fold(values["name"]) and not p.sample]
        by_key = [p for p in same if p.key and p.key == self.full_key(values)]
        by_phone = [p for p in same if values.get("phone") and p.phone == values["phone"]]
        unit = folding.fold_company(values.get("unit", ""))
        by_unit = [
            p
            for p in same
            if unit
            and unit in {folding.fold_company(p.unit_text or ""), p.organisation.folded_name if p.organisation else ""}
            and (not p.phone or not values.get("phone") or p.phone == values["phone"])
        ]
        bare = same if not unit and not values.get("phone") and not values.get("key") and len(same) == 1 else []
        return next(iter([*by_key, *by_phone, *by_unit, *bare]), None)

    def add(self, person: Person, _values: dict[str, Any]) -> None:
        self._people.append(person)

    def appointment(self, person: Person, values: dict[str, Any]) -> Appointment | None:
        """The appointment this row speaks of: the same person, kind and first day."""
        return self._terms.get((person.id, values["starts"]))

    def remember(self, person: Person, appointment: Appointment) -> None:
        self._terms[(person.id, appointment.starts)] = appointment


def _chunks(values: Iterable[Any], size: int = 500) -> Iterable[list[Any]]:
    ordered = sorted(values)
    return [ordered[i : i + size] for i in range(0, len(ordered), size)]
