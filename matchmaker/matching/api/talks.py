"""What follows a yes: sessions held, their confirmation and ratings, the outcome."""

from __future__ import annotations

from typing import Any

from flask_login import current_user

from matchmaker.core.api import idempotent, remember
from matchmaker.core.db import db, transaction
from matchmaker.core.web import one_or_404, requires
from matchmaker.matching import queries
from matchmaker.matching.api import showing
from matchmaker.matching.api.schemas import (
    ANSWERS,
    BOTH,
    NewOutcome,
    NewSession,
    Noted,
    OutcomeShown,
    Rating,
    SessionShown,
    bp,
)
from matchmaker.matching.models import HelpRequest, RequestService
from matchmaker.matching.services import outcomes


@bp.post("/requests/<int:request_id>/sessions")
@bp.input(NewSession, arg_name="new")
@bp.output(SessionShown, status_code=201)
@bp.doc(summary="Write down a session held", responses=ANSWERS, security="bearer")
@requires(*BOTH)
@idempotent
def record_session(request_id: int, new: dict[str, Any]) -> Any:
    """The other side is told and confirms it."""
    row = showing.either_side(request_id)
    with transaction():
        return remember(showing.session(outcomes.record_service(row, actor=current_user, **new)), 201)


@bp.post("/requests/<int:request_id>/sessions/<int:session_id>/confirm")
@bp.input(Noted, arg_name="said")
@bp.output(SessionShown)
@bp.doc(summary="Agree with what the other side wrote down", responses=ANSWERS, security="bearer")
@requires(*BOTH)
@idempotent
def confirm_session(request_id: int, session_id: int, said: dict[str, Any]) -> Any:
    """It counts from now on."""
    row, given = _session(request_id, session_id)
    with transaction():
        outcomes.confirm(row, given, actor=current_user, note=said.get("note", ""))
        return remember(showing.session(given))


@bp.post("/requests/<int:request_id>/sessions/<int:session_id>/rate")
@bp.input(Rating, arg_name="rating")
@bp.output(SessionShown)
@bp.doc(summary="Rate a session, as a helper its preparation", responses=ANSWERS, security="bearer")
@requires(*BOTH)
@idempotent
def rate_session(request_id: int, session_id: int, rating: dict[str, Any]) -> Any:
    """The other side reads it; a second rating takes the place of the first."""
    row, given = _session(request_id, session_id)
    with transaction():
        outcomes.rate(row, given, actor=current_user, points=rating["points"], sentence=rating["sentence"])
        return remember(showing.session(given))


@bp.delete("/requests/<int:request_id>/sessions/<int:session_id>")
@bp.output({}, status_code=204)
@bp.doc(summary="Take back a session that the other side has not confirmed", responses=ANSWERS, security="bearer")
@requires(*BOTH)
@idempotent
def remove_session(request_id: int, session_id: int) -> Any:
    """By the side that wrote it down."""
    row, given = _session(request_id, session_id)
    with transaction():
        outcomes.remove(row, given, actor=current_user)
        return remember("", 204)


@bp.put("/requests/<int:request_id>/outcome")
@bp.input(NewOutcome, arg_name="found")
@bp.output(OutcomeShown)
@bp.doc(summary="Say what came of it, or correct that", responses=ANSWERS, security="bearer")
@requires(*BOTH)
@idempotent
def put_outcome(request_id: int, found: dict[str, Any]) -> Any:
    """The first closes the request and frees the helper's place; a later one corrects, and what it was stays logged."""
    row = showing.either_side(request_id)
    values = {"contract": None, "amount_fen": None, "why": None, "note": "", **found}
    with transaction():
        known = db.session.execute(queries.outcome_of(row.id)).scalar_one_or_none()
        if known is None:
            outcome = outcomes.conclude(row, actor=current_user, **values)
        else:
            outcome = outcomes.correct(row, actor=current_user, **values)
        return remember(showing.outcome(outcome))


def _session(request_id: int, session_id: int) -> tuple[HelpRequest, RequestService]:
    row = showing.either_side(request_id)
    return row, one_or_404(queries.records_of(row.id).where(RequestService.id == session_id))
