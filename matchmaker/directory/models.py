"""Tables of the directory: organisations with former names, people with documents, records held for a decision."""

from __future__ import annotations

from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship, validates

from matchmaker.core import clock
from matchmaker.core.db import Instant, Json, JsonList, Key, LongText, Money, Name, RegionCode, ShortText, db
from matchmaker.directory.rules import DocumentKind, OrganisationKind, OrganisationState


class Organisation(db.Model):  # type: ignore[name-defined]
    """An organisation of any kind; one firm appears once."""

    __tablename__ = "organisations"
    __table_args__ = (
        sa.Index("ix_organisations_region_name", "region", "name"),
        sa.Index("ix_organisations_kind_state", "kind", "state"),
    )

    id: Mapped[Key]
    region: Mapped[RegionCode]
    kind: Mapped[OrganisationKind]
    state: Mapped[OrganisationState]
    state_since: Mapped[date | None]
    uscc: Mapped[str | None] = mapped_column(sa.String(18), unique=True)
    uscc_override: Mapped[str | None] = mapped_column(sa.String(500))
    stock_code: Mapped[str | None] = mapped_column(sa.String(20), unique=True)
    exchange: Mapped[str | None] = mapped_column(sa.String(60))
    name: Mapped[Name] = mapped_column(index=True)
    name_en: Mapped[str | None] = mapped_column(sa.String(200))
    short_name: Mapped[str | None] = mapped_column(sa.String(100))
    folded_name: Mapped[str] = mapped_column(sa.String(200), index=True)
    pinyin: Mapped[str] = mapped_column(sa.String(200), index=True)
    legal_representative: Mapped[str | None] = mapped_column(sa.String(100))
    registered_address: Mapped[str | None] = mapped_column(sa.String(300))
    working_address: Mapped[str | None] = mapped_column(sa.String(300))
    industry_code: Mapped[str | None] = mapped_column(sa.String(10))
    industry_text: Mapped[str | None] = mapped_column(sa.String(200))
    fields: Mapped[JsonList] = mapped_column(sa.JSON(), default=list)
    key_industries: Mapped[JsonList] = mapped_column(sa.JSON(), default=list)
    founded: Mapped[date | None]
    listed_on: Mapped[date | None]
    staff_count: Mapped[int | None]
    revenue_fen: Mapped[Money | None]
    summary: Mapped[LongText | None]
    summary_en: Mapped[LongText | None]
    contact_name: Mapped[str | None] = mapped_column(sa.String(100))
    contact_phone: Mapped[str | None] = mapped_column(sa.String(40))
    contact_email: Mapped[str | None] = mapped_column(sa.String(254))
    website: Mapped[str | None] = mapped_column(sa.String(200))
    source: Mapped[str] = mapped_column(sa.String(60), default="typed")
    demo: Mapped[bool] = mapped_column(default=False)
    merged_into_id: Mapped[int | None] = mapped_column(sa.ForeignKey("organisations.id"), index=True)
    created: Mapped[Instant]
    updated: Mapped[Instant]
    version: Mapped[int] = mapped_column(default=1)
    names: Mapped[list[FormerName]] = relationship(back_populates="organisation", order_by="FormerName.id")

    __mapper_args__ = {"version_id_col": version}

    @validates("state")
    def _note_the_day(self, _key: str, state: OrganisationState) -> OrganisationState:
        """Numbers of past days ask since when a firm is gone."""
        if state != self.state:
            self.state_since = clock.today()
        return state


class FormerName(db.Model):  # type: ignore[name-defined]
    """A name an organisation had, found by search for ever."""

    __tablename__ = "former_names"

    id: Mapped[Key]
    organisation_id: Mapped[int] = mapped_column(sa.ForeignKey("organisations.id"), index=True)
    name: Mapped[Name]
    folded_name: Mapped[str] = mapped_column(sa.String(200), index=True)
    until: Mapped[date | None]
    source: Mapped[str] = mapped_column(sa.String(60))
    organisation: Mapped[Organisation] = relationship(back_populates="names")


class Person(db.Model):  # type: ignore[name-defined]
    """A person of the directory, with or without an account: mentors, envoys, researchers, investors, judges.

    `user_id` has no foreign key because accounts stand above the directory.
    """

    __tablename__ = "people"

    id: Mapped[Key]
    region: Mapped[RegionCode]
    key: Mapped[str | None] = mapped_column(sa.String(80), unique=True)
    user_id: Mapped[int | None] = mapped_column(unique=True)
    name: Mapped[Name]
    name_en: Mapped[str | None] = mapped_column(sa.String(200))
    folded_name: Mapped[str] = mapped_column(sa.String(200), index=True)
    pinyin: Mapped[str] = mapped_column(sa.String(200), index=True)
    organisation_id: Mapped[int | None] = mapped_column(sa.ForeignKey("organisations.id"), index=True)
    unit_text: Mapped[str | None] = mapped_column(sa.String(200))
    title: Mapped[str | None] = mapped_column(sa.String(100))
    discipline: Mapped[str | None] = mapped_column(sa.String(100))
    fields: Mapped[JsonList] = mapped_column(sa.JSON(), default=list)
    key_industries: Mapped[JsonList] = mapped_column(sa.JSON(), default=list)
    summary: Mapped[LongText | None]
    phone: Mapped[str | None] = mapped_column(sa.String(20), index=True)
    email: Mapped[str | None] = mapped_column(sa.String(254), index=True)
    id_number_last4: Mapped[str | None] = mapped_column(sa.String(4))
    id_number_sealed: Mapped[str | None] = mapped_column(sa.String(300))
    id_number_hash: Mapped[str | None] = mapped_column(sa.String(64), unique=True)
    sample: Mapped[bool] = mapped_column(default=False)
    demo: Mapped[bool] = mapped_column(default=False)
    source: Mapped[str] = mapped_column(sa.String(60), default="typed")
    created: Mapped[Instant]
    updated: Mapped[Instant]
    organisation: Mapped[Organisation | None] = relationship(lazy="joined")
    documents: Mapped[list[PersonDocument]] = relationship(back_populates="person", order_by="PersonDocument.id")

    @property
    def reachable(self) -> bool:
        """Can this person be asked? Sample profiles and people without account or contact cannot."""
        return not self.sample and bool(self.user_id or self.phone or self.email)


class PersonDocument(db.Model):  # type: ignore[name-defined]
    """Something a person wrote or owns – a paper, a patent, a project: what matching reads about them."""

    __tablename__ = "person_documents"
    __table_args__ = (sa.UniqueConstraint("person_id", "source_key"),)

    id: Mapped[Key]
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("people.id"), index=True)
    kind: Mapped[DocumentKind]
    title: Mapped[ShortText]
    text: Mapped[LongText]
    keywords: Mapped[JsonList] = mapped_column(sa.JSON(), default=list)
    year: Mapped[int | None]
    language: Mapped[str] = mapped_column(sa.String(5), default="zh")
    source_key: Mapped[str] = mapped_column(sa.String(80))
    person: Mapped[Person] = relationship(back_populates="documents")


class HeldRecord(db.Model):  # type: ignore[name-defined]
    """A row of a file that a person must decide on: two firms under one code, for example."""

    __tablename__ = "held_records"

    id: Mapped[Key]
    region: Mapped[RegionCode]
    kind: Mapped[str] = mapped_column(sa.String(40))
    key: Mapped[Name] = mapped_column(unique=True)
    reason: Mapped[ShortText]
    data: Mapped[Json]
    created: Mapped[Instant]
    resolved: Mapped[Instant | None]
    resolution: Mapped[str | None] = mapped_column(sa.String(60))


class ReferenceItem(db.Model):  # type: ignore[name-defined]
    """An entry of a published list (regions, industries, disciplines, high-tech fields …), by list and code."""

    __tablename__ = "reference_items"
    __table_args__ = (sa.UniqueConstraint("set", "code"),)

    id: Mapped[Key]
    set: Mapped[str] = mapped_column(sa.String(30))
    code: Mapped[str] = mapped_column(sa.String(40))
    name_zh: Mapped[Name]
    name_en: Mapped[str] = mapped_column(sa.String(200), default="")
    parent: Mapped[str | None] = mapped_column(sa.String(40), index=True)
    data: Mapped[Json] = mapped_column(sa.JSON(), default=dict)


class ClosedYear(db.Model):  # type: ignore[name-defined]
    """A year whose contests, yearly forms and snapshots no longer change; for the region and all within it.

    The two people who closed it are kept by number, because accounts stand above the directory.
    """

    __tablename__ = "closed_years"
    __table_args__ = (sa.UniqueConstraint("region", "year"),)

    id: Mapped[Key]
    region: Mapped[RegionCode]
    year: Mapped[int]
    proposed_by_id: Mapped[int]
    closed_by_id: Mapped[int]
    closed: Mapped[Instant]
