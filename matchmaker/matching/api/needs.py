"""Stating, changing and ending needs; who fits them; asking."""

from __future__ import annotations

from typing import Any

from flask import current_app
from flask_login import current_user

from matchmaker.accounts.rules import Permission
from matchmaker.core.api import ListPage, idempotent, listing_body, remember
from matchmaker.core.db import transaction
from matchmaker.core.errors import NotPermitted
from matchmaker.core.lists import open_list
from matchmaker.core.web import requires
from matchmaker.matching import access, lists, queries
from matchmaker.matching.api import showing
from matchmaker.matching.api.schemas import (
    ANSWERS,
    OWNERS,
    Asked,
    NeedChanges,
    NeedShown,
    NewNeed,
    Question,
    Suggestions,
    bp,
)
from matchmaker.matching.models import Need
from matchmaker.matching.rules import NeedState, Side
from matchmaker.matching.services import charge, impressions, needs, requests, suggesting


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
        return remember(showing.need(need), 201)


@bp.get("/needs/<int:need_id>")
@bp.output(NeedShown)
@bp.doc(summary="One need with those it asked", responses=[401, 403, 404], security="bearer")
@requires(*OWNERS)
def one(need_id: int) -> Any:
    """A handler's look at a secret need in their charge is written down."""
    need = showing.visible_need(need_id)
    if charge.is_watched(need, current_user):
        with transaction():
            charge.note_look(need, actor=current_user)
    return showing.need(need)


@bp.patch("/needs/<int:need_id>")
@bp.input(NeedChanges, arg_name="changes")
@bp.output(NeedShown)
@bp.doc(summary="Change a need that is not over", responses=ANSWERS, security="bearer")
@requires(*OWNERS)
@idempotent
def change(need_id: int, changes: dict[str, Any]) -> Any:
    """A draft stays a draft until it is published."""
    need = showing.visible_need(need_id)
    if "fields_" in changes:
        changes["fields"] = sorted({str(field.value) for field in changes.pop("fields_")})
    with transaction():
        needs.edit(need, actor=current_user, **changes)
        return remember(showing.need(need))


@bp.delete("/needs/<int:need_id>")
@bp.output({}, status_code=204)
@bp.doc(summary="Delete a draft for good", responses=ANSWERS, security="bearer")
@requires(*OWNERS)
@idempotent
def delete(need_id: int) -> Any:
    """Drafts alone; whatever was published is withdrawn instead."""
    need = showing.visible_need(need_id)
    with transaction():
        needs.delete(need, actor=current_user)
        return remember("", 204)


@bp.post("/needs/<int:need_id>/publish")
@bp.output(NeedShown)
@bp.doc(summary="Publish a draft", responses=ANSWERS, security="bearer")
@requires(*OWNERS)
@idempotent
def publish(need_id: int) -> Any:
    """It may ask from now on."""
    return _step(need_id, needs.publish)


@bp.post("/needs/<int:need_id>/withdraw")
@bp.output(NeedShown)
@bp.doc(summary="Take a need back with all its questions; for good", responses=ANSWERS, security="bearer")
@requires(*OWNERS)
@idempotent
def withdraw(need_id: int) -> Any:
    """Everybody asked is told."""
    return _step(need_id, needs.withdraw)


@bp.post("/needs/<int:need_id>/close")
@bp.output(NeedShown)
@bp.doc(summary="The need is met", responses=ANSWERS, security="bearer")
@requires(*OWNERS)
@idempotent
def close(need_id: int) -> Any:
    """Questions that wait are taken back; what was accepted goes on."""
    return _step(need_id, needs.close)


@bp.post("/needs/<int:need_id>/take")
@bp.output(NeedShown)
@bp.doc(summary="Take charge of a secret need", responses=ANSWERS, security="bearer")
@requires(Permission.NEEDS_HANDLE)
@idempotent
def take(need_id: int) -> Any:
    """The owner is told who it is; every look is written down."""
    return _step(need_id, charge.take)


@bp.post("/needs/<int:need_id>/release")
@bp.output(NeedShown)
@bp.doc(summary="Give the charge of a secret need back", responses=ANSWERS, security="bearer")
@requires(Permission.NEEDS_HANDLE)
@idempotent
def release(need_id: int) -> Any:
    """A colleague can take it."""
    return _step(need_id, charge.release)


def _step(need_id: int, service: Any) -> Any:
    need: Need = showing.visible_need(need_id)
    with transaction():
        service(need, actor=current_user)
        return remember(showing.need(need))


@bp.get("/needs/<int:need_id>/suggestions")
@bp.output(Suggestions)
@bp.doc(summary="The best helpers for a need, with reasons", responses=[401, 403, 404, 422], security="bearer")
@requires(*OWNERS)
def suggestions(need_id: int) -> Any:
    """Whoever the owner did not want to see again is left out."""
    need = showing.visible_need(need_id)
    if not access.may_act_for(current_user, need):
        raise NotPermitted("只有提出需求的单位和经办人可以邀请")
    unwanted = queries.dismissed_for(need_id)
    found = suggesting.suggest(need, k=suggesting.SUGGESTIONS + len(unwanted))
    best = [item for item in found.best if item.person.id not in unwanted][: suggesting.SUGGESTIONS]
    body = {
        "items": [showing.suggested(item) for item in best],
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
    need = showing.visible_need(need_id)
    with transaction():
        asked = requests.ask(
            need, actor=current_user, person_ids=question["people"], message=question.get("message", "")
        )
        body = {
            "requests": [showing.request(row) for row in asked.requests],
            "referred": [row.person_id for row in asked.referrals],
        }
        return remember(body, 201)
