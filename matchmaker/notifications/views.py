"""The inbox of everybody; the delivery log and the stopped addresses for administrators."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, url_for
from flask_babel import gettext as _
from flask_login import current_user

from matchmaker.accounts.rules import Permission
from matchmaker.core.db import db, transaction
from matchmaker.core.web import answer, errors_on, one_or_404, page, requires, signed_in
from matchmaker.lists.pages import list_page
from matchmaker.notifications import lists, queries, services
from matchmaker.notifications.forms import LiftForm
from matchmaker.notifications.models import Message, Suppression

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


@bp.get("/log")
@requires(Permission.ACCOUNTS_MANAGE)
def delivery_log() -> Any:
    """Who got what when over which channel, with the result."""
    return list_page(lists.DELIVERIES, "notifications/log.html")


@bp.get("/suppressions/")
@requires(Permission.ACCOUNTS_MANAGE)
def suppressions() -> Any:
    """The addresses that get nothing any more."""
    return list_page(lists.SUPPRESSIONS, "notifications/suppressions.html")


@bp.route("/suppressions/<int:suppression_id>", methods=["GET", "POST"])
@requires(Permission.ACCOUNTS_MANAGE)
def suppression(suppression_id: int) -> Any:
    """Why an address was stopped, what was sent there, and letting it have messages again."""
    row = one_or_404(queries.suppressions_visible_to(current_user).where(Suppression.id == suppression_id))
    form = LiftForm()
    if form.validate_on_submit():
        with errors_on(form):
            with transaction():
                services.lift(row, actor=current_user, **form.values)
            flash(_("已恢复发送；之后的消息会再发到这个地址"), "good")
            return redirect(url_for("notifications.suppression", suppression_id=suppression_id), 303)
    log = db.session.execute(
        queries.log_of(current_user).where(Message.address == row.address).order_by(Message.id.desc()).limit(50)
    )
    return answer(form, "notifications/suppression.html", suppression=row, messages=log.scalars().all())
