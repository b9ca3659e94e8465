"""Tables of envoys' service: visits, results, people too close to confirm."""

from __future__ import annotations

from datetime import date

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ExcludeConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from matchmaker.candidacies.models import Agreement
from matchmaker.core.db import Instant, Key, LongText, Name, RegionCode, ShortText, db
from matchmaker.directory.models import Person
from matchmaker.envoys.rules import ResultKind, VisitState
from matchmaker.rosters.rules import Visit

TAKES_TIME = sa.text("state IN ('waiting', 'confirmed')")


class EnvoyVisit(db.Model):  # type: ignore[name-defined]
    """One time an envoy was at the host. A photo proves one visit only."""

    __tablename__ = "envoy_visits"
    __table_args__ = (
        sa.Index("uq_visit_photo", "photo_hash", unique=True, sqlite_where=TAKES_TIME, postgresql_where=TAKES_TIME),
        sa.Index(
            "uq_visit_of_an_hour",
            "person_id",
            "starts",
            unique=True,
            sqlite_where=TAKES_TIME,
            postgresql_where=TAKES_TIME,
        ),
        ExcludeConstraint(  # nobody is at two places at once; SQLite has one writer at a time, who looks before writing
            (sa.text("int4range(person_id, person_id, '[]')"), "&&"),
            (sa.text("tstzrange(starts, ends)"), "&&"),
            where=TAKES_TIME,
            name="ex_visits_of_an_envoy",
        ).ddl_if(dialect="postgresql"),
        sa.Index("ix_envoy_visits_person_starts", "person_id", "starts"),
        sa.CheckConstraint("ends > starts", name="ends_after_start"),
        sa.CheckConstraint("rating IS NULL OR (rating >= 1 AND rating <= 5)", name="rating_one_to_five"),
        sa.CheckConstraint("state <> 'confirmed' OR confirmed IS NOT NULL", name="confirmed_by_host"),
    )

    id: Mapped[Key]
    region: Mapped[RegionCode]
    agreement_id: Mapped[int] = mapped_column(sa.ForeignKey("envoy_agreements.id"), index=True)
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("people.id"))
    record_id: Mapped[int | None] = mapped_column(sa.ForeignKey("service_records.id"), unique=True)
    starts: Mapped[Instant]
    ends: Mapped[Instant]
    place: Mapped[Name]
    content: Mapped[LongText]
    photo_hash: Mapped[str] = mapped_column(sa.String(64))
    photo_likeness: Mapped[str | None] = mapped_column(sa.String(16))  # how the picture looks
    alike_id: Mapped[int | None] = mapped_column(sa.ForeignKey("envoy_visits.id"))  # whose photo looks so
    state: Mapped[VisitState]
    confirmed: Mapped[Instant | None]
    confirmer_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    confirmer_name: Mapped[str] = mapped_column(sa.String(60), default="")
    by_link: Mapped[bool] = mapped_column(default=False)
    rating: Mapped[int | None]
    reason: Mapped[ShortText] = mapped_column(default="")
    link_hash: Mapped[str | None] = mapped_column(sa.String(64))
    link_expires: Mapped[date | None]
    demo: Mapped[bool] = mapped_column(default=False)
    created: Mapped[Instant]
    updated: Mapped[Instant]
    version: Mapped[int] = mapped_column(default=1)
    agreement: Mapped[Agreement] = relationship(lazy="joined")
    person: Mapped[Person] = relationship(lazy="joined")

    alike: Mapped[EnvoyVisit | None] = relationship(remote_side="EnvoyVisit.id", lazy="select")

    __mapper_args__ = {"version_id_col": version}

    @property
    def value(self) -> Visit:
        return Visit(self.starts, self.ends, self.place)

    @property
    def minutes(self) -> int:
        return int((self.ends - self.starts).total_seconds() // 60)


class EnvoyResult(db.Model):  # type: ignore[name-defined]
    """What came of an envoy's service; it counts when a handler has checked it."""

    __tablename__ = "envoy_results"

    id: Mapped[Key]
    region: Mapped[RegionCode]
    agreement_id: Mapped[int] = mapped_column(sa.ForeignKey("envoy_agreements.id"), index=True)
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("people.id"), index=True)
    kind: Mapped[ResultKind]
    title: Mapped[Name]
    day: Mapped[date]
    document: Mapped[Name] = mapped_column(default="")
    checked: Mapped[Instant | None]
    checked_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    demo: Mapped[bool] = mapped_column(default=False)
    created: Mapped[Instant]
    agreement: Mapped[Agreement] = relationship(lazy="joined")
    person: Mapped[Person] = relationship(lazy="joined")


class EnvoyRelation(db.Model):  # type: ignore[name-defined]
    """Somebody close to an envoy, who may not confirm the envoy's visits."""

    __tablename__ = "envoy_relations"
    __table_args__ = (sa.UniqueConstraint("person_id", "name"),)

    id: Mapped[Key]
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("people.id"))
    name: Mapped[str] = mapped_column(sa.String(60))
    phone: Mapped[str] = mapped_column(sa.String(20), default="")
    relation: Mapped[str] = mapped_column(sa.String(60), default="")
