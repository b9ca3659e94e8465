"""Making users, giving and ending roles, switching accounts off and on, wearing hats."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from matchmaker.accounts import access, gateways, queries, rules
from matchmaker.accounts.models import RoleGrant, User, UserSession
from matchmaker.accounts.rules import Role
from matchmaker.accounts.services import sign_in
from matchmaker.activity import services as activity
from matchmaker.core import clock
from matchmaker.core.db import db
from matchmaker.core.errors import Conflict, DomainError, NotPermitted
from matchmaker.core.regions import check_region
from matchmaker.notifications import services as notifications


def create_user(
    *,
    name: str,
    password: str = "",
    password_hash: str | None = None,
    email: str | None = None,
    phone: str | None = None,
    region: str,
    confirmed: bool = False,
    consented: bool = False,
    demo: bool = False,
    actor: Any | None = None,
) -> User:
    """Make a user. Raises DomainError for an address that does not fit, Conflict for one that is taken.

    Pages hash the password before their transaction and pass `password_hash`; commands may pass `password`.
    """
    email = rules.check_mail(email) if email else None
    phone = rules.check_mobile(phone) if phone else None
    name = rules.check_name(name)
    if email is None and phone is None:
        raise DomainError("请填写邮箱或手机号", field="email")
    if password_hash is None:
        rules.check_password(password, name=name, address=email or phone or "")
    if (email and queries.by_identifier(email)) or (phone and queries.by_identifier(phone)):
        raise Conflict("这个邮箱或手机号已经注册，请直接登录", field="email" if email else "phone")
    now = clock.now()
    user = User(
        name=name,
        email=email,
        phone=phone,
        password_hash=password_hash or gateways.hash_password(password),
        email_confirmed=now if confirmed and email else None,
        phone_confirmed=now if confirmed and phone else None,
        consented=now if consented else None,
        region=region,
        demo=demo,
        created=now,
    )
    db.session.add(user)
    db.session.flush()
    activity.record("accounts.created", subject=user, actor=actor or user)
    return user


def edit_profile(user: User, *, name: str, language: str) -> None:
    """Change the name others see and the language of messages."""
    user.name = rules.check_name(name)
    user.language = language if language in {"zh", "en"} else "zh"
    activity.record("accounts.profile_edited", subject=user, actor=user)


def grant_role(user: User, role: Role, *, region: str | None, actor: Any | None = None, **term: Any) -> RoleGrant:
    """Give a role; a live grant of the same role and region is kept, one that ended begins anew."""
    starts, ends = term.get("starts") or clock.today(), term.get("ends")
    grant = next((g for g in user.grants if g.role is role and g.region == region), None)
    if grant is not None and grant.live_on(clock.today()):
        return grant
    if grant is None:
        grant = RoleGrant(user=user, role=role, region=region, starts=starts, ends=ends)
        db.session.add(grant)
    grant.starts, grant.ends, grant.granted_by_id = starts, ends, getattr(actor, "id", None)
    activity.record("accounts.role_granted", subject=user, actor=actor, role=role.value, region=region)
    return grant


def grant_by_hand(user: User, *, actor: Any, role: Role, region: str | None, ends: date | None = None) -> RoleGrant:
    """An administrator gives a role within their own regions, never to themselves. Raises NotPermitted, DomainError."""
    _check_may_manage(actor, user)
    region = check_region(region) if region else None
    rules.check_grant(role, region=region, ends=ends, today=clock.today())
    if region is not None and not access.region_within(actor, region):
        raise DomainError("只能授予您所管理行政区划内的身份", field="region")
    grant = grant_role(user, role, region=region, actor=actor, ends=ends)
    notifications.enqueue("accounts/mail/role_granted", to=user, role=role, url="/accounts/profile")
    db.session.flush()
    return grant


def end_role(grant: RoleGrant, *, actor: Any) -> None:
    """Take a role away from now on; that it was held stays on record."""
    _check_may_manage(actor, grant.user)
    end_grant(grant)
    activity.record("accounts.role_ended", subject=grant.user, actor=actor, role=grant.role.value, region=grant.region)


def end_grant(grant: RoleGrant) -> None:
    """Yesterday was its last day."""
    yesterday = clock.today() - timedelta(days=1)
    grant.ends = yesterday
    grant.starts = min(grant.starts, yesterday)


def disable(user: User, *, actor: Any) -> None:
    """Switch an account off: nobody signs in with it, its sessions end, its API tokens do nothing."""
    _check_may_manage(actor, user)
    if user.disabled is not None:
        raise Conflict("这个账号已经停用了")
    user.disabled = clock.now()
    sign_in.close_all_sessions(user)
    activity.record("accounts.disabled", subject=user, actor=actor)


def enable(user: User, *, actor: Any) -> None:
    """Switch an account on again."""
    _check_may_manage(actor, user)
    if user.disabled is None:
        raise Conflict("这个账号没有停用")
    user.disabled = None
    activity.record("accounts.enabled", subject=user, actor=actor)


def sign_out_everywhere(user: User, *, actor: Any) -> int:
    """An administrator ends all sessions of a person."""
    _check_may_manage(actor, user)
    return sign_in.close_all_sessions(user, actor=actor)


def _check_may_manage(actor: Any, user: User) -> None:
    if actor.id == user.id:
        raise NotPermitted("不能更改自己的身份或状态，请由另一位管理员办理")
    if not access.may_manage(actor, user):
        raise NotPermitted("这个账号还有您辖区以外的身份，请由上级管理员办理")


def wear(session_row: UserSession, hat: str) -> None:
    """Change the role and organisation a person acts as; only one of their own is taken."""
    if hat not in {key for key, _ in hats_of(session_row.user)}:
        raise DomainError("您没有这个身份，请从列表里选择", field="hat")
    session_row.hat = hat


def hats_of(user: User) -> list[tuple[str, Any]]:
    """The hats a person may wear: each role, and each organisation they belong to. (key, Role | Organisation)"""
    own = [(f"org:{m.organisation_id}", m.organisation) for m in user.memberships]
    rest = [(f"role:{role.value}", role) for role in Role if role in user.roles and role is not Role.MEMBER]
    return [*rest, *own] if user.roles & rules.STAFF else [*own, *rest]
