"""The organiser's board while a stage is judged: progress, reminders, duties, absences, trainees."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from matchmaker.accounts.rules import Permission
from matchmaker.competition.forms.duties import AbsenceForm, duty_form
from matchmaker.competition.models import ContestStage, JudgeSeat
from matchmaker.competition.queries import judging
from matchmaker.competition.rules.progress import Pace
from matchmaker.competition.rules.stages import SeatDuty
from matchmaker.competition.services import duties, pacing, results
from matchmaker.competition.views import bp
from matchmaker.competition.views.steps import staged, step
from matchmaker.core.db import db, transaction
from matchmaker.core.web import answer, errors_on, one_or_404, page, requires

STAGED = "/manage/<int:contest_id>/<any(preliminary,semifinal,final):code>"


@bp.get(f"{STAGED}/progress")
@requires(Permission.CONTESTS_MANAGE)
def progress(contest_id: int, code: str) -> Any:
    """Who is done, who is silent, who is late; by judge and by entry."""
    stage = staged(contest_id, code)
    found = pacing.of(stage, actor=current_user)
    wanted = request.args.get("pace", "")
    pace = Pace(wanted) if wanted in set(Pace) else None
    return page("competition/progress.html", contest=stage.contest, stage=stage, board=found, pace=pace, paces=Pace)


@bp.post(f"{STAGED}/progress/remind")
@requires(Permission.CONTESTS_MANAGE)
def remind_judges(contest_id: int, code: str) -> Any:
    """Choose, look at the message and at who gets it, then send."""
    stage = staged(contest_id, code)
    back = url_for("competition.progress", contest_id=contest_id, code=code)
    chosen = [
        int(text) for text in request.form.getlist("seat") if text.isascii() and text.isdigit() and len(text) < 10
    ]
    if request.form.get("step") == "send":
        return step(lambda: pacing.remind(stage, actor=current_user, seats=chosen), done=_("提醒已发出"), back=back)
    lines = pacing.to_remind(pacing.of(stage, actor=current_user), chosen)
    if not lines:
        flash(_("没有可以提醒的评委：所选评委已完成，或今天已经提醒过"), "warn")
        return redirect(back, 303)
    return page("competition/remind.html", contest=stage.contest, stage=stage, lines=lines)


@bp.route(f"{STAGED}/duties", methods=["GET", "POST"])
@requires(Permission.CONTESTS_MANAGE)
def seat_duties(contest_id: int, code: str) -> Any:
    """Judging, standing by or learning, and how many entries at least and at most."""
    stage = staged(contest_id, code)
    results.check_party(stage.contest, actor=current_user)
    seats = _seats(stage)
    choices = [(duty.value, _(duty.label)) for duty in SeatDuty]
    lines = [(seat, duty_form(seat, stage, choices)) for seat in seats]
    forms = [form for _seat, form in lines]
    checked = [form.validate() for form in forms] if request.method == "POST" else [False]
    if all(checked):
        failed = False
        with transaction():
            for seat, form in lines:
                with errors_on(form):
                    duties.set_duty(stage, seat, actor=current_user, **form.values)
                failed = failed or bool(form.errors)
            if failed:
                db.session.rollback()
        if not failed:
            flash(_("职责已保存"), "good")
            return redirect(url_for("competition.seat_duties", contest_id=contest_id, code=code), 303)
    wrong = next((form for form in forms if form.errors), forms[0] if forms else AbsenceForm())
    return answer(
        wrong, "competition/duties.html", contest=stage.contest, stage=stage, lines=lines, absent=_absent(stage, seats)
    )


@bp.post(f"{STAGED}/duties/trainees")
@requires(Permission.CONTESTS_MANAGE)
def hand_to_trainees(contest_id: int, code: str) -> Any:
    """Give trainees their ballots."""
    stage = staged(contest_id, code)
    back = url_for("competition.seat_duties", contest_id=contest_id, code=code)
    done = _("已发给见习评委；他们的评分不计入成绩")
    return step(lambda: duties.hand_to_trainees(stage, actor=current_user), done=done, back=back)


@bp.route(f"{STAGED}/duties/<int:seat_id>/absence", methods=["GET", "POST"])
@requires(Permission.CONTESTS_MANAGE)
def absence(contest_id: int, code: str, seat_id: int) -> Any:
    """Note why a judge does not go on, and look at who takes over."""
    stage, seat = _of_stage(contest_id, code, seat_id)
    results.check_party(stage.contest, actor=current_user)
    form = AbsenceForm()
    line = next((one for one in pacing.of(stage, actor=current_user).judges if one.row.id == seat.id), None)
    if form.validate_on_submit():
        with errors_on(form):
            with transaction():
                duties.register_absence(stage, seat, actor=current_user, **form.values)
            flash(_("已登记缺席；请核对下面的替换方案并确认"), "good")
            return redirect(url_for("competition.assignment", contest_id=contest_id, code=code), 303)
    left, done = (line.progress.left, line.progress.done) if line else (0, 0)
    return answer(
        form,
        "competition/reason.html",
        title=_("登记缺席：%(name)s", name=seat.user.name),
        text=_(
            "未交的 %(left)d 份评分表将改派给候补或任务较少的评委，已提交的 %(done)d 份保留；先看方案，确认后才改派。"
            "改派不了的不再等待：每个项目有 %(least)d 份评分就能锁定成绩。",
            left=left,
            done=done,
            least=stage.minimum_panel,
        ),
        label=_("登记缺席并看方案"),
        back=url_for("competition.progress", contest_id=contest_id, code=code),
    )


@bp.post(f"{STAGED}/duties/<int:seat_id>/back")
@requires(Permission.CONTESTS_MANAGE)
def end_absence(contest_id: int, code: str, seat_id: int) -> Any:
    """The judge is back."""
    stage, seat = _of_stage(contest_id, code, seat_id)
    back = url_for("competition.seat_duties", contest_id=contest_id, code=code)
    return step(lambda: duties.end_absence(stage, seat, actor=current_user), done=_("已取消缺席"), back=back)


@bp.get(f"{STAGED}/trainees")
@requires(Permission.CONTESTS_MANAGE)
def trainees(contest_id: int, code: str) -> Any:
    """What trainees gave beside the panel's mean, once the scores are locked."""
    stage = staged(contest_id, code)
    results.check_party(stage.contest, actor=current_user)
    with transaction():
        rows = duties.compare_trainees(stage, actor=current_user) if stage.locked else []
    return page("competition/trainees.html", contest=stage.contest, stage=stage, rows=rows)


def _seats(stage: ContestStage) -> list[JudgeSeat]:
    return list(db.session.execute(judging.roster_of(stage.contest_id)).unique().scalars())


def _of_stage(contest_id: int, code: str, seat_id: int) -> tuple[ContestStage, JudgeSeat]:
    stage = staged(contest_id, code)
    return stage, one_or_404(judging.roster_of(contest_id).where(JudgeSeat.id == seat_id))


def _absent(stage: ContestStage, seats: list[JudgeSeat]) -> dict[int, str]:
    """Why, of those who are absent."""
    return {
        seat.id: row.absence
        for seat in seats
        for row in seat.duties
        if row.stage_id == stage.id and row.absent is not None
    }
