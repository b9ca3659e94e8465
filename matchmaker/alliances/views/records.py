"""The record of an alliance: found, write, show, sign, submit, dissolve."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import abort, flash, redirect, url_for
from flask_babel import gettext as _
from flask_login import current_user

from matchmaker.accounts.rules import Permission
from matchmaker.activity import queries as activity
from matchmaker.alliances import access, queries
from matchmaker.alliances.forms import AllianceForm, ReasonForm, RevisionForm
from matchmaker.alliances.models import Alliance
from matchmaker.alliances.rules import AllianceState
from matchmaker.alliances.services import alliances
from matchmaker.alliances.views import bp
from matchmaker.core.db import db, transaction
from matchmaker.core.errors import DomainError
from matchmaker.core.i18n import sentence
from matchmaker.core.sentences import fill
from matchmaker.core.web import answer, errors_on, one_or_404, page, requires, signed_in
from matchmaker.files import queries as files

CHAIN = (AllianceState.FORMING, AllianceState.SIGNING, AllianceState.FILING, AllianceState.RUNNING)


def seen(alliance_id: int) -> Alliance:
    """The alliance, when this person may see it; 404 for strangers."""
    alliance: Alliance = one_or_404(queries.visible_to(current_user).where(Alliance.id == alliance_id))
    return alliance


def led(alliance_id: int) -> Alliance:
    """The alliance, when this person's organisation leads it."""
    alliance = seen(alliance_id)
    if not access.may_lead(current_user, alliance):
        abort(403)
    return alliance


def press(alliance_id: int, act: Callable[[], Any], done: str) -> Any:
    """Do something that needs no form, and go back to the record."""
    try:
        with transaction():
            act()
        flash(done, "good")
    except DomainError as error:
        if error.status == 403:
            raise
        flash(sentence(error), "warn")
    return redirect(url_for("alliances.show", alliance_id=alliance_id), 303)


@bp.get("/own")
@requires(Permission.ALLIANCES_OWN)
def own() -> Any:
    """The alliances of one's organisations."""
    rows = db.session.execute(queries.own(current_user).limit(100)).unique().scalars().all()
    return page("alliances/own.html", alliances=rows)


@bp.route("/new", methods=["GET", "POST"])
@requires(Permission.ALLIANCES_OWN)
def found() -> Any:
    """Start an alliance."""
    form = AllianceForm()
    form.offer(current_user)
    if form.validate_on_submit():
        with errors_on(form):
            with transaction():
                alliance = alliances.found(actor=current_user, **form.values)
                alliance_id = alliance.id
            flash(_("联盟已发起，请继续添加成员"), "good")
            return redirect(url_for("alliances.show", alliance_id=alliance_id), 303)
    return answer(form, "alliances/edit.html", alliance=None)


@bp.get("/<int:alliance_id>")
@requires(Permission.ALLIANCES_OWN, Permission.ALLIANCES_MANAGE)
def show(alliance_id: int) -> Any:
    """One alliance: what is complete, who belongs to it, what it says, what it develops."""
    alliance = seen(alliance_id)
    mine = [member for member in alliance.present if access.may_sign(current_user, member)]
    return page(
        "alliances/show.html",
        alliance=alliance,
        chain=CHAIN,
        checks=alliance.checks(),
        sentence_of=lambda check: fill(_(check.sentence), check.values),
        projects=db.session.execute(queries.projects_of(alliance_id)).unique().scalars().all(),
        timeline=activity.of(alliance),
        files=files.of(alliance),
        leads=access.may_lead(current_user, alliance),
        handles=access.may_handle(current_user, alliance),
        mine=mine,
        to_sign=next((member for member in mine if member.signed is None), None),
    )


@bp.route("/<int:alliance_id>/edit", methods=["GET", "POST"])
@requires(Permission.ALLIANCES_OWN)
def edit(alliance_id: int) -> Any:
    """Change the agreement."""
    alliance = led(alliance_id)
    form = RevisionForm(obj=alliance)
    if form.validate_on_submit():
        with errors_on(form):
            with transaction():
                alliances.edit(alliance, actor=current_user, **form.values)
            flash(_("已保存"), "good")
            return redirect(url_for("alliances.show", alliance_id=alliance_id), 303)
    return answer(form, "alliances/edit.html", alliance=alliance)


@bp.post("/<int:alliance_id>/open")
@requires(Permission.ALLIANCES_OWN)
def open_signing(alliance_id: int) -> Any:
    """Ask the members to sign."""
    alliance = led(alliance_id)
    return press(
        alliance_id,
        lambda: alliances.open_signing(alliance, actor=current_user),
        _("已发起签署，各成员负责人会收到通知"),
    )


@bp.post("/<int:alliance_id>/reopen")
@requires(Permission.ALLIANCES_OWN)
def reopen(alliance_id: int) -> Any:
    """Take the text back."""
    alliance = led(alliance_id)
    return press(
        alliance_id,
        lambda: alliances.reopen(alliance, actor=current_user),
        _("已退回筹建，可以修改协议；原有签署已作废"),
    )


@bp.post("/<int:alliance_id>/submit")
@requires(Permission.ALLIANCES_OWN)
def submit(alliance_id: int) -> Any:
    """Hand the alliance in for filing."""
    alliance = led(alliance_id)
    return press(alliance_id, lambda: alliances.submit(alliance, actor=current_user), _("已提交备案，请等候审核"))


@bp.route("/<int:alliance_id>/dissolve", methods=["GET", "POST"])
@requires(Permission.ALLIANCES_OWN, Permission.ALLIANCES_MANAGE)
def dissolve(alliance_id: int) -> Any:
    """End an alliance."""
    alliance = seen(alliance_id)
    if not (access.may_lead(current_user, alliance) or access.may_handle(current_user, alliance)):
        abort(403)
    return ask(
        alliance,
        alliances.dissolve,
        title=_("解散联盟"),
        consequence=_("联盟就此结束，不能恢复；记录保留，不再对外公开。"),
        done=_("联盟已解散"),
        danger=True,
    )


def ask(
    alliance: Alliance, act: Callable[..., None], *, title: str, consequence: str, done: str, danger: bool = False
) -> Any:
    """A step that needs a reason."""
    form, alliance_id = ReasonForm(), alliance.id
    if form.validate_on_submit():
        with errors_on(form):
            with transaction():
                act(alliance, actor=current_user, **form.values)
            flash(done, "good")
            return redirect(url_for("alliances.show", alliance_id=alliance_id), 303)
    return answer(form, "alliances/reason.html", alliance=alliance, title=title, consequence=consequence, danger=danger)


@bp.get("/organisations/<int:organisation_id>")
@signed_in
def of_organisation(organisation_id: int) -> Any:
    """An organisation's alliances, as a part of its page."""
    statement = queries.of_organisation(organisation_id, current_user).limit(50)
    rows = db.session.execute(statement).unique().scalars().all()
    openable = set(db.session.execute(queries.visible_to(current_user).with_only_columns(Alliance.id)).scalars())
    return page("alliances/of_organisation.html", fragment="alliances/_places.html", places=rows, openable=openable)
