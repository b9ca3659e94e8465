"""What organisers note on a registration: tags, who handles it, single fields, answers only they see."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from matchmaker.accounts.models import User
from matchmaker.activity import services as activity
from matchmaker.core import folding
from matchmaker.core.db import db
from matchmaker.core.errors import Conflict, DomainError
from matchmaker.events.models import Registration, RegistrationTag
from matchmaker.events.services import waiting
from matchmaker.events.services.deciding import check_manages
from matchmaker.questionnaires import queries as questionnaire_queries
from matchmaker.questionnaires import services as questionnaires
from matchmaker.questionnaires.models import Questionnaire
from matchmaker.questionnaires.rules import values
from matchmaker.questionnaires.rules.definition import UPLOADS, Field, FieldKind

LONGEST_TAG = 40
MOST_TAGS = 20
NOTED = {"note": 500, "organisation_name": 200, "name": 60}
CONTACT = frozenset({"name"})
ANSWER = "answer:"


def tag_of(text: str) -> str:
    """A tag as it is kept."""
    word = folding.clean_text(text)
    if not word:
        raise DomainError("请填写标签", field="tag")
    if len(word) > LONGEST_TAG:
        raise DomainError("标签最多 {n} 个字", field="tag", n=LONGEST_TAG)
    return word


def tag(registration: Registration, actor: Any, text: str) -> dict[str, Any]:
    """Put a tag on a registration; returns what an undo needs."""
    check_manages(actor, registration)
    word = tag_of(text)
    if any(row.text == word for row in registration.tags):
        raise Conflict("已经有这个标签")
    if len(registration.tags) >= MOST_TAGS:
        raise Conflict("一条报名最多 {n} 个标签", n=MOST_TAGS)
    registration.tags.append(RegistrationTag(text=word))
    activity.record("events.tagged", subject=registration, actor=actor, tag=word)
    db.session.flush()
    return {"tag": word}


def untag(registration: Registration, actor: Any, text: str) -> dict[str, Any]:
    """Take a tag off a registration; returns what an undo needs."""
    check_manages(actor, registration)
    row = next((row for row in registration.tags if row.text == text), None)
    if row is None:
        raise Conflict("没有这个标签")
    registration.tags.remove(row)
    activity.record("events.untagged", subject=registration, actor=actor, tag=text)
    db.session.flush()
    return {"tag": text}


def assign(registration: Registration, actor: Any, user: User | None) -> dict[str, Any]:
    """Say who takes care of a registration; None: nobody in particular."""
    check_manages(actor, registration)
    if registration.handler_id == (user.id if user else None):
        raise Conflict("经办人没有变化")
    before, name = registration.handler_id, registration.handler.name if registration.handler else None
    registration.handler = user
    activity.record(
        "events.assigned", subject=registration, actor=actor, before=name, after=user.name if user else None
    )
    db.session.flush()
    return {"handler": before, "now": registration.handler_id}


def undo_assign(registration: Registration, actor: Any, before: Mapping[str, Any]) -> None:
    """Back to who took care of it before."""
    if registration.handler_id != before["now"]:
        raise Conflict("这条报名后来又有变化，不能撤销")
    user = db.session.get(User, before["handler"]) if before["handler"] else None
    assign(registration, actor, user)


def note_field(registration: Registration, actor: Any, *, field: str, text: str) -> dict[str, Any]:
    """Change one field that organisers may change; returns what an undo needs."""
    check_manages(actor, registration)
    if field.startswith(ANSWER):
        return _answer(registration, actor, field.removeprefix(ANSWER), text)
    if field == "priority":
        return _priority(registration, actor, text)
    if field not in NOTED:
        raise DomainError("这一项不能批量修改", field="field")
    before, after = getattr(registration, field), folding.clean_text(text)
    if len(after) > NOTED[field]:
        raise DomainError("最多 {n} 个字", field="text", n=NOTED[field])
    if before == after:
        raise Conflict("内容没有变化")
    setattr(registration, field, after)
    _record(registration, actor, field, before, after)
    db.session.flush()
    return {"field": field, "text": before, "now": after}


def undo_field(registration: Registration, actor: Any, before: Mapping[str, Any]) -> None:
    """Put the field back, unless it was changed again."""
    check_manages(actor, registration)
    field: str = before["field"]
    if field.startswith(ANSWER):
        _undo_answer(registration, actor, field.removeprefix(ANSWER), before)
        return
    if getattr(registration, field) != before["now"]:
        raise Conflict("这条报名后来又有变化，不能撤销")
    setattr(registration, field, before["text"])
    _record(registration, actor, field, before["now"], before["text"])
    db.session.flush()


def _priority(registration: Registration, actor: Any, text: str) -> dict[str, Any]:
    number, _mark, reason = text.partition(" ")
    try:
        wanted = int(number)
    except ValueError:
        raise DomainError("请写“数字 理由”，如“5 往届重点企业”", field="text") from None
    before = registration.priority
    waiting.prioritise(registration, actor=actor, priority=wanted, reason=reason)
    return {"field": "priority", "text": before, "now": wanted}


def staff_fields(questionnaire: Questionnaire | None) -> list[Field]:
    """The fields of a form that only organisers fill in, as text."""
    fields = questionnaire.definition.fields if questionnaire else ()
    return [field for field in fields if field.staff_only and field.kind not in UPLOADS]


def set_answer(registration: Registration, actor: Any, field_id: str, typed: Any) -> dict[str, Any]:
    """Fill in an answer that only organisers give; empty text takes it away."""
    check_manages(actor, registration)
    questionnaire = form_of(registration)
    field = next((f for f in staff_fields(questionnaire) if f.id == field_id), None)
    if field is None or questionnaire is None:
        raise Conflict("这个人群的表单没有这一项")
    answers = dict(registration.sheet.answers) if registration.sheet else {}
    before = answers.pop(field_id, None)
    parsed = values.parse(field, typed, tables=questionnaire_queries.tables()) if typed else None
    if parsed not in (None, "", []):
        answers[field_id] = parsed
    if before == answers.get(field_id):
        raise Conflict("内容没有变化")
    _store(registration, questionnaire, answers, actor)
    _record(registration, actor, field.id, before, answers.get(field_id), field=field)
    return {"field": ANSWER + field_id, "text": before, "now": answers.get(field_id)}


def _answer(registration: Registration, actor: Any, field_id: str, text: str) -> dict[str, Any]:
    field = next((f for f in staff_fields(form_of(registration)) if f.id == field_id), None)
    option = next((o.id for o in field.options if text in {o.id, o.label}), text) if field else text
    return set_answer(registration, actor, field_id, option)


def _undo_answer(registration: Registration, actor: Any, field_id: str, before: Mapping[str, Any]) -> None:
    questionnaire = form_of(registration)
    answers = dict(registration.sheet.answers) if registration.sheet else {}
    if questionnaire is None or answers.pop(field_id, None) != before["now"]:
        raise Conflict("这条报名后来又有变化，不能撤销")
    if before["text"] is not None:
        answers[field_id] = before["text"]
    _store(registration, questionnaire, answers, actor)
    field = next((f for f in staff_fields(questionnaire) if f.id == field_id), None)
    _record(registration, actor, field_id, before["now"], before["text"], field=field)


def _record(
    registration: Registration, actor: Any, key: str, before: Any, after: Any, *, field: Field | None = None
) -> None:
    """What was and what is, for the record; how somebody can be reached is never copied there."""
    contact = key in CONTACT or (field is not None and field.kind in {FieldKind.PHONE, FieldKind.EMAIL})
    change = {} if contact else {"before": _told(field, before), "after": _told(field, after)}
    name = field.label if field is not None else key
    activity.record("events.field_changed", subject=registration, actor=actor, field=name, **change)


def _told(field: Field | None, value: Any) -> str:
    """A value as people read it: options by their labels."""
    labels = {option.id: option.label for option in field.options} if field is not None else {}
    given = value if isinstance(value, list) else [] if value is None else [value]
    return "、".join(labels.get(str(each), str(each)) for each in given)


def _store(registration: Registration, questionnaire: Questionnaire, answers: dict[str, Any], actor: Any) -> None:
    if registration.sheet is not None:
        questionnaires.update(registration.sheet, answers)
    elif questionnaire.current is not None:
        registration.sheet = questionnaires.store(questionnaire.current, answers, subject=registration, actor=actor)
        registration.sheet.user_id = None  # the organiser noted it, the answers are not theirs
    db.session.flush()


def form_of(registration: Registration) -> Questionnaire | None:
    """The form of the registration's group."""
    form_id = registration.audience.questionnaire_id
    return db.session.get(Questionnaire, form_id) if form_id else None
