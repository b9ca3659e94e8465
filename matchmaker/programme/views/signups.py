"""Choosing sessions: for who registered, and for guests by signed link."""

from __future__ import annotations

from typing import Any

from flask import abort, flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from matchmaker.core import clock
from matchmaker.core.db import db, transaction
from matchmaker.core.errors import DomainError
from matchmaker.core.i18n import sentence
from matchmaker.core.web import one_or_404, page, public, signed_in
from matchmaker.events import queries as events
from matchmaker.events.models import Registration
from matchmaker.programme import documents, queries
from matchmaker.programme.models import Session
from matchmaker.programme.rules import SIGNS_UP
from matchmaker.programme.services import signups
from matchmaker.programme.views import bp


def own(registration_id: int) -> Registration:
    """The registration, when it is one's own or one's organisation's."""
    statement = events.own_registrations(current_user).where(Registration.id == registration_id)
    row: Registration = one_or_404(statement)
    return row


def of_guest(link: str) -> Registration:
    """The registration of a guest's signed link."""
    found = signups.read_link(link)
    if found is None:
        abort(404)
    row: Registration = one_or_404(queries.one_guest(*found))
    return row


@bp.get("/registrations/<int:registration_id>")
@signed_in
def choose(registration_id: int) -> Any:
    """The sessions one may choose, and those one has chosen."""
    return _page(own(registration_id), None)


@bp.get("/r/<link>")
@public  # the signed link is the key to one registration
def guest_choose(link: str) -> Any:
    """The same for a guest."""
    return _page(of_guest(link), link)


def _page(registration: Registration, link: str | None, *, overlaps: int | None = None, status: int = 200) -> Any:
    event = registration.event
    body = page(
        "programme/choose.html",
        registration=registration,
        event=event,
        link=link,
        days=documents.by_day(queries.shown_sessions([event.id])),
        chosen=queries.chosen_sessions([registration.id]).get(registration.id, set()),
        may_choose=registration.standing_at(clock.now()) in SIGNS_UP,
        overlaps=overlaps,
        now=clock.now(),
    )
    return body, status


@bp.post("/registrations/<int:registration_id>/sessions/<int:session_id>")
@signed_in
def step(registration_id: int, session_id: int) -> Any:
    """Take places at a session, or give them back."""
    return _step(own(registration_id), session_id, None)


@bp.post("/r/<link>/sessions/<int:session_id>")
@public  # the signed link is the key to one registration
def guest_step(link: str, session_id: int) -> Any:
    """The same for a guest."""
    return _step(of_guest(link), session_id, link)


def _step(registration: Registration, session_id: int, link: str | None) -> Any:
    session: Session = one_or_404(queries.session_of_event(registration.event_id, session_id))
    actor = None if link is not None else current_user
    leaves = request.form.get("step") == "leave"
    try:
        with transaction():
            if leaves:
                signups.leave(registration, session, actor=actor)
            else:
                signups.sign_up(registration, session, actor=actor, insist="insist" in request.form)
        flash(_("已退出这一场，名额已释放") if leaves else _("已选这一场，名额已为您保留"), "good")
    except signups.Overlaps as error:
        db.session.rollback()
        flash(sentence(error), "warn")
        return _page(registration, link, overlaps=session_id, status=409)
    except DomainError as error:
        if error.status == 403:
            raise
        flash(sentence(error), "warn")
    return redirect(_address(registration, link), 303)


def _address(registration: Registration, link: str | None) -> str:
    if link is not None:
        return url_for("programme.guest_choose", link=link)
    return url_for("programme.choose", registration_id=registration.id)
