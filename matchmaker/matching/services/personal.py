"""What matching holds about a user, for their own download, and what is erased on request."""

from __future__ import annotations

from typing import Any

from matchmaker.core import clock
from matchmaker.core.db import db
from matchmaker.matching import queries
from matchmaker.matching.models import HelpRequest, Need
from matchmaker.matching.rules import NeedState, OfferState, RequestState

ERASED = "（已删除）"


def held(user: Any) -> dict[str, Any]:
    """Needs stated by the person and requests put to them, JSON-ready."""
    own = queries.own(user).where(Need.user_id == user.id)
    return {
        "needs": [
            {"title": row.title, "text": row.text, "state": row.state.value}
            for row in db.session.execute(own).unique().scalars()
        ],
        "requests": [
            {"need": row.need.title, "state": row.state.value, "note": row.note}
            for row in db.session.execute(queries.put_to(user)).unique().scalars()
        ],
        "offers": [
            {"need": row.need.title, "state": row.state.value, "message": row.message}
            for row in db.session.execute(queries.offers_by(user)).unique().scalars()
        ],
    }


def forget(user: Any) -> None:
    """Empty the needs the person stated for themselves, and end the questions still put to them.

    Needs of an organisation are the organisation's and stay.
    """
    own = queries.own(user).where(Need.user_id == user.id, Need.organisation_id.is_(None))
    for need in db.session.execute(own).unique().scalars():
        need.title = need.text = ERASED
        need.fields, need.budget_fen = [], None
        if need.state not in {NeedState.CLOSED, NeedState.WITHDRAWN}:
            need.state, need.closed = NeedState.WITHDRAWN, clock.now()
        _end(queries.requests_of(need.id))
    for request in db.session.execute(queries.put_to(user)).unique().scalars():
        request.note, request.link_hash = "", None
    _end(queries.put_to(user))
    for offer in db.session.execute(queries.offers_by(user)).unique().scalars():
        offer.message = ""
        if offer.state is OfferState.WAITING:
            offer.state, offer.answered = OfferState.WITHDRAWN, clock.now()
    for passed in db.session.execute(queries.passed_by(user)).unique().scalars():
        passed.note = ""
    person = db.session.execute(queries.helper_of(user)).unique().scalar_one_or_none()
    for dismissal, _need in db.session.execute(queries.dismissed_by(person)).unique().all() if person else ():
        dismissal.note = ""
    db.session.flush()


def _end(requests: Any) -> None:
    asked = requests.where(HelpRequest.state == RequestState.ASKED)
    for request in db.session.execute(asked).unique().scalars():
        request.state, request.closed, request.link_hash = RequestState.WITHDRAWN, clock.now(), None
