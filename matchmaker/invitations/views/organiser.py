"""The organiser's pages: the list, one invitation, adding, changing, withdrawing, a new link."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import flash, redirect, url_for
from flask_babel import gettext as _
from flask_login import current_user

from matchmaker.accounts.rules import Permission
from matchmaker.activity import queries as activity
from matchmaker.core import clock
from matchmaker.core.db import transaction
from matchmaker.core.errors import DomainError
from matchmaker.core.i18n import sentence
from matchmaker.core.web import answer, errors_on, one_or_404, page, signed_in
from matchmaker.events.models import Audience, Event
from matchmaker.invitations import access, lists, queries, rules
from matchmaker.invitations.forms import InvitationForm
from matchmaker.invitations.models import Invitation
from matchmaker.invitations.services import inviting, sending
from matchmaker.invitations.views import bp
from matchmaker.lists.pages import list_page


def the_event(event_id: int) -> Event:
    """The event, for who takes care of its registrations."""
    event: Event = one_or_404(queries.events_of(current_user).where(Event.id == event_id))
    return event


def own_audiences(event: Event) -> list[Audience]:
    """The groups a person's duty reaches to."""
    return [row for row in event.audiences if access.may_invite(current_user, event, row)]


def _one(invitation_id: int) -> Invitation:
    row: Invitation = one_or_404(queries.visible_to(current_user).where(Invitation.id == invitation_id))
    return row


@bp.get("/events/<int:event_id>")
@signed_in
def index(event_id: int) -> Any:
    """Who is invited, and how they answered."""
    event = the_event(event_id)
    scope = {"event_id": str(event_id)}
    states, silent, opened = queries.numbers(queries.of_event(current_user, scope))

    def prepare(listing: Any) -> None:
        listing.empty_url, listing.empty_label = url_for("invitations.add", event_id=event_id), _("添加嘉宾")

    return list_page(
        lists.INVITATIONS,
        "invitations/index.html",
        scope={"event_id": event_id},
        prepare=prepare,
        event=event,
        counts=rules.counts_of(states, silent=silent, opened=opened),
        imports=current_user.has(Permission.EVENTS_MANAGE),
    )


@bp.route("/events/<int:event_id>/new", methods=["GET", "POST"])
@signed_in
def add(event_id: int) -> Any:
    """Invite one more by hand."""
    event = the_event(event_id)
    form = InvitationForm()
    form.offer(own_audiences(event))
    if form.validate_on_submit():
        with errors_on(form):
            with transaction():
                row = inviting.add(event, actor=current_user, **_values(form, event))
                row_id = row.id
            flash(_("已加入邀请名单，还没有发送"), "good")
            return redirect(url_for("invitations.show", invitation_id=row_id), 303)
    return answer(form, "invitations/edit.html", event=event, invitation=None)


def _kept(row: Invitation) -> dict[str, Any]:
    fields = ("name", "position", "phone", "email", "organisation_name", "external_id", "audience_id", "party_most")
    kept = {key: getattr(row, key) for key in (*fields, "delegable")}
    return {
        **kept,
        "uscc": row.organisation.uscc if row.organisation else "",
        "tags": "，".join(t.text for t in row.tags),
    }


def _values(form: InvitationForm, event: Event) -> dict[str, Any]:
    return {
        "audience": next(row for row in event.audiences if row.id == form.audience_id.data),
        "guest": form.guest,
        "uscc": form.uscc.data or "",
        "party_most": form.party_most.data,
        "delegable": form.delegable.data,
        "tags": rules.split_tags(form.tags.data or ""),
    }


@bp.get("/<int:invitation_id>")
@signed_in
def show(invitation_id: int) -> Any:
    """One invitation: its link, its state, what happened."""
    row = _one(invitation_id)
    return page(
        "invitations/show.html",
        invitation=row,
        event=row.event,
        state=row.standing_at(clock.now()),
        link=sending.link_of(row) if row.state not in rules.ENDED else None,
        timeline=activity.of(row),
        sendable=_passes(sending.check_send, row),
        remindable=_passes(sending.check_remind, row),
        changeable=row.state not in rules.ENDED,
        withdrawable=_passes(inviting.check_withdraw, row),
    )


def _passes(check: Callable[[Invitation, Any], None], row: Invitation) -> bool:
    try:
        check(row, current_user)
    except DomainError:
        return False
    return True


@bp.route("/<int:invitation_id>/edit", methods=["GET", "POST"])
@signed_in
def edit(invitation_id: int) -> Any:
    """Change whom it is for."""
    row = _one(invitation_id)
    form = InvitationForm(data=_kept(row))
    form.offer(own_audiences(row.event))
    if form.validate_on_submit():
        with errors_on(form):
            with transaction():
                inviting.edit(row, actor=current_user, **_values(form, row.event))
            flash(_("已保存"), "good")
            return redirect(url_for("invitations.show", invitation_id=invitation_id), 303)
    return answer(form, "invitations/edit.html", event=row.event, invitation=row)


def _do(invitation_id: int, step: Callable[[Invitation], Any], done: str) -> Any:
    row = _one(invitation_id)
    try:
        with transaction():
            step(row)
        flash(done, "good")
    except DomainError as error:
        if error.status == 403:
            raise
        flash(sentence(error), "warn")
    return redirect(url_for("invitations.show", invitation_id=invitation_id), 303)


@bp.post("/<int:invitation_id>/withdraw")
@signed_in
def withdraw(invitation_id: int) -> Any:
    """The link stops working."""
    return _do(invitation_id, lambda row: inviting.withdraw(row, current_user), _("邀请已取消，链接已失效"))


@bp.post("/<int:invitation_id>/restore")
@signed_in
def restore(invitation_id: int) -> Any:
    """Take a withdrawal back."""
    return _do(invitation_id, lambda row: inviting.restore(row, current_user), _("邀请已恢复，原链接可以继续使用"))


@bp.post("/<int:invitation_id>/rotate")
@signed_in
def rotate(invitation_id: int) -> Any:
    """A new link instead of the old one."""
    return _do(invitation_id, lambda row: inviting.rotate(row, actor=current_user), _("已换新链接，旧链接已失效"))


@bp.post("/<int:invitation_id>/send")
@signed_in
def send(invitation_id: int) -> Any:
    """Send this one."""
    return _do(invitation_id, lambda row: sending.bulk_send(row, current_user), _("已放入发送队列"))


@bp.post("/<int:invitation_id>/remind")
@signed_in
def remind(invitation_id: int) -> Any:
    """Remind this one."""
    return _do(invitation_id, lambda row: sending.bulk_remind(row, current_user), _("已放入发送队列"))


def step(viewer: Any, event: Event) -> dict[str, Any]:
    """The invitations among the preparations of an event."""
    states, _silent, _opened = queries.numbers(queries.of_event(viewer, {"event_id": str(event.id)}))
    number = sum(states.values())
    return {
        "title": _("嘉宾邀请"),
        "done": number > 0,
        "hint": _("%(num)d 份邀请", num=number) if number else "",
        "url": url_for("invitations.index", event_id=event.id),
        "optional": True,
    }
