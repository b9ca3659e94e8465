"""Tables of accounts: users, roles, memberships, sessions, one-time codes, API tokens."""

from __future__ import annotations

from datetime import date
from functools import cached_property
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from matchmaker.accounts.rules import (
    STAFF,
    MembershipLevel,
    Permission,
    RequestState,
    Role,
    device_of,
    permissions_of,
)
from matchmaker.core import clock
from matchmaker.core.db import Instant, JsonList, Key, Name, RegionCode, ShortText, db
from matchmaker.directory.models import Organisation
from matchmaker.directory.rules import OrganisationKind


class User(db.Model):  # type: ignore[name-defined]
    """A person who can sign in, by mail address or mobile number."""

    __tablename__ = "users"
    __table_args__ = (sa.CheckConstraint("email IS NOT NULL OR phone IS NOT NULL", name="reachable"),)

    id: Mapped[Key]
    name: Mapped[Name]
    email: Mapped[str | None] = mapped_column(sa.String(254), unique=True)
    phone: Mapped[str | None] = mapped_column(sa.String(20), unique=True)
    password_hash: Mapped[str] = mapped_column(sa.String(200))
    email_confirmed: Mapped[Instant | None]
    phone_confirmed: Mapped[Instant | None]
    region: Mapped[RegionCode]
    language: Mapped[str] = mapped_column(sa.String(5), default="zh")
    totp_secret: Mapped[str | None] = mapped_column(sa.String(200))
    totp_last_step: Mapped[int | None] = mapped_column(sa.BigInteger())
    consented: Mapped[Instant | None]
    demo: Mapped[bool] = mapped_column(default=False)
    created: Mapped[Instant]
    disabled: Mapped[Instant | None]
    erased: Mapped[Instant | None]

    grants: Mapped[list[RoleGrant]] = relationship(
        back_populates="user", foreign_keys="RoleGrant.user_id", order_by="RoleGrant.id"
    )
    memberships: Mapped[list[Membership]] = relationship(back_populates="user", order_by="Membership.id")

    is_authenticated = True
    is_anonymous = False

    @property
    def is_active(self) -> bool:
        return self.disabled is None and self.erased is None

    def get_id(self) -> str:
        return str(self.id)

    @property
    def roles(self) -> frozenset[Role]:
        """Everything the person is today: granted roles, member where there is a membership, else an individual."""
        today = clock.today()
        held = {grant.role for grant in self.grants if grant.live_on(today)}
        if any(m.organisation.kind is not OrganisationKind.GOVERNMENT for m in self.memberships):
            held.add(Role.MEMBER)
        return frozenset(held or {Role.INDIVIDUAL})

    @property
    def permissions(self) -> frozenset[Permission]:
        return permissions_of(self.roles)

    def has(self, permission: str) -> bool:
        return permission in self.permissions

    @property
    def is_staff(self) -> bool:
        """Does the person work for a government unit today?"""
        return bool(self.roles & STAFF)

    @property
    def region_codes(self) -> frozenset[str]:
        """The regions of the person's staff roles."""
        today = clock.today()
        return frozenset(g.region for g in self.grants if g.role in STAFF and g.region and g.live_on(today))

    @property
    def organisation_ids(self) -> frozenset[int]:
        return frozenset(membership.organisation_id for membership in self.memberships)


class RoleGrant(db.Model):  # type: ignore[name-defined]
    """A role given to a person for a time; staff roles are given for a region."""

    __tablename__ = "role_grants"
    __table_args__ = (sa.UniqueConstraint("user_id", "role", "region"),)

    id: Mapped[Key]
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("users.id"), index=True)
    role: Mapped[Role]
    region: Mapped[str | None] = mapped_column(sa.String(6))
    starts: Mapped[date]
    ends: Mapped[date | None]
    granted_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    user: Mapped[User] = relationship(back_populates="grants", foreign_keys=[user_id])

    def live_on(self, day: date) -> bool:
        """Is the grant in force on that day? The last day counts."""
        return self.starts <= day and (self.ends is None or day <= self.ends)


class Membership(db.Model):  # type: ignore[name-defined]
    """A person in an organisation."""

    __tablename__ = "memberships"
    __table_args__ = (sa.UniqueConstraint("user_id", "organisation_id"),)

    id: Mapped[Key]
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("users.id"), index=True)
    organisation_id: Mapped[int] = mapped_column(sa.ForeignKey("organisations.id"), index=True)
    level: Mapped[MembershipLevel]
    created: Mapped[Instant]
    user: Mapped[User] = relationship(back_populates="memberships")
    organisation: Mapped[Organisation] = relationship(lazy="joined")


class JoinRequest(db.Model):  # type: ignore[name-defined]
    """A person asks to belong to an organisation; its owner or the bureau answers."""

    __tablename__ = "join_requests"
    __table_args__ = (  # partial: one open request; a declined one may be followed by a new one
        sa.Index(
            "uq_open_join_request",
            "user_id",
            "organisation_id",
            unique=True,
            sqlite_where=sa.text("state = 'waiting'"),
            postgresql_where=sa.text("state = 'waiting'"),
        ),
    )

    id: Mapped[Key]
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("users.id"), index=True)
    organisation_id: Mapped[int] = mapped_column(sa.ForeignKey("organisations.id"), index=True)
    note: Mapped[ShortText]
    state: Mapped[RequestState]
    created: Mapped[Instant]
    decided: Mapped[Instant | None]
    decided_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    reason: Mapped[str | None] = mapped_column(sa.String(500))
    user: Mapped[User] = relationship(lazy="joined", foreign_keys=[user_id])
    organisation: Mapped[Organisation] = relationship(lazy="joined")


class ErasureRequest(db.Model):  # type: ignore[name-defined]
    """A person asks for their account and personal data to be deleted; an administrator carries it out."""

    __tablename__ = "erasure_requests"
    __table_args__ = (
        sa.Index(
            "uq_open_erasure_request",
            "user_id",
            unique=True,
            sqlite_where=sa.text("state = 'waiting'"),
            postgresql_where=sa.text("state = 'waiting'"),
        ),
    )

    id: Mapped[Key]
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("users.id"), index=True)
    state: Mapped[RequestState]
    created: Mapped[Instant]
    decided: Mapped[Instant | None]
    decided_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    user: Mapped[User] = relationship(lazy="joined", foreign_keys=[user_id])


class UserSession(db.Model):  # type: ignore[name-defined]
    """One signed-in device. The cookie holds the token, the row its hash: deleting the row kills every copy."""

    __tablename__ = "user_sessions"

    id: Mapped[Key]
    token_hash: Mapped[str] = mapped_column(sa.String(64), unique=True)
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("users.id"), index=True)
    created: Mapped[Instant]
    last_seen: Mapped[Instant]
    expires: Mapped[Instant]
    address: Mapped[str] = mapped_column(sa.String(45))
    agent: Mapped[ShortText]
    hat: Mapped[str | None] = mapped_column(sa.String(60))
    second_factor: Mapped[bool] = mapped_column(default=False)
    user: Mapped[User] = relationship(lazy="joined")

    @property
    def device(self) -> str:
        """The browser and system as people call them."""
        return device_of(self.agent)


class Identity(db.Model):  # type: ignore[name-defined]
    """A person as the region's unified sign-in knows them; linked by themselves, never by a mail address."""

    __tablename__ = "identities"
    __table_args__ = (sa.UniqueConstraint("issuer", "subject"), sa.UniqueConstraint("user_id", "issuer"))

    id: Mapped[Key]
    issuer: Mapped[str] = mapped_column(sa.String(200))
    subject: Mapped[str] = mapped_column(sa.String(255))
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("users.id"))
    created: Mapped[Instant]
    user: Mapped[User] = relationship(lazy="joined")


class SignInAttempt(db.Model):  # type: ignore[name-defined]
    """A try to sign in: for the lockout, and for the audit of sign-ins."""

    __tablename__ = "sign_in_attempts"
    __table_args__ = (sa.Index("ix_sign_in_attempts_identifier_moment", "identifier_hash", "moment"),)

    id: Mapped[Key]
    identifier_hash: Mapped[str] = mapped_column(sa.String(64))
    user_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    address: Mapped[str] = mapped_column(sa.String(45), index=True)
    agent: Mapped[ShortText]
    moment: Mapped[Instant]
    outcome: Mapped[str] = mapped_column(sa.String(20))


class Allowance(db.Model):  # type: ignore[name-defined]
    """How often something was done by one account, one address or one number within a window of time.

    Spent by one conditional UPDATE, so that any number of parallel tries never exceeds the limit.
    """

    __tablename__ = "allowances"
    __table_args__ = (sa.UniqueConstraint("name", "key_hash"),)

    id: Mapped[Key]
    name: Mapped[str] = mapped_column(sa.String(40))
    key_hash: Mapped[str] = mapped_column(sa.String(64))
    window_started: Mapped[Instant] = mapped_column(index=True)
    used: Mapped[int]


class OneTimeCode(db.Model):  # type: ignore[name-defined]
    """A code or link sent to a mail address or mobile number; used once, within its time, a few tries at most."""

    __tablename__ = "one_time_codes"
    __table_args__ = (sa.Index("ix_one_time_codes_target", "purpose", "target"),)

    id: Mapped[Key]
    purpose: Mapped[str] = mapped_column(sa.String(20))
    target: Mapped[str] = mapped_column(sa.String(254))
    code_hash: Mapped[str] = mapped_column(sa.String(64))
    user_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    created: Mapped[Instant]
    expires: Mapped[Instant]
    tries: Mapped[int] = mapped_column(default=0)
    used: Mapped[Instant | None]


class RecoveryCode(db.Model):  # type: ignore[name-defined]
    """One of the ten codes that open the second factor when the phone is lost; each works once."""

    __tablename__ = "recovery_codes"

    id: Mapped[Key]
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("users.id"), index=True)
    code_hash: Mapped[str] = mapped_column(sa.String(64), unique=True)
    used: Mapped[Instant | None]


class ApiToken(db.Model):  # type: ignore[name-defined]
    """A program that acts for a user, no further than its scopes."""

    __tablename__ = "api_tokens"

    id: Mapped[Key]
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("users.id"), index=True)
    name: Mapped[Name]
    prefix: Mapped[str] = mapped_column(sa.String(12))
    token_hash: Mapped[str] = mapped_column(sa.String(64), unique=True)
    scopes: Mapped[JsonList]
    created: Mapped[Instant]
    expires: Mapped[Instant]
    last_used: Mapped[Instant | None]
    revoked: Mapped[Instant | None]
    user: Mapped[User] = relationship(lazy="joined")


class IdempotencyKey(db.Model):  # type: ignore[name-defined]
    """The answer given to a keyed API call, stored with its effect, so that a repeat changes nothing."""

    __tablename__ = "idempotency_keys"
    __table_args__ = (sa.UniqueConstraint("token_id", "key"),)

    id: Mapped[Key]
    token_id: Mapped[int] = mapped_column(sa.ForeignKey("api_tokens.id"))
    key: Mapped[Name]
    fingerprint: Mapped[str] = mapped_column(sa.String(64))
    status: Mapped[int]
    body: Mapped[Any] = mapped_column(sa.JSON())
    created: Mapped[Instant]


class TokenViewer:
    """A user seen through an API token: the same person with fewer permissions."""

    is_authenticated = True
    is_active = True
    is_anonymous = False

    def __init__(self, token: ApiToken) -> None:
        self.token = token
        self.user = token.user
        self.id = token.user.id
        self.name = token.user.name

    def get_id(self) -> str:
        return str(self.id)

    @cached_property
    def permissions(self) -> frozenset[Permission]:
        return frozenset(p for p in self.user.permissions if p.value in self.token.scopes)

    def has(self, permission: str) -> bool:
        return permission in self.permissions

    @property
    def roles(self) -> frozenset[Role]:
        return self.user.roles

    @property
    def region_codes(self) -> frozenset[str]:
        return self.user.region_codes

    @property
    def organisation_ids(self) -> frozenset[int]:
        return self.user.organisation_ids
