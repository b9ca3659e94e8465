"""Taking answers in, changing them, letting them go."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from matchmaker.activity import services as activity
from matchmaker.core import clock
from matchmaker.core.db import db
from matchmaker.core.errors import DomainError
from matchmaker.questionnaires import queries
from matchmaker.questionnaires.models import AnswerSheet, Questionnaire, QuestionnaireVersion
from matchmaker.questionnaires.rules import answers as rules
from matchmaker.questionnaires.rules.answers import Answers
from matchmaker.questionnaires.rules.conditions import asked, without_hidden
from matchmaker.questionnaires.rules.definition import UPLOADS, Field
from matchmaker.questionnaires.rules.values import parse_text
from matchmaker.questionnaires.services import uploads


def check(
    version: QuestionnaireVersion,
    raw: Mapping[str, object],
    *,
    staff: bool = False,
    partial: bool = False,
    sheet: AnswerSheet | None = None,
) -> Answers:
    """What was typed (`form.raw`) as answers. Raises AnswersRefused (a DomainError) with one sentence a field.

    `sheet` are the answers being changed: its files may be kept, and its organisers' fields stay for registrants.
    `staff` fill in the organisers' fields, too; `partial`: what they do not know stays empty.
    """
    kept = sheet.answers if sheet else None
    ready = uploads.resolved(version, raw, kept=kept)
    return rules.check(version.content, ready, staff=staff, partial=partial, kept=kept, tables=queries.tables())


def store(version: QuestionnaireVersion, answers: Answers, *, subject: Any, actor: Any | None = None) -> AnswerSheet:
    """Keep checked answers for a record. The record keeps its own rule about how many sheets it has."""
    return _new(version, subject, actor, answers=answers)


def _new(version: QuestionnaireVersion, subject: Any, actor: Any | None, **values: Any) -> AnswerSheet:
    if subject.id is None:
        db.session.flush()
    now = clock.now()
    sheet = AnswerSheet(
        questionnaire_id=version.questionnaire_id,
        version_id=version.id,
        version=version,
        subject_kind=subject.__tablename__,
        subject_id=subject.id,
        user_id=getattr(actor, "id", None) or None,
        created=now,
        updated=now,
        typed=values.pop("typed", {}),
        erased=[],
        **values,
    )
    db.session.add(sheet)
    db.session.flush()
    uploads.claim(sheet, before={})
    return sheet


def update(
    sheet: AnswerSheet, answers: Answers, *, version: QuestionnaireVersion | None = None
) -> dict[str, tuple[Any, Any]]:
    """Replace the answers by checked ones; the sheet keeps its version unless they were given on another.

    Returns what changed by field id, (before, after), for the caller's activity and a second approval.
    """
    before = dict(sheet.answers)
    sheet.answers, sheet.typed, sheet.draft, sheet.updated = dict(answers), {}, False, clock.now()
    if version is not None and version.id != sheet.version_id:
        sheet.version = version
    sheet.erased = [field_id for field_id in sheet.erased if field_id not in answers]
    uploads.claim(sheet, before=before)
    db.session.flush()
    ids = dict.fromkeys([*before, *answers])
    return {key: (before.get(key), answers.get(key)) for key in ids if before.get(key) != answers.get(key)}


def change_one(sheet: AnswerSheet, field_id: str, text: str) -> Any:
    """Staff set one answer as written in words (options by name, empty deletes it); returns the answer before.

    What is hidden by the new answer goes with it. Raises DomainError when the sheet does not ask this.
    """
    field = sheet.version.content.field(field_id)
    if field is None or field.kind in UPLOADS:
        raise DomainError("这份回答的表里没有这一项", field=field_id)
    before = dict(sheet.answers)
    value = parse_text(field, text, tables=queries.tables())
    if value is None and field.required:
        raise DomainError("“{label}”是必填的，不能清空", field=field_id, label=field.label)
    changed = {key: each for key, each in {**before, field_id: value}.items() if each is not None}
    if value is not None and field_id not in {each.id for each in asked(sheet.version.content, changed, staff=True)}:
        raise DomainError("按这份回答的内容，“{label}”不用填写", field=field_id, label=field.label)
    sheet.answers, sheet.updated = without_hidden(sheet.version.content, changed), clock.now()
    uploads.claim(sheet, before=before)
    db.session.flush()
    return before.get(field_id)


def save_draft(
    version: QuestionnaireVersion,
    raw: Mapping[str, object],
    *,
    subject: Any,
    actor: Any | None = None,
    sheet: AnswerSheet | None = None,
) -> AnswerSheet:
    """Keep whatever was typed: answers that stand as answers, the others as typed. Nothing is required."""
    kept = sheet.answers if sheet else None
    ready = uploads.resolved(version, raw, kept=kept)
    weighed = rules.weigh(version.content, ready, kept=kept, tables=queries.tables())
    typed = {key: _as_typed(raw.get(key)) for key in weighed.errors if raw.get(key)}
    typed = {key: value for key, value in typed.items() if value}
    if sheet is None:
        return _new(version, subject, actor, answers=weighed.answers, typed=typed, draft=True)
    before = dict(sheet.answers)
    sheet.answers, sheet.typed, sheet.version, sheet.updated = weighed.answers, typed, version, clock.now()
    uploads.claim(sheet, before=before)
    db.session.flush()
    return sheet


LONGEST_TYPED = 20_000


def _as_typed(value: object) -> Any:
    if isinstance(value, str):
        return value[:LONGEST_TYPED]
    if isinstance(value, list | tuple):
        return [str(each)[:200] for each in value[:200]]
    return None


def remove(sheet: AnswerSheet) -> None:
    """Delete a sheet with its files: its record is gone."""
    before, sheet.answers = dict(sheet.answers), {}
    uploads.claim(sheet, before=before)
    db.session.delete(sheet)
    db.session.flush()


def fields_with_personal_data(questionnaire: Questionnaire) -> list[Field]:
    """The fields of any version whose answers say something about a person, each in its newest wording."""
    found: dict[str, Field] = {}
    for version in queries.versions(questionnaire):
        for field in version.content.fields:
            if field.is_personal:
                found.setdefault(field.id, field)
    return list(found.values())


def erase_field(questionnaire: Questionnaire, field_id: str, before: datetime, *, actor: Any | None = None) -> int:
    """Delete the answers to one field on every sheet last changed before a moment, files included; how many."""
    statement = sa.select(AnswerSheet).where(
        AnswerSheet.questionnaire_id == questionnaire.id, AnswerSheet.updated < before
    )
    sheets = db.session.execute(statement).scalars().all()
    count = sum(_erase(sheet, {field_id}) for sheet in sheets)
    if count:
        activity.record("questionnaires.erased", subject=questionnaire, actor=actor, field=field_id, count=count)
    db.session.flush()
    return count


def _erase(sheet: AnswerSheet, field_ids: set[str]) -> bool:
    """Delete some answers of a sheet; the others stay, also those that were asked because of them."""
    gone = [key for key in [*sheet.answers, *sheet.typed] if key in field_ids]
    if not gone:
        return False
    before = dict(sheet.answers)
    sheet.answers = {key: value for key, value in sheet.answers.items() if key not in field_ids}
    sheet.typed = {key: value for key, value in sheet.typed.items() if key not in field_ids}
    sheet.erased = list(dict.fromkeys([*sheet.erased, *gone]))
    uploads.claim(sheet, before=before)
    return True


def forget(user: Any) -> None:
    """Somebody leaves: drafts go, personal answers are deleted, the others stay without a name."""
    statement = sa.select(AnswerSheet).where(AnswerSheet.user_id == user.id)
    for sheet in db.session.execute(statement).scalars().all():
        if sheet.draft:
            remove(sheet)
            continue
        personal = {f.id for f in sheet.version.content.fields if f.is_personal or f.kind in UPLOADS}
        _erase(sheet, personal)
        sheet.user_id = None
    db.session.execute(
        sa.update(QuestionnaireVersion).where(QuestionnaireVersion.author_id == user.id).values(author_id=None)
    )
    db.session.flush()
