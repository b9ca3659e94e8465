"""Pages of publicity: for everybody, for staff, for the second person, for who checks a certificate."""

from flask import Blueprint

bp = Blueprint("publicity", __name__)

from matchmaker.publicity.views import certificates, decisions, objections, public, staff  # noqa: E402, F401
