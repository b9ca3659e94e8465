"""What the pages of a contest begin with: the contest or its stage, found for this person."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import abort, flash, redirect
from flask_babel import gettext as _
from flask_login import current_user

from matchmaker.competition.forms.contests import ReasonForm
from matchmaker.competition.models import Contest, ContestStage
from matchmaker.competition.queries import contests
from matchmaker.competition.rules.states import Stage
from matchmaker.core.db import transaction
from matchmaker.core.web import answer, errors_on, one_or_404, step

__all__ = ["managed", "staged", "step", "with_reason"]


def managed(contest_id: int) -> Contest:
    """A contest of one's regions, else 404."""
    contest: Contest = one_or_404(contests.managed_by(current_user).where(Contest.id == contest_id))
    return contest


def staged(contest_id: int, code: str) -> ContestStage:
    """A stage of a contest of one's regions, else 404."""
    stage = managed(contest_id).stage_of(Stage(code))
    if stage is None:
        abort(404)
    return stage


def with_reason(
    contest: Contest, change: Callable[[str], Any], *, title: str, text: str, done: str, back: str, about: str = ""
) -> Any:
    """A page that asks for the reason of one step, and carries it out; `about` is what it is about."""
    form = ReasonForm()
    if form.validate_on_submit():
        with errors_on(form):
            with transaction():
                change(form.reason.data or "")
            flash(done, "good")
            return redirect(back, 303)
    heading = title + _("：") + (about or contest.title)
    return answer(form, "competition/reason.html", title=heading, text=text, back=back, label=title)
