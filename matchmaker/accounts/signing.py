"""The login loader: from a cookie to the signed-in person, from a bearer secret to a program's viewer."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from flask import Flask, current_app, g, has_request_context, redirect, request, session, url_for
from flask_login import LoginManager, current_user
from sqlalchemy.orm import Session

from matchmaker.accounts import gateways, queries
from matchmaker.accounts.models import ApiToken, TokenViewer, UserSession
from matchmaker.accounts.services.tokens import Answers
from matchmaker.core import clock
from matchmaker.core.db import RIDERS, transaction
from matchmaker.core.errors import NotPermitted
from matchmaker.core.viewer import Nobody

TOUCH_EVERY = timedelta(minutes=1)


def init(app: Flask) -> None:
    """Install the loaders; the session cookie holds one token and nothing else of weight."""
    manager = LoginManager(app)
    manager.anonymous_user = Nobody
    manager.session_protection = None  # the server-side row protects; address changes are normal on phones
    manager.user_loader(lambda _id: None)
    manager.request_loader(load)
    app.before_request(_lead_to_second_factor)
    app.after_request(_touch)
    if _touch_along not in RIDERS:
        RIDERS.append(_touch_along)
    app.extensions["matchmaker.answers"] = Answers()


# What staff may open before they bound an authenticator app, where the office requires one.
BEFORE_SECOND_FACTOR = frozenset(
    {"accounts.enrol", "accounts.sign_out", "accounts.privacy", "shell.language", "shell.healthz", "shell.readyz"}
)


def _lead_to_second_factor() -> Any:
    """Staff without the second factor are led to enrolment and nothing else; their programs are refused."""
    if not current_app.config["SETTINGS"].staff_second_factor or request.endpoint in BEFORE_SECOND_FACTOR:
        return None
    user = current_user._get_current_object()
    if isinstance(user, TokenViewer):
        if user.user.is_staff and user.user.totp_secret is None:
            raise NotPermitted("您的身份必须先启用两步验证，才能使用令牌")
        return None
    if not user.is_authenticated or not user.is_staff:
        return None
    if user.totp_secret is None:
        return redirect(url_for("accounts.enrol"), 303)
    if g.user_session.second_factor:
        return None
    session.pop("token", None)  # opened before the app was bound: sign in again, with the second step
    return redirect(url_for("accounts.sign_in"), 303)


def load(_request: Any) -> Any | None:
    """The viewer of this request, or None."""
    if request.path.startswith("/api/"):
        return _of_token()
    return _of_cookie()


def _of_cookie() -> Any | None:
    token = session.get("token")
    if not token:
        return None
    now = clock.now()
    row = queries.live_session(gateways.token_hash(token), now)
    if row is None or row.last_seen < now - timedelta(minutes=current_app.config["SETTINGS"].idle_minutes):
        session.pop("token", None)
        return None
    g.user_session = row
    g.touch = (row.id, row.last_seen)  # plain values: the request itself may end the session
    return row.user


def _of_token() -> Any | None:
    scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not secret:
        return None
    token = queries.live_token(gateways.token_hash(secret.strip()), clock.now())
    if token is None:
        return None
    g.touch_token = (token.id, token.last_used)
    return TokenViewer(token)


def _touch(response: Any) -> Any:
    """A request that wrote nothing notes the last use of its session or token in a transaction of its own."""
    if _due():
        with transaction():
            pass  # what is due rides along
    return response


def _touch_along(db_session: Session) -> None:
    """Note the last use in the very transaction of the request, so that it costs no turn and no commit of its own."""
    now = clock.now()
    for name, statement in _due():
        db_session.connection().execute(statement, {"this_row": g.pop(name)[0], "now": now})


def _due() -> list[tuple[str, sa.Update]]:
    if not has_request_context():
        return []
    before = clock.now() - TOUCH_EVERY
    known = [(name, g.get(name, (None, None)), statement) for name, statement in LAST_USED.items()]
    return [(name, statement) for name, (row, last), statement in known if row and (last is None or last < before)]


def _noting(column: Any) -> sa.Update:
    table = column.class_.__table__
    return sa.update(table).where(table.c.id == sa.bindparam("this_row")).values({column.key: sa.bindparam("now")})


LAST_USED = {"touch": _noting(UserSession.last_seen), "touch_token": _noting(ApiToken.last_used)}
