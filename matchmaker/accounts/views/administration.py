"""Administration of accounts, and the audit: who may do what, who did what, who signed in."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, url_for
from flask_babel import gettext as _
from flask_login import current_user

from matchmaker.accounts import access, lists, queries
from matchmaker.accounts.forms import ConfirmForm, GrantForm
from matchmaker.accounts.models import ErasureRequest, RoleGrant, User
from matchmaker.accounts.rules import Permission
from matchmaker.accounts.services import erasure, second_factor, users
from matchmaker.accounts.views import bp
from matchmaker.activity import queries as activity
from matchmaker.core import clock
from matchmaker.core.db import db, transaction
from matchmaker.core.errors import DomainError
from matchmaker.core.i18n import sentence
from matchmaker.core.web import answer, errors_on, one_or_404, requires
from matchmaker.lists.pages import list_page


@bp.get("/users/")
@requires(Permission.ACCOUNTS_MANAGE)
def users_index() -> Any:
    """The accounts of one's regions."""
    return list_page(lists.USERS, "accounts/users.html")


def _user(user_id: int) -> User:
    row: User = one_or_404(queries.visible_to(current_user).where(User.id == user_id))
    return row


@bp.route("/users/<int:user_id>", methods=["GET", "POST"])
@requires(Permission.ACCOUNTS_MANAGE)
def user(user_id: int) -> Any:
    """One account: roles, state, devices; giving a role."""
    row = _user(user_id)
    form = GrantForm()
    form.offer(current_user)
    if form.validate_on_submit():
        with errors_on(form):
            with transaction():
                users.grant_by_hand(row, actor=current_user, **form.values)
            flash(_("身份已授予，对方会收到通知"), "good")
            return redirect(url_for("accounts.user", user_id=user_id), 303)
    return answer(
        form,
        "accounts/user.html",
        user=row,
        today=clock.today(),
        manageable=row.id != current_user.id and access.may_manage(current_user, row),
        devices=len(db.session.execute(queries.sessions_of(row)).unique().all()),
        timeline=activity.of(row, limit=20),
        region_name=lists.region_name,
    )


@bp.post("/users/<int:user_id>/grants/<int:grant_id>/end")
@requires(Permission.ACCOUNTS_MANAGE)
def end_role(user_id: int, grant_id: int) -> Any:
    """Take a role away."""
    _user(user_id)
    grant = one_or_404(queries.grants_of(user_id).where(RoleGrant.id == grant_id))
    return _act(lambda: users.end_role(grant, actor=current_user), _("身份已收回"), user_id)


@bp.post("/users/<int:user_id>/disable")
@requires(Permission.ACCOUNTS_MANAGE)
def disable(user_id: int) -> Any:
    """Switch an account off."""
    row = _user(user_id)
    return _act(lambda: users.disable(row, actor=current_user), _("账号已停用，所有设备已退出"), user_id)


@bp.post("/users/<int:user_id>/enable")
@requires(Permission.ACCOUNTS_MANAGE)
def enable(user_id: int) -> Any:
    """Switch an account on again."""
    row = _user(user_id)
    return _act(lambda: users.enable(row, actor=current_user), _("账号已启用"), user_id)


@bp.post("/users/<int:user_id>/sign-out")
@requires(Permission.ACCOUNTS_MANAGE)
def sign_user_out(user_id: int) -> Any:
    """Sign a person out everywhere."""
    row = _user(user_id)
    return _act(lambda: users.sign_out_everywhere(row, actor=current_user), _("所有设备已退出"), user_id)


@bp.post("/users/<int:user_id>/second-factor/off")
@requires(Permission.ACCOUNTS_MANAGE)
def free_second_factor(user_id: int) -> Any:
    """Free a person who lost phone and recovery codes."""
    row = _user(user_id)
    return _act(lambda: second_factor.remove_for(row, actor=current_user), _("两步验证已解除"), user_id)


def _act(act: Any, done: str, user_id: int) -> Any:
    try:
        with transaction():
            act()
        flash(done, "good")
    except DomainError as error:
        if error.status == 403:
            raise
        flash(sentence(error), "warn")
    return redirect(url_for("accounts.user", user_id=user_id), 303)


@bp.get("/erasures/")
@requires(Permission.ACCOUNTS_MANAGE)
def erasures() -> Any:
    """Who asks to be deleted."""
    return list_page(lists.ERASURES, "accounts/erasures.html")


@bp.route("/erasures/<int:request_id>", methods=["GET", "POST"])
@requires(Permission.ACCOUNTS_MANAGE)
def erasure_request(request_id: int) -> Any:
    """One request: what will go, what stays, and the button that does it."""
    row = one_or_404(queries.erasures_for(current_user).where(ErasureRequest.id == request_id))
    form = ConfirmForm()
    if form.validate_on_submit():
        with errors_on(form):
            with transaction():
                erasure.carry_out(row, actor=current_user)
            flash(_("已注销：姓名和联系方式已删除"), "good")
            return redirect(url_for("accounts.erasures"), 303)
    return answer(form, "accounts/erasure.html", row=row)


@bp.get("/log/")
@requires(Permission.LOG_READ)
def log() -> Any:
    """Who did what to which record."""
    return list_page(lists.ACTIVITY, "accounts/log.html")


@bp.get("/log/sign-ins")
@requires(Permission.LOG_READ)
def sign_ins() -> Any:
    """Who signed in, who tried."""
    return list_page(lists.SIGN_INS, "accounts/sign_ins.html")
