"""The staff's pages: draft, publish, withdraw and end notices; announce the working days of a year."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import current_app, flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from matchmaker.accounts.rules import Permission
from matchmaker.activity import queries as activity
from matchmaker.core import clock
from matchmaker.core.db import transaction
from matchmaker.core.errors import DomainError
from matchmaker.core.i18n import sentence
from matchmaker.core.web import answer, errors_on, one_or_404, page, requires
from matchmaker.lists.pages import list_page
from matchmaker.publicity import access, lists, queries, rules
from matchmaker.publicity.forms import NoticeForm, ReasonForm, YearForm
from matchmaker.publicity.models import Notice
from matchmaker.publicity.services import calendars, notices
from matchmaker.publicity.views import bp


@bp.get("/notices/manage/")
@requires(Permission.NOTICES_MANAGE, Permission.NOTICES_DECIDE)
def manage_index() -> Any:
    """The notices of one's regions."""
    return list_page(lists.NOTICES, "publicity/manage_index.html", prepare=_offer_draft)


def _offer_draft(listing: Any) -> None:
    if current_user.has(Permission.NOTICES_MANAGE):
        listing.empty_url, listing.empty_label = url_for("publicity.draft"), _("新建公示")


@bp.route("/notices/manage/new", methods=["GET", "POST"])
@requires(Permission.NOTICES_MANAGE)
def draft() -> Any:
    """Draft a notice."""
    form = NoticeForm(working_days=5, contact_phone=current_app.config["SETTINGS"].contact_phone)
    if form.validate_on_submit():
        with errors_on(form):
            with transaction():
                notice_id = notices.draft(actor=current_user, region=_region(), **form.values).id
            flash(_("草稿已保存；核对后即可发布"), "good")
            return redirect(url_for("publicity.manage", notice_id=notice_id), 303)
    return answer(form, "publicity/edit.html", notice=None)


def _region() -> str:
    own = sorted(current_user.region_codes)
    home = str(current_app.config["SETTINGS"].region)
    return home if home in own or not own else own[-1]


@bp.route("/notices/manage/<int:notice_id>/edit", methods=["GET", "POST"])
@requires(Permission.NOTICES_MANAGE)
def edit(notice_id: int) -> Any:
    """Change a draft."""
    notice = _managed(notice_id)
    form = NoticeForm(obj=notice)
    if request.method == "GET":
        form.show_items(notice)
    if form.validate_on_submit():
        with errors_on(form):
            with transaction():
                notices.edit(notice, actor=current_user, **form.values)
            flash(_("已保存"), "good")
            return redirect(url_for("publicity.manage", notice_id=notice_id), 303)
    return answer(form, "publicity/edit.html", notice=notice)


@bp.get("/notices/manage/<int:notice_id>")
@requires(Permission.NOTICES_MANAGE, Permission.NOTICES_DECIDE)
def manage(notice_id: int) -> Any:
    """One notice from the staff's side: its next step, what was filed, what happened."""
    notice = _managed(notice_id)
    first = notice.starts or clock.today()
    calendar = queries.work_calendar(since=first)
    return page(
        "publicity/manage.html",
        notice=notice,
        state=notice.state_at(clock.now()),
        planned=rules.planned_period(calendar, starts=first, working_days=notice.working_days),
        manages=access.may_manage(current_user, notice),
        objections=[row for row in queries.objections_of(notice_id) if access.may_handle(current_user, row)],
        open_objections=queries.open_objections(notice_id),
        timeline=activity.of(notice, limit=20),
    )


@bp.post("/notices/manage/<int:notice_id>/publish")
@requires(Permission.NOTICES_MANAGE)
def publish(notice_id: int) -> Any:
    """Open a notice to the public."""
    return _step(notice_id, notices.publish, _("公示已发布"))


@bp.post("/notices/manage/<int:notice_id>/effective")
@requires(Permission.NOTICES_MANAGE)
def make_effective(notice_id: int) -> Any:
    """Bring a clear notice to its end."""
    return _step(notice_id, notices.make_effective, _("公示已生效，可以继续办理后续手续"))


def _step(notice_id: int, act: Callable[..., None], said: str) -> Any:
    notice = _managed(notice_id)
    try:
        with transaction():
            act(notice, actor=current_user)
        flash(said, "good")
    except DomainError as error:
        if error.status == 403:
            raise
        flash(sentence(error), "warn")
    return redirect(url_for("publicity.manage", notice_id=notice_id), 303)


@bp.route("/notices/manage/<int:notice_id>/withdraw", methods=["GET", "POST"])
@requires(Permission.NOTICES_MANAGE)
def withdraw(notice_id: int) -> Any:
    """Take a notice back with a public reason."""
    notice = _managed(notice_id)
    form = ReasonForm()
    if form.validate_on_submit():
        with errors_on(form):
            with transaction():
                notices.withdraw(notice, actor=current_user, reason=form.reason.data)
            flash(_("公示已撤回"), "info")
            return redirect(url_for("publicity.manage", notice_id=notice_id), 303)
    return answer(form, "publicity/withdraw.html", notice=notice)


def _managed(notice_id: int) -> Notice:
    notice: Notice = one_or_404(queries.managed_by(current_user).where(Notice.id == notice_id))
    return notice


@bp.route("/notices/workdays", methods=["GET", "POST"])
@requires(Permission.CALENDAR_EDIT)
def workdays() -> Any:
    """The years whose holidays are known; one more can be typed in."""
    form = YearForm(year=clock.today().year + 1)
    if form.validate_on_submit():
        with errors_on(form):
            with transaction():
                written = calendars.announce_year(actor=current_user, **form.values)
            flash(_("已录入 %(n)d 天；跨入该年的公示现在可以发布", n=written), "good")
            return redirect(url_for("publicity.workdays"), 303)
    return answer(form, "publicity/workdays.html", years=queries.published_years())
