"""Examines an installation: one line each of what is well, and what is wrong and how to mend it."""

from __future__ import annotations

import os
import shutil
import smtplib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from flask import Flask

from matchmaker.core import clock, documents, sqlite
from matchmaker.core.db import db
from matchmaker.core.jobs import JobRun
from matchmaker.settings import DEFAULT_SECRET, Settings

LEAST_FREE = 1 << 30  # a gigabyte


class Mark(StrEnum):
    """How a finding weighs."""

    GOOD = "ok"
    DOUBTFUL = "warning"
    BAD = "WRONG"


@dataclass(frozen=True)
class Finding:
    """One line of the examination."""

    subject: str
    mark: Mark
    text: str


def good(subject: str, text: str) -> Finding:
    """Nothing to do."""
    return Finding(subject, Mark.GOOD, text)


def doubtful(subject: str, text: str) -> Finding:
    """Works, but somebody should look."""
    return Finding(subject, Mark.DOUBTFUL, text)


def bad(subject: str, text: str) -> Finding:
    """Does not work; the text says how to mend it."""
    return Finding(subject, Mark.BAD, text)


def examine(app: Flask) -> Iterator[Finding]:
    """Every check, in the order in which trouble should be mended."""
    settings: Settings = app.config["SETTINGS"]
    yield secret_key(settings)
    yield pii_key(settings)
    yield from folders(settings)
    with app.app_context():
        reachable = database()
        yield reachable
        if reachable.mark is not Mark.BAD:
            yield from _guarded((sqlite_version, migrations, scheduler, time_of_day))
    yield mail(settings)
    yield fonts()
    yield secure_cookies(settings)


def _guarded(checks: tuple[Callable[[], Finding], ...]) -> Iterator[Finding]:
    for check in checks:
        try:
            yield check()
        except sa.exc.SQLAlchemyError as error:
            yield bad(check.__name__.replace("_", " "), _first_line(error))


def _first_line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:200]


def secret_key(settings: Settings) -> Finding:
    """Cookies and links are only as safe as this."""
    if settings.secret_key == DEFAULT_SECRET:
        return bad("secret key", "is the default that everybody knows; set MATCHMAKER_SECRET_KEY to a random text")
    if len(settings.secret_key) < 16:
        return bad("secret key", "is shorter than 16 characters; set MATCHMAKER_SECRET_KEY to a longer random text")
    return good("secret key", "set")


def pii_key(settings: Settings) -> Finding:
    """Encrypted id numbers depend on it."""
    if not settings.pii_key:
        return doubtful(
            "key for id numbers",
            "follows from the secret key, so changing that loses them; set MATCHMAKER_PII_KEY (base64, 32 bytes)",
        )
    return good("key for id numbers", "set")


def folders(settings: Settings) -> Iterator[Finding]:
    """The instance folder takes files and has room."""
    folder = settings.instance_path
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / f".doctor-{os.getpid()}"
        probe.write_bytes(b"x")
        probe.unlink()
    except OSError as error:
        yield bad("instance folder", f"cannot be written ({_first_line(error)}); give its owner the right or move it")
        return
    yield good("instance folder", str(folder))
    free = shutil.disk_usage(folder).free
    text = f"{free / (1 << 30):.1f} GiB free"
    yield good("disk", text) if free > LEAST_FREE else doubtful("disk", f"only {text}; make room or add a disk")


def database() -> Finding:
    """The database answers."""
    shown = db.engine.url.render_as_string(hide_password=True)
    try:
        with db.engine.connect() as connection:
            connection.execute(sa.text("SELECT 1"))
    except (sa.exc.SQLAlchemyError, OSError) as error:
        return bad("database", f"{shown} does not answer ({_first_line(error)}); check MATCHMAKER_DATABASE_URL")
    return good("database", shown)


def sqlite_version() -> Finding:
    """Old versions of SQLite can corrupt the write-ahead log."""
    if db.engine.dialect.name != "sqlite":
        return good("database server", ".".join(map(str, db.engine.dialect.server_version_info or ())) or "answers")
    with db.engine.connect() as connection:
        found = sqlite.version(connection)
        mode = connection.execute(sa.text("PRAGMA journal_mode")).scalar()
    text = ".".join(map(str, found))
    if mode != "wal":
        return bad("SQLite", f"journal mode is {mode}; the folder must be on a local disk that allows WAL")
    if found < sqlite.SAFE_VERSION:
        safe = ".".join(map(str, sqlite.SAFE_VERSION))
        return doubtful("SQLite", f"{text} has a rare corruption fault; use {safe} or newer, or PostgreSQL")
    return good("SQLite", f"{text}, write-ahead log")


def migrations() -> Finding:
    """The schema is that of this version of the program."""
    from alembic.runtime.migration import MigrationContext
    from alembic.script import ScriptDirectory
    from flask_migrate import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent.parent / "migrations"))
    newest = ScriptDirectory.from_config(config).get_current_head()
    with db.engine.connect() as connection:
        present = MigrationContext.configure(connection).get_current_revision()
        empty = not sa.inspect(connection).get_table_names()
    if present == newest and not empty:
        return good("migrations", f"at {present or 'no revision'}")
    if empty:
        return bad("migrations", "the database is empty; run: matchmaker db upgrade")
    return bad("migrations", f"database at {present}, program at {newest}; run: matchmaker db upgrade")


def scheduler() -> Finding:
    """Some process runs the recurring work."""
    with db.engine.connect() as connection:
        if not sa.inspect(connection).has_table(JobRun.__tablename__):
            return doubtful("scheduler", "has no table yet; run: matchmaker db upgrade")
        last = connection.execute(sa.select(sa.func.max(JobRun.started))).scalar()
    if last is None or clock.now() - last > timedelta(hours=1):
        when = "never ran" if last is None else f"last ran {last:%Y-%m-%d %H:%M} UTC"
        return doubtful("scheduler", f"{when}; keep one running: matchmaker jobs serve")
    return good("scheduler", f"last ran {last:%Y-%m-%d %H:%M} UTC")


def time_of_day() -> Finding:
    """Deadlines need a right clock: not behind the newest record, not away from the database server's."""
    now = clock.now()
    with db.engine.connect() as connection:
        if db.engine.dialect.name == "postgresql":
            seconds = abs((connection.execute(sa.select(sa.func.now())).scalar_one() - now).total_seconds())
            if seconds > 5:
                return bad("clock", f"{seconds:.0f} s away from the database server's; let both follow a time server")
        elif sa.inspect(connection).has_table(JobRun.__tablename__):
            last = connection.execute(sa.select(sa.func.max(JobRun.started))).scalar()
            if last is not None and last > now + timedelta(minutes=1):
                return bad("clock", f"behind the newest record of {last:%Y-%m-%d %H:%M} UTC; set the system's time")
    return good("clock", f"{now.astimezone(clock.CHINA):%Y-%m-%d %H:%M} in Beijing")


def mail(settings: Settings) -> Finding:
    """Mail leaves the house."""
    if settings.mail_backend != "smtp":
        return doubtful("mail", f"goes to the {settings.mail_backend}, to nobody; set MATCHMAKER_MAIL_BACKEND=smtp")
    where = f"{settings.mail_server}:{settings.mail_port}"
    try:
        with smtplib.SMTP(settings.mail_server, settings.mail_port, timeout=5) as server:
            server.noop()
    except (OSError, smtplib.SMTPException) as error:
        return bad("mail", f"{where} does not answer ({_first_line(error)}); check MATCHMAKER_MAIL_SERVER and _PORT")
    return good("mail", f"{where} answers")


def fonts() -> Finding:
    """Papers are drawn with a Chinese font."""
    found: list[Any] = [file for folder in documents.font_dirs() for file in Path(folder).glob("*CJK*")]
    if not found:
        return bad("fonts", "no Chinese font for papers; install the package fonts-noto-cjk")
    return good("fonts", f"{len(found)} Chinese font files")


def secure_cookies(settings: Settings) -> Finding:
    """A public address belongs behind HTTPS and answers to its own names only."""
    local = any(name in settings.base_url for name in ("127.0.0.1", "localhost"))
    if local:
        return good("address", f"{settings.base_url} (this machine only)")
    wrong = []
    if not settings.https_only or not settings.base_url.startswith("https://"):
        wrong.append("serve over HTTPS and set MATCHMAKER_HTTPS_ONLY=1")
    if not settings.trusted_hosts:
        wrong.append("name the site in MATCHMAKER_TRUSTED_HOSTS")
    return doubtful("address", "; ".join(wrong)) if wrong else good("address", settings.base_url)
