"""Rows as programs read them, and the rows a token may touch."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from flask import abort, url_for
from flask_babel import gettext
from flask_login import current_user

from matchmaker.accounts.rules import Permission
from matchmaker.core import clock
from matchmaker.core.db import db
from matchmaker.core.web import one_or_404
from matchmaker.matching import access, queries
from matchmaker.matching.api.schemas import OWNERS
from matchmaker.matching.models import HelpRequest, Need, Outcome, Proposal, RequestService
from matchmaker.matching.services import reading, suggesting
from matchmaker.notifications.services import base_url

PLAIN = ("id", "version", "region", "kind", "state", "title", "text", "budget_fen", "secrecy", "trl_now", "trl_wanted")


def visible_need(need_id: int) -> Need:
    """A need that this token sees, else 404."""
    found: Need = one_or_404(queries.visible_to(current_user).where(Need.id == need_id))
    return found


def put_to_me(request_id: int) -> HelpRequest:
    """A question put to the token's person, else 404."""
    row: HelpRequest = one_or_404(queries.put_to(current_user).where(HelpRequest.id == request_id))
    return row


def either_side(request_id: int) -> HelpRequest:
    """A question whose side the token's scopes speak for: the helper's by answering, the owner's by needs; else 404."""
    row: HelpRequest = one_or_404(queries.requests_visible_to(current_user).where(HelpRequest.id == request_id))
    scopes = (Permission.REQUESTS_ANSWER,) if by_helper(row) else OWNERS
    if not any(current_user.has(scope) for scope in scopes):
        abort(404)
    return row


def by_helper(row: HelpRequest) -> bool:
    """Does the token's person stand on the helper's side?"""
    return access.may_answer(current_user, row) and not access.owns(current_user, row.need)


def moment(value: datetime | None) -> str | None:
    """A moment in Beijing time."""
    return value.astimezone(clock.CHINA).isoformat() if value is not None else None


def _day(value: date | None) -> str | None:
    return value.isoformat() if value else None


def need(row: Need) -> dict[str, Any]:
    """One need, with those it asked for who acts for it."""
    acts = access.may_act_for(current_user, row)
    asked = db.session.execute(queries.requests_of(row.id)).unique().scalars() if acts else ()
    return {
        **{key: getattr(row, key, None) for key in PLAIN},
        "fields_": list(row.fields or ()),
        "deadline": _day(row.deadline),
        "listed": row.listed,
        "who": row.shown_who,
        "created": moment(row.created),
        "url": base_url() + url_for("matching.show", need_id=row.id),
        "requests": [request(each) for each in asked],
    }


def request(row: HelpRequest) -> dict[str, Any]:
    """One question; whose need it is only for who may know."""
    return {
        "id": row.id,
        "need_id": row.need_id,
        "need": row.need.title,
        "who": row.need.who if access.may_see_who(current_user, row) else None,
        "person_id": row.person_id,
        "person": row.person.name,
        "state": row.state,
        "message": row.message,
        "asked": moment(row.asked),
        "expires": moment(row.expires),
        "answered": moment(row.answered),
        "reason": row.reason,
        "note": row.note,
        "url": base_url() + url_for("matching.request", request_id=row.id),
    }


def whole(row: HelpRequest) -> dict[str, Any]:
    """One question with all that followed."""
    found: Outcome | None = db.session.execute(queries.outcome_of(row.id)).scalar_one_or_none()
    return {
        **request(row),
        "text": row.need.text,
        "kind": row.need.kind,
        "budget_fen": row.need.budget_fen,
        "deadline": _day(row.need.deadline),
        "proposals": [proposal(each) for each in db.session.execute(queries.proposals_of(row.id)).scalars()],
        "sessions": [session(each) for each in db.session.execute(queries.records_of(row.id)).unique().scalars()],
        "outcome": outcome(found) if found else None,
    }


def proposal(row: Proposal) -> dict[str, Any]:
    """Other terms."""
    return {
        **{key: getattr(row, key) for key in ("id", "state", "terms", "answer")},
        **{key: moment(getattr(row, key)) for key in ("moment", "created", "answered")},
    }


def session(row: RequestService) -> dict[str, Any]:
    """One session held."""
    own = ("id", "owner_note", "helper_note", "rating_note", "preparation", "preparation_note")
    return {
        **{key: getattr(row, key) for key in own},
        **{key: getattr(row.record, key) for key in ("minutes", "place", "content", "rating")},
        "served": _day(row.record.served),
        "owner_confirmed": moment(row.record.client_confirmed),
        "helper_confirmed": moment(row.record.helper_confirmed),
    }


def outcome(row: Outcome) -> dict[str, Any]:
    """What came of it."""
    plain = ("result", "contract", "amount_fen", "why", "note")
    return {**{key: getattr(row, key) for key in plain}, "recorded": moment(row.recorded)}


def suggested(item: suggesting.Suggestion) -> dict[str, Any]:
    """One helper with the reasons in the words of the page."""
    why = reading.reasons(item.explanation, gettext)
    return {
        "person_id": item.person.id,
        "name": item.person.name,
        "title": item.person.title,
        "reachable": item.person.reachable,
        "score": why["score"],
        "sentence": why["sentence"],
        "shares": [{"name": name, "points": points} for name, points in why["shares"]],
    }
