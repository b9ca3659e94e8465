"""Writing to many: who gets it, how it reads, who cannot be reached, how far it has come."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import force_locale
from flask_babel import gettext as _
from flask_login import current_user

from matchmaker.core import clock
from matchmaker.core.db import db, transaction
from matchmaker.core.errors import DomainError
from matchmaker.core.web import answer, blame, one_or_404, page, signed_in
from matchmaker.events.models import Event
from matchmaker.invitations import queries
from matchmaker.invitations.forms import SendForm
from matchmaker.invitations.models import Invitation, InvitationSending
from matchmaker.invitations.services import sending
from matchmaker.invitations.views import bp
from matchmaker.invitations.views.organiser import own_audiences, the_event
from matchmaker.notifications import queries as messages
from matchmaker.notifications.rules import MessageState

AT_A_TIME = 100  # so many in one transaction, so that nobody waits long for the database
SHOWN = 50


@bp.route("/events/<int:event_id>/send", methods=["GET", "POST"])
@signed_in
def send_many(event_id: int) -> Any:
    """Choose whom to write to, look at the text, send."""
    event = the_event(event_id)
    form = SendForm(who=request.args.get("who", "unsent"), ids=request.args.get("ids", ""))
    form.offer(own_audiences(event), queries.tags_of(event_id))
    checked = form.validate_on_submit()
    reminder = form.who.data == "silent"
    rows = _chosen(event, form)
    if checked and request.form.get("step") == "send":
        try:
            return _send(event, [row.id for row in rows], reminder=reminder, paragraph=form.paragraph.data or "")
        except DomainError as error:
            blame(form, error)
            event, rows = the_event(event_id), _chosen(the_event(event_id), form)
    found = sending.recipients(rows)
    samples = [each[0] for each in (found.mail, found.sms) if each]
    previews = [_preview(row, form.paragraph.data or "", reminder, mail=row in found.mail) for row in samples]
    context = {"event": event, "found": found, "previews": previews, "reminder": reminder, "shown": SHOWN}
    if checked and not form.form_errors:
        return page("invitations/send.html", form=form, **context)
    return answer(form, "invitations/send.html", **context)


def _chosen(event: Event, form: SendForm) -> list[Invitation]:
    """The invitations that the choices on the page mean, as far as they can take part now."""
    statement = queries.of_event(current_user, {"event_id": str(event.id)})
    reminder = form.who.data == "silent"
    statement = queries.to_remind(statement, clock.now()) if reminder else queries.unsent(statement)
    if form.who.data == "selected":
        statement = statement.where(Invitation.id.in_(form.chosen))
    if form.audience_id.data:
        statement = statement.where(Invitation.audience_id == form.audience_id.data)
    if form.tag.data:
        statement = queries.tagged(statement, form.tag.data)
    rows = db.session.execute(statement.order_by(Invitation.id)).unique().scalars()
    return [row for row in rows if clock.now() <= row.audience.closes]


def _send(event: Event, ids: list[int], *, reminder: bool, paragraph: str) -> Any:
    with transaction():
        row = sending.begin(event, actor=current_user, reminder=reminder, paragraph=paragraph, expected=len(ids))
        sending_id = row.id
    for start in range(0, len(ids), AT_A_TIME):
        with transaction() as session:
            part = queries.visible_to(current_user).where(Invitation.id.in_(ids[start : start + AT_A_TIME]))
            rows = list(session.execute(part.order_by(Invitation.id)).unique().scalars())
            sending.carry_on(session.get_one(InvitationSending, sending_id), rows, actor=current_user)
    flash(_("已放入发送队列"), "good")
    return redirect(url_for("invitations.progress", sending_id=sending_id), 303)


def _preview(invitation: Invitation, paragraph: str, reminder: bool, *, mail: bool) -> tuple[str, str]:
    """(subject, text) as this guest would get them, without a link that works; in the language it is sent in."""
    template = sending.LETTER if mail else sending.TEXT
    with force_locale(sending.language_of(invitation)):
        whole = render_template(
            f"{template}.txt",
            invitation=invitation,
            event=invitation.event,
            paragraph=paragraph.strip(),
            reminder=reminder,
            url="/invitations/i/……",
            recipient=None,
        )
    subject, _mark, text = whole.partition("\n")
    return subject, text.strip()


@bp.get("/sendings/<int:sending_id>")
@signed_in
def progress(sending_id: int) -> Any:
    """How far a round of messages has come."""
    row = one_or_404(queries.sendings_of(current_user).where(InvitationSending.id == sending_id))
    counts = messages.counts_of_batch(row.batch)
    left = sum(counts.get(state, 0) for state in (MessageState.WAITING, MessageState.SENDING))
    return page(
        "invitations/progress.html",
        fragment="invitations/_progress.html",
        sending=row,
        event=row.event,
        counts=counts,
        total=sum(counts.values()),
        left=left,
    )
