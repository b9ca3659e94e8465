"""The ledger of titles: list, one title, recording, correcting, ending; the panel on an organisation's page."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, current_app, flash, redirect, url_for
from flask_babel import gettext as _
from flask_login import current_user

from matchmaker.accounts.rules import Permission
from matchmaker.activity import queries as activity
from matchmaker.core import clock
from matchmaker.core.db import db, transaction
from matchmaker.core.web import answer, errors_on, one_or_404, page, requires
from matchmaker.evaluation import access, lists, queries, services
from matchmaker.evaluation.forms import CorrectionForm, EndForm, TitleForm
from matchmaker.evaluation.models import Title
from matchmaker.lists.pages import list_page

bp = Blueprint("evaluation", __name__, url_prefix="/titles")


@bp.get("/")
@requires(Permission.TARGETS_READ)
def index() -> Any:
    """The ledger of one's regions."""
    return list_page(lists.TITLES, "evaluation/index.html", prepare=_offer_first)


def _offer_first(listing: Any) -> None:
    if current_user.has(Permission.TARGETS_MANAGE):
        listing.empty_url, listing.empty_label = url_for("evaluation.new"), _("登记资质")


@bp.get("/<int:title_id>")
@requires(Permission.TARGETS_READ, Permission.ORGANISATION_OWN)
def show(title_id: int) -> Any:
    """One title with its history."""
    title = one_or_404(queries.visible_to(current_user).where(Title.id == title_id))
    staff = current_user.has(Permission.TARGETS_READ)
    return page(
        "evaluation/show.html",
        title=title,
        standing=title.standing_on(clock.today()),
        may_record=access.may_record_in(current_user, title.region),
        history=activity.of(title, limit=20) if staff else [],
    )


@bp.route("/new", methods=["GET", "POST"])
@requires(Permission.TARGETS_MANAGE)
def new() -> Any:
    """Put a title on record."""
    form = TitleForm()
    if form.validate_on_submit():
        with errors_on(form):
            with transaction():
                title_id = services.record(actor=current_user, region=_region(), **form.values).id
            flash(_("已登记"), "good")
            return redirect(url_for("evaluation.show", title_id=title_id), 303)
    return answer(form, "evaluation/edit.html", title=None)


def _region() -> str:
    own = sorted(current_user.region_codes)
    home = str(current_app.config["SETTINGS"].region)
    return home if home in own or not own else own[-1]


@bp.route("/<int:title_id>/correct", methods=["GET", "POST"])
@requires(Permission.TARGETS_MANAGE)
def correct(title_id: int) -> Any:
    """Correct a title."""
    title = one_or_404(queries.listed(current_user, {}).where(Title.id == title_id))
    form = CorrectionForm(obj=title, data={"co_holders": "\n".join(title.co_holders)})
    if form.validate_on_submit():
        with errors_on(form):
            with transaction():
                changed = services.correct(title, actor=current_user, **form.values)
            flash(_("已更正，改动记入日志") if changed else _("没有改动"), "good" if changed else "info")
            return redirect(url_for("evaluation.show", title_id=title_id), 303)
    return answer(form, "evaluation/edit.html", title=title)


@bp.route("/<int:title_id>/end", methods=["GET", "POST"])
@requires(Permission.TARGETS_MANAGE)
def end(title_id: int) -> Any:
    """Let a title no longer count from a day on."""
    title = one_or_404(queries.listed(current_user, {}).where(Title.id == title_id))
    form = EndForm(data={"ended": clock.today()})
    if form.validate_on_submit():
        with errors_on(form):
            with transaction():
                services.end(title, actor=current_user, **form.values)
            flash(_("已终止，从该日起不再计入指标"), "info")
            return redirect(url_for("evaluation.show", title_id=title_id), 303)
    return answer(form, "evaluation/end.html", title=title)


@bp.get("/of-organisation/<int:organisation_id>")
@requires(Permission.TARGETS_READ, Permission.ORGANISATION_OWN)
def of_organisation(organisation_id: int) -> Any:
    """An organisation's titles, for its page."""
    statement = queries.of_organisation(current_user, organisation_id)
    titles = db.session.execute(statement).unique().scalars().all()
    return page(
        "evaluation/of_organisation.html",
        fragment="evaluation/_of_organisation.html",
        titles=titles,
        today=clock.today(),
    )
