"""Signing in and out, and changing hats."""

from __future__ import annotations

from typing import Any

from flask import current_app, flash, g, redirect, request, session, url_for
from flask_babel import gettext as _
from flask_login import current_user

from matchmaker.accounts import queries, services
from matchmaker.accounts.forms import SignInForm
from matchmaker.accounts.models import UserSession
from matchmaker.accounts.views import bp
from matchmaker.core.db import db, transaction
from matchmaker.core.errors import DomainError
from matchmaker.core.web import answer, blame, one_or_404, page, public, safe_next, signed_in


@bp.route("/sign-in", methods=["GET", "POST"])
@public
def sign_in() -> Any:
    """The sign-in page; the answer is the same whether the account exists or not."""
    if current_user.is_authenticated:
        return redirect(safe_next(request.values.get("next"), url_for("portal.home")), 303)
    form = SignInForm(next=request.args.get("next", ""))
    if form.validate_on_submit():
        try:
            return _sign_in(form)
        except DomainError as error:
            blame(form, error)
    demo_accounts = queries.demo_accounts() if current_app.config["SETTINGS"].demo else []
    return answer(form, "accounts/sign_in.html", demo_accounts=demo_accounts)


def _sign_in(form: SignInForm) -> Any:
    settings = current_app.config["SETTINGS"]
    who = {"address": request.remote_addr or "", "agent": request.user_agent.string}
    identifier = form.identifier.data
    services.check_not_locked(identifier=identifier, address=who["address"], limit=settings.lockout_attempts)
    user, fits = services.check_credentials(identifier=identifier, password=form.password.data)
    with transaction():
        outcome = "signed_in" if fits else "failed"
        services.record_attempt(identifier=identifier, user=user, outcome=outcome, **who)
        token = services.open_session(user, days=settings.session_days, **who) if fits else None
    if token is None:
        raise DomainError(services.WRONG, field="password")
    start_session(token)
    return redirect(safe_next(form.next.data, url_for("portal.home")), 303)


def start_session(token: str) -> None:
    """Put the token into a fresh cookie session; nothing of the anonymous session survives but the language."""
    language = session.get("lang")
    session.clear()
    session["token"] = token
    session.permanent = True
    if language:
        session["lang"] = language


@bp.post("/sign-out")
@signed_in
def sign_out() -> Any:
    """End this device's session; a copied cookie is dead as well."""
    row_id = g.user_session.id
    with transaction():
        services.close_session(row_id)
    session.clear()
    flash(_("已退出登录"), "info")
    return redirect(url_for("accounts.sign_in"), 303)


@bp.post("/hat")
@signed_in
def switch_hat() -> Any:
    """Act as another of one's own roles or organisations."""
    with transaction() as db_session:
        services.wear(db_session.get_one(UserSession, g.user_session.id), request.form.get("hat", ""))
    return redirect(safe_next(request.form.get("next"), url_for("portal.home")), 303)


@bp.get("/devices")
@signed_in
def devices() -> Any:
    """Where this person is signed in."""
    rows = db.session.execute(queries.sessions_of(current_user)).unique().scalars().all()
    return page("accounts/devices.html", sessions=rows, here=g.user_session.id)


@bp.post("/devices/<int:session_id>/sign-out")
@signed_in
def sign_out_device(session_id: int) -> Any:
    """Sign one of one's own devices out."""
    row = one_or_404(queries.sessions_of(current_user).where(UserSession.id == session_id))
    row_id = row.id
    with transaction():
        services.close_session(row_id)
    flash(_("该设备已退出"), "good")
    return redirect(url_for("accounts.devices"), 303)


@bp.post("/devices/sign-out-others")
@signed_in
def sign_out_others() -> Any:
    """Sign out everywhere but here."""
    here = g.user_session.id
    with transaction():
        count = services.close_all_sessions(current_user, keep=here)
    flash(_("其他 %(n)d 台设备已退出", n=count), "good")
    return redirect(url_for("accounts.devices"), 303)
