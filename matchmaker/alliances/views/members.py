"""Members of an alliance: add, sign, hand the lead over, leave."""

from __future__ import annotations

from typing import Any

from flask import abort, flash, redirect, url_for
from flask_babel import gettext as _
from flask_login import current_user

from matchmaker.accounts.rules import Permission
from matchmaker.alliances.forms import MemberForm
from matchmaker.alliances.models import Alliance, AllianceMember
from matchmaker.alliances.services import members
from matchmaker.alliances.views import bp
from matchmaker.alliances.views.records import led, press, seen
from matchmaker.core.db import transaction
from matchmaker.core.web import answer, errors_on, requires


def _member(alliance: Alliance, member_id: int) -> AllianceMember:
    member = next((member for member in alliance.members if member.id == member_id), None)
    if member is None:
        abort(404)
    return member


@bp.route("/<int:alliance_id>/members/new", methods=["GET", "POST"])
@requires(Permission.ALLIANCES_OWN)
def add_member(alliance_id: int) -> Any:
    """Take an organisation in."""
    alliance = led(alliance_id)
    form = MemberForm()
    if form.validate_on_submit():
        with errors_on(form):
            with transaction():
                members.add(alliance, actor=current_user, **form.values)
            flash(_("成员已添加"), "good")
            return redirect(url_for("alliances.show", alliance_id=alliance_id), 303)
    return answer(form, "alliances/member.html", alliance=alliance)


@bp.post("/<int:alliance_id>/members/<int:member_id>/sign")
@requires(Permission.ALLIANCES_OWN)
def sign(alliance_id: int, member_id: int) -> Any:
    """Sign for one's organisation."""
    member = _member(seen(alliance_id), member_id)
    return press(alliance_id, lambda: members.sign(member, actor=current_user), _("已代表单位签署协议"))


@bp.post("/<int:alliance_id>/members/<int:member_id>/leave")
@requires(Permission.ALLIANCES_OWN)
def leave(alliance_id: int, member_id: int) -> Any:
    """Go, or let go."""
    member = _member(seen(alliance_id), member_id)
    return press(alliance_id, lambda: members.leave(member, actor=current_user), _("已办理退出"))


@bp.post("/<int:alliance_id>/members/<int:member_id>/lead")
@requires(Permission.ALLIANCES_OWN)
def hand_over(alliance_id: int, member_id: int) -> Any:
    """Make another member the lead."""
    alliance = led(alliance_id)
    member = _member(alliance, member_id)
    return press(
        alliance_id, lambda: members.hand_over(alliance, actor=current_user, member=member), _("牵头单位已移交")
    )
