"""Leaving the platform: a person asks, an administrator carries it out, what the law keeps is kept for its time."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from matchmaker.accounts import access
from matchmaker.accounts.models import (
    ApiToken,
    ErasureRequest,
    Identity,
    JoinRequest,
    Membership,
    OneTimeCode,
    RecoveryCode,
    User,
)
from matchmaker.accounts.rules import RequestState
from matchmaker.accounts.services import sign_in, tokens, users
from matchmaker.activity import services as activity
from matchmaker.core import clock
from matchmaker.core.db import claim, db
from matchmaker.core.errors import Conflict, NotPermitted
from matchmaker.core.feature import features
from matchmaker.notifications import services as notifications

ERASED_NAME = "已注销用户"


def ask(*, actor: User) -> ErasureRequest:
    """Ask for one's account and personal data to be deleted."""
    waiting = sa.select(ErasureRequest).where(
        ErasureRequest.user_id == actor.id, ErasureRequest.state == RequestState.WAITING
    )
    if db.session.execute(waiting).first():
        raise Conflict("您已经提交过注销申请，请等待办理")
    row = ErasureRequest(user_id=actor.id, state=RequestState.WAITING, created=clock.now())
    db.session.add(row)
    activity.record("accounts.erasure_asked", subject=actor, actor=actor)
    notifications.enqueue("accounts/mail/erasure_asked", to=actor, url="/accounts/my-data")
    db.session.flush()
    return row


def withdraw(request: ErasureRequest, *, actor: User) -> None:
    """Think again: the account stays."""
    if request.user_id != actor.id:
        raise NotPermitted("只能撤回自己的申请")
    _close(request, RequestState.WITHDRAWN, actor=actor)
    activity.record("accounts.erasure_withdrawn", subject=actor, actor=actor)


def carry_out(request: ErasureRequest, *, actor: Any) -> None:
    """Erase the person of a request. Raises NotPermitted outside one's regions, Conflict when it was answered."""
    user = request.user
    if actor.id == user.id or not access.may_manage(actor, user):
        raise NotPermitted("请由该账号所在辖区的另一位管理员办理")
    _close(request, RequestState.ACCEPTED, actor=actor)
    erase(user, actor=actor)


def erase(user: User, *, actor: Any) -> None:
    """Make a person nameless: contact data, secrets, sessions, memberships and messages go; records keep their number.

    The activity log and the record of sign-ins stay for the time the law asks and are then cleaned by the job.
    """
    for feature in features().all:
        if feature.forget is not None:
            feature.forget(user)
    for code in filter(None, (user.email, user.phone)):
        db.session.execute(sa.delete(OneTimeCode).where(OneTimeCode.target == code))
    for table in (OneTimeCode, RecoveryCode, Membership, Identity):
        db.session.execute(sa.delete(table).where(table.user_id == user.id))
    db.session.execute(sa.update(JoinRequest).where(JoinRequest.user_id == user.id).values(note="", reason=None))
    db.session.execute(
        sa.update(JoinRequest)
        .where(JoinRequest.user_id == user.id, JoinRequest.state == RequestState.WAITING)
        .values(state=RequestState.WITHDRAWN, decided=clock.now())
    )
    tokens.revoke_all(user, actor=actor)
    db.session.execute(sa.update(ApiToken).where(ApiToken.user_id == user.id).values(name=""))
    sign_in.close_all_sessions(user)
    for grant in user.grants:
        if grant.live_on(clock.today()):
            users.end_grant(grant)
    now = clock.now()
    user.name, user.email, user.phone = ERASED_NAME, f"erased-{user.id}@invalid", None
    user.password_hash, user.totp_secret, user.totp_last_step = "!", None, None
    user.email_confirmed = user.phone_confirmed = user.consented = None
    user.disabled, user.erased = user.disabled or now, now
    db.session.flush()
    db.session.expire(user)
    activity.record("accounts.erased", subject=user, actor=actor)
    db.session.flush()


def _close(request: ErasureRequest, state: RequestState, *, actor: Any) -> None:
    taken = claim(
        sa.update(ErasureRequest)
        .where(ErasureRequest.id == request.id, ErasureRequest.state == RequestState.WAITING)
        .values(state=state, decided=clock.now(), decided_by_id=actor.id)
    )
    if not taken:
        raise Conflict("这份申请已经处理过了，请刷新页面")
    db.session.refresh(request)
