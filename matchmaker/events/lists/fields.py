"""The fields that the advanced filter of registrations asks about, and the choices of its filters."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _

from matchmaker.core import clock
from matchmaker.core.conditions import ConditionField, Operator, Test, on_choice, on_moment, on_number, on_text
from matchmaker.core.i18n import current_locale, local
from matchmaker.core.listspec import Scope
from matchmaker.core.viewer import Viewer
from matchmaker.events import queries
from matchmaker.events.models import Attendee, Registration, RegistrationTag
from matchmaker.events.rules import RegistrationState, Source
from matchmaker.questionnaires.models import AnswerSheet
from matchmaker.questionnaires.rules.checking import possible_answers
from matchmaker.questionnaires.rules.definition import Field, FieldKind

Choices = list[tuple[str, str]]


def stands(state: RegistrationState) -> Any:
    """The registrations that stand like this now: an offer that ran out has lapsed."""
    over = sa.and_(Registration.state == RegistrationState.OFFERED, Registration.offered_until <= clock.now())
    if state is RegistrationState.LAPSED:
        return sa.or_(Registration.state == state, over)
    if state is RegistrationState.OFFERED:
        return sa.and_(Registration.state == state, sa.not_(over))
    return Registration.state == state


def groups(viewer: Viewer, scope: Mapping[str, str]) -> Choices:
    """The groups whose registrations a person sees."""
    return [(str(a.id), local(a, "name")) for a in queries.audiences_seen(viewer, queries.number_in(scope))]


def tags(viewer: Viewer, scope: Mapping[str, str]) -> Choices:
    """The tags in use."""
    return Scope.once(scope, "tags", lambda: _tags(viewer, scope))


def _tags(viewer: Viewer, scope: Mapping[str, str]) -> Choices:
    return [(text, text) for text in queries.tags_of(viewer, queries.number_in(scope))]


def handlers(_viewer: Viewer, scope: Mapping[str, str]) -> Choices:
    """Who may take care of registrations."""
    return Scope.once(scope, "handlers", lambda: _handlers(scope))


def _handlers(scope: Mapping[str, str]) -> Choices:
    return [(str(key), name) for key, name in queries.handlers_of(queries.number_in(scope))]


def conditions(viewer: Viewer, scope: Mapping[str, str]) -> list[ConditionField]:
    """Every field one may ask about, the questions of the forms last."""
    words = [(s.value, _(s.label)) for s in RegistrationState]
    yes_no = [("yes", _("是")), ("no", _("否"))]
    found = [
        ConditionField("state", _("状态"), _state, words),
        ConditionField("group", _("人群"), on_choice(Registration.audience_id), groups(viewer, scope)),
        ConditionField("source", _("来源"), on_choice(Registration.source), [(s.value, _(s.label)) for s in Source]),
        ConditionField("tag", _("标签"), _tag, tags(viewer, scope)),
        ConditionField("handler", _("经办人"), on_choice(Registration.handler_id), handlers(viewer, scope)),
        ConditionField("party", _("人数"), on_number(Registration.party)),
        ConditionField("attended", _("到场"), _attended, yes_no),
        ConditionField("from_waiting", _("来自候补"), _flag(Registration.from_waiting), yes_no),
        ConditionField("attendee", _("参会人"), _attendee),
        ConditionField("organisation", _("单位名称（手填）"), on_text(Registration.organisation_name)),
        ConditionField("note", _("备注"), on_text(Registration.note)),
        ConditionField("phone", _("联系电话"), on_text(Registration.phone)),
        ConditionField("email", _("邮箱"), on_text(Registration.email)),
        ConditionField("created", _("报名时间"), on_moment(Registration.created)),
    ]
    return found + list(_answers(viewer, scope).values())


def _state(operator: Operator, value: str) -> Any:
    if operator is not Operator.IS or value not in set(RegistrationState):
        return None
    return stands(RegistrationState(value))


def _tag(operator: Operator, value: str) -> Any:
    rows = sa.select(RegistrationTag.id).where(RegistrationTag.registration_id == Registration.id)
    if operator is Operator.IS:
        rows = rows.where(RegistrationTag.text == value)
    elif operator is Operator.CONTAINS:
        rows = rows.where(RegistrationTag.text.icontains(value, autoescape=True))
    elif operator is not Operator.FILLED:
        return None
    return rows.correlate(Registration).exists()


def _attendee(operator: Operator, value: str) -> Any:
    rows = sa.select(Attendee.id).where(Attendee.registration_id == Registration.id)
    if operator is Operator.IS:
        rows = rows.where(Attendee.name == value)
    elif operator is Operator.CONTAINS:
        rows = rows.where(Attendee.name.icontains(value, autoescape=True))
    elif operator is not Operator.FILLED:
        return None
    return rows.correlate(Registration).exists()


def _attended(operator: Operator, value: str) -> Any:
    rows = sa.select(Attendee.id).where(Attendee.registration_id == Registration.id, Attendee.attended_at.is_not(None))
    seen = rows.correlate(Registration).exists()
    if operator is Operator.FILLED:
        return seen
    return (seen if value == "yes" else sa.not_(seen)) if operator is Operator.IS else None


def _flag(column: Any) -> Test:
    def test(operator: Operator, value: str) -> Any:
        return column.is_(value == "yes") if operator is Operator.IS else None

    return test


def _answers(viewer: Viewer, scope: Mapping[str, str]) -> dict[str, ConditionField]:
    language = current_locale()
    found: dict[str, ConditionField] = {}
    for form in queries.forms_seen(viewer, queries.number_in(scope)):
        for field in form.definition.fields:
            offered = list(possible_answers(field).items())
            title = field.label_in(language)
            found.setdefault(field.id, ConditionField(f"a.{field.id}", title, answered(field), offered))
    return found


def answered(field: Field) -> Test:
    """Tests of one answer on the sheet of a registration."""
    value_of = AnswerSheet.answers[field.id].as_string()
    many = field.kind is FieldKind.CHOICES

    def test(operator: Operator, value: str) -> Any:
        if operator is Operator.FILLED:
            clause = value_of.is_not(None)
        elif operator is Operator.IS:
            clause = (
                value_of.contains(f'"{value}"', autoescape=True) if many else value_of.in_(_spellings(field, value))
            )
        elif operator is Operator.CONTAINS:
            clause = value_of.icontains(value, autoescape=True)
        elif operator in {Operator.AT_LEAST, Operator.AT_MOST} and field.kind in {FieldKind.NUMBER, FieldKind.DATE}:
            clause = _compared(field, value_of, operator, value)
        else:
            return None
        rows = sa.select(AnswerSheet.id).where(AnswerSheet.id == Registration.sheet_id, value_of.is_not(None), clause)
        return rows.correlate(Registration).exists()

    return test


def _spellings(field: Field, value: str) -> list[str]:
    """A consent is kept as a truth, which the databases write differently."""
    if field.kind is FieldKind.CONSENT:
        return ["1", "true"] if value.lower() in {"true", "yes", "1", "是"} else ["0", "false"]
    return [value]


def _compared(field: Field, value_of: Any, operator: Operator, value: str) -> Any:
    if field.kind is FieldKind.DATE:
        return value_of >= value if operator is Operator.AT_LEAST else value_of <= value
    try:
        number = float(value)
    except ValueError:
        return sa.false()
    typed = sa.cast(value_of, sa.Float)
    return typed >= number if operator is Operator.AT_LEAST else typed <= number
