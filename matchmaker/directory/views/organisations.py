"""The register of organisations as staff work with it."""

from __future__ import annotations

from typing import Any

from flask import abort, current_app, flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from matchmaker.accounts.rules import Permission
from matchmaker.core.db import db, transaction
from matchmaker.core.i18n import current_locale
from matchmaker.core.web import answer, errors_on, one_or_404, page, requires, signed_in
from matchmaker.directory import access, lists, queries, rules, taxonomy
from matchmaker.directory.forms import MergeForm, MoveForm, NewOrganisationForm, OrganisationForm, RenameForm
from matchmaker.directory.models import Organisation
from matchmaker.directory.rules import OrganisationState
from matchmaker.directory.services import merging, organisations
from matchmaker.directory.views import bp
from matchmaker.directory.views.panels import panels_on
from matchmaker.lists.pages import list_page

STEPS = (OrganisationState.UNCLAIMED, OrganisationState.PENDING, OrganisationState.ACTIVE)


@bp.get("/organisations/")
@requires(Permission.DIRECTORY_READ)
def index() -> Any:
    """The organisations of one's regions."""
    return list_page(lists.ORGANISATIONS, "directory/index.html")


@bp.route("/organisations/new", methods=["GET", "POST"])
@requires(Permission.DIRECTORY_EDIT)
def create() -> Any:
    """Enter an organisation."""
    form = NewOrganisationForm(**({} if request.method == "POST" else {"region": _region()}))
    if form.validate_on_submit():
        with errors_on(form):
            with transaction():
                row = organisations.create(actor=current_user, **form.values)
                row_id = row.id
            flash(_("已登记；等单位认领或核验"), "good")
            return redirect(url_for("directory.show", organisation_id=row_id), 303)
    return answer(form, "directory/edit.html", organisation=None, own=False)


def _region() -> str:
    home: str = current_app.config["SETTINGS"].region
    own = sorted(current_user.region_codes)
    return home if home in own or not own else own[-1]


@bp.get("/organisations/<int:organisation_id>")
@signed_in
def show(organisation_id: int) -> Any:
    """One organisation: its state, its facts, its names, what happened, and what other features know of it."""
    kept = queries.kept_instead_of(organisation_id, current_user)
    if kept is not None:
        flash(_("这条记录已并入下面的单位"), "info")
        return redirect(url_for("directory.show", organisation_id=kept), 303)
    row = _visible(organisation_id)
    return page("directory/show.html", organisation=row, timeline=queries.history(row), **shown(row))


def shown(row: Organisation) -> dict[str, Any]:
    """What the record page needs beside the record itself."""
    edits, locale = access.may_edit(current_user, row), current_locale()
    return {
        "edits": edits,
        "owns": access.owns(current_user, row),
        "steps": STEPS if row.state in STEPS else (*STEPS, row.state),
        "moves": [to for to in OrganisationState if edits and to in rules.TRANSITIONS[row.state]],
        "panels": panels_on("organisation", row.id),
        "industry": taxonomy.shown("industries", [row.industry_code], locale=locale) if row.industry_code else None,
        "region_name": taxonomy.shown("regions", [row.region], locale=locale),
        "key_industries": taxonomy.names("key_industries"),
        "high_tech_fields": taxonomy.names("high_tech_fields"),
    }


def _visible(organisation_id: int) -> Organisation:
    row: Organisation = one_or_404(queries.visible_to(current_user).where(Organisation.id == organisation_id))
    return row


def _managed(organisation_id: int) -> Organisation:
    row: Organisation = one_or_404(queries.managed_by(current_user).where(Organisation.id == organisation_id))
    return row


@bp.route("/organisations/<int:organisation_id>/edit", methods=["GET", "POST"])
@requires(Permission.DIRECTORY_EDIT)
def edit(organisation_id: int) -> Any:
    """Change an organisation's facts."""
    row = _managed(organisation_id)
    form = OrganisationForm(obj=row, data={"revenue": revenue_of(row), "override": row.uscc_override})
    if form.validate_on_submit():
        with errors_on(form):
            with transaction():
                organisations.edit(row, actor=current_user, **form.values)
            flash(_("已保存"), "good")
            return redirect(url_for("directory.show", organisation_id=organisation_id), 303)
    return answer(form, "directory/edit.html", organisation=row, own=False)


def revenue_of(row: Organisation) -> str:
    """Fen as 万元 for the form."""
    from matchmaker.core.money import wan

    return "" if row.revenue_fen is None else f"{wan(row.revenue_fen).normalize():f}"


@bp.route("/organisations/<int:organisation_id>/rename", methods=["GET", "POST"])
@requires(Permission.DIRECTORY_EDIT, Permission.ORGANISATION_OWN)
def rename(organisation_id: int) -> Any:
    """Give a new name; the old one stays findable."""
    row = _visible(organisation_id)
    if not (access.may_edit(current_user, row) or access.owns(current_user, row)):
        abort(403)
    form = RenameForm()
    if form.validate_on_submit():
        with errors_on(form):
            with transaction():
                organisations.rename(row, actor=current_user, **form.values)
            flash(_("已更名；旧名称仍可查到"), "good")
            return redirect(url_for("directory.show", organisation_id=organisation_id), 303)
    return answer(form, "directory/rename.html", organisation=row)


@bp.route("/organisations/<int:organisation_id>/move/<to>", methods=["GET", "POST"])
@requires(Permission.DIRECTORY_EDIT)
def move(organisation_id: int, to: str) -> Any:
    """Take a step of the state table."""
    row = _managed(organisation_id)
    if to not in {state.value for state in OrganisationState}:
        abort(404)
    target = OrganisationState(to)
    form = MoveForm()
    if form.validate_on_submit():
        with errors_on(form):
            with transaction():
                organisations.move(row, actor=current_user, to=target, **form.values)
            flash(_("状态已改为“%(state)s”", state=_(target.label)), "good")
            return redirect(url_for("directory.show", organisation_id=organisation_id), 303)
    return answer(form, "directory/move.html", organisation=row, target=target)


@bp.route("/organisations/<int:organisation_id>/merge", methods=["GET", "POST"])
@requires(Permission.DIRECTORY_EDIT)
def merge(organisation_id: int) -> Any:
    """Put another record of the same organisation into this one."""
    row = _managed(organisation_id)
    words = request.args.get("q", "").strip()
    form = MergeForm(other=request.args.get("other", ""))
    other = _other(form.other.data, row)
    if form.validate_on_submit() and other is not None:
        with errors_on(form):
            with transaction():
                merging.merge(row, other, actor=current_user, reason=form.reason.data or "")
            flash(_("已合并；两条记录的名称、经历和往来都在这里"), "good")
            return redirect(url_for("directory.show", organisation_id=organisation_id), 303)
    return answer(form, "directory/merge.html", organisation=row, other=other, words=words, found=_alike(row, words))


def _other(text: str | None, row: Organisation) -> Organisation | None:
    if not (text and text.isascii() and text.isdigit() and int(text) != row.id):
        return None
    found: Organisation = one_or_404(queries.managed_by(current_user).where(Organisation.id == int(text)))
    return found


def _alike(row: Organisation, words: str) -> list[Organisation]:
    if not words:
        return []
    statement = queries.managed_by(current_user).where(queries.matches(words), Organisation.id != row.id)
    return list(db.session.execute(statement.order_by(Organisation.name, Organisation.id).limit(20)).scalars())
