"""The helper's own pages: words, amounts, works, deals, the calendar."""

from __future__ import annotations

from typing import Any

from flask import current_app, flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from matchmaker.accounts.rules import Permission
from matchmaker.core import clock, money
from matchmaker.core.db import db, transaction
from matchmaker.core.errors import Missing
from matchmaker.core.web import answer, download, errors_on, one_or_404, page, public, requires, signed_in, step
from matchmaker.directory.models import Person, PersonDocument
from matchmaker.rosters import calendars, queries, rules
from matchmaker.rosters.forms import (
    DealForm,
    ProfileForm,
    TicketForm,
    WorkForm,
)
from matchmaker.rosters.models import InvestorDeal
from matchmaker.rosters.services import feeds, profiles, works
from matchmaker.rosters.views import bp


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


@bp.route("/own/works", methods=["GET", "POST"])
@requires(Permission.ROSTERS_OWN)
def own_works() -> Any:
    """One's own publications and results."""
    person, form = _me(), WorkForm()
    if form.validate_on_submit():
        with errors_on(form):
            with transaction():
                works.add_work(person, actor=current_user, **form.values)
            flash(_("已保存；新的推荐马上按它计算"), "good")
            return redirect(url_for("rosters.own_works"), 303)
    rows = db.session.execute(queries.works_of(person.id).limit(500)).scalars().all()
    return answer(form, "rosters/works.html", rows=rows)


@bp.post("/own/works/<int:work_id>/drop")
@requires(Permission.ROSTERS_OWN)
def drop_work(work_id: int) -> Any:
    """Take a work off."""
    row = one_or_404(queries.works_of(_me().id).where(PersonDocument.id == work_id))
    return step(lambda: works.drop_work(row, actor=current_user), done=_("已删除"), back=url_for("rosters.own_works"))


@bp.route("/own/deals", methods=["GET", "POST"])
@requires(Permission.ROSTERS_OWN)
def own_deals() -> Any:
    """An investor's own past deals."""
    person, form = _me(), DealForm()
    if form.validate_on_submit():
        with errors_on(form):
            with transaction():
                works.add_deal(person, actor=current_user, **form.values)
            flash(_("已保存"), "good")
            return redirect(url_for("rosters.own_deals"), 303)
    rows = db.session.execute(queries.deals_of(person.id).limit(500)).scalars().all()
    return answer(form, "rosters/deals.html", rows=rows)


@bp.post("/own/deals/<int:deal_id>/drop")
@requires(Permission.ROSTERS_OWN)
def drop_deal(deal_id: int) -> Any:
    """Take a deal off."""
    row = one_or_404(queries.deals_of(_me().id).where(InvestorDeal.id == deal_id))
    return step(lambda: works.drop_deal(row, actor=current_user), done=_("已删除"), back=url_for("rosters.own_deals"))


def _me() -> Person:
    person = db.session.execute(queries.person_of(current_user.id)).scalar_one_or_none()
    if person is None:
        raise Missing("您的账号还没有关联名册，请联系经办人")
    return person
