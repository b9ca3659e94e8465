"""Pages of both sides of a request: the helper's inbox, one request, answers, services."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, url_for
from flask_babel import gettext as _
from flask_login import current_user

from matchmaker.accounts.rules import Permission
from matchmaker.activity import queries as activity
from matchmaker.core import clock
from matchmaker.core.db import db, transaction
from matchmaker.core.errors import DomainError
from matchmaker.core.i18n import sentence
from matchmaker.core.web import answer, errors_on, one_or_404, page, requires, signed_in
from matchmaker.matching import access, queries
from matchmaker.matching.forms import AcceptForm, DeclineForm, ServiceForm
from matchmaker.matching.models import HelpRequest, RequestService
from matchmaker.matching.rules import RequestState
from matchmaker.matching.services import contacts, outcomes, requests
from matchmaker.matching.views import bp
from matchmaker.matching.views.showing import reasons


@bp.get("/requests/")
@requires(Permission.REQUESTS_ANSWER)
def inbox() -> Any:
    """The requests put to oneself."""
    rows = db.session.execute(queries.put_to(current_user).limit(200)).unique().scalars().all()
    return page("matching/inbox.html", requests=rows, MET=access.MET)


@bp.get("/requests/<int:request_id>")
@signed_in
def request(request_id: int) -> Any:
    """One request as either side sees it."""
    row = one_or_404(queries.requests_visible_to(current_user).where(HelpRequest.id == request_id))
    return page("matching/request.html", **_shown(row), accept=AcceptForm(), decline=DeclineForm())


def _shown(row: HelpRequest) -> dict[str, Any]:
    answers = access.may_answer(current_user, row)
    owns = access.owns(current_user, row.need)
    return {
        "row": row,
        "need": row.need,
        "who": row.need.who if access.may_see_who(current_user, row) else None,
        "answers": answers,
        "waits": row.state is RequestState.ASKED and clock.now() < row.expires,
        "acts": access.may_act_for(current_user, row.need),
        "serves": row.state is RequestState.ACCEPTED and (answers or access.may_act_for(current_user, row.need)),
        "confirms": "helper" if answers and not owns else "client" if owns else "",
        "contacts": contacts.of(row, viewer=current_user),
        "services": db.session.execute(queries.records_of(row.id)).unique().scalars().all(),
        "timeline": activity.of(row),
        "reasons": reasons(row.explanation),
    }


@bp.post("/requests/<int:request_id>/accept")
@requires(Permission.REQUESTS_ANSWER)
def accept(request_id: int) -> Any:
    """Say yes."""
    row = one_or_404(queries.requests_visible_to(current_user).where(HelpRequest.id == request_id))
    form = AcceptForm()
    if form.validate_on_submit():
        with errors_on(form):
            with transaction():
                requests.accept(row, actor=current_user, note=form.note.data or "")
            flash(_("已接受；双方现在可以看到联系方式"), "good")
            return redirect(url_for("matching.request", request_id=request_id), 303)
    return answer(form, "matching/request.html", **_shown(row), accept=form, decline=DeclineForm(formdata=None))


@bp.post("/requests/<int:request_id>/decline")
@requires(Permission.REQUESTS_ANSWER)
def decline(request_id: int) -> Any:
    """Say no, with a reason."""
    row = one_or_404(queries.requests_visible_to(current_user).where(HelpRequest.id == request_id))
    form = DeclineForm()
    if form.validate_on_submit():
        with errors_on(form):
            with transaction():
                requests.decline(row, actor=current_user, reason=form.reason.data, note=form.note.data or "")
            flash(_("已婉拒，对方会收到您选择的原因"), "info")
            return redirect(url_for("matching.request", request_id=request_id), 303)
    return answer(form, "matching/request.html", **_shown(row), accept=AcceptForm(formdata=None), decline=form)


@bp.post("/requests/<int:request_id>/withdraw")
@signed_in
def withdraw_request(request_id: int) -> Any:
    """Take a question back."""
    return _step(request_id, requests.withdraw, _("邀请已撤回，已告知对方"))


@bp.post("/requests/<int:request_id>/remind")
@signed_in
def remind(request_id: int) -> Any:
    """Send a fresh link."""
    return _step(request_id, requests.remind, _("已重新发送；以前的链接不再有效"))


def _step(request_id: int, service: Any, done: str) -> Any:
    row = one_or_404(queries.requests_visible_to(current_user).where(HelpRequest.id == request_id))
    try:
        with transaction():
            service(row, actor=current_user)
        flash(done, "good")
    except DomainError as error:
        if error.status == 403:
            raise
        flash(sentence(error), "warn")
    return redirect(url_for("matching.request", request_id=request_id), 303)


@bp.route("/requests/<int:request_id>/service", methods=["GET", "POST"])
@signed_in
def service(request_id: int) -> Any:
    """Write down a service given."""
    row = one_or_404(queries.requests_visible_to(current_user).where(HelpRequest.id == request_id))
    by_helper = access.may_answer(current_user, row) and not access.owns(current_user, row.need)
    form = ServiceForm(served=clock.today())
    if form.validate_on_submit():
        with errors_on(form):
            with transaction():
                outcomes.record_service(row, actor=current_user, **form.values)
            flash(_("服务已登记；对方确认后计入服务时长"), "good")
            return redirect(url_for("matching.request", request_id=request_id), 303)
    return answer(form, "matching/service.html", row=row, need=row.need, by_helper=by_helper)


@bp.post("/requests/<int:request_id>/services/<int:service_id>/confirm")
@signed_in
def confirm_service(request_id: int, service_id: int) -> Any:
    """Agree with what the other side wrote down."""
    row = one_or_404(queries.requests_visible_to(current_user).where(HelpRequest.id == request_id))
    given = one_or_404(queries.records_of(row.id).where(RequestService.id == service_id))
    try:
        with transaction():
            outcomes.confirm(row, given.record, actor=current_user)
        flash(_("已确认"), "good")
    except DomainError as error:
        if error.status == 403:
            raise
        flash(sentence(error), "warn")
    return redirect(url_for("matching.request", request_id=request_id), 303)
