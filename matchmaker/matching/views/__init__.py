"""Pages of matching: the owner of a need, the helper, whoever comes by a link, the handler."""

from flask import Blueprint

bp = Blueprint("matching", __name__)

from matchmaker.matching.views import (  # noqa: E402, F401 - the routes attach themselves
    browse,
    helper,
    learning,
    link,
    measures,
    offers,
    owner,
    staff,
    talks,
)
