"""Needs, suggestions, questions and answers for programs: the rules and refusals of the pages, behind tokens."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from apiflask import Schema
from apiflask.fields import Boolean, Date, Dict, Enum, Integer, List, Nested, String
from apiflask.validators import Length, Range
from flask import current_app, url_for
from flask_babel import gettext
from flask_login import current_user

from matchmaker.accounts.rules import Permission
from matchmaker.core import clock
from matchmaker.core.api import LARGEST_KEY, ListPage, blueprint, idempotent, listing_body, remember
from matchmaker.core.api import text as words
from matchmaker.core.db import db, transaction
from matchmaker.core.errors import NotPermitted
from matchmaker.core.lists import open_list
from matchmaker.core.web import one_or_404, requires
from matchmaker.directory.rules import HighTechField
from matchmaker.matching import access, lists, queries
from matchmaker.matching.models import HelpRequest, Need
from matchmaker.matching.rules import (
    LONGEST_TEXT,
    LONGEST_TITLE,
    MOST_LIVE_REQUESTS,
    DeclineReason,
    NeedKind,
    NeedState,
    Secrecy,
    Side,
)
from matchmaker.matching.services import charge, impressions, needs, reading, requests, suggesting
from matchmaker.notifications.services import base_url

bp = blueprint("matching", tag="matching")
ANSWERS = [400, 401, 403, 404, 409, 422]
LONGEST_NOTE, MOST_LISTED, DEAREST_FEN = 300, 200, 10**14
OWNERS = (Permission.NEEDS_OWN, Permission.NEEDS_HANDLE)


class NewNeed(Schema):
    """A need in its owner's own words; without an organisation it is one's own."""

    organisation_id = Integer(strict=True, validate=Range(1, LARGEST_KEY))
    kind = Enum(NeedKind, by_value=True, required=True)
    title = words(LONGEST_TITLE, required=True)
    text = words(LONGEST_TEXT, required=True)
    fields_ = List(Enum(HighTechField, by_value=True), data_key="fields")
    budget_fen = Integer(strict=True, validate=Range(0, DEAREST_FEN))
    deadline = Date()
    secrecy = Enum(Secrecy, by_value=True)
    trl_now = Integer(strict=True, validate=Range(1, 9))
    trl_wanted = Integer(strict=True, validate=Range(1, 9))
    listed = Boolean(truthy={True}, falsy={False})
    kept_reason = words(200)
    draft = Boolean(truthy={True}, falsy={False})


class RequestShown(Schema):
    """One question to one helper. Moments are Beijing time; contacts stand on the page, once it was accepted."""

    id = Integer()
    need_id = Integer()
    need = String()
    who = String(allow_none=True, metadata={"description": "null while it is kept secret"})
    person_id = Integer()
    person = String()
    state = String()
    message = String()
    asked = String()
    expires = String()
    answered = String(allow_none=True)
    reason = String(allow_none=True)
    note = String()
    url = String()


class NeedShown(Schema):
    """One need; whose it is stands there only where the need is open."""

    id = Integer()
    region = String()
    kind = String()
    state = String()
    title = String()
    text = String()
    fields_ = List(String(), data_key="fields")
    budget_fen = Integer(allow_none=True)
    deadline = String(allow_none=True)
    secrecy = String()
    trl_now = Integer(allow_none=True)
    trl_wanted = Integer(allow_none=True)
    listed = Boolean()
    who = String(allow_none=True)
    created = String()
    url = String()
    requests = List(Nested(RequestShown))


class Suggested(Schema):
    """One helper with the reason; `shares` add up to `score`, of a hundred."""

    person_id = Integer()
    name = String()
    title = String(allow_none=True)
    reachable = Boolean()
    score = String()
    sentence = String()
    shares = List(Dict())


class Suggestions(Schema):
    """The best helpers, and who would stand among them and may not."""

    items = List(Nested(Suggested))
    set_aside = List(Dict())
    engine = String(metadata={"description": "the model that compared meanings; empty where words alone decided"})


class Question(Schema):
    """Whom to ask, with a word to them."""

    people = List(
        Integer(strict=True, validate=Range(1, LARGEST_KEY)),
        required=True,
        validate=Length(min=1, max=MOST_LIVE_REQUESTS),
    )
    message = words(LONGEST_NOTE)


class Asked(Schema):
    """Who was asked, and for whom the handlers were told because they cannot be reached."""

    requests = List(Nested(RequestShown))
    referred = List(Integer(), metadata={"description": "ids of people"})


class Requests(Schema):
    """Questions put to oneself, those that wait first."""

    items = List(Nested(RequestShown))


class Yes(Schema):
    """Yes, with a word."""

    note = words(LONGEST_NOTE)


class No(Schema):
    """No, with a reason that is counted."""

    reason = Enum(DeclineReason, by_value=True, required=True)
    note = words(LONGEST_NOTE)


@bp.get("/needs")
@bp.output(ListPage)
@bp.doc(summary="Your needs, and those of your regions", responses=[401, 403], security="bearer")
@requires(*OWNERS)
def index() -> Any:
    """One page of the list, with the filters of the page."""
    return listing_body(open_list(lists.NEEDS, current_user))


@bp.post("/needs")
@bp.input(NewNeed, arg_name="new")
@bp.output(NeedShown, status_code=201)
@bp.doc(summary="State a need, or keep a draft", responses=[400, 401, 403, 409, 422], security="bearer")
@requires(Permission.NEEDS_OWN)
@idempotent
def create(new: dict[str, Any]) -> Any:
    """Read its suggestions next, and ask."""
    region = getattr(current_user, "region", None) or current_app.config["SETTINGS"].region
    fields = [str(field.value) for field in new.pop("fields_", [])]
    with transaction():
        need = needs.state(actor=current_user, region=region, fields=fields, **new)
        return remember(_need(need), 201)


@bp.get("/needs/<int:need_id>")
@bp.output(NeedShown)
@bp.doc(summary="One need with those it asked", responses=[401, 403, 404], security="bearer")
@requires(*OWNERS)
def one(need_id: int) -> Any:
    """A handler's look at a secret need in their charge is written down."""
    need = _visible(need_id)
    if charge.is_watched(need, current_user):
        with transaction():
            charge.note_look(need, actor=current_user)
    return _need(need)


@bp.get("/needs/<int:need_id>/suggestions")
@bp.output(Suggestions)
@bp.doc(summary="The best helpers for a need, with reasons", responses=[401, 403, 404, 422], security="bearer")
@requires(*OWNERS)
def suggestions(need_id: int) -> Any:
    """Whoever the owner did not want to see again is left out."""
    need = _visible(need_id)
    if not access.may_act_for(current_user, need):
        raise NotPermitted("只有提出需求的单位和经办人可以邀请")
    unwanted = queries.dismissed_for(need_id)
    found = suggesting.suggest(need, k=suggesting.SUGGESTIONS + len(unwanted))
    best = [item for item in found.best if item.person.id not in unwanted][: suggesting.SUGGESTIONS]
    body = {
        "items": [_suggested(item) for item in best],
        "set_aside": [
            {"person_id": item.person.id, "name": item.person.name, "reason": item.barrier.value}
            for item in found.aside
        ],
        "engine": found.engine,
    }
    shown = [(need.id, item.person.id, item.explanation) for item in best]
    if need.state is not NeedState.DRAFT and (unwritten := impressions.unwritten(shown, side=Side.OWNER)):
        with transaction():
            impressions.write(unwritten, side=Side.OWNER)
    return body


@bp.post("/needs/<int:need_id>/requests")
@bp.input(Question, arg_name="question")
@bp.output(Asked, status_code=201)
@bp.doc(summary="Ask helpers: all of them or, refused, nobody", responses=ANSWERS, security="bearer")
@requires(*OWNERS)
@idempotent
def ask(need_id: int, question: dict[str, Any]) -> Any:
    """Those without account and contact are named to the handlers instead."""
    need = _visible(need_id)
    with transaction():
        asked = requests.ask(
            need, actor=current_user, person_ids=question["people"], message=question.get("message", "")
        )
        body = {
            "requests": [_request(row) for row in asked.requests],
            "referred": [row.person_id for row in asked.referrals],
        }
        return remember(body, 201)


@bp.get("/requests")
@bp.output(Requests)
@bp.doc(summary="Questions put to you, those that wait first", responses=[401, 403], security="bearer")
@requires(Permission.REQUESTS_ANSWER)
def inbox() -> Any:
    """The newest 200."""
    rows = db.session.execute(queries.put_to(current_user).limit(MOST_LISTED)).unique().scalars()
    return {"items": [_request(row) for row in rows]}


@bp.post("/requests/<int:request_id>/accept")
@bp.input(Yes, arg_name="answer")
@bp.output(RequestShown)
@bp.doc(summary="Accept a question put to you", responses=ANSWERS, security="bearer")
@requires(Permission.REQUESTS_ANSWER)
@idempotent
def accept(request_id: int, answer: dict[str, Any]) -> Any:
    """One place is taken, and both sides see each other's contacts on the page."""
    row = _put_to_me(request_id)
    with transaction():
        requests.accept(row, actor=current_user, note=answer.get("note", ""))
        return remember(_request(row))


@bp.post("/requests/<int:request_id>/decline")
@bp.input(No, arg_name="answer")
@bp.output(RequestShown)
@bp.doc(summary="Decline a question put to you", responses=ANSWERS, security="bearer")
@requires(Permission.REQUESTS_ANSWER)
@idempotent
def decline(request_id: int, answer: dict[str, Any]) -> Any:
    """The owner reads the reason."""
    row = _put_to_me(request_id)
    with transaction():
        requests.decline(row, actor=current_user, reason=answer["reason"], note=answer.get("note", ""))
        return remember(_request(row))


def _visible(need_id: int) -> Need:
    need: Need = one_or_404(queries.visible_to(current_user).where(Need.id == need_id))
    return need


def _put_to_me(request_id: int) -> HelpRequest:
    row: HelpRequest = one_or_404(queries.put_to(current_user).where(HelpRequest.id == request_id))
    return row


def _moment(value: datetime | None) -> str | None:
    return value.astimezone(clock.CHINA).isoformat() if value is not None else None


def _need(need: Need) -> dict[str, Any]:
    acts = access.may_act_for(current_user, need)
    rows = db.session.execute(queries.requests_of(need.id)).unique().scalars() if acts else ()
    plain = ("id", "region", "kind", "state", "title", "text", "budget_fen", "secrecy", "trl_now", "trl_wanted")
    return {
        **{key: getattr(need, key, None) for key in plain},
        "fields_": list(need.fields or ()),
        "deadline": need.deadline.isoformat() if need.deadline else None,
        "listed": need.listed,
        "who": need.shown_who,
        "created": _moment(need.created),
        "url": base_url() + url_for("matching.show", need_id=need.id),
        "requests": [_request(row) for row in rows],
    }


def _request(row: HelpRequest) -> dict[str, Any]:
    return {
        "id": row.id,
        "need_id": row.need_id,
        "need": row.need.title,
        "who": row.need.who if access.may_see_who(current_user, row) else None,
        "person_id": row.person_id,
        "person": row.person.name,
        "state": row.state,
        "message": row.message,
        "asked": _moment(row.asked),
        "expires": _moment(row.expires),
        "answered": _moment(row.answered),
        "reason": row.reason,
        "note": row.note,
        "url": base_url() + url_for("matching.request", request_id=row.id),
    }


def _suggested(item: suggesting.Suggestion) -> dict[str, Any]:
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
