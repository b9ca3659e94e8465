"""The table of titles."""

from __future__ import annotations

from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from matchmaker.core.db import Instant, JsonList, Key, Name, RegionCode, db
from matchmaker.directory.models import Organisation
from matchmaker.evaluation import rules
from matchmaker.evaluation.rules import PatentKind, Standing, TitleKind


class Title(db.Model):  # type: ignore[name-defined]
    """Something granted to a holder for a time, under a number that no other title of its kind has.

    `organisation_id` is empty where the holder is not in the directory; co-owners are names beside the holder.
    `ended` is the first day on which it no longer counts, before its term was over.
    """

    __tablename__ = "titles"
    __table_args__ = (
        sa.UniqueConstraint("kind", "number"),
        sa.CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name="valid_to_after_valid_from"),
        sa.Index("ix_titles_region_kind_from", "region", "kind", "valid_from"),
    )

    id: Mapped[Key]
    region: Mapped[RegionCode]
    kind: Mapped[TitleKind]
    subkind: Mapped[PatentKind | None]
    number: Mapped[str] = mapped_column(sa.String(80))
    name: Mapped[Name] = mapped_column(default="")
    organisation_id: Mapped[int | None] = mapped_column(sa.ForeignKey("organisations.id"), index=True)
    holder: Mapped[Name]
    folded_holder: Mapped[str] = mapped_column(sa.String(200), index=True)
    co_holders: Mapped[JsonList] = mapped_column(sa.JSON(), default=list)
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    ended: Mapped[date | None]
    end_reason: Mapped[str | None] = mapped_column(sa.String(500))
    document: Mapped[Name] = mapped_column(default="")
    note: Mapped[str] = mapped_column(sa.String(500), default="")
    source: Mapped[str] = mapped_column(sa.String(60), default="typed")
    demo: Mapped[bool] = mapped_column(default=False)
    created: Mapped[Instant]
    updated: Mapped[Instant]
    version: Mapped[int] = mapped_column(default=1)
    organisation: Mapped[Organisation | None] = relationship(lazy="joined")

    __mapper_args__ = {"version_id_col": version}

    def standing_on(self, day: date) -> Standing:
        """How it stands on a day."""
        return rules.standing(valid_from=self.valid_from, valid_to=self.valid_to, ended=self.ended, day=day)

    @property
    def who(self) -> str:
        """The holder's present name, with co-owners behind it."""
        first = self.organisation.name if self.organisation else self.holder
        return "、".join([first, *self.co_holders])
