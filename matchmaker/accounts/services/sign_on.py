"""The unified sign-in: one question to the other side at a time, and identities that people link themselves.

An identity is never linked by its mail address: whoever controls that at the other side would own the account.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from matchmaker.accounts import gateways, queries
from matchmaker.accounts.gateways import oidc
from matchmaker.accounts.gateways.oidc import Claims, Start
from matchmaker.accounts.models import Identity, User
from matchmaker.accounts.rules import Purpose
from matchmaker.accounts.services import codes, limits
from matchmaker.activity import services as activity
from matchmaker.core import clock
from matchmaker.core.db import db
from matchmaker.core.errors import Conflict, DomainError
from matchmaker.notifications import services as notifications

STALE = "登录请求已过期或已用过，请重新点“统一身份认证登录”"


def is_configured() -> bool:
    """Does the site use a unified sign-in?"""
    return oidc.is_configured()


def new_state(*, address: str) -> str:
    """A question that may be answered once, within two hours. Raises DomainError when one address asks too often."""
    if not limits.spend("sign_on_from", address, limit=100, minutes=15):
        raise DomainError("尝试次数太多，请 15 分钟后再试")
    _row, state = codes.issue(Purpose.SIGN_ON, gateways.new_token(), link=True)
    return state


def start(*, state: str, callback: str) -> Start:
    """Where the browser goes. Asks the network, so outside any transaction. Raises DomainError."""
    return oidc.start(state=state, callback=callback)


def use_state(state: str) -> None:
    """The answer has come; a second one is refused. Raises DomainError."""
    row = codes.of_link(Purpose.SIGN_ON, state)
    if row is None:
        raise DomainError(STALE)
    try:
        codes.consume(row.id)
    except Conflict:
        raise DomainError(STALE) from None


def claims_of(code: str, *, verifier: str, nonce: str, callback: str) -> Claims:
    """Who the other side says this is. Asks the network, so outside any transaction. Raises DomainError."""
    return oidc.claims_of(code, verifier=verifier, nonce=nonce, callback=callback)


def link(user: User, *, issuer: str, subject: str) -> Identity:
    """Let this identity open this account; the person is told. Raises Conflict when either is linked already."""
    owner = queries.user_of_identity(issuer, subject)
    if owner is not None and owner.id != user.id:
        raise Conflict("这个统一身份认证账号已绑定本平台的另一个账号，请先在那个账号里解除绑定")
    if db.session.execute(queries.identities_of(user.id).where(Identity.issuer == issuer)).first():
        raise Conflict("您的账号已绑定统一身份认证；要换一个，请先解除现在的绑定")
    row = Identity(user_id=user.id, issuer=issuer, subject=subject, created=clock.now())
    db.session.add(row)
    db.session.flush()
    activity.record("accounts.identity_linked", subject=user, actor=user)
    notifications.enqueue("accounts/mail/identity_linked", to=user, url="/accounts/profile")
    return row


def unlink(identity: Identity, *, actor: Any) -> None:
    """The identity opens this account no more; the password still does."""
    user = identity.user
    db.session.execute(sa.delete(Identity).where(Identity.id == identity.id))
    activity.record("accounts.identity_unlinked", subject=user, actor=actor)
