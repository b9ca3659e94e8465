"""What the portal plugs into the application."""

from __future__ import annotations

from typing import Any

from flask import Flask, g
from flask_login import current_user

from matchmaker.accounts import services as accounts
from matchmaker.accounts.rules import Role
from matchmaker.core.feature import Feature, Link
from matchmaker.core.i18n import gettext
from matchmaker.notifications import queries as notifications
from matchmaker.portal import views


def hats() -> list[dict[str, Any]]:
    """The roles and organisations the person may act as, for the switch in the top bar."""
    if not current_user.is_authenticated or "user_session" not in g:
        return []
    rows = accounts.hats_of(current_user)
    worn = g.user_session.hat or (rows[0][0] if rows else None)
    return [
        {"key": key, "label": gettext(what.label) if isinstance(what, Role) else what.name, "active": key == worn}
        for key, what in rows
    ]


def unread_count() -> int:
    """Messages not opened, once a request."""
    if not current_user.is_authenticated:
        return 0
    if "unread_count" not in g:
        g.unread_count = notifications.unread_count(current_user)
    return int(g.unread_count)


def setup(app: Flask) -> None:
    """Give the layouts what they ask for."""
    app.jinja_env.globals.update(hats=hats, unread_count=unread_count)


FEATURE = Feature(
    name="portal",
    title="门户",
    blueprints=(views.bp,),
    links=(Link("工作台", "portal.desk", None, icon="house", group="工作", order=1),),
    setup=setup,
)
