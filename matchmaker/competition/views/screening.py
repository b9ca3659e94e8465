"""The organiser's pages of entries: the list, and one entry with what was checked."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from matchmaker.accounts.rules import Permission
from matchmaker.activity import queries as activity
from matchmaker.competition import lists
from matchmaker.competition.forms.contests import ReasonForm
from matchmaker.competition.models import Entry
from matchmaker.competition.queries import entries as entry_queries
from matchmaker.competition.queries import judging
from matchmaker.competition.services import entries
from matchmaker.competition.views import bp
from matchmaker.competition.views.steps import managed, step
from matchmaker.core import clock
from matchmaker.core.db import transaction
from matchmaker.core.sentences import fill
from matchmaker.core.web import answer, errors_on, one_or_404, page, requires
from matchmaker.lists.pages import list_page


@bp.get("/manage/<int:contest_id>/entries")
@requires(Permission.CONTESTS_MANAGE)
def entries_list(contest_id: int) -> Any:
    """The entries of one contest."""
    contest = managed(contest_id)
    return list_page(lists.ENTRIES, "competition/entries.html", scope={"contest_id": contest_id}, contest=contest)


@bp.get("/manage/entries/<int:entry_id>")
@requires(Permission.CONTESTS_MANAGE)
def review(entry_id: int) -> Any:
    """One entry with the verdict and the evidence of every check."""
    row = _managed(entry_id)
    return page(
        "competition/review.html",
        entry=row,
        overall=entries.overall_of(row),
        checks=lists.CHECKS,
        evidence=_evidence,
        timeline=judging.read_by(current_user, row.contest_id, activity.of(row)),
        now=clock.now(),
    )


def _evidence(row: dict[str, Any]) -> str:
    """A check's sentence in the reader's language, its values filled in."""
    values = {k: _(v["label"]) if isinstance(v, dict) else v for k, v in row["values"].items()}
    return fill(_(row["evidence"]), values)


@bp.post("/manage/entries/<int:entry_id>/accept")
@requires(Permission.CONTESTS_MANAGE)
def accept_entry(entry_id: int) -> Any:
    """Accept an entry; the note gives the grounds where a check is not passed."""
    row = _managed(entry_id)
    note = request.form.get("reason", "").strip()[:500]
    return step(
        lambda: entries.accept(row, actor=current_user, note=note),
        done=_("已通过审查，报名人会收到通知"),
        back=url_for("competition.review", entry_id=entry_id),
    )


@bp.route("/manage/entries/<int:entry_id>/<any(return,reject,disqualify):way>", methods=["GET", "POST"])
@requires(Permission.CONTESTS_MANAGE)
def turn_down(entry_id: int, way: str) -> Any:
    """Return, reject or disqualify an entry, with a reason that the entrant reads."""
    row = _managed(entry_id)
    title, text, label, change = {
        "return": (_("退回补正"), _("参赛者修改后可以重新提交。"), _("退回"), entries.send_back),
        "reject": (_("审查不通过"), _("参赛者会收到理由。"), _("不通过"), entries.reject),
        "disqualify": (_("取消资格"), _("取消资格后不能恢复，评分不再计入。"), _("取消资格"), entries.disqualify),
    }[way]
    form = ReasonForm()
    back = url_for("competition.review", entry_id=entry_id)
    if form.validate_on_submit():
        with errors_on(form):
            with transaction():
                change(row, actor=current_user, **form.values)
            flash(_("已办理，报名人会收到通知"), "good")
            return redirect(back, 303)
    return answer(form, "competition/reason.html", title=f"{title}：{row.title}", text=text, back=back, label=label)


def _managed(entry_id: int) -> Entry:
    row: Entry = one_or_404(entry_queries.managed_by(current_user).where(Entry.id == entry_id))
    return row
