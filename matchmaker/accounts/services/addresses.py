"""Changing one's own mail address or mobile number: the new one is proven first, the old one is told."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from matchmaker.accounts import gateways, queries
from matchmaker.accounts.models import OneTimeCode, User
from matchmaker.accounts.rules import Purpose
from matchmaker.accounts.services import codes, sign_in
from matchmaker.activity import services as activity
from matchmaker.core import clock
from matchmaker.core.db import db
from matchmaker.core.errors import Conflict, DomainError
from matchmaker.notifications import services as notifications

DEAD = "链接或验证码已用过或已过期，请重新获取"


def offer(user: User, target: str, *, is_mail: bool, address: str) -> None:
    """Send the link or code that proves a new address. Whose address it is already is told there, not on the page."""
    if target in (user.email, user.phone):
        raise DomainError("这就是您现在的邮箱或手机号，请填写新的", field="identifier")
    codes.check_may_send(target=target, address=address)
    known = queries.by_identifier(target)
    row, secret = codes.issue(Purpose.ADDRESS, target, user=user, link=is_mail)
    template = "accounts/mail/address_taken" if known else "accounts/mail/address"
    reach: dict[str, Any] = {"email": target} if is_mail else {"phone": target}
    shown = gateways.new_token() if known else secret  # a taken address gets nothing that would open
    notifications.enqueue(template, about=row, secret=shown, is_mail=is_mail, **reach)


def target_of(code: OneTimeCode | None, *, user: User) -> str | None:
    """The new address of a live code that this person asked for; None for anybody else's."""
    return code.target if code is not None and code.user_id == user.id else None


def change(code_id: int, *, actor: User, keep: int) -> str:
    """Put the proven address in the place of the old one; returns this device's new token.

    The old address is told, other devices are signed out, and nothing sent to the old address opens any more.
    Raises Conflict when the code is not this person's, or the address was taken meanwhile.
    """
    code = codes.consume(code_id)
    target, is_mail = code.target, "@" in code.target
    if code.user_id != actor.id:
        raise Conflict(DEAD, field="code")
    if queries.by_identifier(target) is not None:
        raise Conflict("这个邮箱或手机号已被另一个账号使用，请换一个", field="code")
    user = db.session.get_one(User, actor.id)
    old = user.email if is_mail else user.phone
    told = {"email": user.email, "phone": user.phone}
    if is_mail:
        user.email, user.email_confirmed = target, clock.now()
    else:
        user.phone, user.phone_confirmed = target, clock.now()
    _end_codes(user)
    sign_in.close_all_sessions(user, keep=keep)
    activity.record("accounts.address_changed", subject=user, actor=user, what="email" if is_mail else "phone")
    _tell(user, old=old, told=told, is_mail=is_mail)
    db.session.flush()
    return sign_in.rotate_session(keep)


def _end_codes(user: User) -> None:
    """Links and codes that were sent before open nothing."""
    db.session.execute(
        sa.update(OneTimeCode)
        .where(OneTimeCode.user_id == user.id, OneTimeCode.used.is_(None))
        .values(used=clock.now())
        .execution_options(synchronize_session=False)
    )


def _tell(user: User, *, old: str | None, told: dict[str, str | None], is_mail: bool) -> None:
    """The old address hears of it; where there was none, the person's other address does."""
    reach = {"email" if is_mail else "phone": old} if old else {key: value for key, value in told.items() if value}
    for key, value in reach.items():
        single: dict[str, Any] = {key: value}
        notifications.enqueue("accounts/mail/address_changed", who=user.name, to_mail=key == "email", **single)
