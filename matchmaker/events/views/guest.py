"""A guest's own registration behind a signed link: looking changes nothing, every change is a press of a button."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import Response, flash, make_response, redirect, url_for
from flask_babel import gettext as _

from matchmaker.core.db import transaction
from matchmaker.core.errors import DomainError, Missing
from matchmaker.core.i18n import sentence
from matchmaker.core.web import answer, errors_on, page, public
from matchmaker.events.forms import GuestForm
from matchmaker.events.models import Registration
from matchmaker.events.services import links, registrations, waiting
from matchmaker.events.views import bp, filling, showing


def _by_link(view: Callable[..., Any]) -> Callable[..., Response]:
    """Open the link, keep the page out of caches, search engines and the logs of other sites."""

    @wraps(view)
    def opened(token: str) -> Response:
        try:
            response = make_response(view(token, links.open_link(token)))
        except Missing as error:
            response = make_response(page("events/dead_link.html", text=sentence(error)), 404)
        response.headers["Cache-Control"] = "no-store"
        response.headers["X-Robots-Tag"] = "noindex"
        response.headers["Referrer-Policy"] = "no-referrer"
        return response

    return opened


def _addresses(token: str) -> dict[str, str]:
    names = ("edit", "withdraw", "accept")
    return {name: url_for(f"events.guest_{name}", token=token) for name in names}


@bp.get("/r/<token>")
@public
@_by_link
def guest(token: str, row: Registration) -> Any:
    """The registration behind a link."""
    return page("events/guest.html", urls=_addresses(token), **showing.outlook(row))


@bp.route("/r/<token>/edit", methods=["GET", "POST"])
@public
@_by_link
def guest_edit(token: str, row: Registration) -> Any:
    """Change who comes and what was answered."""
    view = showing.outlook(row)
    if not view["changeable"]:
        return redirect(url_for("events.guest", token=token), 303)
    start = {"attendees": filling.lines_of(row), "phone": row.phone, "note": row.note}
    form = filling.build(GuestForm, row.audience, sheet=row.sheet, **start)
    form.has_address = bool(row.email)
    if form.is_submitted():
        taken = filling.take(form, sheet=row.sheet)
        if taken.fine:
            with errors_on(form):
                with transaction():
                    registrations.change(links.open_link(token), actor=None, filled=taken.filled, **form.values)
                flash(_("已保存您的修改"), "good")
                return redirect(url_for("events.guest", token=token), 303)
    return answer(form, "events/change.html", back=url_for("events.guest", token=token), layout="guest", **view)


@bp.post("/r/<token>/withdraw")
@public
@_by_link
def guest_withdraw(token: str, row: Registration) -> Any:
    """Take the registration back, leave the waiting list, or let an offer go."""
    return _done(token, lambda: registrations.withdraw(links.open_link(token), actor=None), _("已退出，名额已释放"))


@bp.post("/r/<token>/accept")
@public
@_by_link
def guest_accept(token: str, row: Registration) -> Any:
    """Take the places that the waiting list offered."""
    return _done(token, lambda: waiting.accept(links.open_link(token), actor=None), _("已确认，名额是您的了"))


def _done(token: str, work: Callable[[], None], said: str) -> Any:
    try:
        with transaction():
            work()
        flash(said, "good")
    except Missing:
        raise
    except DomainError as error:
        flash(sentence(error), "warn")
    return redirect(url_for("events.guest", token=token), 303)
