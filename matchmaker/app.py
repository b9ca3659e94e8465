"""The application factory: settings, kernel, then the features in the order of their imports."""

from __future__ import annotations

from datetime import timedelta
from importlib import import_module
from pathlib import Path
from typing import Any

from apiflask import APIFlask
from flask_migrate import Migrate
from werkzeug.middleware.proxy_fix import ProxyFix

from matchmaker.core import api, i18n, jobs, logs, paths, shell, sqlite, web  # noqa: F401 - jobs brings its table
from matchmaker.core.db import db
from matchmaker.core.feature import Feature, Features
from matchmaker.settings import Settings

FEATURES = (
    "activity",
    "files",
    "notifications",
    "directory",
    "accounts",
    "lists",
    "imports",
    "webhooks",
    "publicity",
    "questionnaires",
    "evaluation",
    "events",
    "programme",
    "invitations",
    "checkin",
    "campaigns",
    "badges",
    "surveys",
    "reports",
    "retention",
    "rosters",
    "candidacies",
    "envoys",
    "competition",
    "finals",
    "voting",
    "alliances",
    "incubation",
    "matching",
    "rounds",
    "mentoring",
    "monitoring",
    "portal",
    "seeding",
)


def create_app(settings: Settings | None = None) -> APIFlask:
    """A working application; raises RuntimeError when a route declares no access."""
    settings = settings or Settings.from_environment()
    settings.instance_path.mkdir(parents=True, exist_ok=True)
    app = _bare(settings)
    logs.init(settings.log_format)
    _database(app, settings)
    i18n.init(app)
    features = [_load(name) for name in FEATURES]
    app.extensions["matchmaker.features"] = Features(features)
    for feature in features:
        if feature.setup is not None:
            feature.setup(app)
    web.init(app)
    for feature in features:
        for blueprint in feature.blueprints:
            app.register_blueprint(blueprint)
    shell.init(app)
    _check_declared(app)
    return app


def _load(name: str) -> Feature:
    feature: Feature = import_module(f"matchmaker.{name}.wiring").FEATURE
    return feature


def _bare(settings: Settings) -> APIFlask:
    app = APIFlask(
        "matchmaker",
        title=settings.site_name,
        version="1.0.0",
        spec_path="/api/v1/openapi.json",
        docs_path=None,
        json_errors=False,
        template_folder=str(paths.resource_dir("templates")),
        static_folder=None,  # type: ignore[arg-type]
        instance_path=str(settings.instance_path),
    )
    app.config.update(
        SETTINGS=settings,
        SECRET_KEY=settings.secret_key,
        OPENAPI_VERSION="3.1.0",
        SESSION_COOKIE_NAME="__Host-matchmaker" if settings.https_only else "matchmaker",
        SESSION_COOKIE_SECURE=settings.https_only,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        PERMANENT_SESSION_LIFETIME=timedelta(days=settings.session_days),
        MAX_CONTENT_LENGTH=settings.upload_limit_mb * 1024 * 1024,
        MAX_FORM_MEMORY_SIZE=4 * 1024 * 1024,
        TRUSTED_HOSTS=[host.strip() for host in settings.trusted_hosts.split(",") if host.strip()] or None,
        WTF_CSRF_TIME_LIMIT=None,
        WTF_CSRF_SSL_STRICT=False,
    )
    app.jinja_options = {"trim_blocks": True, "lstrip_blocks": True}
    app.spec_processor(api.describe_problems)
    app.error_processor(web.on_invalid_input)
    app.view_functions["openapi.spec"] = web.public(app.view_functions["openapi.spec"])
    if settings.proxy_count:
        n = settings.proxy_count
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=n, x_proto=n, x_host=n)  # type: ignore[method-assign]
    return app


def _database(app: APIFlask, settings: Settings) -> None:
    url = settings.sqlalchemy_url
    options: dict[str, Any] = {}
    if url.startswith("sqlite"):
        options["module"] = sqlite.driver()
    else:
        options.update(pool_pre_ping=True, isolation_level="READ COMMITTED")  # whatever the server's default is
    app.config.update(SQLALCHEMY_DATABASE_URI=url, SQLALCHEMY_ENGINE_OPTIONS=options)
    db.init_app(app)
    Migrate(app, db, directory=str(Path(__file__).parent / "migrations"), render_as_batch=True)
    with app.app_context():
        sqlite.prepare(db.engine)


def _check_declared(app: APIFlask) -> None:
    missing = sorted(endpoint for endpoint in app.view_functions if web.access_of(app, endpoint) is None)
    if missing:
        raise RuntimeError(f"routes without declared access: {', '.join(missing)}")
