"""Answering from a phone by the signed link: looking changes nothing, one press answers."""

from __future__ import annotations

from typing import Any

from flask import Response, make_response, redirect, url_for
from flask_babel import gettext as _

from matchmaker.core import clock
from matchmaker.core.db import db, transaction
from matchmaker.core.errors import DomainError
from matchmaker.core.i18n import sentence
from matchmaker.core.web import errors_on, one_or_404, page, public
from matchmaker.matching import access, queries
from matchmaker.matching.forms import AcceptForm, ConfirmForm, CorrectionForm, DeclineForm, PassForm, ProposeForm
from matchmaker.matching.models import HelpRequest, RequestService
from matchmaker.matching.rules import RequestState
from matchmaker.matching.rules.talks import HELD_LINK_TERM
from matchmaker.matching.services import contacts, links, outcomes, passing, requests, terms
from matchmaker.matching.views import bp, helper
from matchmaker.matching.views.showing import reasons

STATES = {
    RequestState.DECLINED: "您已婉拒这项邀请，无需再做什么",
    RequestState.EXPIRED: "答复期限已过；如仍愿意帮助，请联系科技局经办人",
    RequestState.WITHDRAWN: "对方已撤回这项邀请，无需再答复",
    RequestState.CLOSED: "这次对接已经办结，感谢您的帮助",
}


@bp.get("/r/<token>")
@public
def link(token: str) -> Response:
    """The request behind a link."""
    try:
        row = links.open_link(token)
    except DomainError as error:
        return _dead(error)
    return _shown(row, token)


@bp.post("/r/<token>/accept")
@public
def link_accept(token: str) -> Any:
    """Say yes."""
    form = AcceptForm()
    return _answer(
        token, form, lambda row, bearer: requests.accept(row, actor=bearer, note=form.note.data or ""), name="accept"
    )


@bp.post("/r/<token>/decline")
@public
def link_decline(token: str) -> Any:
    """Say no, with a reason."""
    form = DeclineForm()
    return _answer(
        token,
        form,
        lambda row, bearer: requests.decline(row, actor=bearer, reason=form.reason.data, note=form.note.data or ""),
        name="decline",
    )


@bp.post("/r/<token>/propose")
@public
def link_propose(token: str) -> Any:
    """Another time, or other terms."""
    form = ProposeForm()
    return _answer(
        token,
        form,
        lambda row, bearer: terms.propose(row, actor=bearer, moment=form.moment.data, terms=form.terms.data or ""),
        name="propose",
    )


@bp.post("/r/<token>/pass")
@public
def link_pass(token: str) -> Any:
    """A colleague is the right one; this link ends."""
    form = PassForm()
    return _answer(
        token,
        form,
        lambda row, bearer: passing.pass_on(
            row,
            actor=bearer,
            colleague=passing.find(row, form.colleague.data),
            note=form.pass_note.data or "",
        ),
        name="hand_on",
        done=lambda: _private(make_response(page("matching/passed.html", name=form.colleague.data))),
    )


@bp.post("/r/<token>/sessions/<int:service_id>/confirm")
@public
def link_confirm_session(token: str, service_id: int) -> Any:
    """It was so."""
    form = ConfirmForm()
    return _answer(
        token,
        form,
        lambda row, bearer: outcomes.confirm(row, _held(row, service_id), actor=bearer, note=form.note.data or ""),
        name="confirm",
    )


@bp.post("/r/<token>/sessions/<int:service_id>/correct")
@public
def link_correct_session(token: str, service_id: int) -> Any:
    """It was otherwise; the owner confirms that."""
    form = CorrectionForm()
    return _answer(
        token,
        form,
        lambda row, bearer: outcomes.correct_session(row, _held(row, service_id), actor=bearer, **form.values),
        name="correct",
    )


def _held(row: HelpRequest, service_id: int) -> RequestService:
    found: RequestService = one_or_404(queries.records_of(row.id).where(RequestService.id == service_id))
    return found


def _sessions(row: HelpRequest) -> dict[str, Any]:
    """The sessions of an accepted request; the first that waits for the helper is answered first."""
    given = db.session.execute(queries.records_of(row.id)).unique().scalars().all() if row.state in access.MET else []
    held = next((each for each in given if each.record.helper_confirmed is None), None)
    if held is None:
        return {"given": given, "held": None}
    record = held.record
    known = {"served": record.served, "minutes": record.minutes, "place": record.place, "content": record.content}
    return {
        "given": given,
        "held": held,
        "too_late": clock.now() >= record.created + HELD_LINK_TERM,
        "confirm": ConfirmForm(formdata=None),
        "correct": CorrectionForm(formdata=None, **known),
    }


def _answer(token: str, form: Any, service: Any, *, name: str, done: Any = None) -> Any:
    try:
        row = links.open_link(token)
    except DomainError as error:
        return _dead(error)
    if form.validate_on_submit():
        with errors_on(form):
            with transaction():
                row = links.open_link(token)
                service(row, access.LinkBearer(row.id, row.person.name))
            return done() if done else redirect(url_for("matching.link", token=token), 303)
    return _shown(row, token, **{name: form})


def _shown(row: HelpRequest, token: str, **forms: Any) -> Response:
    bearer = access.LinkBearer(row.id, row.person.name)
    late = row.state is RequestState.ASKED and clock.now() >= row.expires
    over = STATES.get(RequestState.EXPIRED if late else row.state)
    body = page(
        "matching/link.html",
        row=row,
        need=row.need,
        token=token,
        who=row.need.who if access.may_see_who(bearer, row) else None,
        over=_(over) if over else "",
        contacts=contacts.of(row, viewer=bearer),
        why=reasons(row.explanation),
        proposals=db.session.execute(queries.proposals_of(row.id)).scalars().all(),
        peers=[] if over else passing.colleagues(row),
        **{**helper.blank_answers(), **_sessions(row), **forms},
    )
    return _private(make_response(body, 422 if forms else 200))


def _dead(error: DomainError) -> Response:
    return _private(make_response(page("matching/dead_link.html", text=sentence(error)), 404))


def _private(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Robots-Tag"] = "noindex"
    return response
