"""Pages of the rosters: the staff's lists and steps, the helper's own page, the panel on a person's page."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, current_app, flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from matchmaker.accounts.rules import Permission
from matchmaker.activity import queries as activity
from matchmaker.core import calendar, clock, money
from matchmaker.core.db import db, transaction
from matchmaker.core.errors import Missing
from matchmaker.core.web import answer, download, errors_on, one_or_404, page, public, requires, signed_in
from matchmaker.directory.models import Person
from matchmaker.lists.pages import list_page
from matchmaker.rosters import access, calendars, lists, queries, rules
from matchmaker.rosters.forms import AppointmentForm, EndingForm, ProfileForm, RenewalForm, TicketForm
from matchmaker.rosters.models import Appointment
from matchmaker.rosters.services import appointments, feeds, profiles

bp = Blueprint("rosters", __name__, url_prefix="/rosters")


@bp.get("/")
@requires(Permission.ROSTERS_READ)
def index() -> Any:
    """Everybody appointed in one's regions."""
    return list_page(lists.APPOINTMENTS, "rosters/index.html")


@bp.get("/appointments/<int:appointment_id>")
@requires(Permission.ROSTERS_READ)
def show(appointment_id: int) -> Any:
    """One appointment with its person, term and history."""
    row = one_or_404(queries.visible_to(current_user).where(Appointment.id == appointment_id))
    return page(
        "rosters/show.html",
        appointment=row,
        profile=queries.profile_of(row.person_id),
        others=db.session.execute(queries.of_person(row.person_id)).scalars().all(),
        records=db.session.execute(queries.records_of_person(row.person_id).limit(50)).scalars().all(),
        reviews=db.session.execute(queries.reviews_of(row.person_id)).scalars().all(),
        year=clock.today().year,
        timeline=activity.of(row),
        phone=queries.phone_for(current_user, row.person),
        manages=access.may_manage(current_user, row.region),
        standing=row.state in rules.STANDING,
        renewable=row.state in {rules.AppointmentState.SERVING, rules.AppointmentState.EXPIRED},
    )


@bp.route("/people/<int:person_id>/appoint", methods=["GET", "POST"])
@requires(Permission.ROSTERS_MANAGE)
def appoint(person_id: int) -> Any:
    """Give a person a post."""
    person = one_or_404(queries.people_visible_to(current_user).where(Person.id == person_id))
    today = clock.today()
    form = AppointmentForm(starts=today, ends=calendar.add_months(today, 36), capacity=rules.USUAL_CAPACITY)
    if form.validate_on_submit():
        with errors_on(form):
            with transaction():
                row = appointments.appoint(person, actor=current_user, **form.values)
                row_id = row.id
            flash(_("已聘任"), "good")
            return redirect(url_for("rosters.show", appointment_id=row_id), 303)
    return answer(form, "rosters/appoint.html", person=person)


@bp.route("/appointments/<int:appointment_id>/renew", methods=["GET", "POST"])
@requires(Permission.ROSTERS_MANAGE)
def renew(appointment_id: int) -> Any:
    """A further term."""
    row = one_or_404(queries.visible_to(current_user).where(Appointment.id == appointment_id))
    starts = max(clock.today(), row.ends)
    form = RenewalForm(starts=starts, ends=calendar.add_months(starts, 36))
    if form.validate_on_submit():
        with errors_on(form):
            with transaction():
                follower = appointments.renew(row, actor=current_user, **form.values)
                row_id = follower.id
            flash(_("已续聘；原聘期留作历史"), "good")
            return redirect(url_for("rosters.show", appointment_id=row_id), 303)
    return answer(form, "rosters/renew.html", appointment=row)


@bp.route("/appointments/<int:appointment_id>/end", methods=["GET", "POST"])
@requires(Permission.ROSTERS_MANAGE)
def end(appointment_id: int) -> Any:
    """End a post early."""
    row = one_or_404(queries.visible_to(current_user).where(Appointment.id == appointment_id))
    form = EndingForm(day=clock.today())
    if form.validate_on_submit():
        with errors_on(form):
            with transaction():
                appointments.end(row, actor=current_user, **form.values)
            flash(_("聘任已结束"), "info")
            return redirect(url_for("rosters.show", appointment_id=appointment_id), 303)
    return answer(form, "rosters/end.html", appointment=row)


@bp.route("/own", methods=["GET", "POST"])
@requires(Permission.ROSTERS_OWN)
def own() -> Any:
    """A helper's own page: words, places, wishes."""
    person = db.session.execute(queries.person_of(current_user.id)).scalar_one_or_none()
    if person is None:
        return page("rosters/unlinked.html")
    profile = queries.profile_of(person.id)
    form = ProfileForm(
        expertise=profile.expertise if profile else "",
        summary=person.summary,
        fields_=person.fields,
        capacity=profile.capacity if profile else rules.USUAL_CAPACITY,
        opted_out=profile.opted_out if profile else False,
    )
    if form.validate_on_submit():
        with errors_on(form):
            with transaction():
                profiles.edit(person, actor=current_user, **form.values)
            flash(_("已保存；新的推荐马上按它计算"), "good")
            return redirect(url_for("rosters.own"), 303)
    return answer(
        form,
        "rosters/own.html",
        person=person,
        profile=profile,
        appointments=db.session.execute(queries.of_person(person.id)).scalars().all(),
        records=db.session.execute(queries.records_of_person(person.id).limit(20)).scalars().all(),
        investor=queries.investor_of(person.id),
    )


@bp.route("/own/ticket", methods=["GET", "POST"])
@requires(Permission.ROSTERS_OWN)
def ticket() -> Any:
    """An investor's own amounts and stages."""
    person = db.session.execute(queries.person_of(current_user.id)).scalar_one_or_none()
    if person is None:
        raise Missing("您的账号还没有关联名册，请联系经办人")
    row = queries.investor_of(person.id)
    form = TicketForm(
        ticket_min=money.wan(row.ticket_min_fen) if row and row.ticket_min_fen is not None else None,
        ticket_max=money.wan(row.ticket_max_fen) if row and row.ticket_max_fen is not None else None,
        stages=row.stages if row else [],
    )
    if form.validate_on_submit():
        with errors_on(form):
            with transaction():
                profiles.state_ticket(person, actor=current_user, **form.values)
            flash(_("已保存；新的推荐马上按它计算"), "good")
            return redirect(url_for("rosters.own"), 303)
    return answer(form, "rosters/ticket.html")


@bp.get("/people/<int:person_id>/panel")
@signed_in
def of_person(person_id: int) -> Any:
    """What a person was appointed for: a part of the person's page."""
    person = one_or_404(queries.people_visible_to(current_user).where(Person.id == person_id))
    rows = db.session.execute(queries.of_person(person.id)).scalars().all()
    return page(
        "rosters/panel.html",
        fragment="rosters/_appointments.html",
        person=person,
        appointments=rows,
        reads=current_user.has(Permission.ROSTERS_READ),
        manages=access.may_manage(current_user, person.region),
    )


@bp.route("/calendar", methods=["GET", "POST"])
@signed_in
def feed_page() -> Any:
    """The address of one's own calendar of sessions and visits: make, replace, end."""
    if request.method == "POST":
        with transaction():
            (feeds.revoke if request.form.get("step") == "revoke" else feeds.create)(current_user)
        flash(_("日历地址已更新；旧地址不再有效"), "good")
        return redirect(url_for("rosters.feed_page"), 303)
    return page("rosters/feed.html", feed=feeds.address_of(current_user))


@bp.get("/feed/<token>.ics")
@public
def feed(token: str) -> Any:
    """A person's sessions and visits, under an address that the person can take back."""
    found = feeds.open_feed(token)
    body = calendars.calendar_of(
        feeds.entries_of(found.user), name=current_app.config["SETTINGS"].site_name, now=clock.now()
    )
    response = download(body, filename="service.ics", mimetype="text/calendar")
    response.headers["Cache-Control"] = "no-store"
    return response
