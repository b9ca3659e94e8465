"""The mentor's times, and the carrier's mentors."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from matchmaker.accounts.rules import Permission
from matchmaker.core import clock
from matchmaker.core.db import db, transaction
from matchmaker.core.errors import Missing
from matchmaker.core.web import answer, errors_on, one_or_404, page, requires, step
from matchmaker.directory.models import Person
from matchmaker.incubation import access as incubation_access
from matchmaker.incubation import queries as incubation
from matchmaker.incubation.models import Carrier
from matchmaker.mentoring import queries
from matchmaker.mentoring.forms import DayOffForm, LastDayForm, ServeForm, WindowForm
from matchmaker.mentoring.services import offering
from matchmaker.mentoring.views import bp
from matchmaker.rosters import queries as rosters
from matchmaker.rosters.access import may_manage


@bp.route("/times", methods=["GET", "POST"])
@requires(Permission.ROSTERS_OWN)
def times() -> Any:
    """One's own weekly times; who is in no roster yet is told so."""
    if request.method == "GET" and db.session.execute(rosters.person_of(current_user.id)).scalar_one_or_none() is None:
        return page("mentoring/no_times.html")
    person, form = _me(), WindowForm()
    if form.validate_on_submit():
        with errors_on(form):
            with transaction():
                offering.add_window(person, actor=current_user, **form.values)
            flash(_("已保存，企业马上可以预约"), "good")
            return redirect(url_for("mentoring.times"), 303)
    return answer(
        form,
        "mentoring/times.html",
        windows=queries.windows_of(person.id),
        days_off=queries.days_off(person.id, since=clock.today()),
        off=DayOffForm(formdata=None),
    )


@bp.post("/times/<int:window_id>/drop")
@requires(Permission.ROSTERS_OWN)
def drop_window(window_id: int) -> Any:
    """Offer it no more."""
    row = one_or_404(queries.own_windows(current_user).where(queries.MentorWindow.id == window_id))
    return step(
        lambda: offering.drop_window(row, actor=current_user),
        done=_("已删除；已有的预约不受影响"),
        back=url_for("mentoring.times"),
    )


@bp.post("/times/day-off")
@requires(Permission.ROSTERS_OWN)
def day_off() -> Any:
    """A day without bookings."""
    person, form = _me(), DayOffForm()
    day = form.day.data
    if day is None:
        flash(_("请填写日期，例如 2026-05-01"), "warn")
        return redirect(url_for("mentoring.times"), 303)
    return step(
        lambda: offering.take_day_off(person, actor=current_user, day=day, today=clock.today()),
        done=_("这一天不再接受预约"),
        back=url_for("mentoring.times"),
    )


@bp.route("/carriers/<int:carrier_id>", methods=["GET", "POST"])
@requires(Permission.TENANCY_MANAGE, Permission.ROSTERS_READ)
def carrier(carrier_id: int) -> Any:
    """Who serves a carrier."""
    row: Carrier = one_or_404(incubation.kept_by(current_user).where(Carrier.id == carrier_id))
    form = ServeForm(starts=clock.today())
    mentors = db.session.execute(queries.mentors(row.region, clock.today()).limit(500)).unique().scalars().all()
    form.offer(mentors)
    if form.validate_on_submit():
        with errors_on(form):
            with transaction():
                person = db.session.get_one(Person, form.person.data)
                offering.serve(row, person, actor=current_user, starts=form.values["starts"])
            flash(_("已登记"), "good")
            return redirect(url_for("mentoring.carrier", carrier_id=carrier_id), 303)
    manages = incubation_access.may_edit(current_user, row) or may_manage(current_user, row.region)
    return answer(
        form,
        "mentoring/carrier.html",
        carrier=row,
        rows=queries.mentors_of_carrier(carrier_id),
        manages=manages,
        today=clock.today(),
    )


@bp.route("/serving/<int:serving_id>/end", methods=["GET", "POST"])
@requires(Permission.TENANCY_MANAGE, Permission.ROSTERS_MANAGE)
def end_serving(serving_id: int) -> Any:
    """The last day of a mentor at a carrier."""
    row = one_or_404(queries.serving_kept_by(current_user).where(queries.CarrierMentor.id == serving_id))
    carrier_id, form = row.carrier_id, LastDayForm(day=clock.today())
    if form.validate_on_submit():
        with errors_on(form):
            with transaction():
                offering.stop_serving(row, actor=current_user, last=form.values["day"])
            flash(_("已登记"), "good")
            return redirect(url_for("mentoring.carrier", carrier_id=carrier_id), 303)
    return answer(form, "mentoring/end_serving.html", row=row)


def _me() -> Person:
    person = db.session.execute(rosters.person_of(current_user.id)).scalar_one_or_none()
    if person is None:
        raise Missing("您的账号还没有关联名册，请联系经办人")
    return person
