"""Questionnaires for tests: forms with every kind of field, owned by an organisation."""

from __future__ import annotations

from typing import Any

from matchmaker.core.db import transaction
from matchmaker.questionnaires import services
from matchmaker.questionnaires.models import Questionnaire
from matchmaker.questionnaires.rules.definition import (
    Condition,
    Definition,
    Field,
    FieldKind,
    Operator,
    Option,
    Section,
)

K = FieldKind
MEALS = (Option("rice", "米饭", "Rice", places=2, per_person=True), Option("noodles", "面条", "Noodles"))


def a_field(kind: FieldKind = K.TEXT, id: str = "", label: str = "", **values: Any) -> Field:
    """A field; choices get two options."""
    if kind in (K.CHOICE, K.CHOICES):
        values.setdefault("options", (Option("a", "甲"), Option("b", "乙")))
    return Field(id=id or f"q{kind.value}", kind=kind, label=label or kind.label, **values)


def a_definition(*fields: Field) -> Definition:
    """One section with these fields, or with one field of every kind."""
    return Definition((Section("s1", "一", fields=fields or tuple(a_field(kind) for kind in FieldKind)),))


def dinner() -> Definition:
    """A small form with a condition: who stays for dinner says what they eat; organisers note a table."""
    stays = a_field(
        K.CHOICE, "qstays", "是否用餐", options=(Option("yes", "用餐"), Option("no", "不用餐")), required=True
    )
    meal = a_field(
        K.CHOICE,
        "qmeal",
        "餐食",
        options=(Option("rice", "米饭", "Rice"), Option("noodles", "面条")),
        required=True,
        show_if=Condition("qstays", Operator.IS, ("yes",)),
    )
    table = a_field(K.TEXT, "qtable", "桌号", staff_only=True)
    return a_definition(stays, meal, table)


def a_questionnaire(owner: Any, definition: Definition | None = None, *, title: str = "报名表") -> Questionnaire:
    """A questionnaire in use."""
    with transaction():
        return services.create(actor=None, owner=owner, title=title, definition=definition or dinner())
