"""Home, the desks, and the search in the top bar."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from flask import Blueprint, current_app, flash, g, redirect, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from matchmaker.core import clock
from matchmaker.core.feature import features
from matchmaker.core.web import page, public, signed_in
from matchmaker.portal import queries

bp = Blueprint("portal", __name__)

DOORS = (
    ("calendar", "报名活动", "招商对接、路演与培训", "events.index"),
    ("handshake", "提需求、找帮手", "导师、专家与投资人，附推荐理由", "matching.own"),
    ("trophy", "参加大赛", "创新创业大赛报名与结果", "competition.index"),
    ("building-2", "申请入驻", "苗圃、孵化器、加速器", "incubation.index"),
    ("megaphone", "查公示、提异议", "名单公示与办理结果", "publicity.index"),
    ("badge-check", "查验证书", "输入编号核对真伪", "publicity.check"),
)
SECTIONS = {"waiting": "待我处理", "mine": "我的安排", "running": "我在办的", "new": "新鲜事"}


@bp.get("/")
@public
def home() -> Any:
    """The public front page; one's own desk when signed in."""
    if current_user.is_authenticated:
        return redirect(url_for("portal.desk"), 303)
    now = clock.now()
    return page("portal/home.html", now=now, doors=_doors(), **queries.front_page(now))


def _doors() -> list[tuple[str, str, str, str]]:
    return [
        (symbol, _(title), _(text), url_for(endpoint))
        for symbol, title, text, endpoint in DOORS
        if endpoint in current_app.view_functions
    ]


@bp.get("/desk")
@signed_in
def desk() -> Any:
    """What waits for me, what I run, what is new."""
    worn = queries.worn_roles(current_user, _hat())
    sources = sorted((s for s in features().each("desk") if s.roles & worn), key=lambda s: (s.section, s.order))
    sections = {
        key: [item for source in group for item in source.items(current_user)]
        for key, group in groupby(sources, key=lambda s: s.section)
    }
    kept = [key for key in SECTIONS if key == "waiting" or sections.get(key)]
    shown = [(key, _(SECTIONS[key]), sections.get(key, [])) for key in kept]
    return page("portal/desk.html", sections=shown, now=clock.now())


def _hat() -> str:
    return (g.user_session.hat or "") if "user_session" in g else ""


@bp.get("/search")
@public
def search() -> Any:
    """Everything that matches, as far as this person may see it."""
    words = " ".join(request.args.get("q", "").split())[:60]
    found = []
    if words:
        for source in sorted(features().each("search"), key=lambda s: s.order):
            rows = source.find(current_user, words)
            if rows:
                found.append((_(source.title), rows))
    elif "q" in request.args:
        flash(_("请输入要找的字"), "info")
    return page("portal/search.html", words=words, found=found)
