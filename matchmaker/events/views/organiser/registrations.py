"""The list of registrations, and one registration as its organiser works on it."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user

from matchmaker.accounts.models import User
from matchmaker.accounts.rules import Permission
from matchmaker.activity import queries as activity
from matchmaker.core import clock
from matchmaker.core.db import db, transaction
from matchmaker.core.errors import DomainError
from matchmaker.core.forms import choice
from matchmaker.core.i18n import local, sentence
from matchmaker.core.web import answer, errors_on, page, signed_in
from matchmaker.events import access, lists, queries
from matchmaker.events.forms import MoveForm, ReasonForm, RecordForm
from matchmaker.events.models import Registration
from matchmaker.events.rules import REGISTRATION_STEPS, EventDuty, RegistrationState, WaitingPolicy
from matchmaker.events.services import deciding, labels, waiting
from matchmaker.events.views import bp
from matchmaker.events.views.organiser.common import decidable, listed_event, step
from matchmaker.events.views.organiser.history import entries
from matchmaker.lists.pages import list_page
from matchmaker.questionnaires import queries as questionnaires


@bp.get("/manage/<int:event_id>")
@signed_in
def manage(event_id: int) -> Any:
    """Who comes, as far as this person may see it."""
    event = listed_event(event_id)
    now = clock.now()
    return list_page(
        lists.REGISTRATIONS,
        "events/manage.html",
        scope={"event_id": event_id},
        event=event,
        counts=queries.counts_seen(current_user, event_id, now),
        groups=access.groups_decided(current_user, event),
        now=now,
    )


@bp.get("/manage/registrations/<int:registration_id>")
@signed_in
def manage_registration(registration_id: int) -> Any:
    """One registration with everything that can be done about it."""
    row = decidable(registration_id, EventDuty.VIEWER)
    event, now = row.event, clock.now()
    decides = access.may_decide(current_user, row)
    state = row.standing_at(now)
    form = labels.form_of(row)
    return page(
        "events/manage_registration.html",
        event=event,
        registration=row,
        state=state,
        now=now,
        decides=decides,
        can={target.value for target in REGISTRATION_STEPS[state]} if decides else set(),
        waits=event.waiting_policy is not WaitingPolicy.NONE,
        position=waiting.position_of(row) if state is RegistrationState.WAITING else None,
        answers=questionnaires.shown(row.sheet, staff=True) if row.sheet else [],
        staff_fields=_staff_fields(row, form),
        handlers=queries.handlers_of(event.id),
        timeline=entries(activity.of(row, limit=100), event),
    )


def _staff_fields(row: Registration, form: Any) -> list[tuple[Any, Any]]:
    held = row.sheet.answers if row.sheet else {}
    return [(field, held.get(field.id)) for field in labels.staff_fields(form)]


def _home(registration_id: int) -> str:
    return url_for("events.manage_registration", registration_id=registration_id)


@bp.post("/registrations/<int:registration_id>/approve")
@signed_in
def approve(registration_id: int) -> Any:
    """Approve one registration."""
    row = decidable(registration_id)
    return step(_home(registration_id), _("已通过，报名人会收到通知"), lambda: deciding.approve(row, current_user))


@bp.route("/registrations/<int:registration_id>/reject", methods=["GET", "POST"])
@signed_in
def reject(registration_id: int) -> Any:
    """Reject one registration with a reason."""
    row = decidable(registration_id)
    form = ReasonForm()
    if form.validate_on_submit():
        with errors_on(form):
            with transaction():
                deciding.reject(row, current_user, form.reason.data)
            flash(_("已设为未通过，名额已释放"), "info")
            return redirect(_home(registration_id), 303)
    return answer(form, "events/reject.html", registration=row)


@bp.route("/registrations/<int:registration_id>/restore", methods=["GET", "POST"])
@signed_in
def restore(registration_id: int) -> Any:
    """Bring a registration in that waited, was rejected or withdrawn."""
    row = decidable(registration_id)
    form = RecordForm()
    if form.validate_on_submit():
        with errors_on(form):
            with transaction():
                deciding.restore(row, current_user, form.reason.data, exceed=form.exceed.data)
            flash(_("已补录，报名人会收到通知"), "good")
            return redirect(_home(registration_id), 303)
    return answer(
        form, "events/manage_reason.html", registration=row, event=row.event, step="restore", overbooks=_overbooks()
    )


@bp.route("/registrations/<int:registration_id>/wait", methods=["GET", "POST"])
@signed_in
def put_on_list(registration_id: int) -> Any:
    """Put a registration on the waiting list, or an offer back."""
    row = decidable(registration_id)
    form = ReasonForm()
    if form.validate_on_submit():
        with errors_on(form):
            with transaction():
                deciding.put_on_list(row, current_user, form.reason.data)
            flash(_("已转入候补，名额已释放"), "info")
            return redirect(_home(registration_id), 303)
    return answer(form, "events/manage_reason.html", registration=row, event=row.event, step="wait", overbooks=False)


@bp.route("/registrations/<int:registration_id>/move", methods=["GET", "POST"])
@signed_in
def move(registration_id: int) -> Any:
    """Move a registration to another group."""
    row = decidable(registration_id)
    form = MoveForm()
    groups = {a.id: a for a in access.groups_decided(current_user, row.event) if a.id != row.audience_id}
    form.audience_id.choices = [choice(a.id, local(a, "name")) for a in groups.values()]
    if form.validate_on_submit():
        with errors_on(form):
            with transaction():
                group = groups[form.audience_id.data]
                deciding.move(row, group, actor=current_user, reason=form.reason.data or "", exceed=form.exceed.data)
            flash(_("已移到“%(group)s”", group=local(group, "name")), "good")
            return redirect(_home(registration_id), 303)
    return answer(
        form, "events/manage_reason.html", registration=row, event=row.event, step="move", overbooks=_overbooks()
    )


def _overbooks() -> bool:
    return bool(current_user.has(Permission.EVENTS_OVERBOOK))


@bp.post("/registrations/<int:registration_id>/tags")
@signed_in
def tag(registration_id: int) -> Any:
    """Put a tag on, or take one off."""
    row = decidable(registration_id)
    text, off = request.form.get("tag", ""), bool(request.form.get("remove"))
    work = labels.untag if off else labels.tag
    return step(_home(registration_id), _("标签已更新"), lambda: work(row, current_user, text))


@bp.post("/registrations/<int:registration_id>/handler")
@signed_in
def assign(registration_id: int) -> Any:
    """Say who takes care of it."""
    row = decidable(registration_id)
    known = {str(key) for key, _name in queries.handlers_of(row.event_id)} | {str(current_user.id)}
    chosen = request.form.get("handler", "")
    user = db.session.get(User, int(chosen)) if chosen in known else None
    return step(_home(registration_id), _("经办人已更新"), lambda: labels.assign(row, current_user, user))


@bp.post("/registrations/<int:registration_id>/answers")
@signed_in
def staff_answers(registration_id: int) -> Any:
    """Fill in what only organisers answer."""
    row = decidable(registration_id)
    held = row.sheet.answers if row.sheet else {}
    changed = 0
    for field in labels.staff_fields(labels.form_of(row)):
        typed = request.form.getlist(field.id)
        raw: Any = typed if field.kind.value == "choices" else (typed[0] if typed else "")
        if not raw and field.id not in held:
            continue
        try:
            with transaction():
                labels.set_answer(row, current_user, field.id, raw)
            changed += 1
        except DomainError as error:
            if error.status != 409:
                flash(f"{field.label}：{sentence(error)}", "warn")
    flash(ngettext("已保存 %(n)d 项", "已保存 %(n)d 项", changed, n=changed), "good" if changed else "info")
    return redirect(_home(registration_id), 303)
