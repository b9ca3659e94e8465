"""Starts the demo: an instance folder, migrated and furnished, then web server and scheduler side by side."""

from __future__ import annotations

import ctypes
import logging
import os
import secrets
import signal
import socket
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

import click

from matchmaker.core import migrating, progress, serving
from matchmaker.settings import Settings

HOST = "127.0.0.1"


def run(port: int) -> None:
    """Serve until Ctrl-C or SIGTERM; raises ClickException in one sentence when it cannot start."""
    listening = _listen(port)
    _prepare_environment(port)
    app = _application()
    with app.app_context():
        migrating.upgrade()
        furnish()
        logins = _logins()
    scheduler = _start_scheduler()
    try:
        _announce(f"http://{HOST}:{listening.getsockname()[1]}", logins)
        _serve(app, listening)
    finally:
        _end(scheduler)
        click.echo("stopped")


def _listen(port: int) -> socket.socket:
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((HOST, port))
        listening.listen(64)  # from now on nobody else can take it
    except (OSError, OverflowError) as error:
        why = getattr(error, "strerror", None) or error
        raise click.ClickException(f"port {port} cannot be used ({why}); choose another: PORT=8001 make demo") from None
    return listening


def _prepare_environment(port: int) -> None:
    """Put the demo's settings into the environment so that the scheduler has the same."""
    os.environ.setdefault("MATCHMAKER_DEMO", "1")
    os.environ.setdefault("MATCHMAKER_MAIL_BACKEND", "file")
    os.environ.setdefault("MATCHMAKER_BASE_URL", f"http://{HOST}:{port}")
    try:
        folder = Settings.from_environment().instance_path
        folder.mkdir(parents=True, exist_ok=True)
        os.environ.setdefault("MATCHMAKER_SECRET_KEY", _secret(folder / "secret_key"))
    except (ValueError, OSError) as error:
        raise click.ClickException(str(error)) from None


def _secret(file: Path) -> str:
    if not file.exists():
        file.touch(mode=0o600)
        file.write_text(secrets.token_urlsafe(32), encoding="ascii")
    return file.read_text(encoding="ascii")


def _application() -> Any:
    from matchmaker.app import create_app

    return create_app()


def furnish() -> None:
    """Load what is missing of reference and demo data; a start that was cut off is finished by the next."""
    from matchmaker.accounts.queries import demo_accounts
    from matchmaker.seeding import services

    if not demo_accounts():
        with progress.shown("reference data") as step:
            services.load_reference(step)
    with progress.shown("demo data") as step:
        services.load_demo(step)


def _logins() -> list[tuple[str, str, str]]:
    """(role, name, address) of one demo account for each role."""
    from matchmaker.accounts.queries import demo_logins_by_role

    found = demo_logins_by_role()
    return [(role.label, user.name, user.email or user.phone or "") for role, user in found.items()]


def _announce(address: str, logins: list[tuple[str, str, str]]) -> None:
    from rich.console import Console
    from rich.table import Table

    from matchmaker.seeding.demo import PASSWORD

    console = Console(highlight=False)
    if logins:
        table = Table("role", "name", "sign in as", title=f"password of every account: {PASSWORD}")
        for row in logins:
            table.add_row(*row)
        console.print(table)
    console.print(f"running on [bold]{address}[/bold] (Ctrl-C ends it)")
    sys.stdout.flush()


def _serve(app: Any, listening: socket.socket) -> None:
    import waitress

    def leave(_signal: int, _frame: Any) -> None:
        raise SystemExit(0)

    for end in (signal.SIGTERM, signal.SIGINT):  # a shell may start us in the background, deaf to Ctrl-C
        signal.signal(end, leave)
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    server = waitress.create_server(app, sockets=[listening], threads=8, ident=None)
    serving.begun(app)
    with suppress(SystemExit, KeyboardInterrupt):
        server.run()
    server.close()


def _start_scheduler() -> subprocess.Popen[bytes]:
    """The scheduler's process: out of reach of Ctrl-C, which is ours to pass on, and never left behind."""
    command = [sys.executable, "-m", "matchmaker", "jobs", "serve"]
    return subprocess.Popen(command, start_new_session=True, preexec_fn=_end_with_parent)  # noqa: S603 - our own command


def _end_with_parent() -> None:
    with suppress(OSError, AttributeError):  # Linux only
        ctypes.CDLL(None).prctl(1, signal.SIGTERM)  # PR_SET_PDEATHSIG


def _end(scheduler: subprocess.Popen[bytes]) -> None:
    scheduler.terminate()
    try:
        scheduler.wait(timeout=10)
    except subprocess.TimeoutExpired:
        scheduler.kill()
        scheduler.wait()
