"""A person's own account: profile, password, second factor, API tokens, personal data."""

from __future__ import annotations

import json
from typing import Any

from flask import current_app, flash, g, redirect, session, url_for
from flask_babel import gettext as _
from flask_login import current_user

from matchmaker.accounts import lists, queries
from matchmaker.accounts.forms import (
    ChangePasswordForm,
    EnrolForm,
    ProfileForm,
    ProofForm,
    TokenForm,
)
from matchmaker.accounts.models import ApiToken, ErasureRequest
from matchmaker.accounts.rules import TITLES
from matchmaker.accounts.services import erasure, passwords, personal, second_factor, sign_in, sign_on, tokens, users
from matchmaker.accounts.views import bp
from matchmaker.core import clock
from matchmaker.core.db import db, transaction
from matchmaker.core.errors import DomainError
from matchmaker.core.i18n import sentence
from matchmaker.core.web import answer, download, errors_on, one_or_404, page, public, signed_in


@bp.route("/profile", methods=["GET", "POST"])
@signed_in
def profile() -> Any:
    """Who I am here."""
    form = ProfileForm(obj=current_user)
    if form.validate_on_submit():
        with errors_on(form):
            with transaction():
                users.edit_profile(current_user, **form.values)
            flash(_("已保存"), "good")
            return redirect(url_for("accounts.profile"), 303)
    return answer(
        form,
        "accounts/profile.html",
        user=current_user,
        today=clock.today(),
        region_name=lists.region_name,
        sign_on=sign_on.is_configured(),
        identities=db.session.execute(queries.identities_of(current_user.id)).unique().scalars().all(),
    )


@bp.route("/password", methods=["GET", "POST"])
@signed_in
def change_password() -> Any:
    """A new password; every other device is signed out."""
    form = ChangePasswordForm()
    if form.validate_on_submit():
        with errors_on(form):
            check_proof(form.current.data)
            address = current_user.email or current_user.phone or ""
            password_hash = passwords.hashed(form.password.data, name=current_user.name, address=address)
            here = g.user_session.id
            with transaction():
                passwords.set_password(current_user, password_hash=password_hash, keep=here)
                token = sign_in.rotate_session(here)
            session["token"] = token
            flash(_("密码已更新，其他设备都已退出"), "good")
            return redirect(url_for("accounts.profile"), 303)
    return answer(form, "accounts/password.html")


def check_proof(password: str) -> None:
    """The password again; a few tries only. Raises DomainError on the field `current`."""
    with transaction():
        taken = passwords.may_try_password(current_user)
    if not taken:
        raise DomainError("尝试次数太多，请 15 分钟后再试", field="current")
    if not passwords.proves(current_user, password):
        raise DomainError("密码不对，请重新输入", field="current")


def must_use_second_factor() -> bool:
    """Does the office require it of this person?"""
    return bool(current_app.config["SETTINGS"].staff_second_factor and current_user.is_staff)


@bp.get("/second-factor")
@signed_in
def second_factor_page() -> Any:
    """Is it on, how many recovery codes are left."""
    left = queries.recovery_codes_left(current_user.id) if current_user.totp_secret else 0
    on, required = bool(current_user.totp_secret), must_use_second_factor()
    return page("accounts/second_factor.html", on=on, left=left, required=required, form=ProofForm())


@bp.route("/second-factor/enrol", methods=["GET", "POST"])
@signed_in
def enrol() -> Any:
    """Bind an authenticator app."""
    if current_user.totp_secret:
        return redirect(url_for("accounts.second_factor_page"), 303)
    form = EnrolForm()
    if "totp" not in session:
        session["totp"] = second_factor.new_secret()
    if form.validate_on_submit():
        with errors_on(form):
            check_proof(form.current.data)
            with transaction():
                fresh = second_factor.enrol(current_user, sealed=session["totp"], code=form.code.data)
                here = g.user_session.id
                sign_in.close_all_sessions(current_user, keep=here)
                session["token"] = sign_in.rotate_session(here, second_factor=True)
            session.pop("totp")
            return page("accounts/recovery_codes.html", codes=fresh)
    offer = second_factor.offer(session["totp"], user=current_user, issuer=current_app.config["SETTINGS"].site_name)
    return answer(form, "accounts/enrol.html", offer=offer, required=must_use_second_factor())


@bp.post("/second-factor/recovery-codes")
@signed_in
def renew_recovery_codes() -> Any:
    """Ten fresh recovery codes, with the password as proof."""
    return _with_proof(lambda: page("accounts/recovery_codes.html", codes=_renewed()))


def _renewed() -> list[str]:
    with transaction():
        return second_factor.renew_recovery_codes(current_user)


@bp.post("/second-factor/off")
@signed_in
def remove_second_factor() -> Any:
    """Unbind the app, with the password as proof."""
    return _with_proof(_remove)


def _remove() -> Any:
    with transaction():
        second_factor.remove(current_user, required=must_use_second_factor())
    flash(_("两步验证已关闭"), "info")
    return redirect(url_for("accounts.second_factor_page"), 303)


def _with_proof(act: Any) -> Any:
    form = ProofForm()
    if not current_user.totp_secret:
        return redirect(url_for("accounts.second_factor_page"), 303)
    if form.validate_on_submit():
        with errors_on(form):
            check_proof(form.current.data)
            return act()
    left = queries.recovery_codes_left(current_user.id)
    return answer(form, "accounts/second_factor.html", on=True, left=left, required=must_use_second_factor())


@bp.route("/tokens", methods=["GET", "POST"])
@signed_in
def api_tokens() -> Any:
    """Tokens for programs: list, make (shown once), end."""
    form = TokenForm()
    form.offer(current_user)
    if form.validate_on_submit():
        with errors_on(form):
            with transaction():
                token, secret = tokens.create(current_user, **form.values)
            return page("accounts/token_made.html", token=token, secret=secret)
    rows = db.session.execute(queries.tokens_of(current_user.id)).unique().scalars().all()
    titles = {permission.value: title for permission, title in TITLES.items()}
    return answer(form, "accounts/tokens.html", tokens=rows, titles=titles, now=clock.now())


@bp.post("/tokens/<int:token_id>/revoke")
@signed_in
def revoke_token(token_id: int) -> Any:
    """End one of one's own tokens."""
    token = one_or_404(queries.tokens_of(current_user.id).where(ApiToken.id == token_id))
    with transaction():
        tokens.revoke(token, actor=current_user)
    flash(_("令牌已停用，使用它的程序会立即失去权限"), "good")
    return redirect(url_for("accounts.api_tokens"), 303)


@bp.get("/my-data")
@signed_in
def my_data() -> Any:
    """What is held about me: download, and asking to be deleted."""
    requests = db.session.execute(queries.erasures_of(current_user.id)).unique().scalars().all()
    return page("accounts/my_data.html", requests=requests)


@bp.post("/my-data/download")
@signed_in
def download_my_data() -> Any:
    """Everything that names me, as one JSON file."""
    body = json.dumps(personal.export(current_user), ensure_ascii=False, indent=2, default=str)
    return download(body.encode(), filename=f"{_('我的数据')}-{clock.today():%Y%m%d}.json", mimetype="application/json")


@bp.post("/my-data/erasure")
@signed_in
def ask_erasure() -> Any:
    """Ask to be deleted."""
    try:
        with transaction():
            erasure.ask(actor=current_user)
        flash(_("注销申请已提交，管理员会在 15 个工作日内办理；在此之前可以撤回"), "info")
    except DomainError as error:
        flash(sentence(error), "warn")
    return redirect(url_for("accounts.my_data"), 303)


@bp.post("/my-data/erasure/<int:request_id>/withdraw")
@signed_in
def withdraw_erasure(request_id: int) -> Any:
    """Think again."""
    row = one_or_404(queries.erasures_of(current_user.id).where(ErasureRequest.id == request_id))
    try:
        with transaction():
            erasure.withdraw(row, actor=current_user)
        flash(_("注销申请已撤回"), "good")
    except DomainError as error:
        flash(sentence(error), "warn")
    return redirect(url_for("accounts.my_data"), 303)


@bp.get("/privacy")
@public
def privacy() -> Any:
    """What we keep, what for, and how long."""
    return page("accounts/privacy.html")
