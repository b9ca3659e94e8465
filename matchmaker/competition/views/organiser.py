"""The organiser's pages: drafting, announcing and leading a contest."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import current_app, flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from matchmaker.accounts.rules import Permission
from matchmaker.activity import queries as activity
from matchmaker.competition import lists
from matchmaker.competition.forms.contests import ContestForm, ExtendForm
from matchmaker.competition.models import Contest, Entry
from matchmaker.competition.queries import contests as contest_queries
from matchmaker.competition.queries import entries, judging, rechecks
from matchmaker.competition.services import contests, stages
from matchmaker.competition.views import bp
from matchmaker.competition.views.steps import managed, staged, step
from matchmaker.core import clock
from matchmaker.core.db import db, transaction
from matchmaker.core.web import answer, errors_on, page, requires
from matchmaker.lists.pages import list_page


@bp.get("/manage/")
@requires(Permission.CONTESTS_MANAGE, Permission.CONTESTS_DECIDE)
def manage_index() -> Any:
    """The contests of one's regions."""
    return list_page(lists.CONTESTS, "competition/manage_index.html")


@bp.route("/manage/new", methods=["GET", "POST"])
@requires(Permission.CONTESTS_MANAGE)
def draft() -> Any:
    """Draft a contest from a template of the usual rules, or like an earlier one."""
    template, model = request.args.get("template", ""), _model(request.args.get("like", ""))
    form = ContestForm(data=None if request.method == "POST" else _start(template, model))
    if form.validate_on_submit():
        with errors_on(form):
            with transaction():
                contest = contests.draft(actor=current_user, region=_region(), **form.values)
                if model is not None:
                    contests.take_over(contest, model)
                else:
                    contests.follow(contest, template)
                contest_id = contest.id
            flash(_("草稿已保存；核对评分细则后即可发布"), "good")
            return redirect(url_for("competition.manage", contest_id=contest_id), 303)
    earlier = db.session.execute(contest_queries.managed_by(current_user).order_by(Contest.id.desc()).limit(5))
    return answer(
        form,
        "competition/edit.html",
        contest=None,
        templates=contests.usual_values()["templates"],
        chosen=template,
        model=model,
        earlier=earlier.unique().scalars().all(),
    )


def _start(template: str, model: Contest | None) -> dict[str, Any]:
    today = clock.today()
    start = {
        "year": today.year,
        "valid_from": today.replace(month=1, day=1),
        "valid_to": today.replace(month=12, day=31),
    }
    if model is None:
        return {**ContestForm.start_values(contests.usual_values(), template=template, today=today), **start}
    later = timedelta(days=365 * max(1, today.year - model.year))
    shown = ContestForm.of(model)
    stages = [
        {**row, "judging_until": row["judging_until"] + later} if row.get("judging_until") else row
        for row in shown["stages"]
    ]
    return {**shown, "deadline": model.deadline + later, "stages": stages, **start}


def _model(text: str) -> Contest | None:
    """The earlier contest to start from."""
    return managed(int(text)) if text.isascii() and text.isdigit() and len(text) < 10 else None


def _region() -> str:
    own = sorted(current_user.region_codes)
    home = str(current_app.config["SETTINGS"].region)
    return home if home in own or not own else own[-1]


@bp.route("/manage/<int:contest_id>/edit", methods=["GET", "POST"])
@requires(Permission.CONTESTS_MANAGE)
def edit(contest_id: int) -> Any:
    """Change a contest before it is announced."""
    contest = managed(contest_id)
    form = ContestForm(data=None if request.method == "POST" else ContestForm.of(contest))
    if form.validate_on_submit():
        with errors_on(form):
            with transaction():
                contests.edit(contest, actor=current_user, **form.values)
            flash(_("已保存"), "good")
            return redirect(url_for("competition.manage", contest_id=contest_id), 303)
    return answer(form, "competition/edit.html", contest=contest)


@bp.get("/manage/<int:contest_id>")
@requires(Permission.CONTESTS_MANAGE, Permission.CONTESTS_DECIDE)
def manage(contest_id: int) -> Any:
    """The desk of one contest: where it stands, what is next, who is done."""
    contest = managed(contest_id)
    rows = db.session.execute(entries.state_counts(current_user, contest_id))
    counts = {state: count for state, count in rows}  # noqa: C416 - rows are typed pairs only when unpacked
    blind = judging.is_blind(current_user, contest_id)
    return page(
        "competition/manage.html",
        contest=contest,
        counts=counts,
        blind=blind,
        questioned=rechecks.count_shown(current_user, contest_id),
        progress=[] if blind else _progress(contest),
        loads=[] if blind else _loads(contest),
        timeline=judging.read_by(current_user, contest_id, activity.of(contest, limit=20)),
        now=clock.now(),
    )


def _progress(contest: Contest) -> list[dict[str, Any]]:
    """A cell an entry that this person may see, group by group: how many of its judges are done."""
    visible = entries.of_contest(current_user, {"contest_id": str(contest.id)}).order_by(Entry.group_id, Entry.id)
    shown = db.session.execute(visible).unique().scalars()
    panels: dict[int, list[Any]] = {}
    for entry_id, _seat, state in db.session.execute(judging.progress(contest.current.id)):
        panels.setdefault(entry_id, []).append(state)
    cells = []
    for row in shown:
        panel = panels.get(row.id)
        if panel is None:
            continue
        done = sum(1 for state in panel if state == "submitted")
        cells.append(
            {
                "title": _("%(title)s：%(done)d / %(all)d 份", title=row.title, done=done, all=len(panel)),
                "value": done / len(panel) if done else None,
                "url": url_for("competition.review", entry_id=row.id),
            }
        )
    return cells


def _loads(contest: Contest) -> list[tuple[Any, int, int]]:
    """(judge, ballots, submitted); counts leave out what this person may not see."""
    seats = db.session.execute(judging.seats_of(contest.id)).unique().scalars().all()
    visible = entries.of_contest(current_user, {"contest_id": str(contest.id)})
    loads = {seat: (n, done) for seat, n, done in db.session.execute(judging.loads(contest.current.id, visible))}
    return [(seat, *loads.get(seat.id, (0, 0))) for seat in seats]


@bp.post("/manage/<int:contest_id>/announce")
@requires(Permission.CONTESTS_MANAGE)
def announce(contest_id: int) -> Any:
    """Open a contest; its rules are fixed from now on."""
    contest = managed(contest_id)
    return step(
        lambda: contests.announce(contest, actor=current_user),
        done=_("大赛已发布，规则已固定，可以报名了"),
        back=_desk(contest_id),
    )


@bp.route("/manage/<int:contest_id>/extend", methods=["GET", "POST"])
@requires(Permission.CONTESTS_MANAGE)
def extend(contest_id: int) -> Any:
    """Move the deadline later, with a reason."""
    contest = managed(contest_id)
    form = ExtendForm()
    if form.validate_on_submit():
        with errors_on(form):
            with transaction():
                contests.extend(contest, actor=current_user, **form.values)
            flash(_("报名截止已顺延"), "good")
            return redirect(_desk(contest_id), 303)
    return answer(form, "competition/extend.html", contest=contest)


@bp.post("/manage/<int:contest_id>/close")
@requires(Permission.CONTESTS_MANAGE)
def close_entries(contest_id: int) -> Any:
    """Go on to screening."""
    contest = managed(contest_id)
    return step(
        lambda: contests.close_entries(contest, actor=current_user), done=_("已转入审查"), back=_desk(contest_id)
    )


@bp.post("/manage/<int:contest_id>/<any(preliminary,semifinal,final):code>/start")
@requires(Permission.CONTESTS_MANAGE)
def start_judging(contest_id: int, code: str) -> Any:
    """Open the ballots of a stage."""
    stage = staged(contest_id, code)
    return step(
        lambda: stages.open_stage(stage, actor=current_user),
        done=_("评审已开始，评委现在可以打分"),
        back=_desk(contest_id),
    )


def _desk(contest_id: int) -> str:
    return url_for("competition.manage", contest_id=contest_id)
