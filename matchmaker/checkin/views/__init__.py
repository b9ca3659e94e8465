"""Pages of check-in: the organiser's, the gate's, the participant's ticket."""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint("checkin", __name__, url_prefix="/checkin")

from matchmaker.checkin.views import gate, organiser, ticket  # noqa: E402

__all__ = ["bp", "gate", "organiser", "ticket"]
