"""The lists of accounts: users, requests to join, requests to be deleted, the log, sign-ins."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from flask import url_for
from flask_babel import gettext

from matchmaker.accounts import queries, rules
from matchmaker.accounts.models import ErasureRequest, JoinRequest, RoleGrant, SignInAttempt, User
from matchmaker.accounts.rules import Outcome, Permission, RequestState, Role
from matchmaker.accounts.services import users
from matchmaker.activity import queries as activity
from matchmaker.activity.models import Activity
from matchmaker.core import calendar, clock
from matchmaker.core.errors import Conflict, DomainError
from matchmaker.core.feature import activity_title, features
from matchmaker.core.i18n import current_locale
from matchmaker.core.labels import Labelled
from matchmaker.core.lists import BulkAction, Column, Filter, ListSpec
from matchmaker.directory import taxonomy
from matchmaker.directory.models import Organisation


class AccountState(Labelled):
    """How an account stands, as the list shows it."""

    ACTIVE = "active", "正常", "good"
    DISABLED = "disabled", "已停用", "bad"
    ERASED = "erased", "已注销", "neutral"


def choices(kind: Any) -> Any:
    """All members of an enumeration as (value, label)."""
    return lambda _viewer: [(member.value, member.label) for member in kind]


def region_name(code: str) -> str:
    """A region by name; an unknown code stands for itself."""
    return taxonomy.shown("regions", [code], locale=current_locale())


def account_state(user: User) -> AccountState:
    """Active, switched off, or erased."""
    if user.erased is not None:
        return AccountState.ERASED
    return AccountState.DISABLED if user.disabled is not None else AccountState.ACTIVE


def _user_search(statement: sa.Select[Any], text: str) -> sa.Select[Any]:
    found = [User.name.contains(text, autoescape=True), User.email.startswith(text.lower(), autoescape=True)]
    if number := rules.fold_identifier(text):
        found.append(User.phone.startswith(number, autoescape=True))
    return statement.where(sa.or_(*found))


def _with_role(statement: sa.Select[Any], value: str) -> sa.Select[Any]:
    today = clock.today()
    holders = sa.select(RoleGrant.user_id).where(
        RoleGrant.role == value,
        RoleGrant.starts <= today,
        sa.or_(RoleGrant.ends.is_(None), RoleGrant.ends >= today),
    )
    return statement.where(User.id.in_(holders))


def _in_state(statement: sa.Select[Any], value: str) -> sa.Select[Any]:
    if value == AccountState.ERASED:
        return statement.where(User.erased.is_not(None))
    off = User.disabled.is_not(None) if value == AccountState.DISABLED else User.disabled.is_(None)
    return statement.where(User.erased.is_(None), off)


def _check_disable(user: User, _actor: Any) -> None:
    if user.disabled is not None:
        raise Conflict("这个账号已经停用了")


def _disable(user: User, actor: Any, _reason: str) -> dict[str, Any]:
    users.disable(user, actor=actor)
    return {}


def _enable(user: User, actor: Any, _before: dict[str, Any]) -> None:
    users.enable(user, actor=actor)


USERS = ListSpec(
    name="users",
    title="账号管理",
    permission=Permission.ACCOUNTS_MANAGE,
    select=lambda viewer, _scope: queries.visible_to(viewer),
    key=User.id,
    order=(User.created.desc(),),
    columns=(
        Column("name", "姓名", lambda u: u.name, sort=User.name),
        Column("email", "邮箱", lambda u: None if u.erased else u.email),
        Column("phone", "手机号", lambda u: u.phone),
        Column("roles", "身份", lambda u: "、".join(gettext(role.label) for role in sorted(u.roles))),
        Column("region", "行政区划", lambda u: region_name(u.region)),
        Column("region_code", "行政区划代码", lambda u: u.region, export_only=True),
        Column("state", "状态", account_state, "state"),
        Column("second_factor", "两步验证", lambda u: u.totp_secret is not None, "flag"),
        Column("created", "注册时间", lambda u: u.created, "moment", sort=User.created),
    ),
    filters=(
        Filter("q", "搜索", _user_search, "search"),
        Filter("role", "身份", _with_role, choices=choices(Role)),
        Filter("state", "状态", _in_state, choices=choices(AccountState)),
    ),
    url=lambda u: url_for("accounts.user", user_id=u.id),
    bulk=(
        BulkAction(
            "disable",
            "停用",
            Permission.ACCOUNTS_MANAGE,
            "这些账号立即退出所有设备，不能再登录；可以撤销",
            _check_disable,
            _disable,
            _enable,
        ),
    ),
    empty_title="没有符合条件的账号",
)

JOIN_REQUESTS = ListSpec(
    name="join_requests",
    title="加入单位的申请",
    permission=None,
    select=lambda viewer, _scope: queries.requests_for(viewer),
    key=JoinRequest.id,
    order=(JoinRequest.created.desc(),),
    columns=(
        Column("user", "申请人", lambda r: r.user.name),
        Column("organisation", "单位", lambda r: r.organisation.name, sort=Organisation.name),
        Column("note", "说明", lambda r: r.note),
        Column("state", "状态", lambda r: r.state, "state", sort=JoinRequest.state),
        Column("created", "申请时间", lambda r: r.created, "moment", sort=JoinRequest.created),
    ),
    filters=(Filter("state", "状态", lambda s, v: s.where(JoinRequest.state == v), choices=choices(RequestState)),),
    url=lambda r: url_for("accounts.join_request", request_id=r.id),
    empty_title="没有人申请加入",
    empty_text="有人申请加入您负责的单位时，会出现在这里",
)

ERASURES = ListSpec(
    name="erasures",
    title="注销申请",
    permission=Permission.ACCOUNTS_MANAGE,
    select=lambda viewer, _scope: queries.erasures_for(viewer),
    key=ErasureRequest.id,
    order=(ErasureRequest.created.desc(),),
    columns=(
        Column("user", "申请人", lambda r: r.user.name),
        Column("state", "状态", lambda r: r.state, "state", sort=ErasureRequest.state),
        Column("created", "申请时间", lambda r: r.created, "moment", sort=ErasureRequest.created),
        Column("decided", "办理时间", lambda r: r.decided, "moment", sort=ErasureRequest.decided),
    ),
    filters=(Filter("state", "状态", lambda s, v: s.where(ErasureRequest.state == v), choices=choices(RequestState)),),
    url=lambda r: url_for("accounts.erasure_request", request_id=r.id),
    empty_title="没有注销申请",
)


def _since(column: Any) -> Any:
    return lambda statement, text: _by_day(statement, text, lambda start, _end: column >= start)


def _until(column: Any) -> Any:
    return lambda statement, text: _by_day(statement, text, lambda _start, end: column < end)


def _by_day(statement: sa.Select[Any], text: str, condition: Any) -> sa.Select[Any]:
    try:
        day = calendar.parse_day(text)
    except (DomainError, ValueError):
        return statement
    start, end = rules.day_bounds(day)
    return statement.where(condition(start, end))


def _kinds(_viewer: Any) -> list[tuple[str, str]]:
    return [
        (kind, f"{gettext(feature.title)} · {gettext(title)}")
        for feature in features().all
        for kind, title in feature.activities.items()
    ]


ACTIVITY = ListSpec(
    name="activity",
    title="操作记录",
    permission=Permission.LOG_READ,
    select=lambda viewer, _scope: activity.visible_to(viewer),
    key=Activity.id,
    order=(Activity.id.desc(),),
    columns=(
        Column("moment", "时间", lambda a: a.moment, "moment"),
        Column("actor", "操作人", lambda a: a.actor_name),
        Column("kind", "操作", lambda a: gettext(activity_title(a.kind)), sort=Activity.kind),
        Column("code", "操作代码", lambda a: a.kind, export_only=True),
        Column("subject", "对象", lambda a: f"{a.subject_kind} {a.subject_id}"),
        Column("region", "行政区划", lambda a: a.region, export_only=True),
        Column("data", "详情", lambda a: "；".join(f"{k}={v}" for k, v in a.data.items())),
    ),
    filters=(
        Filter("q", "操作人", lambda s, v: s.where(Activity.actor_name.contains(v, autoescape=True)), "search"),
        Filter("kind", "操作", lambda s, v: s.where(Activity.kind == v), choices=_kinds),
        Filter("since", "从", _since(Activity.moment), "date"),
        Filter("until", "到", _until(Activity.moment), "date"),
    ),
    empty_title="没有符合条件的记录",
)


def _outcome(row: Any) -> Outcome | str:
    value = row[0].outcome
    return Outcome(value) if value in set(Outcome) else str(value)


SIGN_INS = ListSpec(
    name="sign_ins",
    title="登录记录",
    permission=Permission.LOG_READ,
    select=lambda viewer, _scope: queries.sign_ins_for(viewer),
    key=SignInAttempt.id,
    order=(SignInAttempt.id.desc(),),
    columns=(
        Column("moment", "时间", lambda r: r[0].moment, "moment"),
        Column("user", "账号", lambda r: r[1].name if r[1] else None),
        Column("outcome", "结果", _outcome, "state"),
        Column("address", "地址", lambda r: r[0].address),
        Column("agent", "设备", lambda r: r[0].agent),
    ),
    filters=(
        Filter("q", "账号", lambda s, v: s.where(User.name.contains(v, autoescape=True)), "search"),
        Filter("address", "地址", lambda s, v: s.where(SignInAttempt.address.startswith(v, autoescape=True)), "search"),
        Filter("outcome", "结果", lambda s, v: s.where(SignInAttempt.outcome == v), choices=choices(Outcome)),
        Filter("since", "从", _since(SignInAttempt.moment), "date"),
        Filter("until", "到", _until(SignInAttempt.moment), "date"),
    ),
    empty_title="没有符合条件的记录",
)
