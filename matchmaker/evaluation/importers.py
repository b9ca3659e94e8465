"""Titles from a file: one line a title, known by kind and number."""

from __future__ import annotations

from typing import Any

from matchmaker.core.calendar import parse_day
from matchmaker.core.errors import DomainError
from matchmaker.core.folding import clean_text
from matchmaker.core.importing import ImportRun
from matchmaker.core.tabular import ImportField, MappedRow
from matchmaker.evaluation import queries, rules, services
from matchmaker.evaluation.models import Title
from matchmaker.evaluation.rules import PatentKind, TitleKind


def kind_of(value: Any) -> TitleKind:
    """A kind by its value or its Chinese name."""
    return _member(TitleKind, value, "类别应为 {names} 之一")


def subkind_of(value: Any) -> PatentKind:
    """A kind of patent by its value or its Chinese name."""
    return _member(PatentKind, value, "专利类型应为 {names} 之一")


def _member(kind: Any, value: Any, sentence: str) -> Any:
    text = clean_text(str(value))
    found = next((member for member in kind if text in (member.value, member.label)), None)
    if found is None:
        raise DomainError(sentence, names="、".join(member.label for member in kind))
    return found


FIELDS = (
    ImportField("kind", "类别", required=True, aliases=("资质类别",), parse=kind_of),
    ImportField(
        "number",
        "编号",
        required=True,
        aliases=("登记编号", "证书编号", "专利号"),
        parse=lambda v: rules.number_of(str(v)),
    ),
    ImportField("holder", "持有单位", required=True, aliases=("企业名称", "单位名称", "专利权人"), parse=clean_text),
    ImportField(
        "valid_from", "有效期起", required=True, aliases=("登记日期", "发证日期", "授权公告日"), parse=parse_day
    ),
    ImportField("valid_to", "有效期止", aliases=("有效期至", "到期日"), parse=parse_day),
    ImportField("subkind", "专利类型", parse=subkind_of),
    ImportField("name", "名称", aliases=("团队名称", "专利名称"), parse=clean_text),
    ImportField("co_holders", "共有单位", parse=str),
    ImportField("document", "文号", parse=clean_text),
    ImportField("note", "备注", parse=clean_text),
)


def load(run: ImportRun) -> None:
    """Record what is new, correct what is known; a number written twice in the file counts once."""
    rows = list(run.rows())
    known = queries.known_numbers([(row.values["kind"], row.values["number"]) for row in rows])
    seen: dict[tuple[TitleKind, str], int] = {}
    for row in rows:
        values = {key: value for key, value in row.values.items() if value is not None}
        key = (values["kind"], values["number"])
        if key in seen:
            run.refused(row.line, "编号 {number} 在第 {first} 行已经出现", number=key[1], first=seen[key])
            continue
        seen[key] = row.line
        try:
            _take(run, row, values, known.get(key))
        except DomainError as error:
            run.refuse(row.line, error)


def _take(run: ImportRun, row: MappedRow, values: dict[str, Any], title: Title | None) -> None:
    values.setdefault("valid_to", rules.usual_end(values["kind"], values["valid_from"]))
    if title is None:
        services.record(actor=run.actor, region=run.region, source=run.source[:60], **values)
        run.created(row.line)
        return
    facts: dict[str, Any] = {key: getattr(title, key) for key in services.FACTS}
    facts |= {key: value for key, value in values.items() if key in facts}
    holder = _same_holder(title, values["holder"])
    co_holders = values.get("co_holders", "\n".join(title.co_holders))
    changed = services.correct(
        title, actor=run.actor, number=values["number"], holder=holder, co_holders=co_holders, **facts
    )
    if changed:
        run.updated(row.line)
    else:
        run.unchanged(row.line)


def _same_holder(title: Title, text: str) -> str:
    """The holder as it stands when the file means the same one by its code, its present or a former name."""
    organisation = queries.organisations_named([text]).get(text)
    same = organisation is not None and organisation.id == title.organisation_id
    return title.holder if same else text
