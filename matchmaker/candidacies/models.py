"""Tables of candidacies: applications, firms and envoys choosing each other, agreements of three parties."""

from __future__ import annotations

from datetime import date

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ExcludeConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from matchmaker.accounts.models import User
from matchmaker.candidacies.rules import AgreementState, Party
from matchmaker.core.db import Instant, Key, LongText, Name, RegionCode, ShortText, db
from matchmaker.directory.models import Organisation, Person
from matchmaker.publicity.models import Notice
from matchmaker.rosters.rules import AppointmentKind, AppointmentState, MentorCategory, Term

OPEN = sa.text("state IN ('applied', 'recommended', 'matched', 'reviewing', 'returned', 'publicity')")
LIVE = sa.text("state IN ('signing', 'in_force')")


class Candidacy(db.Model):  # type: ignore[name-defined]
    """One person's way to one post. One open one of a kind a person."""

    __tablename__ = "candidacies"
    __table_args__ = (
        sa.Index("uq_open_candidacy", "person_id", "kind", unique=True, sqlite_where=OPEN, postgresql_where=OPEN),
        sa.Index("ix_candidacies_region_state", "region", "state", "id"),
    )

    id: Mapped[Key]
    region: Mapped[RegionCode]
    kind: Mapped[AppointmentKind]
    state: Mapped[AppointmentState]
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("people.id"))
    applicant_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"), index=True)
    recommender_id: Mapped[int | None] = mapped_column(sa.ForeignKey("organisations.id"), index=True)
    recommended: Mapped[Instant | None]
    recommendation: Mapped[ShortText] = mapped_column(default="")
    sending_unit_id: Mapped[int | None] = mapped_column(sa.ForeignKey("organisations.id"), index=True)
    host_id: Mapped[int | None] = mapped_column(sa.ForeignKey("organisations.id"), index=True)
    category: Mapped[MentorCategory | None]
    carrier: Mapped[Name] = mapped_column(default="")
    statement: Mapped[LongText]
    capacity: Mapped[int]
    civil_servant: Mapped[bool | None]
    reason: Mapped[ShortText | None]
    notice_id: Mapped[int | None] = mapped_column(sa.ForeignKey("notices.id"), index=True)
    appointment_id: Mapped[int | None] = mapped_column(sa.ForeignKey("appointments.id"))
    demo: Mapped[bool] = mapped_column(default=False)
    created: Mapped[Instant]
    updated: Mapped[Instant]
    version: Mapped[int] = mapped_column(default=1)
    person: Mapped[Person] = relationship(lazy="joined")
    applicant: Mapped[User | None] = relationship(lazy="joined")
    recommender: Mapped[Organisation | None] = relationship(lazy="joined", foreign_keys=[recommender_id])
    sending_unit: Mapped[Organisation | None] = relationship(lazy="joined", foreign_keys=[sending_unit_id])
    host: Mapped[Organisation | None] = relationship(lazy="joined", foreign_keys=[host_id])
    notice: Mapped[Notice | None] = relationship(lazy="joined")

    __mapper_args__ = {"version_id_col": version}


class Choice(db.Model):  # type: ignore[name-defined]
    """An envoy and a firm: each says yes for itself; both together are a match."""

    __tablename__ = "envoy_choices"
    __table_args__ = (
        sa.UniqueConstraint("candidacy_id", "organisation_id"),
        sa.CheckConstraint("by_envoy IS NOT NULL OR by_host IS NOT NULL", name="somebody_chose"),
    )

    id: Mapped[Key]
    candidacy_id: Mapped[int] = mapped_column(sa.ForeignKey("candidacies.id"))
    organisation_id: Mapped[int] = mapped_column(sa.ForeignKey("organisations.id"), index=True)
    by_envoy: Mapped[Instant | None]
    by_host: Mapped[Instant | None]
    note: Mapped[ShortText] = mapped_column(default="")
    candidacy: Mapped[Candidacy] = relationship(lazy="joined")
    organisation: Mapped[Organisation] = relationship(lazy="joined")


class Agreement(db.Model):  # type: ignore[name-defined]
    """What an envoy, a host firm and the bureau agree on for a time."""

    __tablename__ = "envoy_agreements"
    __table_args__ = (
        sa.Index("uq_live_agreement", "host_id", "starts", unique=True, sqlite_where=LIVE, postgresql_where=LIVE),
        ExcludeConstraint(  # one envoy of a firm on any day; SQLite has one writer at a time, who looks before writing
            (sa.text("int4range(host_id, host_id, '[]')"), "&&"),
            (sa.text("daterange(starts, greatest(starts, coalesce(ended, ends) + 1), '[)')"), "&&"),
            name="ex_agreement_of_a_firm",
        ).ddl_if(dialect="postgresql"),
        sa.CheckConstraint("ends > starts", name="ends_after_start"),
        sa.CheckConstraint(
            "state = 'signing' OR (envoy_signed IS NOT NULL AND host_signed IS NOT NULL AND bureau_signed IS NOT NULL)",
            name="signed_by_all",
        ),
    )

    id: Mapped[Key]
    region: Mapped[RegionCode]
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("people.id"), index=True)
    candidacy_id: Mapped[int | None] = mapped_column(sa.ForeignKey("candidacies.id"), index=True)
    sending_unit_id: Mapped[int | None] = mapped_column(sa.ForeignKey("organisations.id"))
    host_id: Mapped[int] = mapped_column(sa.ForeignKey("organisations.id"), index=True)
    number: Mapped[str] = mapped_column(sa.String(100), default="")
    goals: Mapped[LongText]
    starts: Mapped[date]
    ends: Mapped[date]
    ended: Mapped[date | None]
    reason: Mapped[ShortText | None]
    state: Mapped[AgreementState]
    envoy_signed: Mapped[Instant | None]
    envoy_signer_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    host_signed: Mapped[Instant | None]
    host_signer_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    bureau_signed: Mapped[Instant | None]
    bureau_signer_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    demo: Mapped[bool] = mapped_column(default=False)
    created: Mapped[Instant]
    updated: Mapped[Instant]
    version: Mapped[int] = mapped_column(default=1)
    person: Mapped[Person] = relationship(lazy="joined")
    sending_unit: Mapped[Organisation | None] = relationship(lazy="joined", foreign_keys=[sending_unit_id])
    host: Mapped[Organisation] = relationship(lazy="joined", foreign_keys=[host_id])

    __mapper_args__ = {"version_id_col": version}

    @property
    def term(self) -> Term:
        return Term(self.starts, self.ends, self.ended)

    def signed_by(self, party: Party) -> bool:
        """Has this party signed?"""
        return getattr(self, f"{party.value}_signed") is not None

    @property
    def complete(self) -> bool:
        return all(self.signed_by(party) for party in Party)

    def live_on(self, day: date) -> bool:
        """Does the agreement bind on that day?"""
        return self.complete and self.term.live_on(day)
