"""Pages of the competition: for everybody, for entrants, for judges, for organisers and approvers."""

from flask import Blueprint

bp = Blueprint("competition", __name__, url_prefix="/contests")

from matchmaker.competition.views import (  # noqa: E402, F401 - the routes attach themselves
    applicant,
    blinding,
    board,
    deliberation,
    judge,
    materials,
    offline,
    organiser,
    pacing,
    packages,
    panel,
    public,
    recusals,
    results,
    rules,
    screening,
    seats,
    settling,
    teams,
    wishes,
)
