"""API tokens, and the store of answers to keyed calls."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from matchmaker.accounts import gateways
from matchmaker.accounts.models import ApiToken, IdempotencyKey, User
from matchmaker.activity import services as activity
from matchmaker.core import clock
from matchmaker.core.db import db
from matchmaker.core.errors import Conflict, DomainError

MOST = 20
LONGEST_DAYS = 365


def create(user: User, *, name: str, scopes: Sequence[str], days: int) -> tuple[ApiToken, str]:
    """Make a token no wider than its person; returns the row and the secret, which is never shown again."""
    if not name.strip():
        raise DomainError("请写明这个令牌给哪个程序用", field="name")
    own = {permission.value for permission in user.permissions}
    if not scopes or not set(scopes) <= own:
        raise DomainError("请至少选择一项权限，且只能选择您自己有的权限", field="scopes")
    if not 1 <= days <= LONGEST_DAYS:
        raise DomainError("有效期应在 1 到 365 天之间", field="days")
    live = sa.select(sa.func.count(ApiToken.id)).where(
        ApiToken.user_id == user.id, ApiToken.revoked.is_(None), ApiToken.expires > clock.now()
    )
    if db.session.execute(live).scalar_one() >= MOST:
        raise DomainError("最多同时有 20 个令牌，请先停用不再使用的", field="name")
    secret, now = f"mm_{gateways.new_token()}", clock.now()
    token = ApiToken(
        user_id=user.id,
        name=name.strip(),
        prefix=secret[:8],
        token_hash=gateways.token_hash(secret),
        scopes=sorted(set(scopes)),
        created=now,
        expires=now + timedelta(days=days),
    )
    db.session.add(token)
    activity.record("accounts.token_created", subject=user, actor=user, prefix=token.prefix, scopes=token.scopes)
    db.session.flush()
    return token, secret


def revoke(token: ApiToken, *, actor: Any) -> None:
    """End a token at once; ending it twice changes nothing."""
    if token.revoked is None:
        token.revoked = clock.now()
        activity.record("accounts.token_revoked", subject=token.user, actor=actor, prefix=token.prefix)


def revoke_all(user: User, *, actor: Any) -> int:
    """End every token of a person."""
    statement = sa.select(ApiToken).where(ApiToken.user_id == user.id, ApiToken.revoked.is_(None))
    rows = db.session.execute(statement).unique().scalars().all()
    for token in rows:
        revoke(token, actor=actor)
    return len(rows)


class Answers:
    """Answers to keyed API calls, kept in the transaction of their effect (see `core.api.AnswerStore`)."""

    def find(self, token_id: int, key: str) -> IdempotencyKey | None:
        """The stored answer of this token and key."""
        statement = sa.select(IdempotencyKey).where(IdempotencyKey.token_id == token_id, IdempotencyKey.key == key)
        return db.session.execute(statement).scalar_one_or_none()

    def keep(self, *, token_id: int, key: str, fingerprint: str, status: int, body: Any) -> None:
        """Store it. Raises Conflict when a twin of the call was faster: then nothing of this one remains."""
        row = IdempotencyKey(
            token_id=token_id, key=key, fingerprint=fingerprint, status=status, body=body, created=clock.now()
        )
        db.session.add(row)
        try:
            db.session.flush()
        except IntegrityError:
            raise Conflict("相同的请求刚刚已经处理") from None
