"""The ballot: anybody reads it; who may vote gives a vote, after proving a number or an address where that is asked."""

from __future__ import annotations

import secrets
from typing import Any

from flask import abort, flash, redirect, request, session, url_for
from flask_babel import gettext as _
from flask_login import current_user

from matchmaker.accounts import rules as accounts
from matchmaker.accounts.services.codes import WRONG
from matchmaker.core import clock
from matchmaker.core.db import transaction
from matchmaker.core.errors import DomainError
from matchmaker.core.web import answer, errors_on, one_or_404, page, public, step
from matchmaker.voting import queries, rules
from matchmaker.voting.forms import CodeForm, ContactForm
from matchmaker.voting.models import PublicVote
from matchmaker.voting.rules import Who
from matchmaker.voting.services import casting
from matchmaker.voting.views import bp


@bp.get("/<int:vote_id>")
@public
def show(vote_id: int) -> Any:
    """The vote as everybody may see it: plan, ballot, and the result once it is released."""
    vote = _announced(vote_id)
    key = _key(vote)
    voter = queries.voter(vote.id, key) if key else None
    today = rules.slot(clock.today(), again=vote.again)
    return page(
        "voting/show.html",
        vote=vote,
        contest=vote.stage.contest,
        candidates=_ordered(vote, key or _visitor()),
        gone={row.id for row in vote.candidates if casting.is_out(row)},
        state=vote.public_state,
        known=bool(key),
        left=casting.left(vote, voter),
        chosen=queries.own_choices(voter.id, [today]) if voter else set(),
        mine=queries.own_entries(current_user, vote) if current_user.is_authenticated and not vote.own else set(),
        rules=rules,
        newer=queries.of_stage(vote.stage_id) if vote.cancelled else None,
    )


@bp.post("/<int:vote_id>/cast")
@public
def cast(vote_id: int) -> Any:
    """Give one vote; who is not known yet is asked to show who they are, and comes back."""
    vote = _announced(vote_id)
    back = url_for("voting.show", vote_id=vote_id)
    key = _key(vote)
    if not key:
        return redirect(_introduction(vote, back), 303)
    address, agent = request.remote_addr or "", request.user_agent.string
    with transaction():
        free = casting.spend_try(vote, key=key, address=address)
    if not free:
        abort(429)
    typed = request.form.get("candidate", "")
    number = int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 10 else 0
    return step(
        lambda: casting.cast(vote, number, key=key, viewer=current_user, address=address, agent=agent),
        done=_("已投票，谢谢参与"),
        back=back,
    )


@bp.route("/<int:vote_id>/verify", methods=["GET", "POST"])
@public
def verify(vote_id: int) -> Any:
    """Ask for the number or mail address that a code will prove."""
    vote = _announced(vote_id)
    if vote.who is not Who.VERIFIED or not casting.is_open(vote):
        return redirect(url_for("voting.show", vote_id=vote_id), 303)
    form = ContactForm()
    if form.validate_on_submit():
        with errors_on(form):
            contact, is_mail = accounts.check_address(form.contact.data or "", field="contact")
            with transaction():
                casting.offer_code(vote, contact, is_mail=is_mail, address=request.remote_addr or "")
            session["vote_contact"] = contact
            return redirect(url_for("voting.code", vote_id=vote_id), 303)
    return answer(form, "voting/verify.html", vote=vote, contest=vote.stage.contest)


@bp.route("/<int:vote_id>/code", methods=["GET", "POST"])
@public
def code(vote_id: int) -> Any:
    """The digits that were sent; then the ballot."""
    vote, contact = _announced(vote_id), session.get("vote_contact")
    if not contact:
        return redirect(url_for("voting.verify", vote_id=vote_id), 303)
    form = CodeForm()
    if form.validate_on_submit():
        with errors_on(form):
            with transaction():
                code_id = casting.proven(vote, contact, form.code.data or "")
            if not code_id:
                raise DomainError(WRONG, field="code")
            with transaction():
                key = casting.admit(vote, code_id)
            session.pop("vote_contact", None)
            session["voters"] = {**session.get("voters", {}), str(vote_id): key}
            flash(_("验证成功，可以投票了"), "good")
            return redirect(url_for("voting.show", vote_id=vote_id), 303)
    return answer(form, "voting/code.html", vote=vote, contact=contact)


def _announced(vote_id: int) -> PublicVote:
    vote: PublicVote = one_or_404(queries.announced(vote_id))
    return vote


def _key(vote: PublicVote) -> str:
    """The key under which this browser votes; empty: not known yet."""
    if current_user.is_authenticated and casting.may_vote(vote, current_user):
        return casting.key_of(vote, current_user)
    if vote.who is Who.VERIFIED:
        return str(session.get("voters", {}).get(str(vote.id), ""))
    return ""


def _introduction(vote: PublicVote, back: str) -> str:
    if vote.who is Who.VERIFIED:
        return url_for("voting.verify", vote_id=vote.id)
    flash(_("请先登录再投票"), "info")
    return url_for("accounts.sign_in", next=back)


def _visitor() -> str:
    """A random mark of this browser, so that its shuffle stays the same."""
    if "ballot_mark" not in session:
        session["ballot_mark"] = secrets.token_hex(8)
    return str(session["ballot_mark"])


def _ordered(vote: PublicVote, voter: str) -> list[Any]:
    """The result by places once released, else this voter's own shuffle."""
    if vote.released is not None:
        return sorted(vote.candidates, key=lambda row: (row.place is None, row.place or 0, row.id))
    by_code = {str(row.id): row for row in vote.candidates}
    return [by_code[code] for code in rules.ballot_order(vote.seed, voter, by_code)]
