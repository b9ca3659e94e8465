"""The inbox: every message a person was sent, whatever the channel."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, redirect, url_for
from flask_login import current_user

from matchmaker.core.db import db, transaction
from matchmaker.core.web import one_or_404, page, signed_in
from matchmaker.notifications import queries, services
from matchmaker.notifications.models import Message

bp = Blueprint("notifications", __name__, url_prefix="/messages")


@bp.get("/")
@signed_in
def inbox() -> Any:
    """The newest hundred messages."""
    statement = queries.visible_to(current_user).order_by(Message.id.desc()).limit(100)
    return page("notifications/inbox.html", messages=db.session.execute(statement).scalars().all())


@bp.post("/<int:message_id>/open")
@signed_in
def open_message(message_id: int) -> Any:
    """Mark as read and go where the message points."""
    message = one_or_404(queries.visible_to(current_user).where(Message.id == message_id))
    with transaction():
        services.mark_read(message)
        target = message.url
    return redirect(target if target and target.startswith("/") else url_for("notifications.inbox"), 303)
