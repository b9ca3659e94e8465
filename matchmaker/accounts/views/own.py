"""A person's own account."""

from __future__ import annotations

from typing import Any

from flask_login import current_user

from matchmaker.accounts.views import bp
from matchmaker.core.web import page, signed_in


@bp.get("/profile")
@signed_in
def profile() -> Any:
    """Who I am here."""
    return page("accounts/profile.html", user=current_user)
