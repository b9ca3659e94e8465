"""Pages of accounts: signing in, registering, one's own account, administration, the audit."""

from flask import Blueprint

bp = Blueprint("accounts", __name__, url_prefix="/accounts")

from matchmaker.accounts.views import (  # noqa: E402, F401 - the routes attach themselves
    addresses,
    administration,
    membership,
    own,
    registering,
    sign_on,
    signing_in,
)
