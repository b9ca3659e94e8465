"""Signing in and out, and changing hats."""

from __future__ import annotations

from typing import Any

from flask import current_app, flash, g, redirect, request, session, url_for
from flask_babel import gettext as _
from flask_login import current_user

from matchmaker.accounts import queries, services
from matchmaker.accounts.forms import CodeForm, SignInForm
from matchmaker.accounts.models import User, UserSession
from matchmaker.accounts.rules import Outcome
from matchmaker.accounts.services import second_factor, sign_on
from matchmaker.accounts.services import sign_in as sign_in_services
from matchmaker.accounts.views import bp
from matchmaker.core import clock
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
    demo_accounts = queries.demo_logins() if current_app.config["SETTINGS"].demo else []
    return answer(
        form,
        "accounts/sign_in.html",
        demo_accounts=demo_accounts,
        sign_on=sign_on.is_configured(),
        waiting=waiting_identity(),
    )


def _sign_in(form: SignInForm) -> Any:
    settings, who = current_app.config["SETTINGS"], whereabouts()
    identifier = form.identifier.data
    with transaction():
        taken = sign_in_services.begin(identifier=identifier, limit=settings.lockout_attempts, **who)
    if not taken:
        raise DomainError(sign_in_services.LOCKED, field="password")
    user, fits = sign_in_services.check_credentials(identifier=identifier, password=form.password.data)
    with transaction():
        if not fits or user is None:
            sign_in_services.record_attempt(identifier=identifier, user=user, outcome=Outcome.FAILED, **who)
            token = None
        elif user.totp_secret is not None:
            sign_in_services.record_attempt(identifier=identifier, user=user, outcome=Outcome.SECOND_FACTOR, **who)
            token = ""
        else:
            token = sign_in_services.succeed(user, days=settings.session_days, **who)
    if token is None:
        raise DomainError(sign_in_services.WRONG, field="password")
    if user is not None and not token:
        return ask_second_factor(user, target=form.next.data)
    start_session(token)
    return redirect(after_sign_in(safe_next(form.next.data, url_for("portal.home"))), 303)


def whereabouts() -> dict[str, Any]:
    """Where this request comes from, for the session row and the audit."""
    return {"address": request.remote_addr or "", "agent": request.user_agent.string}


def ask_second_factor(user: User, *, target: str | None) -> Any:
    """The password fits: remember for five minutes who goes on to the second step."""
    session["pending"] = {
        "user": user.id,
        "proof": sign_in_services.proof_of(user),
        "until": clock.now().timestamp() + 300,
        "next": safe_next(target, ""),
    }
    return redirect(url_for("accounts.second_step"), 303)


@bp.route("/sign-in/second-step", methods=["GET", "POST"])
@public
def second_step() -> Any:
    """The code of the authenticator app, or a recovery code."""
    pending = session.get("pending") or {}
    user = db.session.get(User, pending.get("user", 0))
    if user is None or not _still_valid(pending, user):
        session.pop("pending", None)
        return redirect(url_for("accounts.sign_in"), 303)
    form = CodeForm()
    if form.validate_on_submit():
        try:
            return _second_step(form, user, pending)
        except DomainError as error:
            blame(form, error)
    return answer(form, "accounts/second_step.html")


def _still_valid(pending: dict[str, Any], user: User) -> bool:
    proven = sign_in_services.still_proven(user, pending.get("proof", ""))
    return proven and user.is_active and pending.get("until", 0) > clock.now().timestamp()


def _second_step(form: CodeForm, user: User, pending: dict[str, Any]) -> Any:
    settings, who = current_app.config["SETTINGS"], whereabouts()
    with transaction():
        taken = second_factor.may_try(user)
    if not taken:
        raise DomainError("尝试次数太多，请 15 分钟后再试", field="code")
    with transaction():
        token = None
        if second_factor.passes(user, form.code.data):
            second_factor.succeed(user)
            token = sign_in_services.succeed(user, days=settings.session_days, second_factor=True, **who)
        else:
            sign_in_services.record_attempt(
                identifier=user.email or user.phone or "", user=user, outcome=Outcome.FAILED, **who
            )
    if token is None:
        raise DomainError(second_factor.WRONG, field="code")
    start_session(token)
    return redirect(after_sign_in(safe_next(pending.get("next"), url_for("portal.home"))), 303)


def start_session(token: str) -> None:
    """Put the token into a fresh cookie session; of the anonymous session survive the language and
    an identity that waits to be linked."""
    kept = {key: session[key] for key in ("lang", "identity") if key in session}
    session.clear()
    session["token"] = token
    session.permanent = True
    session.update(kept)


def waiting_identity() -> dict[str, Any] | None:
    """The identity of the unified sign-in that was proven in this browser and waits to be linked."""
    waiting: dict[str, Any] = session.get("identity") or {}
    if waiting.get("until", 0) > clock.now().timestamp():
        return waiting
    session.pop("identity", None)
    return None


def after_sign_in(target: str) -> str:
    """Where a person goes now: first to link the identity they came with."""
    return url_for("accounts.link_identity") if waiting_identity() else target


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
