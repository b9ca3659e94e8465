"""The login loader: from a cookie to the signed-in person, from a bearer secret to a program's viewer."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from flask import Flask, current_app, g, request, session
from flask_login import LoginManager

from matchmaker.accounts import gateways, queries
from matchmaker.accounts.models import TokenViewer, UserSession
from matchmaker.core import clock
from matchmaker.core.db import claim, transaction
from matchmaker.core.viewer import Nobody

TOUCH_EVERY = timedelta(minutes=1)


def init(app: Flask) -> None:
    """Install the loaders; the session cookie holds one token and nothing else of weight."""
    manager = LoginManager(app)
    manager.anonymous_user = Nobody
    manager.session_protection = None  # the server-side row protects; address changes are normal on phones
    manager.user_loader(lambda _id: None)
    manager.request_loader(load)
    app.after_request(_touch)


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
    return row.user


def _of_token() -> Any | None:
    scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not secret:
        return None
    token = queries.live_token(gateways.token_hash(secret.strip()), clock.now())
    return TokenViewer(token) if token else None


def _touch(response: Any) -> Any:
    row, now = g.get("user_session"), clock.now()
    if row is not None and row.last_seen < now - TOUCH_EVERY:
        row_id = row.id
        with transaction():
            claim(sa.update(UserSession).where(UserSession.id == row_id).values(last_seen=now))
    return response
