"""The bureau's pages: all alliances of the region, filing, sending back."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from flask_login import current_user

from matchmaker.accounts.rules import Permission
from matchmaker.alliances import lists, queries
from matchmaker.alliances.models import Alliance
from matchmaker.alliances.services import alliances
from matchmaker.alliances.views import bp
from matchmaker.alliances.views.records import ask, press
from matchmaker.core.web import one_or_404, requires
from matchmaker.lists.pages import list_page


@bp.get("/manage/")
@requires(Permission.ALLIANCES_MANAGE)
def manage() -> Any:
    """The alliances of one's regions."""
    return list_page(lists.ALLIANCES, "alliances/manage.html")


def _handled(alliance_id: int) -> Alliance:
    alliance: Alliance = one_or_404(queries.handled_by(current_user).where(Alliance.id == alliance_id))
    return alliance


@bp.post("/<int:alliance_id>/start")
@requires(Permission.ALLIANCES_MANAGE)
def start(alliance_id: int) -> Any:
    """File an alliance."""
    alliance = _handled(alliance_id)
    return press(alliance_id, lambda: alliances.start(alliance, actor=current_user), _("已备案，联盟开始运行"))


@bp.route("/<int:alliance_id>/send-back", methods=["GET", "POST"])
@requires(Permission.ALLIANCES_MANAGE)
def send_back(alliance_id: int) -> Any:
    """Ask for something to be mended before filing."""
    return ask(
        _handled(alliance_id),
        alliances.send_back,
        title=_("退回"),
        consequence=_("联盟回到协议签署阶段，牵头单位会收到您写的理由。"),
        done=_("已退回，牵头单位会收到理由"),
    )


@bp.route("/<int:alliance_id>/rectify", methods=["GET", "POST"])
@requires(Permission.ALLIANCES_MANAGE)
def rectify(alliance_id: int) -> Any:
    """Ask a running alliance to mend something."""
    return ask(
        _handled(alliance_id),
        alliances.rectify,
        title=_("要求整改"),
        consequence=_("联盟进入整改，牵头单位会收到您写的要求；整改完成后由您恢复运行。"),
        done=_("已要求整改"),
    )
