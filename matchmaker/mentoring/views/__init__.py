"""Pages of mentoring: booking, sessions, the mentor's times, the carrier's mentors, the bureau's overview."""

from flask import Blueprint

bp = Blueprint("mentoring", __name__, url_prefix="/mentoring")

from matchmaker.mentoring.views import booking, mentor, staff  # noqa: E402, F401
