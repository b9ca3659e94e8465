"""Files that come with forms: staged when they arrive, claimed when the form is taken, cleared when nobody does."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from matchmaker.core import clock
from matchmaker.core.db import db
from matchmaker.core.errors import Conflict, DomainError
from matchmaker.files import services as files
from matchmaker.files.models import StoredFile
from matchmaker.files.rules import DOCUMENTS, IMAGES
from matchmaker.questionnaires import queries
from matchmaker.questionnaires.models import AnswerSheet, Questionnaire, QuestionnaireVersion, StagedUpload
from matchmaker.questionnaires.rules.definition import UPLOADS, Field, FieldKind
from matchmaker.questionnaires.rules.values import Upload

STAGED = "staged_uploads"
PURPOSE = "answer"
STAGED_FOR = timedelta(days=1)
LIMIT_MB = 20


def stage(version: QuestionnaireVersion, incoming: Mapping[str, Any], *, actor: Any | None = None) -> dict[str, Any]:
    """Keep the files of a form by field id (werkzeug FileStorage each), before anything else is checked.

    Answers field id → the token that claims the file, or the DomainError why it was refused. In a transaction of
    its own, so that a file need not be sent again when another answer is wrong.
    """
    outcomes: dict[str, Any] = {}
    for field in version.content.fields:
        if field.kind in UPLOADS and field.id in incoming:
            outcomes[field.id] = _staged(version, field, incoming[field.id], actor)
    return outcomes


def _staged(version: QuestionnaireVersion, field: Field, upload: Any, actor: Any | None) -> str | DomainError:
    row = StagedUpload(
        token=secrets.token_urlsafe(24),
        questionnaire_id=version.questionnaire_id,
        field_id=field.id,
        created=clock.now(),
    )
    db.session.add(row)
    db.session.flush()
    kinds = IMAGES if field.kind is FieldKind.PICTURE else DOCUMENTS
    try:
        files.attach(upload, subject=row, actor=actor, purpose=PURPOSE, kinds=kinds, limit_mb=LIMIT_MB, field=field.id)
    except DomainError as error:
        db.session.delete(row)
        db.session.flush()
        return error
    return row.token


def resolved(
    version: QuestionnaireVersion, raw: Mapping[str, object], *, kept: Mapping[str, Any] | None
) -> dict[str, object]:
    """What was typed with every file as an `Upload`: staged under the token that came, or the one kept so far.

    A program or a page can name a file only by a token or as "keep", never by its number.
    """
    ready = dict(raw)
    for field in version.content.fields:
        if field.kind not in UPLOADS:
            continue
        sent = raw.get(field.id)
        if isinstance(sent, Upload):
            ready[field.id] = Upload(error=sent.error) if sent.error else None
        elif sent == "keep":
            ready[field.id] = _kept((kept or {}).get(field.id))
        elif isinstance(sent, str) and sent:
            file = queries.staged(sent, questionnaire_id=version.questionnaire_id, field_id=field.id)
            lost = DomainError("文件没有收到，请重新选择", field=field.id)
            ready[field.id] = Upload(file.id, file.name) if file else Upload(error=lost)
        else:
            ready[field.id] = None
    return ready


def _kept(value: Any) -> Upload | None:
    return Upload(int(value["file"]), str(value["name"])) if isinstance(value, dict) else None


def claim(sheet: AnswerSheet, *, before: Mapping[str, Any]) -> None:
    """Make the files of the answers the sheet's own, and let go of those it had and no longer names."""
    now_named = _files_in(sheet.answers)
    for file_id in _files_in(before) - now_named:
        file = db.session.get(StoredFile, file_id)
        if file is not None:
            db.session.delete(file)
    fresh = now_named - _files_in(before)
    if not fresh:
        return
    staff_only = {field.id for field in sheet.version.content.fields if field.staff_only}
    for field_id, value in sheet.answers.items():
        if not isinstance(value, dict) or value.get("file") not in fresh:
            continue
        file = db.session.get_one(StoredFile, value["file"])
        if file.subject_kind != STAGED or not _taken(file.subject_id):  # sent twice: the first has it
            raise Conflict("文件没有收到，请重新选择", field=field_id)
        file.region = sheet.version.questionnaire.region
        if field_id in staff_only:  # what organisers put beside answers is not for who answered
            file.subject_kind, file.subject_id = Questionnaire.__tablename__, sheet.questionnaire_id
        else:
            file.subject_kind, file.subject_id = AnswerSheet.__tablename__, sheet.id
    db.session.flush()


def _taken(staged_id: int) -> bool:
    """Take a staged file away from whoever else holds its token; False when somebody was first."""
    done = db.session.execute(sa.delete(StagedUpload).where(StagedUpload.id == staged_id))
    return bool(done.rowcount == 1)  # type: ignore[attr-defined]


def _files_in(answers: Mapping[str, Any]) -> set[int]:
    return {int(value["file"]) for value in answers.values() if isinstance(value, dict) and "file" in value}


def clear_staged() -> int:
    """Delete what nobody claimed within a day; the contents go with the nightly clearing of files."""
    old = sa.select(StagedUpload.id).where(StagedUpload.created < clock.now() - STAGED_FOR)
    ids = list(db.session.execute(old).scalars())
    if ids:
        db.session.execute(
            sa.delete(StoredFile).where(StoredFile.subject_kind == STAGED, StoredFile.subject_id.in_(ids))
        )
        db.session.execute(sa.delete(StagedUpload).where(StagedUpload.id.in_(ids)))
    return len(ids)
