"""One-time codes and links: six digits for a phone, a long secret for a mail; the newest counts, once, in its time."""

from __future__ import annotations

import hmac
from datetime import timedelta

import sqlalchemy as sa

from matchmaker.accounts import gateways
from matchmaker.accounts.models import OneTimeCode, User
from matchmaker.accounts.rules import Purpose
from matchmaker.accounts.services import limits
from matchmaker.core import clock
from matchmaker.core.db import claim, db
from matchmaker.core.errors import Conflict, DomainError

TRIES = 5
WRONG = "验证码不对或已过期；输错 5 次后请重新获取"
LINK_LIFE = timedelta(hours=2)
CODE_LIFE = timedelta(minutes=10)


def check_may_send(*, target: str, address: str) -> None:
    """At most five messages an hour to one target and thirty from one network address, whoever they belong to."""
    free = limits.spend("send_from", address, limit=30, minutes=60) and limits.spend(
        "send", target, limit=5, minutes=60
    )
    if not free:
        raise DomainError("发送太频繁，请一小时后再试", field="identifier")


def issue(purpose: Purpose, target: str, *, user: User | None = None, link: bool) -> tuple[OneTimeCode, str]:
    """Make a code (or, with `link`, a long secret) for a target; earlier ones of the same purpose end."""
    now = clock.now()
    db.session.execute(
        sa.update(OneTimeCode)
        .where(OneTimeCode.purpose == purpose, OneTimeCode.target == target, OneTimeCode.used.is_(None))
        .values(used=now)
        .execution_options(synchronize_session=False)
    )
    secret = gateways.new_token() if link else gateways.new_code()
    row = OneTimeCode(
        purpose=purpose.value,
        target=target,
        code_hash=gateways.token_hash(secret) if link else _code_hash(purpose, target, secret),
        user_id=user.id if user else None,
        created=now,
        expires=now + (LINK_LIFE if link else CODE_LIFE),
    )
    db.session.add(row)
    db.session.flush()
    return row, secret


def try_code(purpose: Purpose, target: str, code: str) -> int | None:
    """Spend one try of the newest code of a target; its id when the digits fit. Commit before acting on the answer."""
    newest = (
        sa.select(OneTimeCode.id, OneTimeCode.code_hash)
        .where(OneTimeCode.purpose == purpose, OneTimeCode.target == target, OneTimeCode.used.is_(None))
        .order_by(OneTimeCode.id.desc())
        .limit(1)
    )
    row = db.session.execute(newest).first()
    expected = row.code_hash if row else ""
    fits = hmac.compare_digest(expected, _code_hash(purpose, target, code))
    if row is None or not claim(_live(row.id).where(OneTimeCode.tries < TRIES).values(tries=OneTimeCode.tries + 1)):
        return None
    return int(row.id) if fits else None


def of_link(purpose: Purpose, secret: str) -> OneTimeCode | None:
    """The live code of a link; None when used, expired or invented."""
    statement = sa.select(OneTimeCode).where(
        OneTimeCode.purpose == purpose,
        OneTimeCode.code_hash == gateways.token_hash(secret),
        OneTimeCode.used.is_(None),
        OneTimeCode.expires > clock.now(),
    )
    return db.session.execute(statement).scalar_one_or_none()


def consume(code_id: int) -> OneTimeCode:
    """Use a code up, once. Raises Conflict for whoever comes second."""
    if not claim(_live(code_id).values(used=clock.now())):
        raise Conflict("链接或验证码已用过或已过期，请重新获取", field="code")
    return db.session.get_one(OneTimeCode, code_id, populate_existing=True)


def _live(code_id: int) -> sa.Update:
    return sa.update(OneTimeCode).where(
        OneTimeCode.id == code_id, OneTimeCode.used.is_(None), OneTimeCode.expires > clock.now()
    )


def _code_hash(purpose: str, target: str, code: str) -> str:
    return gateways.keyed_hash(f"{purpose}:{target}:{code}")
