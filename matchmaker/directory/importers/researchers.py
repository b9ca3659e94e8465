"""Loads researchers: one person a row; or, with `--papers N`, sample profiles of N papers of one discipline each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from matchmaker.activity import services as activity
from matchmaker.core import clock
from matchmaker.core.db import db
from matchmaker.core.errors import DomainError
from matchmaker.core.folding import clean_text, fold_company
from matchmaker.core.importing import ImportOption, ImportRun
from matchmaker.core.regions import check_region, contains
from matchmaker.core.tabular import ImportField, MappedRow
from matchmaker.directory.importers import cells, people
from matchmaker.directory.models import Person, PersonDocument
from matchmaker.directory.rules import DocumentKind
from matchmaker.directory.services import records

PERSON_FIELDS = (
    ImportField("key", "人员编号", False, ("编号", "工号"), cells.text(60)),
    ImportField("name", "姓名", True, ("研究人员", "研究者"), cells.text(100)),
    ImportField("name_en", "英文姓名", False, (), cells.text(200)),
    ImportField("unit_text", "所在单位", False, ("单位", "工作单位", "organisation", "unit"), cells.text(200)),
    ImportField("title", "职称", False, ("职务", "职称职务"), cells.text(100)),
    ImportField("discipline", "学科", False, ("专业", "研究领域"), cells.text(100)),
    ImportField("topics", "研究方向", False, ("关键词", "keywords"), cells.parts),
    ImportField(
        "fields", "高新技术领域", False, ("技术领域",), cells.codes("high_tech_fields"), "请填八大领域的编号或名称"
    ),
    ImportField("key_industries", "重点产业", False, (), cells.codes("key_industries"), "请填重点产业的代码或名称"),
    ImportField("summary", "简介", False, ("个人简介",), cells.text(5000)),
    ImportField("phone", "手机", False, ("电话", "联系电话", "手机号"), cells.phone, "请填电话号码"),
    ImportField("email", "电子邮箱", False, ("邮箱",), cells.email, "请填邮箱地址"),
    ImportField("region", "行政区划代码", False, (), check_region),
)
PAPER_FIELDS = (
    ImportField("id", "论文编号", True, ("编号",), cells.text(80)),
    ImportField("title", "题目", True, ("标题", "论文题目"), cells.text(500)),
    ImportField("abstract", "摘要", True, ("text",), cells.text(20_000)),
    ImportField("discipline", "学科", True, (), cells.text(60)),
    ImportField("keywords", "关键词", False, (), cells.parts),
    ImportField("year", "年份", False, ("发表年份",), cells.whole_number, "请填四位年份"),
)
OPTIONS = (ImportOption("papers", "每人论文数", "文件是论文时填写：同一学科每几篇组成一份样例资料；人员名单请留空"),)
MOST_PAPERS = 50
TOPICS = "topics"  # the document that holds what a person works on, as typed


def fields(options: Mapping[str, Any]) -> Sequence[ImportField]:
    """The columns of a list of people, or of papers."""
    return PAPER_FIELDS if options.get("papers") else PERSON_FIELDS


def load(run: ImportRun) -> None:
    """Take the file in as people, or as papers when the option says so."""
    if run.options.get("papers"):
        load_papers(run, size=run.options["papers"])
    else:
        load_people(run)


def load_people(run: ImportRun) -> None:
    """One person a row; the key is the person's number, else mail, else phone, else name and unit."""
    rows = [row for row in run.rows() if _usable(run, row)]
    units = people.organisations_by_name(row.values["unit_text"] for row in rows if row.values.get("unit_text"))
    known = people.known_people(people.person_key(row.values) for row in rows)
    contacts = people.people_by_contact(rows)
    seen: dict[str, int] = {}
    for row in rows:
        key = people.person_key(row.values)
        if key in seen:
            run.refused(row.line, "与第 {first} 行是同一个人，请合并成一行", first=seen[key])
            continue
        seen[key] = row.line
        person = known.get(key) or _by_contact(row, contacts)
        _take_person(run, row, person, key=key, units=units)


def _usable(run: ImportRun, row: MappedRow) -> bool:
    region = row.values.get("region") or run.region
    if contains(run.region, region):
        return True
    run.refused(row.line, "区划代码 {code} 不在您负责的区域内", code=region)
    return False


def _by_contact(row: MappedRow, contacts: Mapping[str, list[Person]]) -> Person | None:
    """The one person with this phone or mail who bears this name."""
    keys = [
        f"{kind}:{row.values[field]}"
        for kind, field in (("mail", "email"), ("phone", "phone"))
        if row.values.get(field)
    ]
    found = {p.id: p for key in keys for p in contacts.get(key, ()) if p.name == row.values["name"]}
    return next(iter(found.values())) if len(found) == 1 else None


def _take_person(run: ImportRun, row: MappedRow, person: Person | None, *, key: str, units: Mapping[str, int]) -> None:
    now = clock.now()
    facts = {name: value for name, value in row.values.items() if value not in (None, [], "")}
    unit = facts.get("unit_text")
    if unit and fold_company(unit)[:200] in units:
        facts["organisation_id"] = units[fold_company(unit)[:200]]
    if person is None:
        region = facts.get("region") or run.region
        person = people.new_person(facts["name"], key=key, region=region, source=run.source, now=now, facts=facts)
        _set_topics(person, facts.get("topics"))
        run.created(row.line)
        return
    if not contains(run.region, person.region):
        run.refused(row.line, "该人员登记在其他区域（{code}），请由当地更新", code=person.region)
        return
    changed = list(records.change(person, facts, now=now))
    if _set_topics(person, facts.get("topics")):
        changed.append(TOPICS)
    if not changed:
        run.unchanged(row.line)
        return
    activity.record("directory.person_updated", subject=person, actor=run.actor, fields=sorted(changed))
    titles = {field.key: field.title for field in PERSON_FIELDS}
    run.updated(row.line, "更新了：{fields}", fields="、".join(titles.get(name, "所在单位") for name in changed))


def _set_topics(person: Person, topics: list[str] | None) -> bool:
    if not topics:
        return False
    text = "；".join(topics)
    document = next((d for d in person.documents if d.source_key == TOPICS), None)
    if document is None:
        person.documents.append(
            PersonDocument(
                kind=DocumentKind.OTHER, title="研究方向", text=text, keywords=topics, source_key=TOPICS, language="zh"
            )
        )
        return True
    if document.text == text:
        return False
    document.text, document.keywords = text, topics
    return True


def load_papers(run: ImportRun, *, size: int) -> None:
    """Every `size` papers of one discipline, in file order, make one sample profile; a remainder is listed."""
    if not 1 <= size <= MOST_PAPERS:
        raise DomainError("每人论文数应在 1 到 {most} 之间", field="papers", most=MOST_PAPERS)
    disciplines: dict[str, list[MappedRow]] = {}
    ids: dict[str, int] = {}
    for row in run.rows():
        first = ids.setdefault(row.values["id"], row.line)
        if first != row.line:
            run.refused(row.line, "论文编号与第 {first} 行重复", first=first)
            continue
        disciplines.setdefault(row.values["discipline"], []).append(row)
    bundles = [
        (discipline, number + 1, rows[number * size : (number + 1) * size])
        for discipline, rows in disciplines.items()
        for number in range(-(-len(rows) // size))
    ]
    known = people.known_people(_sample_key(discipline, number, size) for discipline, number, _rows in bundles)
    for discipline, number, rows in bundles:
        if len(rows) < size:
            for row in rows:
                run.skipped(
                    row.line,
                    "“{discipline}”余下 {n} 篇，不足 {size} 篇，未生成",
                    discipline=discipline,
                    n=len(rows),
                    size=size,
                )
        else:
            key = _sample_key(discipline, number, size)
            _take_sample(run, rows, known.get(key), key=key, discipline=discipline, number=number)
    db.session.flush()


def _sample_key(discipline: str, number: int, size: int) -> str:
    return f"sample:{size}:{discipline}:{number:02d}"


def sample_name(discipline: str, number: int) -> str:
    """A sample is named after what it is and never like a person."""
    return f"{discipline} · 样例研究者 {number:02d}"


def _take_sample(
    run: ImportRun, rows: list[MappedRow], person: Person | None, *, key: str, discipline: str, number: int
) -> None:
    name = sample_name(discipline, number)
    now = clock.now()
    words = list(dict.fromkeys(word for row in rows for word in row.values.get("keywords") or ()))
    facts = {"discipline": discipline, "summary": clean_text("、".join(words)) or None}
    is_new = person is None
    if person is None:
        person = people.new_person(name, key=key, region=run.region, source=run.source, now=now, facts=facts)
        person.sample = True
    changed = _set_papers(person, rows) or bool(records.change(person, facts, now=now))
    if not is_new and not changed:
        for row in rows:
            run.unchanged(row.line)
        return
    (run.created if is_new else run.updated)(rows[0].line, "{name}", name=name)
    for row in rows[1:]:
        run.merged(row.line, "并入“{name}”", name=name)


def _set_papers(person: Person, rows: list[MappedRow]) -> bool:
    """Make the sample's papers exactly these; says whether something changed."""
    wanted = {row.values["id"]: _paper(row) for row in rows}
    before = {document.source_key: document for document in person.documents}
    same = {
        key
        for key, document in before.items()
        if key in wanted and all(getattr(document, name) == value for name, value in wanted[key].items())
    }
    if same == set(wanted) == set(before):
        return False
    for key, document in before.items():
        if key not in wanted:
            person.documents.remove(document)
            db.session.delete(document)
    for key, values in wanted.items():
        if key in before:
            for name, value in values.items():
                setattr(before[key], name, value)
        else:
            person.documents.append(PersonDocument(kind=DocumentKind.PAPER, language="zh", source_key=key, **values))
    return True


def _paper(row: MappedRow) -> dict[str, Any]:
    values = row.values
    return {
        "title": values["title"],
        "text": values["abstract"],
        "keywords": values.get("keywords") or [],
        "year": values.get("year"),
    }
