"""Which fields are asked, given the answers so far."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from matchmaker.questionnaires.rules.definition import Condition, Definition, Field, Operator


def is_answered(value: Any) -> bool:
    """Is there an answer? A number 0 is one; an empty text, no choice and a box left empty are none."""
    return value is not None and value != "" and value != [] and value is not False


def chosen(value: Any) -> frozenset[str]:
    """An answer as the texts that conditions compare with."""
    if not is_answered(value):
        return frozenset()
    many = value if isinstance(value, list | tuple) else [value]
    return frozenset("yes" if each is True else str(each) for each in many)


def holds(condition: Condition | None, answers: Mapping[str, Any]) -> bool:
    """Is the condition met? What was not asked or not answered meets none, not even `is_not`."""
    if condition is None:
        return True
    found = chosen(answers.get(condition.field))
    if not found:
        return False
    if condition.operator is Operator.ANSWERED:
        return True
    if condition.operator is Operator.IS_NOT:
        return not found & set(condition.values)
    return bool(found & set(condition.values))


def asked(definition: Definition, answers: Mapping[str, Any], *, staff: bool = False) -> tuple[Field, ...]:
    """The fields that are asked. Conditions look at answers that are asked for themselves, so hiding goes on."""
    kept: dict[str, Any] = {}
    shown: list[Field] = []
    for section, field in definition.each():
        if not (holds(section.show_if, kept) and holds(field.show_if, kept)):
            continue
        if field.id in answers:
            kept[field.id] = answers[field.id]
        if staff or not field.staff_only:
            shown.append(field)
    return tuple(shown)


def without_hidden(definition: Definition, answers: Mapping[str, Any]) -> dict[str, Any]:
    """The answers without those to fields that are not asked or not there."""
    ids = [field.id for field in asked(definition, answers, staff=True)]
    return {key: answers[key] for key in ids if key in answers}
