"""One press, one step: carried out, told, and back to the page it came from."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import abort, flash, redirect
from flask_login import current_user

from matchmaker.competition.models import Contest, ContestStage
from matchmaker.competition.queries import contests
from matchmaker.competition.rules.states import Stage
from matchmaker.core.db import transaction
from matchmaker.core.errors import DomainError
from matchmaker.core.i18n import sentence
from matchmaker.core.web import one_or_404


def step(change: Callable[[], Any], *, done: str, back: str) -> Any:
    """Carry out one step; a refusal is told in its own words. Who may not at all gets 403."""
    try:
        with transaction():
            change()
        flash(done, "good")
    except DomainError as error:
        if error.status == 403:
            raise
        flash(sentence(error), "warn")
    return redirect(back, 303)


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
