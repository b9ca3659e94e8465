"""The bureau's pages: all sessions, who is behind, ratios of carriers, yearly reviews."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user

from matchmaker.accounts.rules import Permission
from matchmaker.core import calendar, clock
from matchmaker.core.db import transaction
from matchmaker.core.errors import DomainError
from matchmaker.core.web import answer, errors_on, one_or_404, page, requires
from matchmaker.lists.pages import list_page
from matchmaker.mentoring import lists, queries, rules
from matchmaker.mentoring.forms import ReviewForm
from matchmaker.mentoring.services import reviewing
from matchmaker.mentoring.views import bp
from matchmaker.rosters import queries as rosters
from matchmaker.rosters.access import may_manage
from matchmaker.rosters.models import Appointment
from matchmaker.rosters.rules import AppointmentKind
from matchmaker.rosters.services.documents import rules_on

WHAT = _l("服务工作量＝双方确认且够时长的服务次数；服务成效＝服务过两次以上的企业数；服务满意度＝企业评分的平均。")


@bp.get("/sessions")
@requires(Permission.ROSTERS_READ)
def sessions() -> Any:
    """Every session of one's regions."""
    return list_page(lists.SESSIONS, "mentoring/sessions.html")


@bp.get("/overview")
@requires(Permission.ROSTERS_READ, Permission.TENANCY_MANAGE)
def overview() -> Any:
    """Ratios on a day, and for the bureau who owes sessions."""
    day = clock.today()
    try:
        day = calendar.parse_day(request.args["day"]) if request.args.get("day") else day
    except DomainError:
        flash(_("请填写日期，例如 2026-05-01"), "warn")
    known = rules_on(day)
    rows = [
        (carrier, tenants, mentors, rules.ratio(tenants, mentors))
        for carrier, tenants, mentors in queries.ratios(current_user, day)
    ]
    reads = current_user.has(Permission.ROSTERS_READ)
    return page(
        "mentoring/overview.html",
        day=day,
        rows=rows,
        limit=known.tenants_per_mentor,
        known=known,
        behind=reviewing.behind(current_user) if reads else [],
        reads=reads,
    )


@bp.route("/posts/<int:appointment_id>/review/<int:year>", methods=["GET", "POST"])
@requires(Permission.ROSTERS_READ)
def review(appointment_id: int, year: int) -> Any:
    """A mentor's year line by line; kept once by a handler."""
    wanted = rosters.visible_to(current_user).where(
        Appointment.id == appointment_id, Appointment.kind == AppointmentKind.MENTOR
    )
    post: Appointment = one_or_404(wanted)
    form, kept = ReviewForm(), rosters.review_of(post.id, year)
    lines, first, last = reviewing.lines_of(post, year)
    if form.validate_on_submit() and may_manage(current_user, post.region):
        with errors_on(form):
            with transaction():
                reviewing.review(post, actor=current_user, year=year, note=form.note.data or "")
            flash(_("年度考核已登记，本人会收到通知"), "good")
            return redirect(url_for("rosters.show", appointment_id=appointment_id), 303)
    known = rules_on(last)
    total = reviewing.shown_total(lines)
    return answer(
        form,
        "rosters/review.html",
        post=post,
        year=year,
        first=first,
        last=last,
        lines=[line.as_data() for line in lines],
        total=total,
        grade=known.grade_of(total),
        known=known,
        manages=may_manage(current_user, post.region),
        what=WHAT,
        kept=kept,
    )
