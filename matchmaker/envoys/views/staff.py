"""The bureau's pages: all visits, who owes, results to check, the yearly score, links sent again."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user

from matchmaker.accounts.rules import Permission, check_mail
from matchmaker.core import clock
from matchmaker.core.db import db, transaction
from matchmaker.core.web import answer, errors_on, one_or_404, page, requires, step
from matchmaker.envoys import lists, queries
from matchmaker.envoys.forms import AddressForm, ReviewForm
from matchmaker.envoys.models import EnvoyResult, EnvoyVisit
from matchmaker.envoys.services import reminding, scoring, visits
from matchmaker.envoys.views import bp
from matchmaker.envoys.views.visits import shown
from matchmaker.lists.pages import list_page
from matchmaker.rosters import queries as rosters
from matchmaker.rosters.access import may_manage
from matchmaker.rosters.models import Appointment
from matchmaker.rosters.rules import AppointmentKind
from matchmaker.rosters.rules.reviews import total
from matchmaker.rosters.services.documents import rules_on

WHAT = _l("服务工作量＝企业确认且够时长的服务次数；服务成效＝经办人核实的成效件数；服务满意度＝企业评分的平均。")


@bp.get("/envoys/visits")
@requires(Permission.ROSTERS_READ)
def index() -> Any:
    """Every visit of one's regions."""
    return list_page(lists.VISITS, "envoys/index.html")


@bp.get("/envoys/overview")
@requires(Permission.ROSTERS_READ)
def overview() -> Any:
    """Who owes visits, and results that wait."""
    results = queries.managed_results(current_user).where(EnvoyResult.checked.is_(None)).order_by(EnvoyResult.id)
    return page(
        "envoys/overview.html",
        behind=scoring.behind(current_user),
        short=reminding.short_for(current_user),
        year=clock.today().year,
        known=rules_on(clock.today()),
        alike=db.session.execute(queries.alike(current_user).limit(50)).unique().scalars().all(),
        results=db.session.execute(results.limit(200)).unique().scalars().all(),
    )


@bp.post("/envoys/results/<int:result_id>/check")
@requires(Permission.ROSTERS_MANAGE)
def check_result(result_id: int) -> Any:
    """A result was proved."""
    row = one_or_404(queries.managed_results(current_user).where(EnvoyResult.id == result_id))
    return step(
        lambda: scoring.check_result(row, actor=current_user), done=_("已核实"), back=url_for("envoys.overview")
    )


@bp.post("/envoys/visits/<int:visit_id>/send")
@requires(Permission.ROSTERS_MANAGE)
def send_link(visit_id: int) -> Any:
    """Send the link to somebody of the host's."""
    row = one_or_404(queries.visible_to(current_user).where(EnvoyVisit.id == visit_id))
    form = AddressForm()
    if form.validate_on_submit():
        with errors_on(form):
            with transaction():
                visits.send_link_to(row, actor=current_user, email=check_mail(form.email.data))
            flash(_("确认链接已发送，14 天内有效"), "good")
            return redirect(url_for("envoys.visit", visit_id=visit_id), 303)
    return shown(row, form)


@bp.route("/envoys/posts/<int:appointment_id>/review/<int:year>", methods=["GET", "POST"])
@requires(Permission.ROSTERS_READ)
def review(appointment_id: int, year: int) -> Any:
    """An envoy's year line by line; kept once by a handler."""
    wanted = rosters.visible_to(current_user).where(
        Appointment.id == appointment_id, Appointment.kind == AppointmentKind.ENVOY
    )
    post: Appointment = one_or_404(wanted)
    form, kept = ReviewForm(), rosters.review_of(post.id, year)
    lines, first, last = scoring.lines_of(post, year)
    if form.validate_on_submit() and may_manage(current_user, post.region):
        with errors_on(form):
            with transaction():
                scoring.review(post, actor=current_user, year=year, note=form.note.data or "")
            flash(_("年度考核已登记，本人会收到通知"), "good")
            return redirect(url_for("rosters.show", appointment_id=appointment_id), 303)
    known = rules_on(last)
    points = total(lines)
    return answer(
        form,
        "rosters/review.html",
        post=post,
        year=year,
        first=first,
        last=last,
        lines=[line.as_data() for line in lines],
        total=points,
        grade=known.grade_of(points),
        known=known,
        manages=may_manage(current_user, post.region),
        what=WHAT,
        kept=kept,
    )
