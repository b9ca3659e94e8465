"""What every page shares: declared access, rendering, refusals on forms, security headers, request ids."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import urlsplit

import structlog
from flask import (
    Flask,
    Response,
    abort,
    current_app,
    flash,
    g,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask_babel import gettext
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_login import current_user
from flask_wtf import FlaskForm
from flask_wtf.csrf import CSRFError, CSRFProtect
from sqlalchemy.exc import IntegrityError, NoResultFound
from werkzeug.exceptions import HTTPException
from werkzeug.routing import IntegerConverter

from matchmaker.core import i18n, metrics
from matchmaker.core.db import db, transaction
from matchmaker.core.errors import DomainError, Missing, NotPermitted, Refusals

log = structlog.get_logger()

View = TypeVar("View", bound=Callable[..., Any])

csrf = CSRFProtect()
limiter = Limiter(get_remote_address, headers_enabled=False)

TWIN = "刚刚有人提交了相同的内容，请刷新页面核对后再试"
CONTENT_POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; object-src 'none'; frame-ancestors 'none'"
)


class KeyConverter(IntegerConverter):
    """A number in an address: one that no table can hold is no record's."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"max": 2**31 - 1, **kwargs})


@dataclass(frozen=True)
class Access:
    """Who may enter a route: anybody, anybody signed in, or holders of one of `permissions`."""

    kind: str
    permissions: tuple[str, ...] = ()


def public(view: View) -> View:
    """Open to all."""
    view._access = Access("public")  # type: ignore[attr-defined]
    return view


def signed_in(view: View) -> View:
    """Open to everybody with an account: their own things."""
    view._access = Access("signed_in")  # type: ignore[attr-defined]
    return view


def requires(*permissions: str) -> Callable[[View], View]:
    """Open to holders of any one of `permissions`."""

    def declare(view: View) -> View:
        view._access = Access("permission", permissions)  # type: ignore[attr-defined]
        return view

    return declare


def access_of(app: Flask, endpoint: str) -> Access | None:
    """The declared access of a route, None when it has none."""
    return getattr(app.view_functions.get(endpoint), "_access", None)


def check_access() -> Response | None:
    """Before every request: no declaration, no entry."""
    if request.endpoint is None:
        return None  # 404 and 405 answer for themselves
    access = access_of(current_app, request.endpoint)
    if access is None:
        abort(403)
    if access.kind == "public":
        return None
    if not current_user.is_authenticated:
        return ask_to_sign_in()
    if access.kind == "permission" and not any(current_user.has(p) for p in access.permissions):
        abort(403)
    return None


def ask_to_sign_in() -> Response:
    """The sign-in page, remembering where the person wanted to go; 401 for programs."""
    if is_api():
        abort(401)
    target = request.full_path.rstrip("?") if request.method == "GET" else url_for("portal.home")
    return redirect(url_for("accounts.sign_in", next=target), 303)  # type: ignore[return-value]


def is_api() -> bool:
    """Does a program ask?"""
    return request.path.startswith("/api/")


def wants_fragment() -> bool:
    """Does htmx ask for a part of the page?"""
    return "HX-Request" in request.headers and "HX-History-Restore-Request" not in request.headers


def page(template: str, *, fragment: str | None = None, **context: Any) -> str:
    """Render a page, or only its fragment when htmx asks."""
    if fragment is not None and wants_fragment():
        return render_template(fragment, **context)
    return render_template(template, **context)


def answer(form: FlaskForm, template: str, **context: Any) -> Response:
    """Render a form page: 200 when first shown, 422 when it comes back with errors."""
    body = page(template, form=form, **context)
    return make_response(body, 422 if form.is_submitted() else 200)


@contextmanager
def errors_on(form: FlaskForm) -> Iterator[None]:
    """Put a refusal on the field it blames, so that the page comes back with what was typed."""
    try:
        yield
    except (Missing, NotPermitted):
        raise
    except DomainError as error:
        blame(form, error)
    except IntegrityError as error:
        log.warning("integrity", detail=str(error.orig)[:300])
        form.form_errors.append(gettext(TWIN))


def blame(form: FlaskForm, error: DomainError) -> None:
    """Add a refusal (or each of several) to its field, or to the form as a whole."""
    if isinstance(error, Refusals):
        for each in error.all:
            blame(form, each)
        return
    text = i18n.sentence(error)
    field = form[error.field] if error.field and error.field in form else None
    if field is None:
        form.form_errors.append(text)
    else:
        field.errors = [*field.errors, text]


def one_or_404(statement: Any) -> Any:
    """The one row that this person may see, else 404."""
    try:
        return db.session.execute(statement).unique().scalar_one()
    except NoResultFound:
        abort(404)


def safe_next(target: str | None, fallback: str) -> str:
    """A local path to go on to; anything that could leave the site becomes the fallback."""
    if not target or any(ord(char) < 33 or char == "\\" for char in target):
        return fallback
    parts = urlsplit(target)
    if parts.scheme or parts.netloc or not target.startswith("/") or target.startswith("//"):
        return fallback
    return target


def step(change: Callable[[], Any], *, done: str, back: str) -> Any:
    """Carry out one step; a refusal is told in its own words. Who may not at all gets 403."""
    try:
        with transaction():
            change()
        flash(done, "good")
    except DomainError as error:
        if error.status == 403:
            raise
        flash(i18n.sentence(error), "warn")
    return redirect(back, 303)


def download(body: bytes, *, filename: str, mimetype: str) -> Response:
    """A file to save: always an attachment, never sniffed, never run."""
    from urllib.parse import quote

    response = Response(body, mimetype=mimetype)
    ascii_name = "".join(c if c.isascii() and (c.isalnum() or c in "._-") else "_" for c in filename)
    response.headers["Content-Disposition"] = (
        f"attachment; filename=\"{ascii_name}\"; filename*=UTF-8''{quote(filename)}"
    )
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response


def problem(status: int, title: str, **extra: Any) -> Response:
    """An error as application/problem+json (RFC 9457)."""
    body = {"type": "about:blank", "title": title, "status": status, "request_id": g.get("request_id"), **extra}
    response = make_response({k: v for k, v in body.items() if v is not None}, status)
    response.mimetype = "application/problem+json"
    return response


def init(app: Flask) -> None:
    """Install access checks, headers and error pages."""
    settings = app.config["SETTINGS"]
    app.config.update(
        RATELIMIT_ENABLED=bool(settings.flood_limit),
        RATELIMIT_STORAGE_URI=settings.rate_storage,
        RATELIMIT_DEFAULT=settings.flood_limit or "1000000 per second",
    )
    app.url_map.converters["int"] = KeyConverter
    csrf.init_app(app)
    limiter.init_app(app)
    app.before_request(_begin)
    app.before_request(check_access)
    app.after_request(_finish)
    app.register_error_handler(DomainError, _on_refusal)
    app.register_error_handler(IntegrityError, _on_twin)
    app.register_error_handler(CSRFError, _on_csrf)
    app.register_error_handler(HTTPException, _on_http)
    app.register_error_handler(Exception, _on_bug)


def _begin() -> None:
    g.started = time.perf_counter()
    g.request_id = secrets.token_hex(8)
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(request_id=g.request_id)


def _finish(response: Response) -> Response:
    _log(response)
    headers = response.headers
    headers.setdefault("Content-Security-Policy", CONTENT_POLICY)
    headers["X-Content-Type-Options"] = "nosniff"
    headers.setdefault("Referrer-Policy", "same-origin")
    headers["Cross-Origin-Opener-Policy"] = "same-origin"
    headers["Cross-Origin-Resource-Policy"] = "same-origin"
    headers["Permissions-Policy"] = "camera=(self), geolocation=(), microphone=()"
    headers["X-Request-Id"] = g.get("request_id", "-")
    response.vary.update(("Cookie", "HX-Request"))
    if current_app.config["SESSION_COOKIE_SECURE"]:
        headers["Strict-Transport-Security"] = "max-age=31536000"
    if "Cache-Control" not in headers:
        headers["Cache-Control"] = "no-store" if current_user.is_authenticated else "no-cache"
    return response


def _log(response: Response) -> None:
    """One line a request: what was asked and how it went, never who typed what (a token may stand in a path)."""
    if current_app.testing or request.endpoint in {"shell.healthz", "shell.readyz"}:
        return
    rule = request.url_rule.rule if request.url_rule else "-"
    seconds = time.perf_counter() - g.get("started", time.perf_counter())
    user = getattr(current_user, "id", 0) or None
    ms = round(seconds * 1000, 1)
    log.info("request", method=request.method, route=rule, status=response.status_code, ms=ms, user=user)
    if current_app.config["SETTINGS"].metrics:
        metrics.observe(method=request.method, route=rule, status=response.status_code, seconds=seconds)


def _on_refusal(error: DomainError) -> Response:
    return _error(
        error.status, i18n.sentence(error), errors={error.field: [i18n.sentence(error)]} if error.field else None
    )


def _on_twin(error: IntegrityError) -> Response:
    """A constraint had the last word: somebody else was first."""
    db.session.rollback()
    log.warning("integrity", detail=str(error.orig)[:300])
    return _error(409, gettext(TWIN))


def _on_csrf(error: CSRFError) -> Response:
    return _error(400, gettext("页面停留太久，请返回上一页刷新后重新提交；已填写的内容还在"))


def _on_http(error: HTTPException) -> Any:
    if error.code is None or error.code < 400:
        return error
    return _error(error.code, None, extra_headers=_retry_after(error))


def _retry_after(error: HTTPException) -> dict[str, str]:
    return {k: v for k, v in error.get_headers() if k in {"Allow", "Retry-After"}}


def on_invalid_input(error: Any) -> Response:
    """What a program sent does not fit the published description: which fields, and why."""
    places = error.detail if isinstance(error.detail, dict) else {}
    fields = {key: said for place in places.values() if isinstance(place, dict) for key, said in place.items()}
    status = int(error.status_code)
    return problem(status, gettext(SENTENCES.get(status, SENTENCES[400])), errors=fields or None)


def _on_bug(error: Exception) -> Any:
    if current_app.testing or current_app.debug:
        raise error
    log.exception("unhandled")
    db.session.rollback()
    return _error(500, None)


SENTENCES = {
    400: "请求不完整，请返回上一页重试",
    401: "请先登录",
    403: "您的账号没有这项权限；如需开通，请联系管理员",
    404: "没有找到这个页面，可能已删除、已移动，或不对您开放",
    405: "这个地址不接受这种操作，请从页面上的按钮进入",
    409: "内容刚刚发生了变化，请刷新页面后再试",
    413: "文件太大，请压缩或分开上传",
    422: "填写的内容有误，请按提示修改",
    429: "操作太频繁，请稍后再试",
    500: "系统出错了，问题已经记录；请稍后再试，或把页面底部的编号告诉我们",
}


def _error(status: int, message: str | None, *, extra_headers: dict[str, str] | None = None, **extra: Any) -> Response:
    text = message or gettext(SENTENCES.get(status, SENTENCES[400]))
    if is_api():
        response = problem(status, text, **extra)
    else:
        template = (
            f"errors/{status}.html" if status in SENTENCES and status not in {400, 401, 405} else "errors/404.html"
        )
        if status in {400, 401, 405}:
            template = "errors/422.html"
        response = make_response(render_template(template, message=text, status=status), status)
    response.headers.extend(extra_headers or {})
    return response
