"""The frame around every page: navigation, hats, language, static files with a hash in their address, health checks."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode

import sqlalchemy as sa
from flask import Blueprint, Flask, Response, abort, current_app, redirect, request, session, url_for
from flask_login import current_user
from whitenoise import WhiteNoise

from matchmaker.core import i18n, metrics, paths
from matchmaker.core.db import db
from matchmaker.core.feature import Link, features
from matchmaker.core.web import public, safe_next

bp = Blueprint("shell", __name__)

NAV_GROUPS = ("工作", "我的", "组织", "孵化", "主体库", "指标", "公开服务", "系统")
PHONE_GROUPS = ("工作", "组织", "孵化", "指标", "我的", "主体库", "系统", "公开服务")  # the job before one's own things


@lru_cache(maxsize=512)
def _content_hash(path: str, _modified: int) -> str:
    return hashlib.sha256((paths.resource_dir("static") / path).read_bytes()).hexdigest()[:12]


SCREEN = ("css/tokens.css", "css/site.css")  # what every screen page needs, sent as one file


def screen_sheet() -> str:
    """The address of the one style sheet of screen pages."""
    stamps = [(paths.resource_dir("static") / path).stat().st_mtime_ns for path in SCREEN]
    version = "".join(_content_hash(path, stamp)[:6] for path, stamp in zip(SCREEN, stamps, strict=True))
    return f"/screen.css?v={version}"


@bp.get("/screen.css")
@public
def screen_css() -> Response:
    """The tokens and the site's style sheet as one file: the first paint waits for no second one."""
    folder = paths.resource_dir("static")
    body = "\n".join((folder / path).read_text(encoding="utf-8") for path in SCREEN)
    response = Response(body, mimetype="text/css")
    response.headers["Cache-Control"] = "no-cache" if paths.is_checkout() else "public, max-age=31536000, immutable"
    response.add_etag()
    return response.make_conditional(request.environ)  # type: ignore[return-value]


def asset(path: str) -> str:
    """The address of a static file; it changes with the content, so browsers may keep it for ever."""
    modified = (paths.resource_dir("static") / path).stat().st_mtime_ns
    return f"/static/{path}?v={_content_hash(path, modified)}"


def may(permission: str) -> bool:
    """May the person who looks do this kind of thing?"""
    return bool(current_user.has(permission))


def _shown(link: Link) -> bool:
    if link.permission == "public":
        return True
    return current_user.is_authenticated and (link.permission is None or current_user.has(link.permission))


def _links(groups: tuple[str, ...] = NAV_GROUPS) -> list[Link]:
    """The links this person can open, in the order of the groups."""
    shown = (link for link in features().each("links") if _shown(link))
    return sorted(shown, key=lambda link: (groups.index(link.group), link.order))


def nav_groups() -> list[dict[str, Any]]:
    """The left navigation: only what this person can open, grouped by job."""
    groups: dict[str, list[dict[str, Any]]] = {}
    for link in _links():
        if current_user.is_authenticated:
            groups.setdefault(link.group, []).append(_link(link))
    return [{"title": i18n.gettext(title), "links": rows} for title, rows in groups.items()]


def _link(link: Link) -> dict[str, Any]:
    active = request.endpoint == link.endpoint and all(
        str((request.view_args or {}).get(k)) == str(v) for k, v in link.values.items()
    )
    return {
        "title": i18n.gettext(link.title),
        "url": url_for(link.endpoint, **link.values),
        "icon": link.icon,
        "active": active,
    }


def bottom_links() -> list[dict[str, Any]]:
    """The four things this role does most, for the phone."""
    return [_link(link) for link in _links(PHONE_GROUPS)[:4]] if current_user.is_authenticated else []


def tabs(on: str, record: Any) -> list[dict[str, Any]]:
    """The pages that all features have about a record, for its row of tabs."""
    declared = sorted((tab for tab in features().each("tabs") if tab.on == on), key=lambda tab: tab.order)
    return [
        {
            "title": i18n.gettext(tab.title),
            "url": url_for(tab.endpoint, **{tab.argument: record.id}),
            "active": request.endpoint == tab.endpoint,
        }
        for tab in declared
        if tab.shown(current_user, record)
    ]


def parts(on: str, record: Any) -> list[tuple[str, dict[str, Any]]]:
    """What other features put into a page about a record: (template, its data), in order."""
    declared = sorted((part for part in features().each("parts") if part.on == on), key=lambda part: part.order)
    filled = ((part.template, part.data(current_user, record)) for part in declared)
    return [(template, data) for template, data in filled if data is not None]


def locale_url(code: str) -> str:
    """The link that changes the language and comes back to this page."""
    return url_for("shell.language", code=code) + "?" + urlencode({"next": request.full_path.rstrip("?")})


@bp.get("/language/<code>")
@public
def language(code: str) -> Any:
    """Remember the language for this browser. Harmless as a GET: it changes only how pages read."""
    if code in i18n.LOCALES:
        session["lang"] = code
    return redirect(safe_next(request.args.get("next"), "/"), 303)


@bp.get("/healthz")
@public
def healthz() -> Any:
    """The process answers."""
    return {"status": "ok"}


@bp.get("/readyz")
@public
def readyz() -> Any:
    """The process can do its work: the database answers."""
    db.session.execute(sa.text("select 1"))
    return {"status": "ready"}


@bp.get("/metrics")
@public
def figures() -> Any:
    """Figures for a scraper on this machine; for everybody else, and when turned off, the page does not exist."""
    if not current_app.config["SETTINGS"].metrics or request.remote_addr not in {"127.0.0.1", "::1"}:
        abort(404)
    body, content_type = metrics.page()
    return Response(body, content_type=content_type)


def init(app: Flask) -> None:
    """Install the frame and the static files."""
    app.register_blueprint(bp)
    app.jinja_env.globals.update(
        asset=asset,
        screen_sheet=screen_sheet,
        may=may,
        nav_groups=nav_groups,
        bottom_links=bottom_links,
        locale_url=locale_url,
        tabs=tabs,
        parts=parts,
    )
    app.context_processor(lambda: {"locale": i18n.current_locale(), "settings": current_app.config["SETTINGS"]})
    static = WhiteNoise(
        app.wsgi_app,
        root=str(paths.resource_dir("static")),
        prefix="static/",
        autorefresh=app.config["SETTINGS"].demo or paths.is_checkout(),
        immutable_file_test=lambda _path, _url: False,
        max_age=31536000 if not paths.is_checkout() else 0,
    )
    app.wsgi_app = static  # type: ignore[method-assign]
