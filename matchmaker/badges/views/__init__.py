"""Pages of papers: cards to print, certificates to give out."""

from flask import Blueprint

bp = Blueprint("badges", __name__, url_prefix="/badges")

from matchmaker.badges.views import certificates, corrections, printing  # noqa: E402, F401
