"""Joint projects and their split."""

from __future__ import annotations

from typing import Any

from flask import abort, flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from matchmaker.accounts.rules import Permission
from matchmaker.alliances import queries
from matchmaker.alliances.forms import project_form
from matchmaker.alliances.models import JointProject
from matchmaker.alliances.rules import ProjectState
from matchmaker.alliances.services import projects
from matchmaker.alliances.views import bp
from matchmaker.alliances.views.records import led, press
from matchmaker.core.db import transaction
from matchmaker.core.web import answer, errors_on, one_or_404, requires


@bp.route("/<int:alliance_id>/projects/new", methods=["GET", "POST"])
@requires(Permission.ALLIANCES_OWN)
def open_project(alliance_id: int) -> Any:
    """Register a joint project."""
    alliance = led(alliance_id)
    form = project_form(alliance, new=True)()
    if form.validate_on_submit():
        with errors_on(form):
            with transaction():
                projects.open_project(alliance, actor=current_user, **form.values)
            flash(_("联合项目已登记"), "good")
            return redirect(url_for("alliances.show", alliance_id=alliance_id), 303)
    return answer(form, "alliances/project.html", alliance=alliance, project=None)


@bp.route("/<int:alliance_id>/projects/<int:project_id>", methods=["GET", "POST"])
@requires(Permission.ALLIANCES_OWN)
def edit_project(alliance_id: int, project_id: int) -> Any:
    """Change a joint project and its split."""
    alliance = led(alliance_id)
    project = _project(alliance_id, project_id)
    form = project_form(alliance, new=False)(obj=project)
    if request.method == "GET":
        for share in project.shares:
            form[f"ip_{share.member_id}"].data = share.ip_percent
            form[f"income_{share.member_id}"].data = share.income_percent
    if form.validate_on_submit():
        with errors_on(form):
            with transaction():
                projects.edit(project, actor=current_user, **form.values)
            flash(_("已保存"), "good")
            return redirect(url_for("alliances.show", alliance_id=alliance_id), 303)
    return answer(form, "alliances/project.html", alliance=alliance, project=project)


@bp.post("/<int:alliance_id>/projects/<int:project_id>/move")
@requires(Permission.ALLIANCES_OWN)
def move_project(alliance_id: int, project_id: int) -> Any:
    """Close or stop a joint project."""
    led(alliance_id)
    project = _project(alliance_id, project_id)
    text = request.form.get("state", "")
    if text not in {state.value for state in ProjectState}:
        abort(404)
    return press(
        alliance_id,
        lambda: projects.move(project, actor=current_user, target=ProjectState(text)),
        _("项目状态已变更"),
    )


def _project(alliance_id: int, project_id: int) -> JointProject:
    project: JointProject = one_or_404(queries.projects_of(alliance_id).where(JointProject.id == project_id))
    return project
