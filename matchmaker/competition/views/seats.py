"""The judges of a contest: the organiser's roster, and the judge's own answer and pledge."""

from __future__ import annotations

from typing import Any

from flask import abort, flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from matchmaker.accounts.models import User
from matchmaker.accounts.rules import Permission
from matchmaker.competition.forms.judges import AnswerForm, EditSeatForm, PledgeForm, SeatForm
from matchmaker.competition.lists.judges import JUDGES
from matchmaker.competition.models import Contest, JudgeInvitation, JudgeSeat
from matchmaker.competition.queries import judging
from matchmaker.competition.rules.invitations import PLEDGE, Answer
from matchmaker.competition.services import calling, judges
from matchmaker.competition.services.guards import check_unconflicted
from matchmaker.competition.views import bp
from matchmaker.competition.views.steps import managed, step
from matchmaker.core.db import db, transaction
from matchmaker.core.forms import choice
from matchmaker.core.lists import open_list
from matchmaker.core.web import answer, errors_on, one_or_404, public, requires, safe_next
from matchmaker.lists.pages import list_page


@bp.route("/manage/<int:contest_id>/judges", methods=["GET", "POST"])
@requires(Permission.CONTESTS_MANAGE)
def judges_page(contest_id: int) -> Any:
    """The judges of a contest, and a form for one more."""
    contest = _panel(contest_id)
    form = SeatForm()
    form.user_id.choices = [choice(user, text) for user, text in judging.candidates(contest)]
    form.tracks.choices = [(track.code, track.title) for track in contest.tracks]
    if form.validate_on_submit():
        with errors_on(form):
            with transaction():
                values = form.values
                user = db.session.get_one(User, values.pop("user_id"))
                judges.seat(contest, actor=current_user, user=user, **values)
            flash(_("已添加评委，并核对了回避情形"), "good")
            return redirect(url_for("competition.judges_page", contest_id=contest_id), 303)
    scope = {"contest_id": contest_id}
    if form.is_submitted():
        listing = open_list(JUDGES, current_user, **scope)
        return answer(form, "competition/judges.html", contest=contest, listing=listing)
    return list_page(JUDGES, "competition/judges.html", scope=scope, contest=contest, form=form)


@bp.route("/manage/<int:contest_id>/judges/<int:seat_id>", methods=["GET", "POST"])
@requires(Permission.CONTESTS_MANAGE)
def edit_judge(contest_id: int, seat_id: int) -> Any:
    """One judge: what is known about them, how they were asked, what keeps them away."""
    contest = _panel(contest_id)
    seat = _seat(contest_id, seat_id)
    form = EditSeatForm(data=None if request.method == "POST" else EditSeatForm.of(seat))
    form.tracks.choices = [(track.code, track.title) for track in contest.tracks]
    if form.validate_on_submit():
        with errors_on(form):
            with transaction():
                judges.edit(seat, actor=current_user, **form.values)
            flash(_("已保存，并重新核对了回避情形"), "good")
            return redirect(url_for("competition.judges_page", contest_id=contest_id), 303)
    return answer(
        form,
        "competition/judge.html",
        contest=contest,
        seat=seat,
        invitation=judges.invitation_of(seat),
        pledge=db.session.execute(judging.pledge_of(seat.id)).unique().scalar_one_or_none(),
        recusals=db.session.execute(judging.recusals_of_seat(current_user, seat)).unique().scalars().all(),
    )


@bp.post("/manage/<int:contest_id>/judges/<int:seat_id>/remove")
@requires(Permission.CONTESTS_MANAGE)
def remove_judge(contest_id: int, seat_id: int) -> Any:
    """Take a judge out who has no ballot."""
    _panel(contest_id)
    seat = _seat(contest_id, seat_id)
    back = url_for("competition.judges_page", contest_id=contest_id)
    return step(lambda: judges.unseat(seat, actor=current_user), done=_("评委已移除"), back=back)


@bp.post("/manage/<int:contest_id>/judges/<int:seat_id>/invite")
@requires(Permission.CONTESTS_MANAGE)
def invite_judge(contest_id: int, seat_id: int) -> Any:
    """Ask a judge again."""
    _panel(contest_id)
    seat = _seat(contest_id, seat_id)
    back = url_for("competition.edit_judge", contest_id=contest_id, seat_id=seat_id)
    return step(lambda: judges.invite(seat, actor=current_user), done=_("邀请已重新发出，旧链接失效"), back=back)


@bp.route("/judge-invitations/<token>", methods=["GET", "POST"])
@public
def judge_invitation(token: str) -> Any:
    """The judge answers by the link of the mail, without signing in; nothing about entries is shown here."""
    invitation = _invitation(token)
    form = AnswerForm()
    if form.validate_on_submit():
        said = Answer.ACCEPTED if request.form.get("answer") == Answer.ACCEPTED.value else Answer.DECLINED
        with errors_on(form):
            with transaction():
                judges.answer(invitation, answer=said, reason=form.reason.data or "")
            accepted = said is Answer.ACCEPTED
            flash(_("谢谢，您已确认担任评委") if accepted else _("您已谢绝，谢谢答复"), "good" if accepted else "info")
            return redirect(url_for("competition.judge_invitation", token=token), 303)
    return answer(
        form,
        "competition/judge_invitation.html",
        invitation=invitation,
        contest=invitation.seat.contest,
        newcomer=calling.newcomer(invitation.seat.user),
    )


@bp.route("/pledges/<int:seat_id>", methods=["GET", "POST"])
@requires(Permission.BALLOTS_OWN)
def pledge(seat_id: int) -> Any:
    """The pledge of impartiality, signed once before the first ballot."""
    seat = one_or_404(judging.own_seats(current_user).where(JudgeSeat.id == seat_id))
    signed = db.session.execute(judging.pledge_of(seat.id)).unique().scalar_one_or_none()
    form = PledgeForm()
    text = _(PLEDGE)
    if form.validate_on_submit():
        with errors_on(form):
            with transaction():
                judges.pledge(seat, actor=current_user, text=text, **form.values)
            flash(_("承诺书已签署，可以开始评审"), "good")
            return redirect(safe_next(request.args.get("next"), url_for("competition.own_ballots")), 303)
    shown = signed.text if signed else text
    return answer(form, "competition/pledge.html", seat=seat, contest=seat.contest, signed=signed, text=shown)


def _panel(contest_id: int) -> Contest:
    """A contest whose panel this person may know: nobody with a part in it, and none of its judges."""
    contest = managed(contest_id)
    check_unconflicted(current_user, contest)
    return contest


def _seat(contest_id: int, seat_id: int) -> JudgeSeat:
    seat: JudgeSeat = one_or_404(judging.roster_of(contest_id).where(JudgeSeat.id == seat_id))
    return seat


def _invitation(token: str) -> JudgeInvitation:
    found = judges.of_link(token)
    if found is None:
        abort(404)
    return found
