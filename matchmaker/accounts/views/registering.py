"""Making an account, and getting back into one."""

from __future__ import annotations

from typing import Any

from matchmaker.accounts.views import bp
from matchmaker.core.web import page, public


@bp.get("/sign-up")
@public
def sign_up() -> Any:
    """Make an account."""
    return page("accounts/sign_up.html")


@bp.get("/forgot")
@public
def forgot() -> Any:
    """Get back in without the password."""
    return page("accounts/sign_up.html")
