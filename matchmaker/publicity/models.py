"""Tables of publicity: notices, objections, decisions of two people, certificates, and the working days behind them."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from matchmaker.accounts.models import User
from matchmaker.core import clock
from matchmaker.core.db import Instant, Json, JsonList, Key, LongText, Name, RegionCode, ShortText, db
from matchmaker.publicity import rules
from matchmaker.publicity.rules import CertificateState, DecisionState, NoticeState, ObjectionState, Signature

PROPOSED = sa.text("state = 'proposed'")


class Notice(db.Model):  # type: ignore[name-defined]
    """What is about to be decided, open to everybody for a number of working days.

    `items` are rows of name, uscc, detail, and where known organisation_id or user_id, which are never shown.
    """

    __tablename__ = "notices"
    __table_args__ = (
        sa.CheckConstraint("ends IS NULL OR starts IS NULL OR ends >= starts", name="ends_after_start"),
        sa.CheckConstraint("working_days >= 1", name="some_working_days"),
        sa.UniqueConstraint("region", "number"),
        sa.Index("ix_notices_subject", "subject_kind", "subject_id"),
        sa.Index("ix_notices_state_ends", "state", "ends"),
    )

    id: Mapped[Key]
    region: Mapped[RegionCode]
    subject_kind: Mapped[str | None] = mapped_column(sa.String(60))
    subject_id: Mapped[int | None]
    number: Mapped[str | None] = mapped_column(sa.String(60))
    title: Mapped[Name]
    body: Mapped[LongText]
    items: Mapped[JsonList]
    working_days: Mapped[int]
    starts: Mapped[date | None]
    ends: Mapped[date | None]
    expected: Mapped[bool] = mapped_column(default=False)
    state: Mapped[NoticeState]
    reason: Mapped[str | None] = mapped_column(sa.String(500))
    contact_name: Mapped[str] = mapped_column(sa.String(60))
    contact_phone: Mapped[str] = mapped_column(sa.String(40))
    contact_email: Mapped[str] = mapped_column(sa.String(254), default="")
    owner_id: Mapped[int] = mapped_column(sa.ForeignKey("users.id"))
    published: Mapped[Instant | None]
    created: Mapped[Instant]
    updated: Mapped[Instant]
    version: Mapped[int] = mapped_column(default=1)
    owner: Mapped[User] = relationship(lazy="joined")

    __mapper_args__ = {"version_id_col": version}

    def state_at(self, now: datetime) -> NoticeState:
        """The state at a moment; a period ends by itself."""
        return rules.state_at(self.state, ends=self.ends, now=now)


class Objection(db.Model):  # type: ignore[name-defined]
    """A signed complaint against a notice. Who signed is known to those who handle it and to nobody else."""

    __tablename__ = "objections"
    __table_args__ = (sa.Index("ix_objections_notice_state", "notice_id", "state"),)

    id: Mapped[Key]
    region: Mapped[RegionCode]
    notice_id: Mapped[int] = mapped_column(sa.ForeignKey("notices.id"))
    item: Mapped[str] = mapped_column(sa.String(200), default="")
    text: Mapped[LongText]
    signature: Mapped[Signature]
    signer: Mapped[Name]
    phone: Mapped[str] = mapped_column(sa.String(40))
    email: Mapped[str] = mapped_column(sa.String(254), default="")
    user_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"), index=True)
    source: Mapped[str] = mapped_column(sa.String(64), default="", index=True)
    receipt: Mapped[str] = mapped_column(sa.String(40), unique=True)
    state: Mapped[ObjectionState]
    answer: Mapped[str | None] = mapped_column(sa.Text())
    created: Mapped[Instant]
    decided: Mapped[Instant | None]
    version: Mapped[int] = mapped_column(default=1)
    notice: Mapped[Notice] = relationship(lazy="joined")

    __mapper_args__ = {"version_id_col": version}


class Decision(db.Model):  # type: ignore[name-defined]
    """What one person proposes about a record and another confirms or returns; the table itself keeps them apart."""

    __tablename__ = "decisions"
    __table_args__ = (
        sa.CheckConstraint("confirmed_by_id IS NULL OR confirmed_by_id <> proposed_by_id", name="two_people"),
        sa.CheckConstraint("returned_by_id IS NULL OR returned_by_id <> proposed_by_id", name="returned_by_another"),
        sa.CheckConstraint("state <> 'confirmed' OR confirmed_by_id IS NOT NULL", name="confirmed_by_somebody"),
        sa.Index("ix_decisions_subject", "subject_kind", "subject_id", "id"),
        sa.Index(
            "uq_open_decision",
            "kind",
            "subject_kind",
            "subject_id",
            unique=True,
            sqlite_where=PROPOSED,
            postgresql_where=PROPOSED,
        ),
    )

    id: Mapped[Key]
    region: Mapped[RegionCode]
    kind: Mapped[str] = mapped_column(sa.String(60))
    subject_kind: Mapped[str] = mapped_column(sa.String(60))
    subject_id: Mapped[int]
    title: Mapped[Name]
    reason: Mapped[LongText]
    data: Mapped[Json]
    url: Mapped[ShortText]
    state: Mapped[DecisionState]
    proposed_by_id: Mapped[int] = mapped_column(sa.ForeignKey("users.id"))
    proposed: Mapped[Instant]
    confirmed_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    confirmed: Mapped[Instant | None]
    returned_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    return_reason: Mapped[str | None] = mapped_column(sa.String(500))
    version: Mapped[int] = mapped_column(default=1)
    proposed_by: Mapped[User] = relationship(foreign_keys=[proposed_by_id], lazy="joined")
    confirmed_by: Mapped[User | None] = relationship(foreign_keys=[confirmed_by_id], lazy="joined")

    __mapper_args__ = {"version_id_col": version}


class Certificate(db.Model):  # type: ignore[name-defined]
    """A numbered paper that everybody can check; the code printed on it shows the holder's full name."""

    __tablename__ = "certificates"
    __table_args__ = (
        sa.UniqueConstraint("kind", "year", "serial"),
        sa.Index("ix_certificates_subject", "subject_kind", "subject_id"),
    )

    id: Mapped[Key]
    region: Mapped[RegionCode]
    kind: Mapped[str] = mapped_column(sa.String(4))
    year: Mapped[int]
    serial: Mapped[int]
    number: Mapped[str] = mapped_column(sa.String(24), unique=True)
    code: Mapped[str] = mapped_column(sa.String(12))
    title: Mapped[str] = mapped_column(sa.String(40))
    subtitle: Mapped[str] = mapped_column(sa.String(200), default="")
    holder: Mapped[Name]
    personal: Mapped[bool]
    text: Mapped[LongText]
    award: Mapped[str] = mapped_column(sa.String(60), default="")
    subject_kind: Mapped[str] = mapped_column(sa.String(60))
    subject_id: Mapped[int]
    decision_id: Mapped[int] = mapped_column(sa.ForeignKey("decisions.id"))
    issued_on: Mapped[date]
    issued_by_id: Mapped[int] = mapped_column(sa.ForeignKey("users.id"))
    created: Mapped[Instant]
    revoked_on: Mapped[date | None]
    revoked_reason: Mapped[str | None] = mapped_column(sa.String(500))
    revoked_document: Mapped[str | None] = mapped_column(sa.String(200))

    @property
    def state(self) -> CertificateState:
        if self.revoked_on is None or self.revoked_on > clock.today():  # a letter may end on a day to come
            return CertificateState.VALID
        return CertificateState.REVOKED if self.revoked_document else CertificateState.LAPSED

    @property
    def shown_holder(self) -> str:
        """The holder for whoever has only the number."""
        return rules.masked_name(self.holder) if self.personal else self.holder


class NumberCounter(db.Model):  # type: ignore[name-defined]
    """The last serial of one kind and year; raised only by `services.numbers`, one conditional UPDATE each."""

    __tablename__ = "number_counters"
    __table_args__ = (
        sa.UniqueConstraint("name", "year"),
        sa.CheckConstraint("last >= 0 AND last <= 999999", name="six_digits"),
    )

    id: Mapped[Key]
    name: Mapped[str] = mapped_column(sa.String(20))
    year: Mapped[int]
    last: Mapped[int]


class Workday(db.Model):  # type: ignore[name-defined]
    """A day on which the yearly notice of the State Council differs from the week: off, or worked."""

    __tablename__ = "workdays"
    __table_args__ = (sa.CheckConstraint("kind IN ('off', 'work')", name="off_or_work"),)

    id: Mapped[Key]
    day: Mapped[date] = mapped_column(unique=True)
    kind: Mapped[str] = mapped_column(sa.String(4))
    year: Mapped[int] = mapped_column(index=True)
    name: Mapped[str] = mapped_column(sa.String(60), default="")
    source: Mapped[str] = mapped_column(sa.String(100), default="")
