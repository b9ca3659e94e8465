"""The staff's pages: lists, appointing, renewing, ending, what waits, the panel on a person's page."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from flask import flash, redirect, url_for
from flask_babel import gettext as _
from flask_login import current_user

from matchmaker.accounts.models import User
from matchmaker.accounts.rules import Permission
from matchmaker.activity import queries as activity
from matchmaker.core import calendar, clock
from matchmaker.core.db import db, transaction
from matchmaker.core.web import answer, errors_on, one_or_404, page, requires, signed_in
from matchmaker.directory.models import Person
from matchmaker.lists.pages import list_page
from matchmaker.publicity import queries as publicity
from matchmaker.publicity.rules import DecisionState
from matchmaker.rosters import access, lists, queries, rules
from matchmaker.rosters.forms import AppointmentForm
from matchmaker.rosters.models import Appointment
from matchmaker.rosters.services import appointments, documents
from matchmaker.rosters.views import bp

DAYS = ("starts", "ends", "day")  # what a proposal about a term says of days


@bp.get("/")
@requires(Permission.ROSTERS_READ)
def index() -> Any:
    """Everybody appointed in one's regions."""
    return list_page(lists.APPOINTMENTS, "rosters/index.html")


@bp.get("/reviews")
@requires(Permission.ROSTERS_READ)
def reviews() -> Any:
    """The yearly results that were kept, to filter and export."""
    return list_page(lists.REVIEWS, "rosters/reviews.html")


@bp.get("/appointments/<int:appointment_id>")
@requires(Permission.ROSTERS_READ)
def show(appointment_id: int) -> Any:
    """One appointment with its person, term and history."""
    row = one_or_404(queries.visible_to(current_user).where(Appointment.id == appointment_id))
    latest = publicity.latest_decision_of(row, kinds=(rules.RENEWAL, rules.ENDING))
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
        renewable=row.state in rules.RENEWABLE,
        decision=latest if latest and latest.state is DecisionState.PROPOSED else None,
        returned=latest if latest and latest.state is DecisionState.RETURNED and row.state in rules.RENEWABLE else None,
        proposed={key: date.fromisoformat(latest.data[key]) for key in DAYS if latest and key in latest.data},
        noted_by=_name_of(row.noted_by_id),
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


@bp.get("/todo")
@requires(Permission.ROSTERS_READ)
def todo() -> Any:
    """Who waits for a yearly review, and whose term ends soon."""
    today = clock.today()
    year = today.year if today.month >= 11 else today.year - 1
    review = queries.unreviewed(current_user, year=year).limit(200)
    ending = queries.ending(current_user, until=today + timedelta(days=documents.rules_on(today).ahead_days)).limit(200)
    return page(
        "rosters/todo.html",
        year=year,
        review=db.session.execute(review).scalars().all(),
        ending=db.session.execute(ending).scalars().all(),
        today=today,
    )


def _name_of(user_id: int | None) -> str:
    user = db.session.get(User, user_id) if user_id else None
    return user.name if user else ""
