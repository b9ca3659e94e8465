"""Tables of check-in."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from matchmaker.accounts.models import User
from matchmaker.checkin.rules import (
    ConflictKind,
    Direction,
    ListKind,
    ListRule,
    Outcome,
    Reason,
    Resolution,
    ScanSource,
)
from matchmaker.core.db import Instant, Json, Key, db
from matchmaker.events.models import Attendee, Event, SeatPool

gate_lists = sa.Table(
    "gate_lists",
    db.metadata,
    sa.Column("gate_id", sa.ForeignKey("gates.id"), primary_key=True),
    sa.Column("list_id", sa.ForeignKey("checkin_lists.id"), primary_key=True, index=True),
)


class CheckinList(db.Model):  # type: ignore[name-defined]
    """Who may pass, when and how often; `rules` is a `rules.ListRule` as JSON."""

    __tablename__ = "checkin_lists"
    __table_args__ = (sa.UniqueConstraint("event_id", "name"),)

    id: Mapped[Key]
    event_id: Mapped[int] = mapped_column(sa.ForeignKey("events.id"))
    name: Mapped[str] = mapped_column(sa.String(60))
    name_en: Mapped[str | None] = mapped_column(sa.String(100))
    kind: Mapped[ListKind] = mapped_column(default=ListKind.ENTRY)
    pool_id: Mapped[int | None] = mapped_column(sa.ForeignKey("seat_pools.id"), index=True)
    rules: Mapped[Json]
    created: Mapped[Instant]
    version: Mapped[int] = mapped_column(default=1)
    event: Mapped[Event] = relationship()
    pool: Mapped[SeatPool | None] = relationship()

    __mapper_args__ = {"version_id_col": version}

    @property
    def rule(self) -> ListRule:
        """The rules as the engine reads them."""
        return ListRule.read({**self.rules, "pool": self.pool_id})


class Gate(db.Model):  # type: ignore[name-defined]
    """A place where people are checked in."""

    __tablename__ = "gates"
    __table_args__ = (sa.UniqueConstraint("event_id", "name"),)

    id: Mapped[Key]
    event_id: Mapped[int] = mapped_column(sa.ForeignKey("events.id"))
    name: Mapped[str] = mapped_column(sa.String(60))
    name_en: Mapped[str | None] = mapped_column(sa.String(100))
    may_force: Mapped[bool] = mapped_column(default=True)
    may_add: Mapped[bool] = mapped_column(default=True)
    created: Mapped[Instant]
    version: Mapped[int] = mapped_column(default=1)
    event: Mapped[Event] = relationship()
    lists: Mapped[list[CheckinList]] = relationship(secondary=gate_lists, order_by="CheckinList.id", lazy="selectin")
    stewards: Mapped[list[GateSteward]] = relationship(
        back_populates="gate", order_by="GateSteward.id", cascade="all, delete-orphan"
    )
    codes: Mapped[list[GateCode]] = relationship(back_populates="gate", order_by="GateCode.id.desc()")

    __mapper_args__ = {"version_id_col": version}


class GateSteward(db.Model):  # type: ignore[name-defined]
    """A person with an account who works at this gate and sees nothing else of the event."""

    __tablename__ = "gate_stewards"
    __table_args__ = (sa.UniqueConstraint("gate_id", "user_id"),)

    id: Mapped[Key]
    gate_id: Mapped[int] = mapped_column(sa.ForeignKey("gates.id"))
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("users.id"), index=True)
    created: Mapped[Instant]
    gate: Mapped[Gate] = relationship(back_populates="stewards")
    user: Mapped[User] = relationship(lazy="joined")


class GateCode(db.Model):  # type: ignore[name-defined]
    """A short code that opens one gate without an account until it ends or is revoked; only its hash is kept."""

    __tablename__ = "gate_codes"

    id: Mapped[Key]
    gate_id: Mapped[int] = mapped_column(sa.ForeignKey("gates.id"), index=True)
    code_hash: Mapped[str] = mapped_column(sa.String(64), unique=True)
    hint: Mapped[str] = mapped_column(sa.String(4))
    created: Mapped[Instant]
    created_by_id: Mapped[int] = mapped_column(sa.ForeignKey("users.id"))
    expires: Mapped[Instant]
    revoked: Mapped[Instant | None]
    last_used: Mapped[Instant | None]
    gate: Mapped[Gate] = relationship(back_populates="codes", lazy="joined")


class Scan(db.Model):  # type: ignore[name-defined]
    """One scan, accepted or not. `counted`: the entry of this person on this list; the index lets one win.

    `moment` is what the phone's clock said put right by what was measured, `phone_moment` what it said.
    """

    __tablename__ = "scans"
    __table_args__ = (
        sa.Index(
            "uq_counted_entry",
            "list_id",
            "attendee_id",
            unique=True,
            sqlite_where=sa.text("counted"),
            postgresql_where=sa.text("counted"),
        ),
        sa.Index("ix_scans_attendee_list", "attendee_id", "list_id"),
        sa.Index("ix_scans_event_received", "event_id", "received"),
        sa.CheckConstraint("NOT counted OR accepted", name="only_accepted_entries_count"),
    )

    id: Mapped[Key]
    event_id: Mapped[int] = mapped_column(sa.ForeignKey("events.id"))
    list_id: Mapped[int] = mapped_column(sa.ForeignKey("checkin_lists.id"))
    gate_id: Mapped[int | None] = mapped_column(sa.ForeignKey("gates.id"), index=True)
    attendee_id: Mapped[int | None] = mapped_column(sa.ForeignKey("attendees.id", ondelete="SET NULL"))
    code: Mapped[str] = mapped_column(sa.String(64), default="")
    direction: Mapped[Direction]
    phone_moment: Mapped[Instant]
    moment: Mapped[Instant]
    received: Mapped[Instant]
    nonce: Mapped[str] = mapped_column(sa.String(40), unique=True)
    accepted: Mapped[bool]
    reason: Mapped[Reason]
    counted: Mapped[bool] = mapped_column(default=False)
    forced: Mapped[bool] = mapped_column(default=False)
    force_reason: Mapped[str] = mapped_column(sa.String(200), default="")
    source: Mapped[ScanSource]
    device: Mapped[str] = mapped_column(sa.String(60), default="")
    actor_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    actor_name: Mapped[str] = mapped_column(sa.String(60), default="")
    undone: Mapped[Instant | None]
    undone_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    undone_reason: Mapped[str] = mapped_column(sa.String(200), default="")
    event: Mapped[Event] = relationship()
    list: Mapped[CheckinList] = relationship(lazy="joined")
    gate: Mapped[Gate | None] = relationship(lazy="joined")
    attendee: Mapped[Attendee | None] = relationship()

    @property
    def outcome(self) -> Outcome:
        """What became of it."""
        if self.undone is not None:
            return Outcome.UNDONE
        if not self.accepted:
            return Outcome.NO
        return Outcome.FORCED if self.forced else Outcome.YES

    @property
    def region(self) -> Any:
        """The event's."""
        return self.event.region


class ScanConflict(db.Model):  # type: ignore[name-defined]
    """What an offline gate let happen and the server would not have; staff settle it with a reason."""

    __tablename__ = "scan_conflicts"
    __table_args__ = (sa.Index("ix_scan_conflicts_event_resolved", "event_id", "resolved"),)

    id: Mapped[Key]
    event_id: Mapped[int] = mapped_column(sa.ForeignKey("events.id"))
    scan_id: Mapped[int] = mapped_column(sa.ForeignKey("scans.id"), unique=True)
    other_id: Mapped[int | None] = mapped_column(sa.ForeignKey("scans.id"))
    kind: Mapped[ConflictKind]
    created: Mapped[Instant]
    resolved: Mapped[Instant | None]
    resolved_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    resolution: Mapped[Resolution | None]
    note: Mapped[str] = mapped_column(sa.String(500), default="")
    event: Mapped[Event] = relationship()
    scan: Mapped[Scan] = relationship(foreign_keys=[scan_id], lazy="joined")
    other: Mapped[Scan | None] = relationship(foreign_keys=[other_id])
    resolved_by: Mapped[User | None] = relationship(foreign_keys=[resolved_by_id])
