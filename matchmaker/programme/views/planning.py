"""The organiser's programme: days and sessions, adding, changing, moving, calling off."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user

from matchmaker.core.db import transaction
from matchmaker.core.errors import DomainError
from matchmaker.core.i18n import sentence
from matchmaker.core.sentences import fill
from matchmaker.core.web import answer, errors_on, one_or_404, page, public, signed_in
from matchmaker.events import queries as events
from matchmaker.events.models import Event
from matchmaker.events.rules import EventDuty
from matchmaker.lists.pages import list_page
from matchmaker.programme import documents, lists, queries
from matchmaker.programme.forms import PostponeForm, SessionForm
from matchmaker.programme.models import Session
from matchmaker.programme.services import planning
from matchmaker.programme.views import bp


def planned_event(event_id: int) -> Event:
    """The event, when this person plans its programme."""
    event: Event = one_or_404(events.run_by(current_user, EventDuty.PROGRAMME).where(Event.id == event_id))
    return event


def _planned_session(session_id: int) -> Session:
    session: Session = one_or_404(queries.sessions_run_by(current_user).where(Session.id == session_id))
    return session


@bp.get("/events/<int:event_id>")
@signed_in
def plan(event_id: int) -> Any:
    """The programme of one event by days, with what does not go together."""
    event = planned_event(event_id)
    sessions = queries.sessions_of(event_id)
    return page(
        "programme/plan.html",
        event=event,
        days=documents.by_day(sessions),
        warnings=_sentences(event, sessions),
        rooms=queries.rooms_of(event_id),
        speakers=queries.speakers_of(event_id),
    )


def _sentences(event: Event, sessions: Any) -> list[dict[str, Any]]:
    found = documents.warnings_of(event, sessions)
    return [{"text": fill(_(clash.kind.label), clash.values), "sessions": clash.sessions} for clash in found]


@bp.get("/events/<int:event_id>/sheet")
@public
def sheet(event_id: int) -> Any:
    """The programme on paper, as everybody may read it."""
    event = one_or_404(events.visible_to(current_user).where(Event.id == event_id))
    days = documents.by_day(queries.shown_sessions([event_id]))
    return page("programme/sheet.html", event=event, days=days)


@bp.route("/events/<int:event_id>/sessions/new", methods=["GET", "POST"])
@signed_in
def add(event_id: int) -> Any:
    """A new session."""
    event = planned_event(event_id)
    form = SessionForm(**({} if request.method == "POST" else _next_slot(event)))
    form.offer(queries.rooms_of(event_id), queries.speakers_of(event_id))
    if form.validate_on_submit():
        with errors_on(form):
            with transaction():
                planning.add(event, actor=current_user, **form.values)
            flash(_("已保存"), "good")
            return redirect(url_for("programme.plan", event_id=event_id), 303)
    return answer(form, "programme/session.html", event=event, session=None, affected=0)


def _next_slot(event: Event) -> dict[str, Any]:
    """After the last session, half an hour."""
    starts = max((row.ends for row in queries.sessions_of(event.id)), default=event.starts)
    return {"starts": starts, "ends": starts + timedelta(minutes=30)}


@bp.route("/sessions/<int:session_id>/edit", methods=["GET", "POST"])
@signed_in
def edit(session_id: int) -> Any:
    """Change a session."""
    session = _planned_session(session_id)
    event = session.event
    places = session.pool.capacity if session.pool else None
    form = SessionForm(obj=session, data={"places": places})
    form.offer(queries.rooms_of(event.id), queries.speakers_of(event.id), session)
    if form.validate_on_submit():
        with errors_on(form):
            with transaction():
                told = planning.edit(session, actor=current_user, **form.values)
            flash(
                ngettext("已保存，已通知 %(n)d 个报名", "已保存，已通知 %(n)d 个报名", told, n=told)
                if told
                else _("已保存"),
                "good",
            )
            return redirect(url_for("programme.plan", event_id=event.id), 303)
    affected = session.pool.used if session.pool else 0
    return answer(form, "programme/session.html", event=event, session=session, affected=affected)


@bp.route("/sessions/<int:session_id>/postpone", methods=["GET", "POST"])
@signed_in
def postpone(session_id: int) -> Any:
    """Move a session by minutes, and those that follow."""
    session = _planned_session(session_id)
    form = PostponeForm(**({"minutes": 15, "following": True} if request.method == "GET" else {}))
    if form.validate_on_submit():
        with errors_on(form):
            with transaction():
                moved = planning.postpone(session, actor=current_user, **form.values)
                number, event_id = len(moved), session.event_id
            flash(ngettext("已移动 %(n)d 个环节", "已移动 %(n)d 个环节", number, n=number), "good")
            return redirect(url_for("programme.plan", event_id=event_id), 303)
    return answer(form, "programme/postpone.html", event=session.event, session=session)


@bp.post("/sessions/<int:session_id>/cancel")
@signed_in
def cancel(session_id: int) -> Any:
    """Call a session off."""
    return _end(session_id, planning.cancel, _("这一场已取消"), _("这一场已取消，已通知 %(n)d 个报名"))


@bp.post("/sessions/<int:session_id>/delete")
@signed_in
def delete(session_id: int) -> Any:
    """Take a session off the programme."""
    return _end(session_id, planning.delete, _("这一场已删除"), _("这一场已删除，已通知 %(n)d 个报名"))


def _end(session_id: int, step: Any, quietly: str, aloud: str) -> Any:
    session = _planned_session(session_id)
    event_id = session.event_id
    try:
        with transaction():
            told = step(session, actor=current_user)
        flash(aloud % {"n": told} if told else quietly, "info")
    except DomainError as error:
        flash(sentence(error), "warn")
    return redirect(url_for("programme.plan", event_id=event_id), 303)


@bp.get("/sessions/<int:session_id>/sign-ups")
@signed_in
def sign_ups(session_id: int) -> Any:
    """Who signed up for a session: list and export."""
    session = _planned_session(session_id)
    return list_page(
        lists.SIGN_UPS,
        "programme/sign_ups.html",
        scope={"session_id": session_id},
        event=session.event,
        session=session,
    )
