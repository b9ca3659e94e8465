"""Held records: rows of a file that wait for a person's decision."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, url_for
from flask_babel import gettext as _
from flask_login import current_user

from matchmaker.accounts.rules import Permission
from matchmaker.core.db import transaction
from matchmaker.core.web import answer, errors_on, one_or_404, requires
from matchmaker.directory import lists, queries
from matchmaker.directory.forms import HeldForm
from matchmaker.directory.models import HeldRecord
from matchmaker.directory.rules import HeldResolution
from matchmaker.directory.services import held as service
from matchmaker.directory.views import bp
from matchmaker.lists.pages import list_page


@bp.get("/held/")
@requires(Permission.DIRECTORY_EDIT)
def held() -> Any:
    """The held rows of one's regions."""
    return list_page(lists.HELD, "directory/held.html")


@bp.route("/held/<int:held_id>", methods=["GET", "POST"])
@requires(Permission.DIRECTORY_EDIT)
def held_record(held_id: int) -> Any:
    """Decide: several organisations, one with a history, or none."""
    row = one_or_404(queries.held(current_user).where(HeldRecord.id == held_id))
    form = HeldForm()
    form.offer(row.data["rows"], HeldResolution)
    if form.validate_on_submit():
        with errors_on(form):
            with transaction():
                _decide(row, form)
            flash(_("已处理；再次导入同一文件不会改变您的决定"), "good")
            return redirect(url_for("directory.held", state="waiting"), 303)
    return answer(form, "directory/held_record.html", held=row)


def _decide(row: HeldRecord, form: HeldForm) -> None:
    decision = HeldResolution(form.decision.data)
    chosen = int(form.row.data) if (form.row.data or "").isdigit() else None
    if decision is HeldResolution.SEPARATE:
        service.separate(row, actor=current_user, holder=chosen)
    elif decision is HeldResolution.ONE:
        service.unite(row, actor=current_user, present=-1 if chosen is None else chosen)
    else:
        service.dismiss(row, actor=current_user)
