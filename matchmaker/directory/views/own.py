"""One's own organisations: what members see and owners keep up to date."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, url_for
from flask_babel import gettext as _
from flask_login import current_user

from matchmaker.accounts.rules import Permission
from matchmaker.core.db import db, transaction
from matchmaker.core.errors import NotPermitted
from matchmaker.core.web import answer, errors_on, one_or_404, page, requires
from matchmaker.directory import access, queries
from matchmaker.directory.forms import FactsForm
from matchmaker.directory.models import Organisation
from matchmaker.directory.services import organisations
from matchmaker.directory.views import bp
from matchmaker.directory.views.organisations import revenue_of, shown


@bp.get("/own")
@requires(Permission.ORGANISATION_OWN)
def own() -> Any:
    """My organisation; with several, a choice."""
    rows = list(db.session.execute(queries.own(current_user)).scalars())
    if len(rows) == 1:
        row = rows[0]
        return page("directory/show.html", organisation=row, timeline=queries.history(row), **shown(row))
    return page(
        "directory/own.html", organisations=rows, owned={row.id for row in rows if access.owns(current_user, row)}
    )


@bp.route("/own/<int:organisation_id>/edit", methods=["GET", "POST"])
@requires(Permission.ORGANISATION_OWN)
def edit_own(organisation_id: int) -> Any:
    """An owner keeps the facts up to date."""
    row = one_or_404(queries.own(current_user).where(Organisation.id == organisation_id))
    if not access.owns(current_user, row):
        raise NotPermitted("只有单位负责人可以修改单位资料")
    form = FactsForm(obj=row, data={"revenue": revenue_of(row)})
    if form.validate_on_submit():
        with errors_on(form):
            with transaction():
                organisations.edit_own(row, actor=current_user, **form.values)
            flash(_("已保存；注册信息有改动的，科技局会再核一次"), "good")
            return redirect(url_for("directory.show", organisation_id=organisation_id), 303)
    return answer(form, "directory/edit.html", organisation=row, own=True)
