"""Blind copies: the queue, and one entry beside its redacted words."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from matchmaker.accounts.rules import Permission
from matchmaker.competition.forms.blinding import blind_form
from matchmaker.competition.models import Entry
from matchmaker.competition.queries import blinding as queries
from matchmaker.competition.queries import entries as entry_queries
from matchmaker.competition.services import blinding
from matchmaker.competition.views import bp
from matchmaker.competition.views.steps import managed
from matchmaker.core.db import transaction
from matchmaker.core.web import answer, errors_on, one_or_404, page, requires


@bp.get("/manage/<int:contest_id>/blinding")
@requires(Permission.CONTESTS_MANAGE)
def blinding_queue(contest_id: int) -> Any:
    """The entries of a contest and how far their blind copies are."""
    contest = managed(contest_id)
    rows, copies = queries.queue_of(current_user, contest_id), queries.copies_of(contest_id)
    ready = {row.id: blinding.is_ready(row, copies.get(row.id)) for row in rows}
    return page(
        "competition/blinding.html",
        contest=contest,
        rows=rows,
        copies=copies,
        ready=ready,
        next=next((row for row in rows if not ready[row.id]), None),
    )


@bp.route("/manage/entries/<int:entry_id>/blind", methods=["GET", "POST"])
@requires(Permission.CONTESTS_MANAGE)
def blind_entry(entry_id: int) -> Any:
    """The original beside what judges will read; saved, or released and on to the next."""
    row: Entry = one_or_404(entry_queries.managed_by(current_user).where(Entry.id == entry_id))
    proposal, copy = blinding.proposal_of(row), queries.copy_of(row.id)
    start: dict[str, Any] = {f"choice-{key}": choice for key, choice in proposal.choices.items()}
    start |= {"title": proposal.title, "summary": proposal.summary, "seen": str(copy.version) if copy else ""}
    form = blind_form(row.files, **start)
    if form.validate_on_submit():
        release = request.form.get("step") != "save"
        with errors_on(form):
            given = {file.id: file for file in row.files}
            looked = {
                key: blinding.look_at_replacement(row.contest, upload, given[key])
                for key, upload in form.uploads.items()
            }
            with transaction():
                blinding.save(row, actor=current_user, replacements=looked, release=release, **form.values)
            flash(_("盲审稿已放行") if release else _("盲审稿已保存，还没有放行"), "good" if release else "info")
            return redirect(_next(row) if release else url_for("competition.blind_entry", entry_id=entry_id), 303)
    return answer(
        form, "competition/blind.html", entry=row, proposal=proposal, copy=copy, ready=blinding.is_ready(row, copy)
    )


def _next(done: Entry) -> str:
    """The next entry without a released copy, round to the first; the queue when none is left."""
    rows, copies = queries.queue_of(current_user, done.contest_id), queries.copies_of(done.contest_id)
    left = [row for row in rows if row.id != done.id and not blinding.is_ready(row, copies.get(row.id))]
    after = sorted(left, key=lambda row: ((row.group_id, row.id) < (done.group_id, done.id), row.group_id, row.id))
    if after:
        return url_for("competition.blind_entry", entry_id=after[0].id)
    return url_for("competition.blinding_queue", contest_id=done.contest_id)
