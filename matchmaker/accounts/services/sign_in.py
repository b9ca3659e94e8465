"""Signing in and out: tries counted before the password is looked at, one server-side session a device."""

from __future__ import annotations

import hmac
from datetime import timedelta

import sqlalchemy as sa

from matchmaker.accounts import gateways, queries, rules
from matchmaker.accounts.models import SignInAttempt, User, UserSession
from matchmaker.accounts.rules import Outcome
from matchmaker.accounts.services import limits
from matchmaker.activity import services as activity
from matchmaker.core import clock
from matchmaker.core.db import db

WRONG = "账号或密码不对；如果连续输错，请稍后再试或重设密码"
LOCKED = "尝试次数太多，请 15 分钟后再试，或重设密码"
WINDOW = 15  # minutes
ADDRESS_FACTOR = 5  # an office shares one address


def begin(*, identifier: str, address: str, agent: str, limit: int) -> bool:
    """Take one try of this account and one of this address; False, and written down, when either is used up.

    Unknown accounts are counted like known ones, and a person's mail address and number count together.
    """
    user = queries.by_identifier(identifier)
    taken = limits.spend("sign_in_from", address, limit=limit * ADDRESS_FACTOR, minutes=WINDOW) and limits.spend(
        "sign_in", _key(user, identifier), limit=limit, minutes=WINDOW
    )
    if not taken:
        record_attempt(identifier=identifier, user=user, address=address, agent=agent, outcome=Outcome.LOCKED)
    return taken


def begin_elsewhere(*, address: str, limit: int) -> bool:
    """Take one try of this address for a sign-in that was proven by the unified sign-in; `succeed` gives it back."""
    return limits.spend("sign_in_from", address, limit=limit * ADDRESS_FACTOR, minutes=WINDOW)


def check_credentials(*, identifier: str, password: str) -> tuple[User | None, bool]:
    """The user of an identifier, and whether the password fits. Slow on purpose, so it runs outside any transaction."""
    user = queries.by_identifier(identifier)
    fits = gateways.verify_password(user.password_hash if user else None, password)
    return user, fits and user is not None and user.is_active


def succeed(user: User, *, address: str, agent: str, days: int, second_factor: bool = False) -> str:
    """Sign a device in after every proof was given: the tries are forgotten; returns the cookie's token."""
    limits.clear("sign_in", _key(user, ""))
    limits.give_back("sign_in_from", address)
    record_attempt(
        identifier=user.email or user.phone or "", user=user, address=address, agent=agent, outcome=Outcome.SIGNED_IN
    )
    return open_session(user, address=address, agent=agent, days=days, second_factor=second_factor)


def record_attempt(*, identifier: str, user: User | None, address: str, agent: str, outcome: str) -> None:
    """Write down a try to sign in."""
    row = SignInAttempt(
        identifier_hash=gateways.keyed_hash(rules.fold_identifier(identifier)),
        user_id=user.id if user else None,
        address=address,
        agent=agent[:300],
        moment=clock.now(),
        outcome=str(outcome),
    )
    db.session.add(row)
    db.session.flush()


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


def rotate_session(session_id: int, *, second_factor: bool | None = None) -> str:
    """Give a device a new token, so that a copy of the old cookie is worthless; returns the new one."""
    token = gateways.new_token()
    values: dict[str, object] = {"token_hash": gateways.token_hash(token)}
    if second_factor is not None:
        values["second_factor"] = second_factor
    db.session.execute(sa.update(UserSession).where(UserSession.id == session_id).values(**values))
    return token


def close_session(session_id: int) -> None:
    """Sign one device out; every copy of its cookie is worthless from now on."""
    db.session.execute(sa.delete(UserSession).where(UserSession.id == session_id))


def close_all_sessions(user: User, *, keep: int | None = None, actor: User | None = None) -> int:
    """Sign a person out everywhere, except on the device `keep`."""
    statement = sa.delete(UserSession).where(UserSession.user_id == user.id)
    if keep is not None:
        statement = statement.where(UserSession.id != keep)
    if actor is not None:
        activity.record("accounts.signed_out_everywhere", subject=user, actor=actor)
    return int(db.session.execute(statement).rowcount)  # type: ignore[attr-defined]


def _key(user: User | None, identifier: str) -> str:
    return f"user {user.id}" if user else rules.fold_identifier(identifier)


def forgive(user: User) -> None:
    """Forget the failed tries of an account: its person has proved themselves by mail or phone."""
    limits.clear("sign_in", _key(user, ""))
    limits.clear("second_factor", user.id)


def proof_of(user: User) -> str:
    """What a browser carries between password and second step; worthless once the password changes."""
    return gateways.keyed_hash(f"pending:{user.id}:{user.password_hash}")[:24]


def still_proven(user: User, proof: str) -> bool:
    """Is this the proof of this person's present password?"""
    return hmac.compare_digest(proof, proof_of(user))
