"""Changing one's own mail address or mobile number."""

from __future__ import annotations

from typing import Any

from flask import flash, g, redirect, request, session, url_for
from flask_babel import gettext as _
from flask_login import current_user

from matchmaker.accounts import rules
from matchmaker.accounts.forms import ConfirmForm, NewAddressForm, SentCodeForm
from matchmaker.accounts.models import User
from matchmaker.accounts.rules import Purpose
from matchmaker.accounts.services import addresses, codes
from matchmaker.accounts.views import bp
from matchmaker.accounts.views.own import check_proof
from matchmaker.accounts.views.registering import tried
from matchmaker.core.db import db, transaction
from matchmaker.core.web import answer, errors_on, page, signed_in


@bp.route("/address", methods=["GET", "POST"])
@signed_in
def change_address() -> Any:
    """Ask for the new address, with the password as proof; the answer is the same whosever it is."""
    form = NewAddressForm()
    if form.validate_on_submit():
        with errors_on(form):
            target, is_mail = rules.check_address(form.identifier.data)
            check_proof(form.current.data)
            with transaction():
                user = db.session.get_one(User, current_user.id)
                addresses.offer(user, target, is_mail=is_mail, address=request.remote_addr or "")
            session["new_address"] = target
            return redirect(url_for("accounts.address_sent" if is_mail else "accounts.address_code"), 303)
    return answer(form, "accounts/address.html")


@bp.get("/address/sent")
@signed_in
def address_sent() -> Any:
    """A link is on its way to the new address."""
    return page("accounts/address_sent.html", target=session.get("new_address", ""))


@bp.route("/address/code", methods=["GET", "POST"])
@signed_in
def address_code() -> Any:
    """The digits sent to the new number."""
    form, target = SentCodeForm(), session.get("new_address")
    if not target:
        return redirect(url_for("accounts.change_address"), 303)
    if form.validate_on_submit():
        with errors_on(form):
            return _change(tried(Purpose.ADDRESS, target, form.code.data))
    return answer(form, "accounts/address_code.html", target=target)


@bp.route("/address/<secret>", methods=["GET", "POST"])
@signed_in
def address_link(secret: str) -> Any:
    """The link sent to the new address: a press of the button changes it, opening the page does not."""
    code = codes.of_link(Purpose.ADDRESS, secret)
    target = addresses.target_of(code, user=current_user)
    if code is None or target is None:
        return page("accounts/link_dead.html", again=url_for("accounts.change_address")), 410
    form, code_id = ConfirmForm(), code.id
    if form.validate_on_submit():
        with errors_on(form):
            return _change(code_id)
    return answer(form, "accounts/address_link.html", target=target)


def _change(code_id: int) -> Any:
    here = g.user_session.id
    with transaction():
        session["token"] = addresses.change(code_id, actor=current_user, keep=here)
    session.pop("new_address", None)
    flash(_("已更换，以后请用新的邮箱或手机号登录；其他设备都已退出"), "good")
    return redirect(url_for("accounts.profile"), 303)
