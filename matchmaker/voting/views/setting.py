"""Staff prepare a vote: plan, words about the entries, more time, cancelling."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import abort, flash, redirect, url_for
from flask_babel import gettext as _
from flask_login import current_user

from matchmaker.accounts.rules import Permission
from matchmaker.competition import access
from matchmaker.competition.services import results
from matchmaker.core.db import transaction
from matchmaker.core.web import answer, errors_on, one_or_404, page, requires
from matchmaker.voting import queries
from matchmaker.voting.forms import BlurbForm, CancelForm, ExtendForm, PlanForm
from matchmaker.voting.models import PublicVote
from matchmaker.voting.services import checking, setting
from matchmaker.voting.services.casting import is_out
from matchmaker.voting.views import bp

LEADS = (Permission.CONTESTS_MANAGE,)
STAFF = (Permission.CONTESTS_MANAGE, Permission.CONTESTS_DECIDE)


@bp.route("/of/<int:contest_id>/<any(preliminary,semifinal,final):code>", methods=["GET", "POST"])
@requires(*LEADS)
def prepare(contest_id: int, code: str) -> Any:
    """Make the vote of a stage, also after a cancelled one, or go to the one that stands."""
    stage = one_or_404(queries.stage_managed_by(current_user, contest_id, code))
    results.check_party(stage.contest, actor=current_user)
    vote = queries.of_stage(stage.id)
    if vote is not None:
        return redirect(url_for("voting.manage", vote_id=vote.id), 303)
    form = PlanForm()
    if form.validate_on_submit():
        with errors_on(form):
            with transaction():
                vote_id = setting.prepare(stage, actor=current_user, **form.values).id
            flash(_("投票已建立，到时间自动开始"), "good")
            return redirect(url_for("voting.manage", vote_id=vote_id), 303)
    count = len(queries.entries_of(stage.id))
    return answer(form, "voting/plan.html", stage=stage, contest=stage.contest, vote=None, count=count)


@bp.get("/<int:vote_id>/manage")
@requires(*STAFF)
def manage(vote_id: int) -> Any:
    """Where the vote stands and whose turn it is; counts appear with the confirmed check."""
    vote = managed(vote_id)
    return page(
        "voting/manage.html",
        vote=vote,
        stage=vote.stage,
        contest=vote.stage.contest,
        decision=checking.decision_of(vote),
        gone={row.id for row in vote.candidates if is_out(row)},
        manages=access.may_manage(current_user, vote.stage.contest),
        decides=access.may_decide(current_user, vote.stage.contest),
        votes=queries.all_of_stage(vote.stage_id),
    )


@bp.route("/<int:vote_id>/edit", methods=["GET", "POST"])
@requires(*LEADS)
def edit(vote_id: int) -> Any:
    """Change the plan until the vote opens."""
    vote = managed(vote_id)
    form = PlanForm(obj=vote, data={"who": vote.who.value})
    return _carried_out(
        vote,
        form,
        lambda: setting.edit(vote, actor=current_user, **form.values),
        template="voting/plan.html",
        done=_("已更新"),
        count=len(vote.candidates),
    )


@bp.route("/<int:vote_id>/extend", methods=["GET", "POST"])
@requires(*LEADS)
def extend(vote_id: int) -> Any:
    """Give a running vote more time."""
    vote = managed(vote_id)
    form = ExtendForm(data={"closes": vote.closes})
    return _carried_out(
        vote,
        form,
        lambda: setting.extend(vote, actor=current_user, **form.values),
        template="voting/extend.html",
        done=_("截止时间已延长"),
    )


@bp.route("/<int:vote_id>/cancel", methods=["GET", "POST"])
@requires(*LEADS)
def cancel(vote_id: int) -> Any:
    """End a vote for good, with a public reason."""
    vote, form = managed(vote_id), CancelForm()
    return _carried_out(
        vote,
        form,
        lambda: setting.cancel(vote, actor=current_user, **form.values),
        template="voting/cancel.html",
        done=_("投票已取消"),
    )


@bp.route("/<int:vote_id>/candidates/<int:candidate_id>", methods=["GET", "POST"])
@requires(*LEADS)
def introduce(vote_id: int, candidate_id: int) -> Any:
    """The words about an entry on the ballot."""
    vote = managed(vote_id)
    row = next((row for row in vote.candidates if row.id == candidate_id), None)
    if row is None:
        abort(404)
    form = BlurbForm(obj=row)
    return _carried_out(
        vote,
        form,
        lambda: setting.introduce(row, actor=current_user, blurb=form.blurb.data or ""),
        template="voting/introduce.html",
        done=_("已更新"),
        row=row,
    )


def managed(vote_id: int) -> PublicVote:
    """A vote of one's regions, else 404; who has a part in it is refused."""
    vote: PublicVote = one_or_404(queries.managed_by(current_user).where(PublicVote.id == vote_id))
    results.check_party(vote.stage.contest, actor=current_user)
    return vote


def _carried_out(
    vote: PublicVote, form: Any, change: Callable[[], Any], *, template: str, done: str, **shown: Any
) -> Any:
    """Show the form, or carry the change out and go back to the vote."""
    if form.validate_on_submit():
        with errors_on(form):
            with transaction():
                change()
            flash(done, "good")
            return redirect(url_for("voting.manage", vote_id=vote.id), 303)
    return answer(form, template, vote=vote, stage=vote.stage, contest=vote.stage.contest, **shown)
