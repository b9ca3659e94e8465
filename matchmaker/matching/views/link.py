"""Answering from a phone by the signed link: looking changes nothing, one press answers."""

from __future__ import annotations

from typing import Any

from flask import Response, make_response, redirect, url_for
from flask_babel import gettext as _

from matchmaker.core import clock
from matchmaker.core.db import transaction
from matchmaker.core.errors import DomainError
from matchmaker.core.i18n import sentence
from matchmaker.core.web import errors_on, page, public
from matchmaker.matching import access
from matchmaker.matching.forms import AcceptForm, DeclineForm
from matchmaker.matching.models import HelpRequest
from matchmaker.matching.rules import RequestState
from matchmaker.matching.services import contacts, links, requests
from matchmaker.matching.views import bp
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
    return _answer(token, form, lambda row, bearer: requests.accept(row, actor=bearer, note=form.note.data or ""))


@bp.post("/r/<token>/decline")
@public
def link_decline(token: str) -> Any:
    """Say no, with a reason."""
    form = DeclineForm()
    return _answer(
        token,
        form,
        lambda row, bearer: requests.decline(row, actor=bearer, reason=form.reason.data, note=form.note.data or ""),
    )


def _answer(token: str, form: Any, service: Any) -> Any:
    try:
        row = links.open_link(token)
    except DomainError as error:
        return _dead(error)
    if form.validate_on_submit():
        with errors_on(form):
            with transaction():
                row = links.open_link(token)
                service(row, access.LinkBearer(row.id, row.person.name))
            return redirect(url_for("matching.link", token=token), 303)
    return _shown(row, token, form)


def _shown(row: HelpRequest, token: str, form: Any = None) -> Response:
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
        reasons=reasons(row.explanation),
        accept=form if isinstance(form, AcceptForm) else AcceptForm(formdata=None),
        decline=form if isinstance(form, DeclineForm) else DeclineForm(formdata=None),
    )
    return _private(make_response(body, 422 if form is not None else 200))


def _dead(error: DomainError) -> Response:
    return _private(make_response(page("matching/dead_link.html", text=sentence(error)), 404))


def _private(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Robots-Tag"] = "noindex"
    return response
