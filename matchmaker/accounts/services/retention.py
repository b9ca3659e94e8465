"""Keeping no longer than needed: sign-ins, sessions, codes, stored answers, and names in old log lines."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from matchmaker.accounts import gateways
from matchmaker.accounts.models import Allowance, IdempotencyKey, OneTimeCode, SignInAttempt, User, UserSession
from matchmaker.accounts.services.erasure import ERASED_NAME
from matchmaker.activity.models import Activity
from matchmaker.core import clock
from matchmaker.core.db import db
from matchmaker.notifications.models import Message

ANSWERS_DAYS = 7
CODES_DAYS = 7
SECRETS_HOURS = 24


def clean() -> int:
    """Delete what has served its time; returns how many rows were deleted or made nameless."""
    now, terms = clock.now(), gateways.terms()
    old_log = now - timedelta(days=terms.log_days)
    idle = now - timedelta(minutes=terms.idle_minutes)
    deletions = (
        sa.delete(SignInAttempt).where(SignInAttempt.moment < old_log),
        sa.delete(UserSession).where(sa.or_(UserSession.expires < now, UserSession.last_seen < idle)),
        sa.delete(OneTimeCode).where(OneTimeCode.expires < now - timedelta(days=CODES_DAYS)),
        sa.delete(IdempotencyKey).where(IdempotencyKey.created < now - timedelta(days=ANSWERS_DAYS)),
        sa.delete(Allowance).where(Allowance.window_started < now - timedelta(days=1)),
    )
    return sum(_count(statement) for statement in (*deletions, _blank_secrets(now), _blank_names(old_log)))


def _blank_secrets(now: datetime) -> sa.Update:
    """The text of messages that carried a code or a link."""
    return (
        sa.update(Message)
        .where(Message.about_kind == OneTimeCode.__tablename__, Message.text != "")
        .where(Message.created < now - timedelta(hours=SECRETS_HOURS))
        .values(text="", html=None)
    )


def _blank_names(old_log: datetime) -> sa.Update:
    """The names of erased people in log lines that the law no longer asks for."""
    erased = sa.select(User.id).where(User.erased.is_not(None), User.erased < old_log)
    return (
        sa.update(Activity)
        .where(Activity.actor_id.in_(erased), Activity.actor_name != ERASED_NAME)
        .values(actor_name=ERASED_NAME)
    )


def _count(statement: Any) -> int:
    result = db.session.execute(statement.execution_options(synchronize_session=False))
    return int(result.rowcount)  # type: ignore[attr-defined]
