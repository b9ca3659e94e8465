"""Changing a form part by part: every step gives a new definition, `checking.checked` says whether it may be saved."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TypeVar

from matchmaker.core.errors import Conflict
from matchmaker.core.labels import Labelled
from matchmaker.questionnaires.rules.definition import Condition, Definition, Field, Option, Section, new_id


class Step(Labelled):
    """What a press on the builder's page does to a section or a field."""

    UP = "up", "上移"
    DOWN = "down", "下移"
    DUPLICATE = "duplicate", "复制"
    DELETE = "delete", "删除"


Thing = TypeVar("Thing", Section, Field)


def change(definition: Definition, part_id: str, step: Step) -> Definition:
    """One step with a section or a field. Raises Conflict when it is gone or, on deleting, when others look at it."""
    if step is Step.DELETE:
        _check_unneeded(definition, part_id)
    if definition.section(part_id) is not None:
        return _change_section(definition, part_id, step)
    if definition.field(part_id) is not None:
        return _change_field(definition, part_id, step)
    raise _gone()


def _check_unneeded(definition: Definition, part_id: str) -> None:
    section = definition.section(part_id)
    going = {part_id} | ({field.id for field in section.fields} if section else set())
    for other, field in definition.each():
        for part in (other, field):
            if part.id not in going and field.id not in going and part.show_if and part.show_if.field in going:
                raise Conflict("“{whose}”的显示条件要看这里的回答，请先改条件再删除", whose=part.label or field.label)


def _gone() -> Conflict:
    return Conflict("这一处刚刚已被删除，请刷新页面")


def _change_section(definition: Definition, section_id: str, step: Step) -> Definition:
    sections = list(definition.sections)
    place = next(n for n, section in enumerate(sections) if section.id == section_id)
    if step is Step.DELETE:
        del sections[place]
    elif step is Step.DUPLICATE:
        sections.insert(place + 1, _with_new_ids(sections[place]))
    else:
        _swap(sections, place, step)
    return Definition(tuple(sections))


def _change_field(definition: Definition, field_id: str, step: Step) -> Definition:
    sections = [list(section.fields) for section in definition.sections]
    row = next(n for n, fields in enumerate(sections) if any(field.id == field_id for field in fields))
    fields = sections[row]
    place = next(n for n, field in enumerate(fields) if field.id == field_id)
    if step is Step.DELETE:
        del fields[place]
    elif step is Step.DUPLICATE:
        fields.insert(place + 1, duplicate(fields[place]))
    elif step is Step.UP and place == 0 and row > 0:  # over the border into the section before
        sections[row - 1].append(fields.pop(place))
    elif step is Step.DOWN and place == len(fields) - 1 and row < len(sections) - 1:
        sections[row + 1].insert(0, fields.pop(place))
    else:
        _swap(fields, place, step)
    return Definition(
        tuple(replace(section, fields=tuple(sections[n])) for n, section in enumerate(definition.sections))
    )


def _swap(things: list[Thing], place: int, step: Step) -> None:
    other = place - 1 if step is Step.UP else place + 1
    if 0 <= other < len(things):
        things[place], things[other] = things[other], things[place]


def duplicate(field: Field) -> Field:
    """The same question once more, with ids and pools of its own."""
    options = tuple(replace(option, id=new_id("o"), pool=None) for option in field.options)
    return replace(field, id=new_id(), options=options)


def put_section(definition: Definition, section: Section) -> Definition:
    """A section changed (its fields stay), or added at the end when it is new."""
    if definition.section(section.id) is None:
        return Definition((*definition.sections, section))
    return Definition(
        tuple(replace(section, fields=old.fields) if old.id == section.id else old for old in definition.sections)
    )


def put_field(definition: Definition, field: Field, *, section_id: str) -> Definition:
    """A field changed where it stands, or put at the end of a section. Raises Conflict when that section is gone."""
    target = definition.section(section_id)
    if target is None:
        raise _gone()
    if any(each.id == field.id for each in target.fields):
        return _map_fields(definition, lambda each: field if each.id == field.id else each)
    without = tuple(
        replace(section, fields=tuple(each for each in section.fields if each.id != field.id))
        for section in definition.sections
    )
    return Definition(
        tuple(
            replace(section, fields=(*section.fields, field)) if section.id == section_id else section
            for section in without
        )
    )


def _map_fields(definition: Definition, turn: Callable[[Field], Field]) -> Definition:
    return Definition(
        tuple(replace(section, fields=tuple(map(turn, section.fields))) for section in definition.sections)
    )


def appended(definition: Definition, more: Definition) -> Definition:
    """The sections of a ready form behind those that are there, with ids of their own."""
    return Definition((*definition.sections, *with_new_ids(more).sections))


def _with_new_ids(section: Section) -> Section:
    return with_new_ids(Definition((section,))).sections[0]


def with_new_ids(definition: Definition) -> Definition:
    """The same form with new ids everywhere; conditions follow the fields and options they look at."""
    ids = {field.id: new_id() for field in definition.fields}
    ids |= {option.id: new_id("o") for field in definition.fields for option in field.options}

    def follow(condition: Condition | None) -> Condition | None:
        if condition is None:
            return None
        values = tuple(ids.get(value, value) for value in condition.values)
        return Condition(ids.get(condition.field, condition.field), condition.operator, values)

    def renewed(option: Option) -> Option:
        return replace(option, id=ids[option.id], pool=None)

    return Definition(
        tuple(
            replace(
                section,
                id=new_id("s"),
                show_if=follow(section.show_if),
                fields=tuple(
                    replace(
                        field,
                        id=ids[field.id],
                        show_if=follow(field.show_if),
                        options=tuple(map(renewed, field.options)),
                    )
                    for field in section.fields
                ),
            )
            for section in definition.sections
        )
    )


def options_of(lines: Sequence[str]) -> tuple[Option, ...]:
    """Options pasted one a line, the English after a bar: `米饭 | Rice`."""
    found = []
    for line in lines:
        label, _bar, english = line.replace("｜", "|").partition("|")
        if label.strip():
            found.append(Option(new_id("o"), label.strip(), english.strip()))
    return tuple(found)
