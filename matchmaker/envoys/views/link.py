"""Confirming by the signed link: looking changes nothing, one press answers."""

from __future__ import annotations

from typing import Any

from flask import Response, make_response, redirect, url_for

from matchmaker.core.db import transaction
from matchmaker.core.errors import DomainError, NotPermitted
from matchmaker.core.i18n import sentence
from matchmaker.core.web import blame, errors_on, page, public
from matchmaker.envoys.forms import ConfirmForm, DisputeForm
from matchmaker.envoys.models import EnvoyVisit
from matchmaker.envoys.rules import VisitState
from matchmaker.envoys.services import links, visits
from matchmaker.envoys.views import bp


@bp.get("/v/<token>")
@public
def link(token: str) -> Response:
    """The visit behind a link."""
    try:
        return _shown(links.open_link(token), token)
    except DomainError as error:
        return _dead(error)


@bp.post("/v/<token>/confirm")
@public
def link_confirm(token: str) -> Any:
    """Yes."""
    form = ConfirmForm()
    return _answer(token, form, lambda row: visits.confirm(row, actor=None, **form.values))


@bp.post("/v/<token>/dispute")
@public
def link_dispute(token: str) -> Any:
    """No, and why."""
    form = DisputeForm()
    return _answer(
        token, form, lambda row: visits.dispute(row, actor=None, name=form.who.data, reason=form.reason.data)
    )


@bp.get("/v/thanks")
@public
def link_thanks() -> Any:
    """After the answer the link is spent."""
    return page("envoys/thanks.html")


def _answer(token: str, form: Any, service: Any) -> Any:
    try:
        row = links.open_link(token)
    except DomainError as error:
        return _dead(error)
    if form.validate_on_submit():
        with errors_on(form):
            try:
                with transaction():
                    service(links.open_link(token))
                return redirect(url_for("envoys.link_thanks"), 303)
            except NotPermitted as error:
                blame(form, error)
    return _shown(row, token, form)


def _shown(row: EnvoyVisit, token: str, form: Any = None) -> Response:
    body = page(
        "envoys/link.html",
        row=row,
        token=token,
        waiting=row.state is VisitState.WAITING,
        confirm=form if isinstance(form, ConfirmForm) else ConfirmForm(formdata=None),
        dispute=form if isinstance(form, DisputeForm) else DisputeForm(formdata=None),
    )
    return _private(make_response(body, 422 if form is not None else 200))


def _dead(error: DomainError) -> Response:
    return _private(make_response(page("envoys/dead_link.html", text=sentence(error)), 404))


def _private(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Robots-Tag"] = "noindex"
    return response
