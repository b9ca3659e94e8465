"""The tables of questionnaires."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from matchmaker.core.db import Instant, Json, JsonList, Key, Name, RegionCode, db
from matchmaker.questionnaires.rules.definition import Definition


class Questionnaire(db.Model):  # type: ignore[name-defined]
    """A form of some feature's record: `current` is what people fill in, `draft` what the organiser is changing."""

    __tablename__ = "questionnaires"
    __table_args__ = (sa.Index("ix_questionnaires_owner", "owner_kind", "owner_id", "id"),)

    id: Mapped[Key]
    region: Mapped[RegionCode]
    title: Mapped[Name]
    title_en: Mapped[Name] = mapped_column(default="")
    owner_kind: Mapped[str] = mapped_column(sa.String(60))
    owner_id: Mapped[int]
    current_id: Mapped[int | None] = mapped_column(index=True)  # no constraint: the versions point here already
    draft: Mapped[dict[str, Any] | None] = mapped_column(sa.JSON(none_as_null=True))
    created: Mapped[Instant]
    updated: Mapped[Instant]
    revision: Mapped[int] = mapped_column(default=1)
    current: Mapped[QuestionnaireVersion | None] = relationship(
        primaryjoin="foreign(Questionnaire.current_id) == QuestionnaireVersion.id", post_update=True
    )

    __mapper_args__ = {"version_id_col": revision}

    @property
    def definition(self) -> Definition:
        """What people fill in now; empty before the first version."""
        return self.current.content if self.current else Definition()

    @property
    def edited(self) -> Definition:
        """What the organiser sees: the draft, else what is in use."""
        return Definition.read(self.draft) if self.draft is not None else self.definition

    def title_in(self, language: str) -> str:
        """The title in a language, in Chinese when there is none."""
        return (self.title_en if language == "en" else "") or self.title


class QuestionnaireVersion(db.Model):  # type: ignore[name-defined]
    """One wording of a questionnaire, never changed once it is there: old answers render by their own version."""

    __tablename__ = "questionnaire_versions"
    __table_args__ = (sa.UniqueConstraint("questionnaire_id", "number"),)

    id: Mapped[Key]
    questionnaire_id: Mapped[int] = mapped_column(sa.ForeignKey("questionnaires.id"), index=True)
    number: Mapped[int]
    definition: Mapped[Json]
    published: Mapped[Instant]
    author_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"), index=True)
    questionnaire: Mapped[Questionnaire] = relationship(foreign_keys=[questionnaire_id])

    @cached_property
    def content(self) -> Definition:
        """The definition as an object; read once, as it never changes."""
        return Definition.read(self.definition)


class AnswerSheet(db.Model):  # type: ignore[name-defined]
    """What somebody answered, by field id, for a record of the feature that asked.

    `typed` keeps what a draft holds that is no answer yet; `erased` names the fields whose answers were deleted.
    """

    __tablename__ = "answer_sheets"
    __table_args__ = (sa.Index("ix_answer_sheets_subject", "subject_kind", "subject_id", "id"),)

    id: Mapped[Key]
    questionnaire_id: Mapped[int] = mapped_column(sa.ForeignKey("questionnaires.id"), index=True)
    version_id: Mapped[int] = mapped_column(sa.ForeignKey("questionnaire_versions.id"), index=True)
    subject_kind: Mapped[str] = mapped_column(sa.String(60))
    subject_id: Mapped[int]
    user_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"), index=True)
    answers: Mapped[Json]
    typed: Mapped[Json] = mapped_column(sa.JSON(), default=dict)
    erased: Mapped[JsonList] = mapped_column(sa.JSON(), default=list)
    draft: Mapped[bool] = mapped_column(default=False)
    created: Mapped[Instant]
    updated: Mapped[Instant]
    revision: Mapped[int] = mapped_column(default=1)
    version: Mapped[QuestionnaireVersion] = relationship()  # few versions for many sheets: never joined

    __mapper_args__ = {"version_id_col": revision}


class StagedUpload(db.Model):  # type: ignore[name-defined]
    """A file that came with a form which could not be taken yet; whoever holds `token` claims it by sending again."""

    __tablename__ = "staged_uploads"

    id: Mapped[Key]
    token: Mapped[str] = mapped_column(sa.String(64), unique=True)
    questionnaire_id: Mapped[int] = mapped_column(sa.ForeignKey("questionnaires.id"), index=True)
    field_id: Mapped[str] = mapped_column(sa.String(20))
    created: Mapped[Instant]
