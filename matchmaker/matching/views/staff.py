"""The handler's pages: the needs of the region, and wishes for people who cannot be reached."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, url_for
from flask_babel import gettext as _
from flask_login import current_user

from matchmaker.accounts.rules import Permission
from matchmaker.core.db import transaction
from matchmaker.core.web import answer, errors_on, one_or_404, requires
from matchmaker.lists.pages import list_page
from matchmaker.matching import access, lists, queries
from matchmaker.matching.forms import ResolutionForm
from matchmaker.matching.models import Referral
from matchmaker.matching.rules import ReferralState
from matchmaker.matching.services import requests
from matchmaker.matching.views import bp


@bp.get("/needs/manage/")
@requires(Permission.NEEDS_HANDLE)
def manage() -> Any:
    """The needs of one's regions."""
    return list_page(lists.NEEDS, "matching/manage.html")


@bp.get("/needs/referrals/")
@requires(Permission.NEEDS_HANDLE)
def referrals() -> Any:
    """Wishes for people who cannot be reached."""
    return list_page(lists.REFERRALS, "matching/referrals.html")


@bp.route("/needs/referrals/<int:referral_id>", methods=["GET", "POST"])
@requires(Permission.NEEDS_HANDLE)
def referral(referral_id: int) -> Any:
    """One wish: say what became of it."""
    row = one_or_404(queries.referrals_visible_to(current_user).where(Referral.id == referral_id))
    form = ResolutionForm()
    if form.validate_on_submit():
        with errors_on(form):
            with transaction():
                requests.resolve(row, actor=current_user, **form.values)
            flash(_("已处理，提出需求的单位会收到结果"), "good")
            return redirect(url_for("matching.referrals"), 303)
    return answer(
        form,
        "matching/referral.html",
        row=row,
        waits=row.state is ReferralState.WAITING,
        knows=access.may_know_whose(current_user, row.need),
    )
