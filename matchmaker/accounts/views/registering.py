"""Making an account, and getting back into one. Every answer is the same whether an account exists or not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import current_app, flash, redirect, request, session, url_for
from flask_babel import gettext as _
from flask_login import current_user

from matchmaker.accounts import rules
from matchmaker.accounts.forms import (
    AddressForm,
    NewAccountByCodeForm,
    NewAccountForm,
    NewPasswordForm,
    ResetByCodeForm,
)
from matchmaker.accounts.rules import Purpose
from matchmaker.accounts.services import codes, passwords, sign_in
from matchmaker.accounts.views import bp
from matchmaker.accounts.views.signing_in import after_sign_in, start_session, whereabouts
from matchmaker.core.db import transaction
from matchmaker.core.errors import DomainError
from matchmaker.core.web import answer, errors_on, page, public


@bp.route("/sign-up", methods=["GET", "POST"])
@public
def sign_up() -> Any:
    """Ask for the address that a link or code will prove."""
    if current_user.is_authenticated:
        return redirect(url_for("portal.home"), 303)
    return _send("accounts/sign_up.html", passwords.invite, "sign_up")


@bp.route("/forgot", methods=["GET", "POST"])
@public
def forgot() -> Any:
    """Ask for the address that a link or code to set a new password goes to."""
    return _send("accounts/forgot.html", passwords.offer_reset, "reset")


def _send(template: str, service: Callable[..., None], flow: str) -> Any:
    form = AddressForm()
    if form.validate_on_submit():
        with errors_on(form):
            target, is_mail = rules.check_address(form.identifier.data)
            with transaction():
                service(target, is_mail=is_mail, address=request.remote_addr or "")
            session["sent_to"] = target
            after = url_for("accounts.sent", flow=flow) if is_mail else url_for(f"accounts.{flow}_code")
            return redirect(after, 303)
    return answer(form, template)


@bp.get("/sent")
@public
def sent() -> Any:
    """A link is on its way, if there is anything to send."""
    return page("accounts/sent.html", target=session.get("sent_to", ""), flow=request.args.get("flow", ""))


@bp.route("/sign-up/code", methods=["GET", "POST"])
@public
def sign_up_code() -> Any:
    """The digits sent to a phone, and the new account."""
    form, target = NewAccountByCodeForm(), session.get("sent_to")
    if not target:
        return redirect(url_for("accounts.sign_up"), 303)
    if form.validate_on_submit():
        with errors_on(form):
            rules.check_name(form.name.data)
            hashed = passwords.hashed(form.password.data, name=form.name.data, address=target)
            return _register(tried(Purpose.SIGN_UP, target, form.code.data), form.name.data, hashed)
    return answer(form, "accounts/sign_up_finish.html", target=target)


@bp.route("/sign-up/<secret>", methods=["GET", "POST"])
@public
def sign_up_link(secret: str) -> Any:
    """The link of the mail: name and password make the account."""
    code = codes.of_link(Purpose.SIGN_UP, secret)
    if code is None:
        return page("accounts/link_dead.html", again=url_for("accounts.sign_up")), 410
    form, target, code_id = NewAccountForm(), code.target, code.id
    if form.validate_on_submit():
        with errors_on(form):
            rules.check_name(form.name.data)
            hashed = passwords.hashed(form.password.data, name=form.name.data, address=target)
            return _register(code_id, form.name.data, hashed)
    return answer(form, "accounts/sign_up_finish.html", target=target)


def tried(purpose: Purpose, target: str, code: str) -> int:
    """Spend a try of the digits sent to a target. Raises DomainError on the field `code`."""
    with transaction():
        code_id = codes.try_code(purpose, target, code)
    if code_id is None:
        raise DomainError(codes.WRONG, field="code")
    return code_id


def _register(code_id: int, name: str, password_hash: str) -> Any:
    settings = current_app.config["SETTINGS"]
    with transaction():
        user = passwords.register(code_id, name=name, password_hash=password_hash, region=settings.region)
        token = sign_in.succeed(user, days=settings.session_days, **whereabouts())
    start_session(token)
    flash(_("账号已开通。如果您代表单位办事，请在这里加入单位"), "good")
    return redirect(after_sign_in(url_for("accounts.organisations")), 303)


@bp.route("/forgot/code", methods=["GET", "POST"])
@public
def reset_code() -> Any:
    """The digits sent to a phone, and a new password."""
    form, target = ResetByCodeForm(), session.get("sent_to")
    if not target:
        return redirect(url_for("accounts.forgot"), 303)
    if form.validate_on_submit():
        with errors_on(form):
            hashed = passwords.hashed(form.password.data, address=target)
            return _reset(tried(Purpose.RESET, target, form.code.data), hashed)
    return answer(form, "accounts/reset.html", target=target)


@bp.route("/forgot/<secret>", methods=["GET", "POST"])
@public
def reset_link(secret: str) -> Any:
    """The link of the mail: a new password."""
    code = codes.of_link(Purpose.RESET, secret)
    if code is None:
        return page("accounts/link_dead.html", again=url_for("accounts.forgot")), 410
    form, target, code_id = NewPasswordForm(), code.target, code.id
    if form.validate_on_submit():
        with errors_on(form):
            hashed = passwords.hashed(form.password.data, address=target)
            return _reset(code_id, hashed)
    return answer(form, "accounts/reset.html", target=target)


def _reset(code_id: int, password_hash: str) -> Any:
    with transaction():
        passwords.reset(code_id, password_hash=password_hash)
    session.clear()
    flash(_("密码已更新，所有设备都已退出，请用新密码登录"), "good")
    return redirect(url_for("accounts.sign_in"), 303)
