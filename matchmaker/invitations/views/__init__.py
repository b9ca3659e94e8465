"""Pages of invitations: the organiser's list and sending, and what stands behind a personal link."""

from flask import Blueprint

bp = Blueprint("invitations", __name__, url_prefix="/invitations")

from matchmaker.invitations.views import guest, organiser, sending  # noqa: E402, F401 - the routes attach themselves
