"""Signing in and out, and making users."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from matchmaker.accounts import gateways, queries, rules
from matchmaker.accounts.models import Membership, RoleGrant, SignInAttempt, User, UserSession
from matchmaker.accounts.rules import MembershipLevel, Role
from matchmaker.activity import services as activity
from matchmaker.core import clock
from matchmaker.core.db import db
from matchmaker.core.errors import Conflict, DomainError
from matchmaker.directory.models import Organisation

WRONG = "账号或密码不对；如果连续输错，请稍后再试或重设密码"


def check_credentials(*, identifier: str, password: str) -> tuple[User | None, bool]:
    """The user of an identifier, and whether the password fits. Slow on purpose, so it runs outside any transaction."""
    user = queries.by_identifier(identifier)
    fits = gateways.verify_password(user.password_hash if user else None, password)
    return user, fits and user is not None and user.is_active


def record_attempt(*, identifier: str, user: User | None, address: str, agent: str, outcome: str) -> None:
    """Write down a try to sign in."""
    row = SignInAttempt(
        identifier_hash=gateways.keyed_hash(identifier.strip().lower()),
        user_id=user.id if user else None,
        address=address,
        agent=agent[:300],
        moment=clock.now(),
        outcome=outcome,
    )
    db.session.add(row)
    db.session.flush()


def check_not_locked(*, identifier: str, address: str, limit: int) -> None:
    """Refuse when this account or this address failed too often. Raises DomainError, the same for all accounts."""
    by_account, by_address = queries.recent_failures(
        identifier_hash=gateways.keyed_hash(identifier.strip().lower()), address=address, now=clock.now()
    )
    if by_account >= limit or by_address >= limit * 5:
        raise DomainError("尝试次数太多，请 15 分钟后再试，或重设密码", field="password")


def open_session(user: User, *, address: str, agent: str, days: int, second_factor: bool = False) -> str:
    """Sign a device in; returns the cookie's token, of which the database keeps a hash."""
    token, now = gateways.new_token(), clock.now()
    db.session.add(
        UserSession(
            token_hash=gateways.token_hash(token),
            user_id=user.id,
            created=now,
            last_seen=now,
            expires=now + timedelta(days=days),
            address=address,
            agent=agent[:300],
            second_factor=second_factor,
        )
    )
    db.session.flush()
    return token


def close_session(session_id: int) -> None:
    """Sign one device out; every copy of its cookie is worthless from now on."""
    db.session.execute(sa.delete(UserSession).where(UserSession.id == session_id))


def close_all_sessions(user: User, *, keep: int | None = None) -> int:
    """Sign a person out everywhere, except on the device `keep`."""
    statement = sa.delete(UserSession).where(UserSession.user_id == user.id)
    if keep is not None:
        statement = statement.where(UserSession.id != keep)
    return int(db.session.execute(statement).rowcount)  # type: ignore[attr-defined]


def wear(session_row: UserSession, hat: str) -> None:
    """Change the role and organisation a person acts as; only one of their own is taken."""
    if hat not in {key for key, _ in hats_of(session_row.user)}:
        raise DomainError("您没有这个身份，请从列表里选择", field="hat")
    session_row.hat = hat


def hats_of(user: User) -> list[tuple[str, Any]]:
    """The hats a person may wear: each role, and each organisation they belong to. (key, Role | Organisation)"""
    own = [(f"org:{m.organisation_id}", m.organisation) for m in user.memberships]
    rest = [(f"role:{role.value}", role) for role in Role if role in user.roles and role is not Role.MEMBER]
    return [*rest, *own] if user.roles & rules.STAFF else [*own, *rest]


def create_user(
    *,
    name: str,
    password: str,
    email: str | None = None,
    phone: str | None = None,
    region: str,
    confirmed: bool = False,
    demo: bool = False,
    actor: Any | None = None,
) -> User:
    """Make a user. Raises DomainError for an address that does not fit, Conflict for one that is taken."""
    email = rules.check_mail(email) if email else None
    phone = rules.check_mobile(phone) if phone else None
    if email is None and phone is None:
        raise DomainError("请填写邮箱或手机号", field="email")
    rules.check_password(password, name=name, address=email or phone or "")
    if (email and queries.by_identifier(email)) or (phone and queries.by_identifier(phone)):
        raise Conflict("这个邮箱或手机号已经注册，请直接登录", field="email" if email else "phone")
    now = clock.now()
    user = User(
        name=name,
        email=email,
        phone=phone,
        password_hash=gateways.hash_password(password),
        email_confirmed=now if confirmed and email else None,
        phone_confirmed=now if confirmed and phone else None,
        region=region,
        demo=demo,
        created=now,
    )
    db.session.add(user)
    db.session.flush()
    activity.record("accounts.created", subject=user, actor=actor or user)
    return user


def grant_role(user: User, role: Role, *, region: str | None, actor: Any | None = None, **term: Any) -> RoleGrant:
    """Give a role; a live grant of the same role and region is kept, not doubled."""
    existing = next((g for g in user.grants if g.role is role and g.region == region), None)
    if existing is not None:
        return existing
    grant = RoleGrant(
        user=user,
        role=role,
        region=region,
        starts=term.get("starts") or clock.today(),
        ends=term.get("ends"),
        granted_by_id=getattr(actor, "id", None),
    )
    db.session.add(grant)
    activity.record("accounts.role_granted", subject=user, actor=actor, role=role.value, region=region)
    return grant


def join(user: User, organisation: Organisation, *, level: MembershipLevel, actor: Any | None = None) -> Membership:
    """Make a person a member of an organisation; joining twice changes nothing."""
    existing = next((m for m in user.memberships if m.organisation_id == organisation.id), None)
    if existing is not None:
        return existing
    membership = Membership(user=user, organisation=organisation, level=level, created=clock.now())
    db.session.add(membership)
    activity.record("accounts.joined", subject=organisation, actor=actor or user, user=user.name, level=level.value)
    return membership
