"""The second factor: a code of the authenticator app, never the same twice, and ten codes for a lost phone."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from matchmaker.accounts import access, gateways
from matchmaker.accounts.models import RecoveryCode, User
from matchmaker.accounts.services import limits
from matchmaker.activity import services as activity
from matchmaker.core import clock
from matchmaker.core.db import claim, db
from matchmaker.core.errors import DomainError, NotPermitted
from matchmaker.notifications import services as notifications

WRONG = "验证码不对，请用验证器里当前显示的 6 位数字"
RECOVERY_CODES = 10
_SIGNS = "23456789abcdefghjkmnpqrstuvwxyz"  # without look-alikes


def may_try(user: User) -> bool:
    """Take one of five tries in a quarter of an hour; commit before acting on the answer."""
    return limits.spend("second_factor", user.id, limit=5, minutes=15)


def passes(user: User, code: str) -> bool:
    """Does the code of the app, or an unused recovery code, fit? Either is used up by it."""
    typed = code.strip().lower().replace("-", "").replace(" ", "")
    return _passes_app(user, typed) or _passes_recovery(user, typed)


def _passes_app(user: User, typed: str) -> bool:
    if user.totp_secret is None:
        return False
    step = gateways.totp_step(gateways.unseal(user.totp_secret), typed, clock.now())
    if step is None:
        return False
    unused = sa.or_(User.totp_last_step.is_(None), User.totp_last_step < step)
    return claim(sa.update(User).where(User.id == user.id, unused).values(totp_last_step=step))


def _passes_recovery(user: User, typed: str) -> bool:
    used = claim(
        sa.update(RecoveryCode)
        .where(RecoveryCode.user_id == user.id, RecoveryCode.code_hash == _hash(user, typed))
        .where(RecoveryCode.used.is_(None))
        .values(used=clock.now())
    )
    if used:
        activity.record("accounts.recovery_code_used", subject=user, actor=user)
        notifications.enqueue("accounts/mail/recovery_used", to=user, url="/accounts/second-factor")
    return used


def succeed(user: User) -> None:
    """The second factor was shown: its tries are forgotten."""
    limits.clear("second_factor", user.id)


def new_secret() -> str:
    """A fresh secret for an app, sealed, so that a browser may carry it until the app showed a right code."""
    return gateways.seal(gateways.new_totp_secret())


@dataclass(frozen=True)
class Offer:
    """What a person gives their app: the picture to scan, or the secret to type."""

    picture: str
    secret: str


def offer(sealed: str, *, user: User, issuer: str) -> Offer:
    """The picture and the letters of a sealed secret."""
    secret = gateways.unseal(sealed)
    link = gateways.totp_address(secret, account=user.email or user.phone or user.name, issuer=issuer)
    return Offer(picture=gateways.qr_picture(link), secret=secret)


def enrol(user: User, *, sealed: str, code: str) -> list[str]:
    """Bind an app after it showed a right code; returns the recovery codes, which are never shown again."""
    secret = gateways.unseal(sealed)
    step = gateways.totp_step(secret, code.strip().replace(" ", ""), clock.now())
    if step is None:
        raise DomainError(WRONG, field="code")
    user.totp_secret, user.totp_last_step = gateways.seal(secret), step
    activity.record("accounts.second_factor_on", subject=user, actor=user)
    notifications.enqueue("accounts/mail/second_factor_on", to=user, url="/accounts/second-factor")
    return renew_recovery_codes(user)


def renew_recovery_codes(user: User) -> list[str]:
    """Ten fresh codes; the old ones end."""
    db.session.execute(sa.delete(RecoveryCode).where(RecoveryCode.user_id == user.id))
    plain = ["".join(secrets.choice(_SIGNS) for _ in range(10)) for _ in range(RECOVERY_CODES)]
    db.session.add_all(RecoveryCode(user_id=user.id, code_hash=_hash(user, code)) for code in plain)
    db.session.flush()
    return [f"{code[:5]}-{code[5:]}" for code in plain]


def remove(user: User, *, required: bool) -> None:
    """A person stops using the second factor, unless their office requires it."""
    if required:
        raise NotPermitted("您的身份必须使用两步验证，不能关闭")
    _clear(user, actor=user)


def remove_for(user: User, *, actor: Any) -> None:
    """An administrator frees a person who lost phone and recovery codes."""
    if actor.id == user.id or not access.may_manage(actor, user):
        raise NotPermitted("请由另一位管理员办理")
    _clear(user, actor=actor)


def _clear(user: User, *, actor: Any) -> None:
    user.totp_secret = user.totp_last_step = None
    db.session.execute(sa.delete(RecoveryCode).where(RecoveryCode.user_id == user.id))
    activity.record("accounts.second_factor_off", subject=user, actor=actor)
    notifications.enqueue("accounts/mail/second_factor_off", to=user, url="/accounts/second-factor")
    db.session.flush()


def _hash(user: User, code: str) -> str:
    return gateways.keyed_hash(f"recovery:{user.id}:{code}")
