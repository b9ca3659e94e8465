"""Questions put to helpers: reading them, and every answer of both sides."""

from __future__ import annotations

from typing import Any

from flask_login import current_user

from matchmaker.accounts.rules import Permission
from matchmaker.core.api import idempotent, remember
from matchmaker.core.db import db, transaction
from matchmaker.core.web import one_or_404, requires
from matchmaker.matching import queries
from matchmaker.matching.api import showing
from matchmaker.matching.api.schemas import (
    ANSWERS,
    BOTH,
    OWNERS,
    Answer,
    Colleague,
    No,
    OtherTerms,
    Passed,
    ProposalShown,
    Requests,
    RequestShown,
    RequestWhole,
    Yes,
    bp,
)
from matchmaker.matching.models import Proposal
from matchmaker.matching.services import charge, passing, requests, terms

MOST_LISTED = 200


@bp.get("/requests")
@bp.output(Requests)
@bp.doc(summary="Questions put to you, those that wait first", responses=[401, 403], security="bearer")
@requires(Permission.REQUESTS_ANSWER)
def inbox() -> Any:
    """The newest 200."""
    rows = db.session.execute(queries.put_to(current_user).limit(MOST_LISTED)).unique().scalars()
    return {"items": [showing.request(row) for row in rows]}


@bp.get("/requests/<int:request_id>")
@bp.output(RequestWhole)
@bp.doc(summary="One question with all that followed", responses=[401, 403, 404], security="bearer")
@requires(*BOTH)
def request(request_id: int) -> Any:
    """As either side sees it. A handler's look at a secret need in their charge is written down."""
    row = showing.either_side(request_id)
    if charge.is_watched(row.need, current_user):
        with transaction():
            charge.note_look(row, actor=current_user)
    return showing.whole(row)


@bp.post("/requests/<int:request_id>/accept")
@bp.input(Yes, arg_name="answer")
@bp.output(RequestShown)
@bp.doc(summary="Accept a question put to you", responses=ANSWERS, security="bearer")
@requires(Permission.REQUESTS_ANSWER)
@idempotent
def accept(request_id: int, answer: dict[str, Any]) -> Any:
    """One place is taken, and both sides see each other's contacts on the page."""
    row = showing.put_to_me(request_id)
    with transaction():
        requests.accept(row, actor=current_user, note=answer.get("note", ""))
        return remember(showing.request(row))


@bp.post("/requests/<int:request_id>/decline")
@bp.input(No, arg_name="answer")
@bp.output(RequestShown)
@bp.doc(summary="Decline a question put to you", responses=ANSWERS, security="bearer")
@requires(Permission.REQUESTS_ANSWER)
@idempotent
def decline(request_id: int, answer: dict[str, Any]) -> Any:
    """The owner reads the reason."""
    row = showing.put_to_me(request_id)
    with transaction():
        requests.decline(row, actor=current_user, reason=answer["reason"], note=answer.get("note", ""))
        return remember(showing.request(row))


@bp.post("/requests/<int:request_id>/pass")
@bp.input(Colleague, arg_name="to")
@bp.output(Passed)
@bp.doc(summary="Pass a question put to you on to a colleague", responses=ANSWERS, security="bearer")
@requires(Permission.REQUESTS_ANSWER)
@idempotent
def pass_on(request_id: int, to: dict[str, Any]) -> Any:
    """The colleague is asked instead, by the same rules; who asked is told."""
    row = showing.put_to_me(request_id)
    with transaction():
        colleague = passing.find(row, to["colleague"])
        passing.pass_on(row, actor=current_user, colleague=colleague, note=to.get("note", ""))
        return remember({"id": row.id, "passed_to": colleague.name})


@bp.post("/requests/<int:request_id>/proposals")
@bp.input(OtherTerms, arg_name="other")
@bp.output(ProposalShown, status_code=201)
@bp.doc(summary="Propose another time or other terms", responses=ANSWERS, security="bearer")
@requires(Permission.REQUESTS_ANSWER)
@idempotent
def propose(request_id: int, other: dict[str, Any]) -> Any:
    """The question stays open; where the owner agrees, that is your yes."""
    row = showing.put_to_me(request_id)
    with transaction():
        made = terms.propose(row, actor=current_user, moment=other.get("moment"), terms=other.get("terms", ""))
        return remember(showing.proposal(made), 201)


@bp.post("/requests/<int:request_id>/proposals/<int:proposal_id>/agree")
@bp.input(Answer, arg_name="said")
@bp.output(RequestShown)
@bp.doc(summary="Agree to other terms: the question is accepted", responses=ANSWERS, security="bearer")
@requires(*OWNERS)
@idempotent
def agree(request_id: int, proposal_id: int, said: dict[str, Any]) -> Any:
    """The helper's place is taken, and both sides see each other's contacts on the page."""
    return _answer_terms(request_id, proposal_id, requests.agree, said)


@bp.post("/requests/<int:request_id>/proposals/<int:proposal_id>/refuse")
@bp.input(Answer, arg_name="said")
@bp.output(RequestShown)
@bp.doc(summary="Do not agree to other terms", responses=ANSWERS, security="bearer")
@requires(*OWNERS)
@idempotent
def refuse(request_id: int, proposal_id: int, said: dict[str, Any]) -> Any:
    """The helper may still accept as asked, propose again or decline."""
    return _answer_terms(request_id, proposal_id, terms.refuse, said)


def _answer_terms(request_id: int, proposal_id: int, service: Any, said: dict[str, Any]) -> Any:
    row = showing.either_side(request_id)
    proposal = one_or_404(queries.proposals_of(row.id).where(Proposal.id == proposal_id))
    with transaction():
        service(proposal, row, actor=current_user, answer=said.get("answer", ""))
        return remember(showing.request(row))


@bp.post("/requests/<int:request_id>/withdraw")
@bp.output(RequestShown)
@bp.doc(summary="Take a question back, or end what was agreed", responses=ANSWERS, security="bearer")
@requires(*OWNERS)
@idempotent
def withdraw_request(request_id: int) -> Any:
    """The helper is told, and their place is free again."""
    return _step(request_id, requests.withdraw)


@bp.post("/requests/<int:request_id>/remind")
@bp.output(RequestShown)
@bp.doc(summary="Send an unanswered question again", responses=ANSWERS, security="bearer")
@requires(*OWNERS)
@idempotent
def remind(request_id: int) -> Any:
    """With a fresh link; the old one stops working."""
    return _step(request_id, requests.remind)


def _step(request_id: int, service: Any) -> Any:
    row = showing.either_side(request_id)
    with transaction():
        service(row, actor=current_user)
        return remember(showing.request(row))
