"""Tables of matching: needs, questions to helpers, wishes for people out of reach, and what the index must reread."""

from __future__ import annotations

from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from matchmaker.accounts.models import User
from matchmaker.core.db import (
    ExactNumber,
    Instant,
    Json,
    JsonList,
    Key,
    LongText,
    Money,
    Name,
    RegionCode,
    ShortText,
    db,
)
from matchmaker.directory.models import Organisation, Person
from matchmaker.matching.rules import DeclineReason, NeedKind, NeedState, ReferralState, RequestState, Secrecy
from matchmaker.rosters.models import ServiceRecord

LIVE = sa.text("state IN ('asked', 'accepted')")
WAITING = sa.text("state = 'waiting'")


class Need(db.Model):  # type: ignore[name-defined]
    """What somebody asks for, in their own words."""

    __tablename__ = "needs"
    __table_args__ = (
        sa.Index("ix_needs_region_state_created", "region", "state", "created"),
        sa.CheckConstraint("trl_now IS NULL OR (trl_now >= 1 AND trl_now <= 9)", name="trl_now_one_to_nine"),
        sa.CheckConstraint(
            "trl_wanted IS NULL OR (trl_wanted >= 1 AND trl_wanted <= 9)", name="trl_wanted_one_to_nine"
        ),
    )

    id: Mapped[Key]
    region: Mapped[RegionCode]
    organisation_id: Mapped[int | None] = mapped_column(sa.ForeignKey("organisations.id"), index=True)
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("users.id"), index=True)
    kind: Mapped[NeedKind]
    state: Mapped[NeedState]
    title: Mapped[Name]
    text: Mapped[LongText]
    fields: Mapped[JsonList] = mapped_column(sa.JSON(), default=list)
    budget_fen: Mapped[Money | None]
    deadline: Mapped[date | None]
    secrecy: Mapped[Secrecy] = mapped_column(default=Secrecy.OPEN)
    trl_now: Mapped[int | None]
    trl_wanted: Mapped[int | None]
    listed: Mapped[bool] = mapped_column(default=False)  # helpers may find it and offer themselves
    kept_reason: Mapped[ShortText] = mapped_column(default="")  # why names stand in an open text
    handler_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"), index=True)  # in charge of a secret one
    demo: Mapped[bool] = mapped_column(default=False)
    created: Mapped[Instant]
    updated: Mapped[Instant]
    closed: Mapped[Instant | None]
    version: Mapped[int] = mapped_column(default=1)
    organisation: Mapped[Organisation | None] = relationship(lazy="joined")
    user: Mapped[User] = relationship(lazy="joined", foreign_keys=[user_id])
    handler: Mapped[User | None] = relationship(foreign_keys=[handler_id])

    __mapper_args__ = {"version_id_col": version}

    @property
    def is_secret(self) -> bool:
        """Does nobody but the owner and the handler in charge know whose need it is?"""
        return self.secrecy is not Secrecy.OPEN

    @property
    def who(self) -> str:
        """Whose need it is; for the owner, the handler in charge, and who has accepted."""
        return self.organisation.name if self.organisation else self.user.name

    @property
    def shown_who(self) -> str | None:
        """Whose need it is as lists and not yet accepted helpers may read it; None: kept secret."""
        return None if self.is_secret else self.who


class HelpRequest(db.Model):  # type: ignore[name-defined]
    """One question to one helper. The score and its reasons are kept as they were when it was asked."""

    __tablename__ = "help_requests"
    __table_args__ = (  # partial: one live question of a need to a person
        sa.Index("uq_live_help_request", "need_id", "person_id", unique=True, sqlite_where=LIVE, postgresql_where=LIVE),
        sa.Index("ix_help_requests_person_state", "person_id", "state"),
        sa.Index("ix_help_requests_state_expires", "state", "expires"),
    )

    id: Mapped[Key]
    region: Mapped[RegionCode]
    need_id: Mapped[int] = mapped_column(sa.ForeignKey("needs.id"))
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("people.id"))
    asked_by_id: Mapped[int] = mapped_column(sa.ForeignKey("users.id"))
    state: Mapped[RequestState]
    message: Mapped[ShortText]
    asked: Mapped[Instant]
    expires: Mapped[Instant]
    answered: Mapped[Instant | None]
    answered_by_link: Mapped[bool] = mapped_column(default=False)
    reason: Mapped[DeclineReason | None]
    note: Mapped[ShortText]
    closed: Mapped[Instant | None]
    link_hash: Mapped[str | None] = mapped_column(sa.String(64))
    offered: Mapped[bool] = mapped_column(default=False)  # by the helper, and agreed to by the owner
    score: Mapped[object | None] = mapped_column(ExactNumber())
    explanation: Mapped[Json] = mapped_column(sa.JSON(), default=dict)
    demo: Mapped[bool] = mapped_column(default=False)
    need: Mapped[Need] = relationship(lazy="joined")
    person: Mapped[Person] = relationship(lazy="joined")
    asked_by: Mapped[User] = relationship(lazy="joined", foreign_keys=[asked_by_id])


class RequestService(db.Model):  # type: ignore[name-defined]
    """A session held for a request: the record of service, with what each side notes and says of the other."""

    __tablename__ = "request_services"
    __table_args__ = (
        sa.CheckConstraint(
            "preparation IS NULL OR (preparation >= 1 AND preparation <= 5)", name="preparation_one_to_five"
        ),
    )

    id: Mapped[Key]
    request_id: Mapped[int] = mapped_column(sa.ForeignKey("help_requests.id"), index=True)
    record_id: Mapped[int] = mapped_column(sa.ForeignKey("service_records.id"), unique=True)
    owner_note: Mapped[ShortText] = mapped_column(default="")
    helper_note: Mapped[ShortText] = mapped_column(default="")
    rating_note: Mapped[ShortText] = mapped_column(default="")  # of the owner, beside `record.rating`
    preparation: Mapped[int | None]  # how the helper found the owner's preparation
    preparation_note: Mapped[ShortText] = mapped_column(default="")
    rated: Mapped[Instant | None]
    record: Mapped[ServiceRecord] = relationship(lazy="joined")


class Referral(db.Model):  # type: ignore[name-defined]
    """A wish for somebody who has no account or contact: the handler is told and acts."""

    __tablename__ = "referrals"
    __table_args__ = (
        sa.Index(
            "uq_waiting_referral", "need_id", "person_id", unique=True, sqlite_where=WAITING, postgresql_where=WAITING
        ),
    )

    id: Mapped[Key]
    region: Mapped[RegionCode]
    need_id: Mapped[int] = mapped_column(sa.ForeignKey("needs.id"))
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("people.id"))
    asked_by_id: Mapped[int] = mapped_column(sa.ForeignKey("users.id"))
    state: Mapped[ReferralState]
    created: Mapped[Instant]
    resolved: Mapped[Instant | None]
    resolved_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    resolution: Mapped[str] = mapped_column(sa.String(500), default="")
    need: Mapped[Need] = relationship(lazy="joined")
    person: Mapped[Person] = relationship(lazy="joined")
    asked_by: Mapped[User] = relationship(lazy="joined", foreign_keys=[asked_by_id])


class ProfileStamp(db.Model):  # type: ignore[name-defined]
    """One row: how often profiles have changed in this database. Updating it puts changes in the order of commits.

    `encoded` says as of which state all texts had their vectors, see `services.vectors`.
    """

    __tablename__ = "profile_stamps"

    id: Mapped[Key]
    epoch: Mapped[str] = mapped_column(sa.String(16))
    version: Mapped[int]
    encoded: Mapped[str] = mapped_column(sa.String(160), default="", server_default="")


class ProfileChange(db.Model):  # type: ignore[name-defined]
    """Whose profile changed at which version; no person means all of them."""

    __tablename__ = "profile_changes"
    __table_args__ = (sa.Index("ix_profile_changes_version", "version"),)

    id: Mapped[Key]
    version: Mapped[int]
    person_id: Mapped[int | None]
