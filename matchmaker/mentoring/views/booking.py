"""Booking in three steps, and one session with what can be done next."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import abort, current_app, flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from matchmaker.accounts.rules import Permission
from matchmaker.activity import queries as activity
from matchmaker.core import clock
from matchmaker.core.db import db, transaction
from matchmaker.core.errors import DomainError
from matchmaker.core.forms import choice
from matchmaker.core.i18n import sentence
from matchmaker.core.web import answer, errors_on, one_or_404, page, requires, signed_in
from matchmaker.directory.models import Person
from matchmaker.mentoring import access, queries
from matchmaker.mentoring.forms import RatingForm, ReasonForm, ReportForm, TopicForm
from matchmaker.mentoring.models import MentorSession
from matchmaker.mentoring.services import booking
from matchmaker.mentoring.views import bp
from matchmaker.rosters.models import Appointment
from matchmaker.rosters.queries import profile_of
from matchmaker.rosters.rules import SessionState


@bp.get("/")
@requires(Permission.NEEDS_OWN, Permission.ROSTERS_READ)
def index() -> Any:
    """The mentors in office, those with times first."""
    region = current_app.config["SETTINGS"].region
    found = db.session.execute(queries.mentors(region, clock.today()).limit(500)).unique().scalars()
    rows = [row for row in found if access.may_browse(current_user, row.person.region)]
    ready = queries.people_with_windows([row.person_id for row in rows])
    words = request.args.get("q", "").strip()
    if words:
        rows = [r for r in rows if words in r.person.name or words in (r.person.summary or "")]
    ordered = sorted(rows, key=lambda row: row.person_id not in ready)
    can = bool(queries.own_tenancies(current_user, clock.today()))
    return page("mentoring/index.html", rows=ordered, ready=ready, words=words, can=can)


@bp.get("/mentors/<int:person_id>")
@requires(Permission.NEEDS_OWN, Permission.ROSTERS_READ)
def mentor(person_id: int) -> Any:
    """Step one: the times of a mentor."""
    post = _post(person_id)
    if not access.may_browse(current_user, post.person.region):
        abort(404)
    slots = booking.free_slots(post.person)
    days: dict[Any, list[Any]] = {}
    for slot in slots:
        days.setdefault(slot.starts.date(), []).append(slot)
    return page(
        "mentoring/mentor.html", post=post, days=days, profile=profile_of(person_id), can=bool(_clients(person_id))
    )


@bp.route("/mentors/<int:person_id>/book", methods=["GET", "POST"])
@requires(Permission.NEEDS_OWN)
def book(person_id: int) -> Any:
    """Step two: what about; step three: look at it once more and confirm."""
    post, starts = _post(person_id), _moment(request.values.get("at", ""))
    slot = next((each for each in booking.free_slots(post.person) if each.starts == starts), None)
    if slot is None:
        flash(_("这个时间已不能预约，请另选一个"), "warn")
        return redirect(url_for("mentoring.mentor", person_id=person_id), 303)
    clients, form = _clients(person_id), TopicForm()
    form.client.choices = [choice(key, text) for key, (text, _record) in clients.items()]
    if not form.is_submitted() and clients:
        form.client.data = next(iter(clients))
    look = False
    if form.validate_on_submit():
        with errors_on(form):
            if request.form.get("step") == "confirm":
                return _book(post.person, slot.starts, form, clients)
            booking.check_wish(topic=form.topic.data)
            look = True
    body: dict[str, Any] = {"post": post, "slot": slot, "clients": clients, "look": look, "at": slot.starts.isoformat()}
    if look:
        return page("mentoring/book.html", form=form, **body)
    return answer(form, "mentoring/book.html", **body)


def _book(person: Person, starts: datetime, form: TopicForm, clients: dict[str, tuple[str, Any]]) -> Any:
    key = form.client.data
    kind = "tenancy" if key.startswith("t") else "request"
    with transaction():
        row = booking.book(person, actor=current_user, starts=starts, topic=form.topic.data, **{kind: clients[key][1]})
        row_id = row.id
    flash(_("已预约，导师确认后会通知您"), "good")
    return redirect(url_for("mentoring.session", session_id=row_id), 303)


@bp.get("/own")
@signed_in
def own() -> Any:
    """One's sessions on either side."""
    rows = db.session.execute(queries.own(current_user).limit(200)).unique().scalars().all()
    return page("mentoring/own.html", rows=rows, now=clock.now(), S=SessionState)


@bp.get("/sessions/<int:session_id>")
@signed_in
def session(session_id: int) -> Any:
    """One session."""
    return _shown(_seen(session_id))


def _shown(row: MentorSession, form: Any = None) -> Any:
    now, mentor = clock.now(), access.is_mentor(current_user, row)
    client = access.is_client(current_user, row)
    reported = row.mentor_confirmed if mentor else row.client_confirmed
    started = row.state is SessionState.CONFIRMED and now >= row.starts

    context: dict[str, Any] = {
        "row": row,
        "mentor": mentor,
        "client": client,
        "can_confirm": mentor and row.state is SessionState.BOOKED,
        "can_report": (mentor or client) and started and reported is None,
        "can_cancel": (mentor or client) and row.state in {SessionState.BOOKED, SessionState.CONFIRMED} and not started,
        "can_no_show": (mentor or client) and started and not (row.mentor_confirmed or row.client_confirmed),
        "can_rate": client and row.state is SessionState.DONE,
        "report": form if isinstance(form, ReportForm) else _usual(row),
        "rating": form if isinstance(form, RatingForm) else RatingForm(formdata=None),
        "reason": form if isinstance(form, ReasonForm) else ReasonForm(formdata=None),
        "timeline": activity.of(row),
        "chain": [SessionState.BOOKED, SessionState.CONFIRMED, SessionState.DONE, SessionState.RATED],
    }
    if form is None:
        return page("mentoring/session.html", **context)
    return answer(form, "mentoring/session.html", **context)


@bp.post("/sessions/<int:session_id>/confirm")
@signed_in
def confirm(session_id: int) -> Any:
    """The mentor agrees to the time."""
    row = _seen(session_id)
    try:
        with transaction():
            booking.confirm(row, actor=current_user)
        flash(_("已确认，对方会收到通知"), "good")
    except DomainError as error:
        if error.status == 403:
            raise
        flash(sentence(error), "warn")
    return redirect(url_for("mentoring.session", session_id=session_id), 303)


@bp.post("/sessions/<int:session_id>/cancel")
@signed_in
def cancel(session_id: int) -> Any:
    """Call it off."""
    row, form = _seen(session_id), ReasonForm()
    done = _("已取消，这个时间重新开放")
    return _act(row, form, lambda: booking.cancel(row, actor=current_user, reason=form.reason.data), done=done)


@bp.post("/sessions/<int:session_id>/no-show")
@signed_in
def no_show(session_id: int) -> Any:
    """The other side did not come."""
    row, form = _seen(session_id), ReasonForm()
    return _act(
        row, form, lambda: booking.no_show(row, actor=current_user, reason=form.reason.data), done=_("已登记爽约")
    )


@bp.post("/sessions/<int:session_id>/report")
@signed_in
def report(session_id: int) -> Any:
    """It took place."""
    row, form = _seen(session_id), ReportForm()
    return _act(
        row,
        form,
        lambda: booking.report(row, actor=current_user, minutes=form.minutes.data or 0, content=form.said.data or ""),
        done=_("已登记，双方都确认后计入服务"),
    )


@bp.post("/sessions/<int:session_id>/rate")
@signed_in
def rate(session_id: int) -> Any:
    """The client rates."""
    row, form = _seen(session_id), RatingForm()
    return _act(
        row,
        form,
        lambda: booking.rate(row, actor=current_user, points=int(form.points.data), comment=form.comment.data or ""),
        done=_("谢谢您的评价"),
    )


def _usual(row: MentorSession) -> ReportForm:
    return ReportForm(formdata=None, minutes=row.minutes or row.booked_minutes)


def _act(row: MentorSession, form: Any, change: Any, *, done: str) -> Any:
    session_id = row.id
    if form.validate_on_submit():
        with errors_on(form):
            with transaction():
                change()
            flash(done, "good")
            return redirect(url_for("mentoring.session", session_id=session_id), 303)
    return _shown(_seen(session_id), form)


def _seen(session_id: int) -> MentorSession:
    row: MentorSession = one_or_404(queries.visible_to(current_user).where(MentorSession.id == session_id))
    return row


def _post(person_id: int) -> Appointment:
    region = current_app.config["SETTINGS"].region
    row: Appointment = one_or_404(queries.mentors(region, clock.today()).where(Appointment.person_id == person_id))
    return row


def _clients(person_id: int) -> dict[str, tuple[str, Any]]:
    """For whom this person may book this mentor: key → (name, record)."""
    found: dict[str, tuple[str, Any]] = {}
    for tenancy in queries.own_tenancies(current_user, clock.today()):
        found[f"t{tenancy.id}"] = (f"{tenancy.who}（{tenancy.carrier.name}）", tenancy)
    for row in queries.accepted_requests(current_user, person_id):
        found[f"r{row.id}"] = (_("对接需求：%(title)s", title=row.need.title), row)
    return found


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text.replace(" ", "+"))
    except ValueError:
        abort(404)
    if moment.tzinfo is None:
        abort(404)
    return moment
