"""The groups of people an event is for, each with its form, places and times."""

from __future__ import annotations

from typing import Any

from flask import current_app, flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from matchmaker.core.db import transaction
from matchmaker.core.forms import choice
from matchmaker.core.i18n import local
from matchmaker.core.web import answer, errors_on, one_or_404, page, signed_in
from matchmaker.events import access, queries
from matchmaker.events.forms import FormForm, GroupForm
from matchmaker.events.models import Audience, Event
from matchmaker.events.rules import EventDuty
from matchmaker.events.services import audiences
from matchmaker.events.views import bp
from matchmaker.events.views.organiser.common import run_event, step, writing
from matchmaker.questionnaires import queries as questionnaires

BUILDER = "questionnaires.build"


@bp.get("/manage/<int:event_id>/groups")
@signed_in
def manage_groups(event_id: int) -> Any:
    """Who may come, and what each group is asked."""
    event = run_event(event_id, EventDuty.VIEWER)
    forms = {form.id: form for form in questionnaires.of_owner(event)}
    return page(
        "events/manage_groups.html",
        event=event,
        forms_of=forms,
        numbers=queries.group_counts(event_id),
        manages=access.may_manage(current_user, event),
        builder=builder_url,
    )


def builder_url(questionnaire_id: int) -> str | None:
    """Where a form is built; None while that page is not installed."""
    if BUILDER not in current_app.view_functions:
        return None
    return url_for(BUILDER, questionnaire_id=questionnaire_id)


def _home(event_id: int) -> str:
    return url_for("events.manage_groups", event_id=event_id)


def _group(event_id: int, audience_id: int) -> Audience:
    event = run_event(event_id)
    group: Audience = one_or_404(queries.group_of(event.id, audience_id))
    return group


@bp.route("/manage/<int:event_id>/groups/new", methods=["GET", "POST"])
@signed_in
def add_group(event_id: int) -> Any:
    """A new group."""
    event = run_event(event_id)
    form = GroupForm()
    if form.validate_on_submit():
        with writing(form):
            audiences.add(event, actor=current_user, **form.values)
        if not form.errors:
            flash(_("已添加"), "good")
            return redirect(_home(event_id), 303)
    return answer(form, "events/manage_group.html", event=event, group=None)


@bp.route("/manage/<int:event_id>/groups/<int:audience_id>", methods=["GET", "POST"])
@signed_in
def edit_group(event_id: int, audience_id: int) -> Any:
    """Change a group."""
    group = _group(event_id, audience_id)
    approval = {True: "yes", False: "no", None: ""}[group.needs_approval]
    capacity = group.pool.capacity if group.pool else None
    form = GroupForm(obj=group, data={"approval": approval, "capacity": capacity})
    if form.validate_on_submit():
        with writing(form):
            audiences.edit(group, actor=current_user, **form.values)
        if not form.errors:
            flash(_("已保存"), "good")
            return redirect(_home(event_id), 303)
    return answer(form, "events/manage_group.html", event=group.event, group=group)


@bp.post("/manage/<int:event_id>/groups/<int:audience_id>/shift")
@signed_in
def shift_group(event_id: int, audience_id: int) -> Any:
    """One place up or down."""
    group, up = _group(event_id, audience_id), request.form.get("up") == "1"
    return step(_home(event_id), _("顺序已调整"), lambda: audiences.shift(group, actor=current_user, up=up))


@bp.post("/manage/<int:event_id>/groups/<int:audience_id>/remove")
@signed_in
def remove_group(event_id: int, audience_id: int) -> Any:
    """Delete a group that nobody registered for."""
    group = _group(event_id, audience_id)
    return step(_home(event_id), _("已删除"), lambda: audiences.remove(group, actor=current_user), tone="info")


@bp.post("/manage/<int:event_id>/groups/<int:audience_id>/new-form")
@signed_in
def new_form(event_id: int, audience_id: int) -> Any:
    """A form of its own, and on to building it."""
    group = _group(event_id, audience_id)
    with transaction():
        form_id = audiences.new_form(group, actor=current_user).id
    flash(_("已新建表单；添加题目后发布即可使用"), "good")
    return redirect(builder_url(form_id) or _home(event_id), 303)


@bp.route("/manage/<int:event_id>/groups/<int:audience_id>/form", methods=["GET", "POST"])
@signed_in
def attach_form(event_id: int, audience_id: int) -> Any:
    """Use one of the event's forms, or none."""
    group = _group(event_id, audience_id)
    event: Event = group.event
    form = FormForm(questionnaire_id=group.questionnaire_id or 0)
    known = [choice(each.id, local(each, "title")) for each in questionnaires.of_owner(event)]
    form.questionnaire_id.choices = [choice(0, _("不用表单，只登记参会人")), *known]
    if form.validate_on_submit():
        with errors_on(form):
            with transaction():
                chosen = form.questionnaire_id.data or None
                audiences.attach_form(group, actor=current_user, questionnaire_id=chosen)
            flash(_("已保存"), "good")
            return redirect(_home(event_id), 303)
    return answer(form, "events/manage_group_form.html", event=event, group=group)
