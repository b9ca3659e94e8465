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
from matchmaker.competition.lists.rechecks import RECHECKS
from matchmaker.competition.models import Entry
from matchmaker.competition.queries import entries as entry_queries
from matchmaker.competition.queries import judging, rechecks
from matchmaker.competition.rules.eligibility import Verdict
from matchmaker.competition.services import checks, entries, rechecking, settling, versions
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


@bp.get("/manage/<int:contest_id>/rechecks")
@requires(Permission.CONTESTS_MANAGE)
def rechecks_list(contest_id: int) -> Any:
    """Accepted entries that an amendment of the entry rules questions, and what came of them."""
    contest = managed(contest_id)
    return list_page(RECHECKS, "competition/rechecks.html", scope={"contest_id": contest_id}, contest=contest)


@bp.get("/manage/prior-winners")
@requires(Permission.CONTESTS_MANAGE)
def prior_winners() -> Any:
    """Imported lists of earlier winners."""
    return list_page(lists.PRIOR_WINS, "competition/prior_winners.html")


@bp.get("/manage/entries/<int:entry_id>")
@requires(Permission.CONTESTS_MANAGE)
def review(entry_id: int) -> Any:
    """One entry with the verdict and the evidence of every check."""
    row = _managed(entry_id)
    return page(
        "competition/review.html",
        entry=row,
        overall=checks.overall_of(row),
        checks=lists.CHECKS,
        verdicts=checks.verdicts_of(row),
        settled={kept.check: kept for kept in row.settlements},
        versions=versions.of(row),
        undoable=entries.undoable(row, current_user),
        questioned=rechecks.latest_of(row.id),
        evidence=_evidence,
        timeline=judging.read_by(current_user, row.contest_id, activity.of(row)),
        now=clock.now(),
    )


def _evidence(row: dict[str, Any]) -> str:
    """A check's sentence in the reader's language, its values filled in; labels are translated, typed text is not."""
    values = {k: _(v["label"]) if isinstance(v, dict) else v for k, v in row["values"].items()}
    return fill(_(row["evidence"]), values)


@bp.post("/manage/entries/<int:entry_id>/settle/<check>")
@requires(Permission.CONTESTS_MANAGE)
def settle(entry_id: int, check: str) -> Any:
    """Settle one finding with grounds."""
    row = _managed(entry_id)
    verdict = Verdict.FAIL if request.form.get("verdict") == Verdict.FAIL else Verdict.PASS
    note = request.form.get("note", "").strip()[:500]
    return step(
        lambda: settling.settle(row, actor=current_user, check=check, verdict=verdict, note=note),
        done=_("已核实这一项"),
        back=_finding_at(entry_id, check),
    )


@bp.post("/manage/entries/<int:entry_id>/unsettle/<check>")
@requires(Permission.CONTESTS_MANAGE)
def unsettle(entry_id: int, check: str) -> Any:
    """Take the settlement of one finding back."""
    row = _managed(entry_id)
    return step(
        lambda: settling.unsettle(row, actor=current_user, check=check),
        done=_("已撤销这一项的核实"),
        back=_finding_at(entry_id, check),
    )


def _finding_at(entry_id: int, check: str) -> str:
    return url_for("competition.review", entry_id=entry_id, _anchor=f"check-{check}" if check in lists.CHECKS else None)


@bp.post("/manage/entries/<int:entry_id>/recheck")
@requires(Permission.CONTESTS_MANAGE)
def recheck(entry_id: int) -> Any:
    """Look again at everything the platform knows."""
    row = _managed(entry_id)
    back = url_for("competition.review", entry_id=entry_id)
    return step(lambda: entries.recheck(row, actor=current_user), done=_("已重新核对"), back=back)


@bp.post("/manage/entries/<int:entry_id>/keep")
@requires(Permission.CONTESTS_MANAGE)
def keep_entry(entry_id: int) -> Any:
    """An accepted entry stays accepted under amended rules, with grounds."""
    row = _managed(entry_id)
    note = request.form.get("note", "").strip()[:500]
    back = url_for("competition.review", entry_id=entry_id, _anchor="questioned")
    return step(lambda: rechecking.keep(row, actor=current_user, note=note), done=_("已保留，项目继续参赛"), back=back)


@bp.post("/manage/entries/<int:entry_id>/keep/undo")
@requires(Permission.CONTESTS_MANAGE)
def undo_keep(entry_id: int) -> Any:
    """Decide again on an entry that was kept."""
    row = _managed(entry_id)
    back = url_for("competition.review", entry_id=entry_id, _anchor="questioned")
    return step(lambda: rechecking.undo_keep(row, actor=current_user), done=_("已撤销，请重新决定"), back=back)


@bp.post("/manage/entries/<int:entry_id>/reconsider")
@requires(Permission.CONTESTS_MANAGE)
def reconsider(entry_id: int) -> Any:
    """Undo the last decision while nothing followed it."""
    row = _managed(entry_id)
    back = url_for("competition.review", entry_id=entry_id)
    return step(lambda: entries.reconsider(row, actor=current_user), done=_("已撤销，项目回到资格审查"), back=back)


@bp.get("/manage/entries/<int:entry_id>/sheet")
@requires(Permission.CONTESTS_MANAGE)
def review_sheet(entry_id: int) -> Any:
    """An entry on paper."""
    return page("competition/entry_sheet.html", entry=_managed(entry_id), now=clock.now())


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
    form = ReasonForm(reason=_open_findings(row) if way == "return" else "")
    back = url_for("competition.review", entry_id=entry_id)
    if form.validate_on_submit():
        with errors_on(form):
            with transaction():
                change(row, actor=current_user, **form.values)
            flash(_("已办理，报名人会收到通知"), "good")
            return redirect(back, 303)
    return answer(form, "competition/reason.html", title=title + _("：") + row.title, text=text, back=back, label=label)


def _open_findings(row: Entry) -> str:
    """What does not pass, line by line, as the reason to start from."""
    lines = [
        f"{number}. {_(lists.CHECKS[found['check']])}：{_evidence(found)}"
        for number, found in enumerate(checks.open_checks(row), start=1)
    ]
    return "\n".join(lines)[:500]


def _managed(entry_id: int) -> Entry:
    row: Entry = one_or_404(entry_queries.managed_by(current_user).where(Entry.id == entry_id))
    return row
