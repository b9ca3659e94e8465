"""The unified sign-in (统一身份认证): going there, coming back, linking it to one's account."""

from __future__ import annotations

import hmac
from typing import Any

from flask import abort, current_app, flash, redirect, request, session, url_for
from flask_babel import gettext as _
from flask_login import current_user

from matchmaker.accounts import queries
from matchmaker.accounts.forms import ProofForm
from matchmaker.accounts.models import Identity, User
from matchmaker.accounts.rules import Outcome
from matchmaker.accounts.services import sign_in as sign_in_services
from matchmaker.accounts.services import sign_on as services
from matchmaker.accounts.views import bp
from matchmaker.accounts.views.own import check_proof
from matchmaker.accounts.views.signing_in import ask_second_factor, start_session, waiting_identity, whereabouts
from matchmaker.core import clock
from matchmaker.core.db import db, transaction
from matchmaker.core.errors import DomainError
from matchmaker.core.i18n import sentence
from matchmaker.core.web import answer, errors_on, one_or_404, page, public, safe_next, signed_in
from matchmaker.notifications.services import base_url

MINUTES = 10


def _callback() -> str:
    return base_url() + url_for("accounts.sign_on_back")


@bp.get("/sign-on")
@public
def sign_on() -> Any:
    """Go to the unified sign-in: to sign in, or, signed in already, to link it."""
    if not services.is_configured():
        abort(404)
    try:
        with transaction():
            state = services.new_state(address=request.remote_addr or "")
        start = services.start(state=state, callback=_callback())
    except DomainError as error:
        return _refused(error)
    session["sign_on"] = {
        "state": state,
        "nonce": start.nonce,
        "verifier": start.verifier,
        "until": clock.now().timestamp() + MINUTES * 60,
        "next": safe_next(request.args.get("next"), ""),
        "user": current_user.id if current_user.is_authenticated else None,
    }
    return redirect(start.url, 303)


@bp.get("/sign-on/back")
@public
def sign_on_back() -> Any:
    """The browser comes back with an answer, good once, in the session that asked."""
    if not services.is_configured():
        abort(404)
    asked = session.pop("sign_on", None) or {}
    try:
        claims = _answered(asked)
    except DomainError as error:
        return _refused(error)
    user = queries.user_of_identity(claims.issuer, claims.subject)
    if current_user.is_authenticated:
        if user is not None and user.id == current_user.id:
            flash(_("统一身份认证已绑定，可以用它登录"), "info")
            return redirect(url_for("accounts.profile"), 303)
    elif user is not None:
        return _enter(user, target=asked.get("next", ""))
    session["identity"] = {
        "issuer": claims.issuer,
        "subject": claims.subject,
        "name": claims.name,
        "until": clock.now().timestamp() + 30 * 60,
    }
    known = current_user.is_authenticated
    return redirect(url_for("accounts.link_identity" if known else "accounts.new_identity"), 303)


def _answered(asked: dict[str, Any]) -> Any:
    """The proven claims of an answer to the question this session asked. Raises DomainError."""
    state = request.args.get("state", "")
    viewer = current_user.id if current_user.is_authenticated else None
    fits = hmac.compare_digest(str(asked.get("state", "")).encode(), state.encode()) and state
    if not fits or asked.get("until", 0) < clock.now().timestamp() or asked.get("user") != viewer:
        raise DomainError(services.STALE)
    with transaction():
        services.use_state(state)
    if request.args.get("error"):
        raise DomainError("没有完成统一身份认证：您取消了登录，或对方未同意；可以再试一次，或用密码登录")
    return services.claims_of(
        request.args.get("code", ""), verifier=asked["verifier"], nonce=asked["nonce"], callback=_callback()
    )


def _enter(user: User, *, target: str) -> Any:
    """Sign in whoever the identity belongs to; the second step is asked for as after a password."""
    settings, who = current_app.config["SETTINGS"], whereabouts()
    if not user.is_active:
        return _refused(DomainError("这个账号已停用，请联系科技局"))
    with transaction():
        taken = sign_in_services.begin_elsewhere(address=who["address"], limit=settings.lockout_attempts)
    if not taken:
        return _refused(DomainError(sign_in_services.LOCKED))
    if user.totp_secret is not None:
        with transaction():
            sign_in_services.record_attempt(
                identifier=user.email or user.phone or "", user=user, outcome=Outcome.SECOND_FACTOR, **who
            )
        return ask_second_factor(user, target=target)
    with transaction():
        token = sign_in_services.succeed(user, days=settings.session_days, **who)
    start_session(token)
    return redirect(safe_next(target, url_for("portal.home")), 303)


def _refused(error: DomainError) -> Any:
    flash(sentence(error), "warn")
    known = current_user.is_authenticated
    return redirect(url_for("accounts.profile" if known else "accounts.sign_in"), 303)


@bp.get("/sign-on/new")
@public
def new_identity() -> Any:
    """Nobody here has this identity yet: sign in to link it, or register first."""
    waiting = waiting_identity()
    if waiting is None:
        return redirect(url_for("accounts.sign_in"), 303)
    return page("accounts/sign_on_new.html", waiting=waiting)


@bp.route("/sign-on/link", methods=["GET", "POST"])
@signed_in
def link_identity() -> Any:
    """Link the identity just proven to the account signed in here, with the password as proof."""
    waiting = waiting_identity()
    if waiting is None:
        flash(_("请从个人资料里重新绑定"), "warn")
        return redirect(url_for("accounts.profile"), 303)
    form = ProofForm()
    if form.validate_on_submit():
        with errors_on(form):
            check_proof(form.current.data)
            with transaction():
                user = db.session.get_one(User, current_user.id)
                services.link(user, issuer=waiting["issuer"], subject=waiting["subject"])
            session.pop("identity", None)
            flash(_("统一身份认证已绑定，可以用它登录"), "good")
            return redirect(url_for("accounts.profile"), 303)
    return answer(form, "accounts/sign_on_link.html", waiting=waiting)


@bp.post("/sign-on/forget")
@public
def forget_identity() -> Any:
    """Not this identity after all."""
    session.pop("identity", None)
    return redirect(url_for("accounts.profile" if current_user.is_authenticated else "accounts.sign_in"), 303)


@bp.post("/identities/<int:identity_id>/unlink")
@signed_in
def unlink_identity(identity_id: int) -> Any:
    """The identity opens this account no more."""
    row = one_or_404(queries.identities_of(current_user.id).where(Identity.id == identity_id))
    with transaction():
        services.unlink(row, actor=current_user)
    flash(_("已解除绑定，以后请用密码登录"), "good")
    return redirect(url_for("accounts.profile"), 303)
