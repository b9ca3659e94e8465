"""What a form must be before it is saved: one clear sentence for what is wrong."""

from __future__ import annotations

from dataclasses import replace

from matchmaker.core import folding
from matchmaker.core.errors import DomainError
from matchmaker.questionnaires.rules.definition import (
    RATINGS,
    WITH_LENGTH,
    WITH_OPTIONS,
    Condition,
    Definition,
    Field,
    FieldKind,
    Operator,
    Option,
    Section,
)

MOST_FIELDS = 100
MOST_SECTIONS = 20
MOST_OPTIONS = 200
MOST_PLACES = 100_000
LONGEST_LABEL = 200
LONGEST_HELP = 5_000
LONGEST_UNIT = 20


def checked(definition: Definition) -> Definition:
    """The form with its texts cleaned. Raises DomainError for the first thing that will not do."""
    clean = Definition(tuple(_section(section) for section in definition.sections))
    fields = clean.fields
    if len(clean.sections) > MOST_SECTIONS or len(fields) > MOST_FIELDS:
        raise DomainError(
            "一张表最多 {sections} 个部分、{fields} 个字段，请拆成两张表", sections=MOST_SECTIONS, fields=MOST_FIELDS
        )
    ids = [section.id for section in clean.sections] + [field.id for field in fields]
    if len(ids) != len(set(ids)):
        raise DomainError("表单里有两处编号相同，请删去其中一处再添加")
    check_conditions(clean)
    return clean


def _section(section: Section) -> Section:
    texts = {key: _text(getattr(section, key), LONGEST_LABEL, key) for key in ("label", "label_en")}
    texts |= {key: _text(getattr(section, key), LONGEST_HELP, key) for key in ("help", "help_en")}
    return replace(section, **texts, fields=tuple(_field(field) for field in section.fields))  # type: ignore[arg-type]


def _text(text: str, most: int, key: str) -> str:
    cleaned = folding.clean_text(text)
    if len(cleaned) > most:
        raise DomainError("最多 {most} 个字，现有 {n} 个", field=key, most=most, n=len(cleaned))
    return cleaned


def _field(field: Field) -> Field:
    """The field with what its kind does not have left out."""
    texts = {key: _text(getattr(field, key), LONGEST_LABEL, key) for key in ("label", "label_en")}
    texts |= {key: _text(getattr(field, key), LONGEST_HELP, key) for key in ("help", "help_en")}
    if not texts["label"]:
        raise DomainError("请填写字段名称", field="label")
    numeric = field.kind is FieldKind.NUMBER
    clean = replace(
        field,
        **texts,  # type: ignore[arg-type]
        options=_options(field) if field.kind in WITH_OPTIONS else (),
        unit=_text(field.unit, LONGEST_UNIT, "unit") if numeric else "",
        minimum=field.minimum if numeric else None,
        maximum=field.maximum if numeric else None,
        places=field.places if numeric else 2,
        most=_most(field),
        counts=field.counts and field.kind is FieldKind.COMPANIONS,
    )
    if clean.minimum is not None and clean.maximum is not None and clean.minimum > clean.maximum:
        raise DomainError("“{label}”的最小值大于最大值", field="minimum", label=clean.label)
    return clean


def _most(field: Field) -> int | None:
    ceilings = dict.fromkeys(WITH_LENGTH, 20_000) | {FieldKind.COMPANIONS: 50, FieldKind.CHOICES: MOST_OPTIONS}
    ceiling = ceilings.get(field.kind)
    if field.most is None or ceiling is None:
        return None
    if not 1 <= field.most <= ceiling:
        raise DomainError("上限应在 1 到 {most} 之间", field="most", most=ceiling)
    return field.most


def _options(field: Field) -> tuple[Option, ...]:
    options = tuple(
        replace(option, **{key: _text(getattr(option, key), LONGEST_LABEL, "options") for key in ("label", "label_en")})  # type: ignore[arg-type]
        for option in field.options
    )
    if len(options) < 2 and field.kind is FieldKind.CHOICE or not options:
        raise DomainError("“{label}”还没有选项，请每行填写一个", field="options", label=field.label)
    if len(options) > MOST_OPTIONS:
        raise DomainError("选项最多 {most} 个", field="options", most=MOST_OPTIONS)
    for option in options:
        if not option.label:
            raise DomainError("“{label}”有一个选项没有名称", field="options", label=field.label)
        if option.places is not None and not 0 <= option.places <= MOST_PLACES:
            raise DomainError("名额应在 {least} 到 {most} 之间", field="options", least=0, most=MOST_PLACES)
        same = [each for each in options if folding.fold(each.label) == folding.fold(option.label)]
        if len(same) > 1 or len([each for each in options if each.id == option.id]) > 1:
            raise DomainError("选项“{option}”出现了两次，请删去一个", field="options", option=option.label)
    return options


def check_conditions(definition: Definition) -> None:
    """Every condition looks back at a field that is there, that the same people see, and at answers it can have."""
    _check_cycles(definition)
    before: list[Field] = []
    for section in definition.sections:
        _check(section.show_if, section.label or "—", before, definition, public=True)
        for field in section.fields:
            _check(field.show_if, field.label, before, definition, public=not field.staff_only)
            before.append(field)


def _check(
    condition: Condition | None, whose: str, before: list[Field], definition: Definition, *, public: bool
) -> None:
    if condition is None:
        return
    source = next((field for field in before if field.id == condition.field), None)
    if source is None:
        later = definition.field(condition.field)
        if later is None:
            raise DomainError("“{whose}”的显示条件所看的字段已经删除，请重新设置条件", field="show_if", whose=whose)
        raise DomainError("“{whose}”要看“{seen}”的回答，不能排在它前面", field="show_if", whose=whose, seen=later.label)
    if public and source.staff_only:
        raise DomainError(
            "“{whose}”不能以仅主办方可见的“{seen}”为显示条件", field="show_if", whose=whose, seen=source.label
        )
    _check_values(condition, whose, source)


def _check_values(condition: Condition, whose: str, source: Field) -> None:
    if condition.operator is Operator.ANSWERED:
        return
    if not condition.values:
        raise DomainError("请选出“{whose}”的显示条件要比较的回答", field="show_if", whose=whose)
    possible = possible_answers(source)
    if possible and not set(condition.values) <= set(possible):
        raise DomainError("“{whose}”的显示条件所看的选项已经删除，请重新设置条件", field="show_if", whose=whose)


def possible_answers(field: Field) -> dict[str, str]:
    """The answers a condition may compare with, value → Chinese label; empty when they cannot be listed."""
    if field.kind in WITH_OPTIONS:
        return {option.id: option.label for option in field.options}
    if field.kind is FieldKind.RATING:
        return {value: value for value in RATINGS}
    return {}


def _check_cycles(definition: Definition) -> None:
    """Refuse fields that wait for each other, whatever their order."""
    waits = {field.id: [c.field for c in (section.show_if, field.show_if) if c] for section, field in definition.each()}
    for start in waits:
        seen: set[str] = set()
        waiting = list(waits[start])
        while waiting:
            following = waiting.pop()
            if following == start:
                label = getattr(definition.field(start), "label", "")
                raise DomainError("“{whose}”的显示条件绕回了它自己，永远不会显示", field="show_if", whose=label)
            if following not in seen:
                seen.add(following)
                waiting += waits.get(following, [])
