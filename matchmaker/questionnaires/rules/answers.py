"""A whole form: what was answered, checked; what it claims; how it is shown."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from matchmaker.core.errors import DomainError, Refusals
from matchmaker.questionnaires.rules.conditions import asked, holds, is_answered
from matchmaker.questionnaires.rules.definition import WITH_OPTIONS, Definition, Field, FieldKind, Section
from matchmaker.questionnaires.rules.values import NO_TABLES, Tables, parse, plain_answer

Answers = dict[str, Any]  # by field id, JSON-ready


class AnswersRefused(Refusals):
    """Some answers will not do: one sentence for each field, under `errors`."""

    @property
    def errors(self) -> dict[str, DomainError]:
        """The refusal of each field by its id."""
        return {str(each.field): each for each in self.all}


@dataclass(frozen=True)
class Checked:
    """What became of what was typed: the answers that stand, and what is wrong with the others."""

    answers: Answers
    errors: dict[str, DomainError]


def weigh(
    definition: Definition,
    raw: Mapping[str, object],
    *,
    staff: bool = False,
    partial: bool = False,
    kept: Mapping[str, Any] | None = None,
    tables: Tables = NO_TABLES,
) -> Checked:
    """Read every field that is asked; never raises. What only organisers fill in stays as `kept` unless `staff`.

    `partial`: nothing must be answered, because somebody else writes down what they know.
    """
    answers: Answers = {}
    errors: dict[str, DomainError] = {}
    for section, field in definition.each():
        if not (holds(section.show_if, answers) and holds(field.show_if, answers)):
            continue
        if field.staff_only and not staff:
            if (kept or {}).get(field.id) is not None:
                answers[field.id] = (kept or {})[field.id]
            continue
        try:
            value = parse(field, raw.get(field.id), tables=tables)
            if field.required and not partial and not is_answered(value):
                raise _missing(field)
        except DomainError as error:
            errors[field.id] = error
            continue
        if is_answered(value):
            answers[field.id] = value
    return Checked(answers, errors)


def _missing(field: Field) -> DomainError:
    if field.kind is FieldKind.CONSENT:
        return DomainError("请阅读并勾选同意", field=field.id)
    if field.kind in WITH_OPTIONS:
        return DomainError("请选择", field=field.id)
    return DomainError("请填写这一项", field=field.id)


def check(
    definition: Definition,
    raw: Mapping[str, object],
    *,
    staff: bool = False,
    partial: bool = False,
    kept: Mapping[str, Any] | None = None,
    tables: Tables = NO_TABLES,
) -> Answers:
    """The answers as they are kept. Raises AnswersRefused with a sentence for every field that will not do."""
    weighed = weigh(definition, raw, staff=staff, partial=partial, kept=kept, tables=tables)
    if weighed.errors:
        raise AnswersRefused(list(weighed.errors.values()))
    return weighed.answers


def claims_of(definition: Definition, answers: Mapping[str, Any], party: int) -> dict[int, int]:
    """Seats that checked answers claim, by pool: one an option, or one for each person of the party."""
    claims: dict[int, int] = {}
    for field in definition.fields:
        if field.kind not in WITH_OPTIONS or field.id not in answers:
            continue
        value = answers[field.id]
        for option_id in value if isinstance(value, list) else [value]:
            option = field.option(str(option_id))
            if option is not None and option.pool is not None:
                claims[option.pool] = claims.get(option.pool, 0) + (party if option.per_person else 1)
    return claims


def companions_of(definition: Definition, answers: Mapping[str, Any]) -> list[dict[str, str]]:
    """The accompanying people who take a seat each: name and phone."""
    fields = (field for field in definition.fields if field.kind is FieldKind.COMPANIONS and field.counts)
    return [person for field in fields for person in answers.get(field.id, ())]


def first_of(definition: Definition, answers: Mapping[str, Any], kind: FieldKind) -> Any:
    """The first answer of a kind, e.g. the industry for the figures; None when there is none."""
    return next((answers[f.id] for f in definition.fields if f.kind is kind and f.id in answers), None)


def columns_of(definition: Definition, *, language: str = "zh", staff: bool = True) -> list[tuple[str, str]]:
    """(field id, label) of every field, for lists and exports."""
    fields = definition.fields if staff else definition.for_registrants().fields
    return [(field.id, field.label_in(language)) for field in fields]


@dataclass(frozen=True)
class Shown:
    """One answer as a page shows it: `file` is (id, name), `text` the answer in words, empty when there is none."""

    field: Field
    label: str
    text: str
    file: tuple[int, str] | None = None
    erased: bool = False


def shown(
    definition: Definition,
    answers: Mapping[str, Any],
    *,
    language: str = "zh",
    staff: bool = False,
    tables: Tables = NO_TABLES,
    erased: Collection[str] = (),
) -> list[tuple[Section, list[Shown]]]:
    """Every answer under its section's heading; what was not asked is left out, what was not answered has no text."""
    kept = {*answers, *erased}
    there = {field.id for field in asked(definition, answers, staff=staff)}
    there |= {field.id for field in definition.fields if field.id in kept and (staff or not field.staff_only)}
    pages: list[tuple[Section, list[Shown]]] = []
    for section in definition.sections:
        fields = (field for field in section.fields if field.id in there)
        rows = [_shown(field, answers.get(field.id), language, tables, field.id in erased) for field in fields]
        if rows:
            pages.append((section, rows))
    return pages


def _shown(field: Field, value: Any, language: str, tables: Tables, erased: bool) -> Shown:
    file = (int(value["file"]), str(value["name"])) if isinstance(value, dict) and "file" in value else None
    text = plain_answer(field, value, language=language, tables=tables)
    with_unit = f"{text} {field.unit}" if text and field.unit else text
    return Shown(field, field.label_in(language), with_unit, file, erased)
