"""Signing up and getting back in: the answer is the same whether an account exists or not."""

from __future__ import annotations

from typing import Any

from matchmaker.accounts import gateways, queries, rules
from matchmaker.accounts.models import OneTimeCode, User
from matchmaker.accounts.rules import Purpose
from matchmaker.accounts.services import codes, limits, sign_in, tokens, users
from matchmaker.activity import services as activity
from matchmaker.core import clock
from matchmaker.core.db import db
from matchmaker.core.errors import Conflict
from matchmaker.notifications import services as notifications


def invite(target: str, *, is_mail: bool, address: str) -> None:
    """Send the link or code that proves an address; who has an account already is told so there, not on the page."""
    codes.check_may_send(target=target, address=address)
    known = queries.by_identifier(target)
    row, secret = codes.issue(Purpose.SIGN_UP, target, user=known, link=is_mail)
    template = "accounts/mail/known" if known else "accounts/mail/sign_up"
    _send(template, target, is_mail=is_mail, about=row, secret=secret)


def register(code_id: int, *, name: str, password_hash: str, region: str) -> User:
    """Make the account of a proven address. Raises Conflict when the code or the address was used meanwhile."""
    code = codes.consume(code_id)
    address: dict[str, Any] = {"email": code.target} if "@" in code.target else {"phone": code.target}
    return users.create_user(
        name=name, password_hash=password_hash, region=region, confirmed=True, consented=True, **address
    )


def offer_reset(target: str, *, is_mail: bool, address: str) -> None:
    """Send the link or code that sets a new password. For an unknown address the same work is done and thrown away."""
    codes.check_may_send(target=target, address=address)
    user = queries.by_identifier(target)
    user = user if user is not None and user.is_active else None
    row, secret = codes.issue(Purpose.RESET, target, user=user, link=is_mail)
    savepoint = db.session.begin_nested()
    _send("accounts/mail/reset", target, is_mail=is_mail, about=row, secret=secret)
    db.session.flush()
    if user is None:
        savepoint.rollback()
    else:
        savepoint.commit()


def reset(code_id: int, *, password_hash: str) -> User:
    """Set a new password by a sent code: every device is signed out, API tokens end, tries are forgiven."""
    code: OneTimeCode = codes.consume(code_id)
    user = db.session.get(User, code.user_id) if code.user_id else None
    if user is None or not user.is_active:
        raise Conflict("链接或验证码已用过或已过期，请重新获取", field="code")
    if "@" in code.target:
        user.email_confirmed = clock.now()
    else:
        user.phone_confirmed = clock.now()
    tokens.revoke_all(user, actor=user)
    set_password(user, password_hash=password_hash, keep=None)
    sign_in.forgive(user)
    return user


def set_password(user: User, *, password_hash: str, keep: int | None) -> None:
    """Change the password and sign out every device but `keep`; the person is told."""
    user.password_hash = password_hash
    sign_in.close_all_sessions(user, keep=keep)
    activity.record("accounts.password_changed", subject=user, actor=user)
    notifications.enqueue("accounts/mail/password_changed", to=user, url="/accounts/devices")
    db.session.flush()


def hashed(password: str, *, name: str = "", address: str = "") -> str:
    """Check a new password and hash it: slow on purpose, so before the transaction. Raises DomainError."""
    rules.check_password(password, name=name, address=address)
    return gateways.hash_password(password)


def proves(user: User, password: str) -> bool:
    """Does the password fit this signed-in person? Slow on purpose, so outside any transaction."""
    return gateways.verify_password(user.password_hash, password)


def may_try_password(user: User) -> bool:
    """Take one of the tries to prove oneself on a signed-in device."""
    return limits.spend("password", user.id, limit=8, minutes=15)


def _send(template: str, target: str, *, is_mail: bool, about: OneTimeCode, secret: str) -> None:
    reach: dict[str, Any] = {"email": target} if is_mail else {"phone": target}
    notifications.enqueue(template, about=about, secret=secret, is_mail=is_mail, **reach)
