"""Finding users, sessions and tokens."""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, selectinload

from matchmaker.accounts.models import ApiToken, Membership, RoleGrant, SignInAttempt, User, UserSession
from matchmaker.accounts.rules import Role
from matchmaker.core import clock, folding
from matchmaker.core.db import db
from matchmaker.core.viewer import Viewer, in_regions


def by_identifier(text: str) -> User | None:
    """The user of a mail address or a mobile number as typed."""
    folded = text.strip().lower()
    number = folding.digits(text).removeprefix("+86")
    statement = sa.select(User).where(sa.or_(User.email == folded, User.phone == number), User.erased.is_(None))
    return db.session.execute(statement).unique().scalar_one_or_none() if folded else None


def live_session(token_hash: str, now: datetime) -> UserSession | None:
    """The session row of a cookie, with its user; None when signed out, expired or disabled."""
    statement = (
        sa.select(UserSession)
        .options(
            joinedload(UserSession.user).selectinload(User.grants),
            joinedload(UserSession.user).selectinload(User.memberships),
        )
        .where(UserSession.token_hash == token_hash, UserSession.expires > now)
    )
    row = db.session.execute(statement).unique().scalar_one_or_none()
    return row if row is not None and row.user.is_active else None


def live_token(token_hash: str, now: datetime) -> ApiToken | None:
    """The API token of a bearer secret; None when revoked, expired or its user is disabled."""
    statement = sa.select(ApiToken).where(
        ApiToken.token_hash == token_hash, ApiToken.revoked.is_(None), ApiToken.expires > now
    )
    row = db.session.execute(statement).unique().scalar_one_or_none()
    return row if row is not None and row.user.is_active else None


def recent_failures(*, identifier_hash: str, address: str, now: datetime) -> tuple[int, int]:
    """Failed sign-ins of the last quarter of an hour: of this account, and from this address."""
    since = now - timedelta(minutes=15)
    failed = sa.and_(SignInAttempt.moment > since, SignInAttempt.outcome == "failed")
    statement = sa.select(
        sa.func.count().filter(SignInAttempt.identifier_hash == identifier_hash),
        sa.func.count().filter(SignInAttempt.address == address),
    ).where(failed, sa.or_(SignInAttempt.identifier_hash == identifier_hash, SignInAttempt.address == address))
    row = db.session.execute(statement).one()
    return int(row[0]), int(row[1])


def sessions_of(user: User) -> sa.Select[tuple[UserSession]]:
    """The signed-in devices of a person, the newest first."""
    return (
        sa.select(UserSession)
        .where(UserSession.user_id == user.id, UserSession.expires > clock.now())
        .order_by(UserSession.last_seen.desc(), UserSession.id)
    )


def members_of(organisation_id: int) -> sa.Select[tuple[User]]:
    """Everybody who belongs to an organisation."""
    return (
        sa.select(User)
        .join(Membership, Membership.user_id == User.id)
        .where(Membership.organisation_id == organisation_id, User.disabled.is_(None))
        .order_by(User.id)
    )


def holders_of(role: Role, *, region: str | None = None) -> sa.Select[tuple[User]]:
    """Everybody with a role today, within a region when one is given."""
    today = clock.today()
    statement = (
        sa.select(User)
        .join(RoleGrant, RoleGrant.user_id == User.id)
        .where(RoleGrant.role == role, RoleGrant.starts <= today, User.disabled.is_(None))
        .where(sa.or_(RoleGrant.ends.is_(None), RoleGrant.ends >= today))
        .order_by(User.id)
    )
    return statement if region is None else statement.where(RoleGrant.region == region)


def visible_to(viewer: Viewer) -> sa.Select[tuple[User]]:
    """The users whom an administrator of some regions may manage."""
    return (
        sa.select(User)
        .options(selectinload(User.grants), selectinload(User.memberships))
        .where(in_regions(User.region, viewer))
    )


def demo_accounts() -> list[User]:
    """The demo's accounts, for the list on the demo's sign-in page; one query however many there are."""
    statement = sa.select(User).where(User.demo.is_(True), User.disabled.is_(None)).order_by(User.id)
    return list(db.session.execute(statement).unique().scalars())
