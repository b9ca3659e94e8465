"""Questionnaires, their versions and answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from matchmaker.core.db import db
from matchmaker.core.feature import features
from matchmaker.core.i18n import current_locale
from matchmaker.directory import taxonomy
from matchmaker.files.models import StoredFile
from matchmaker.questionnaires import access
from matchmaker.questionnaires.models import AnswerSheet, Questionnaire, QuestionnaireVersion, StagedUpload
from matchmaker.questionnaires.rules import answers, places
from matchmaker.questionnaires.rules.definition import Definition


def of_owner(owner: Any) -> Sequence[Questionnaire]:
    """The questionnaires of one record."""
    statement = sa.select(Questionnaire).where(
        Questionnaire.owner_kind == owner.__tablename__, Questionnaire.owner_id == owner.id
    )
    return db.session.execute(statement.order_by(Questionnaire.id)).scalars().all()


def one(questionnaire_id: int) -> sa.Select[Questionnaire]:
    """A questionnaire by its id; who may edit it is `access`'s to say."""
    return sa.select(Questionnaire).where(Questionnaire.id == questionnaire_id)


def version_of(questionnaire: Questionnaire, version_id: int | None) -> QuestionnaireVersion | None:
    """One version of this questionnaire, None when it has none of that id."""
    version = db.session.get(QuestionnaireVersion, version_id) if version_id else None
    return version if version is not None and version.questionnaire_id == questionnaire.id else None


def versions(questionnaire: Questionnaire) -> Sequence[QuestionnaireVersion]:
    """Every version, the newest first."""
    statement = sa.select(QuestionnaireVersion).where(QuestionnaireVersion.questionnaire_id == questionnaire.id)
    return db.session.execute(statement.order_by(QuestionnaireVersion.number.desc())).scalars().all()


def answered_counts(questionnaire: Questionnaire) -> dict[int, int]:
    """How many sheets each version has, drafts left out."""
    statement = (
        sa.select(AnswerSheet.version_id, sa.func.count())
        .where(AnswerSheet.questionnaire_id == questionnaire.id, AnswerSheet.draft.is_(False))
        .group_by(AnswerSheet.version_id)
    )
    return {row[0]: row[1] for row in db.session.execute(statement)}


def sheets_of(subject: Any) -> Sequence[AnswerSheet]:
    """The answers that belong to one record."""
    statement = sa.select(AnswerSheet).where(
        AnswerSheet.subject_kind == subject.__tablename__, AnswerSheet.subject_id == subject.id
    )
    return db.session.execute(statement.order_by(AnswerSheet.id)).scalars().all()


def sheets_for(kind: str, ids: Sequence[int]) -> dict[int, AnswerSheet]:
    """The newest sheet of each of some records of one table, in one query: for lists and exports."""
    statement = sa.select(AnswerSheet).where(AnswerSheet.subject_kind == kind, AnswerSheet.subject_id.in_(ids))
    return {sheet.subject_id: sheet for sheet in db.session.execute(statement.order_by(AnswerSheet.id)).scalars()}


def staged(token: str, *, questionnaire_id: int, field_id: str) -> StoredFile | None:
    """The file that waits under a token for this field of this form."""
    statement = (
        sa.select(StoredFile)
        .join(
            StagedUpload, sa.and_(StoredFile.subject_id == StagedUpload.id, StoredFile.subject_kind == "staged_uploads")
        )
        .where(
            StagedUpload.token == token,
            StagedUpload.questionnaire_id == questionnaire_id,
            StagedUpload.field_id == field_id,
        )
    )
    return db.session.execute(statement).scalars().first()


def tables(language: str = "zh") -> answers.Tables:
    """The reference tables that industry and region fields choose from."""
    named = taxonomy.english_names if language == "en" else taxonomy.names
    return {"industry": named("industries"), "region": named("regions")}


def left(questionnaire: Questionnaire, definition: Definition) -> Mapping[int, int]:
    """How many places the options still have, by pool."""
    ask = features().merged("places_left").get(questionnaire.owner_kind)
    pools = places.pools_of(definition)
    return ask(pools) if ask is not None and pools else {}


def home(questionnaire: Questionnaire) -> tuple[str, str] | None:
    """Title and address of the page a questionnaire belongs to."""
    tell = features().merged("questionnaire_home").get(questionnaire.owner_kind)
    return tell(questionnaire.owner_id) if tell is not None else None


def shown(sheet: AnswerSheet, *, staff: bool = False) -> list[Any]:
    """The answers of a sheet by its own version, in the reader's language, by section."""
    language = current_locale()
    known = tables(language)
    return answers.shown(
        sheet.version.content, sheet.answers, language=language, staff=staff, tables=known, erased=sheet.erased
    )


def columns_of(version: QuestionnaireVersion, *, staff: bool = True) -> list[tuple[str, str]]:
    """(field id, label) of a version's fields in the reader's language."""
    return answers.columns_of(version.content, language=current_locale(), staff=staff)


def all_columns(questionnaire: Questionnaire, *, staff: bool = True) -> list[tuple[str, str]]:
    """(field id, label) of the fields of every version, the present ones first: for lists of answers old and new."""
    found: dict[str, str] = {}
    for version in versions(questionnaire):
        for field_id, label in columns_of(version, staff=staff):
            found.setdefault(field_id, label)
    return list(found.items())


def plain_answers(sheet: AnswerSheet) -> dict[str, str]:
    """Every answer of a sheet as text by field id, in the reader's language: for lists and exports."""
    language = current_locale()
    known = tables(language)
    return {
        field.id: answers.plain_answer(field, sheet.answers.get(field.id), language=language, tables=known)
        for field in sheet.version.content.fields
    }


def may_read_file(viewer: Any, sheet_id: int) -> bool:
    """May this person have the files of a sheet?"""
    sheet = db.session.get(AnswerSheet, sheet_id)
    return sheet is not None and access.may_see_answers(viewer, sheet)


def may_read_staff_file(viewer: Any, questionnaire_id: int) -> bool:
    """May this person have the files that organisers put beside answers?"""
    questionnaire = db.session.get(Questionnaire, questionnaire_id)
    return questionnaire is not None and access.may_edit(viewer, questionnaire)


def personal_data(user: Any) -> dict[str, Any]:
    """What a person answered."""
    statement = sa.select(AnswerSheet).where(AnswerSheet.user_id == user.id).order_by(AnswerSheet.id)
    return {
        "answers": [
            {
                "questionnaire": sheet.version.questionnaire.title,
                "updated": sheet.updated.isoformat(),
                "draft": sheet.draft,
                "answers": {row.label: row.text for _section, rows in shown(sheet) for row in rows if row.text},
            }
            for sheet in db.session.execute(statement).scalars()
        ]
    }
