"""Belonging to organisations: finding one, asking, answering, founding, leaving."""

from __future__ import annotations

from typing import Any

from flask import abort, current_app, flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from matchmaker.accounts import access, lists, queries
from matchmaker.accounts.forms import DeclineForm, FoundForm, JoinForm
from matchmaker.accounts.models import JoinRequest, Membership
from matchmaker.accounts.rules import MembershipLevel
from matchmaker.accounts.services import members
from matchmaker.accounts.views import bp
from matchmaker.core.db import db, transaction
from matchmaker.core.errors import DomainError
from matchmaker.core.i18n import sentence
from matchmaker.core.web import answer, errors_on, one_or_404, page, signed_in
from matchmaker.directory.models import Organisation
from matchmaker.lists.pages import list_page


@bp.get("/organisations")
@signed_in
def organisations() -> Any:
    """My organisations, and finding one to join."""
    words = request.args.get("q", "").strip()[:100]
    found = db.session.execute(queries.find_organisations(words)).scalars().all() if words else []
    return page(
        "accounts/organisations.html",
        words=words,
        found=found,
        memberships=db.session.execute(queries.memberships_of(current_user.id)).unique().scalars().all(),
        requests=db.session.execute(queries.requests_of(current_user.id)).unique().scalars().all(),
    )


@bp.route("/organisations/<int:organisation_id>/join", methods=["GET", "POST"])
@signed_in
def ask_to_join(organisation_id: int) -> Any:
    """Ask to belong to an organisation."""
    organisation = one_or_404(queries.joinable().where(Organisation.id == organisation_id))
    form = JoinForm()
    if form.validate_on_submit():
        with errors_on(form):
            with transaction():
                members.ask_to_join(organisation, actor=current_user, note=form.note.data or "")
            flash(_("申请已提交，单位负责人或科技局经办答复后会通知您"), "good")
            return redirect(url_for("accounts.organisations"), 303)
    return answer(form, "accounts/join.html", organisation=organisation)


@bp.route("/organisations/new", methods=["GET", "POST"])
@signed_in
def found_organisation() -> Any:
    """Enter an organisation that is not in the directory yet."""
    form = FoundForm()
    if form.validate_on_submit():
        with errors_on(form):
            with transaction():
                members.found(actor=current_user, region=current_app.config["SETTINGS"].region, **form.values)
            flash(_("单位已登记，科技局核对后生效；您现在就可以用它的身份办事"), "good")
            return redirect(url_for("accounts.organisations"), 303)
    return answer(form, "accounts/found.html")


@bp.post("/join-requests/<int:request_id>/withdraw")
@signed_in
def withdraw_join(request_id: int) -> Any:
    """Take one's own request back."""
    row = one_or_404(queries.requests_of(current_user.id).where(JoinRequest.id == request_id))
    return _act(lambda: members.withdraw(row, actor=current_user), _("申请已撤回"), "accounts.organisations")


@bp.get("/join-requests/")
@signed_in
def join_requests() -> Any:
    """The requests I may answer."""
    return list_page(lists.JOIN_REQUESTS, "accounts/join_requests.html")


@bp.route("/join-requests/<int:request_id>", methods=["GET", "POST"])
@signed_in
def join_request(request_id: int) -> Any:
    """One request: take in, or decline with a reason."""
    row = one_or_404(queries.requests_for(current_user).where(JoinRequest.id == request_id))
    form = DeclineForm()
    if form.validate_on_submit():
        with errors_on(form):
            with transaction():
                members.decline(row, actor=current_user, **form.values)
            flash(_("已答复，申请人会收到理由"), "info")
            return redirect(url_for("accounts.join_requests"), 303)
    return answer(form, "accounts/join_request.html", row=row, ownerless=not _has_owner(row.organisation_id))


def _has_owner(organisation_id: int) -> bool:
    return db.session.execute(queries.owners_of(organisation_id)).first() is not None


@bp.post("/join-requests/<int:request_id>/accept")
@signed_in
def accept_join(request_id: int) -> Any:
    """Take the person in, as a clerk or as an owner."""
    row = one_or_404(queries.requests_for(current_user).where(JoinRequest.id == request_id))
    owner = request.form.get("level") == MembershipLevel.OWNER
    level = MembershipLevel.OWNER if owner else MembershipLevel.STAFF
    return _act(lambda: members.accept(row, actor=current_user, level=level), _("已同意加入"), "accounts.join_requests")


@bp.get("/organisations/<int:organisation_id>/members")
@signed_in
def members_of(organisation_id: int) -> Any:
    """The people of one of my organisations."""
    if organisation_id not in current_user.organisation_ids:
        abort(404)
    rows = db.session.execute(queries.members_in(organisation_id)).unique().scalars().all()
    organisation = db.session.get(Organisation, organisation_id)
    owner = access.owns(current_user, organisation_id)
    return page("accounts/members.html", organisation=organisation, memberships=rows, owner=owner)


def _membership(membership_id: int) -> Membership:
    statement = queries.fellow_members(current_user.organisation_ids).where(Membership.id == membership_id)
    row: Membership = one_or_404(statement)
    return row


@bp.post("/memberships/<int:membership_id>/leave")
@signed_in
def leave(membership_id: int) -> Any:
    """Leave an organisation, or remove a member of it."""
    row = _membership(membership_id)
    own, organisation_id = row.user_id == current_user.id, row.organisation_id
    target = {} if own else {"organisation_id": organisation_id}
    endpoint = "accounts.organisations" if own else "accounts.members_of"
    done = _("已退出单位") if own else _("已移除成员")
    return _act(lambda: members.leave(row, actor=current_user), done, endpoint, **target)


@bp.post("/memberships/<int:membership_id>/level")
@signed_in
def set_level(membership_id: int) -> Any:
    """Make a member an owner, or a clerk again."""
    row = _membership(membership_id)
    organisation_id = row.organisation_id
    owner = request.form.get("level") == MembershipLevel.OWNER
    level = MembershipLevel.OWNER if owner else MembershipLevel.STAFF
    return _act(
        lambda: members.set_level(row, level, actor=current_user),
        _("已更改"),
        "accounts.members_of",
        organisation_id=organisation_id,
    )


def _act(act: Any, done: str, endpoint: str, **values: Any) -> Any:
    try:
        with transaction():
            act()
        flash(done, "good")
    except DomainError as error:
        if error.status == 403:
            raise
        flash(sentence(error), "warn")
    return redirect(url_for(endpoint, **values), 303)
