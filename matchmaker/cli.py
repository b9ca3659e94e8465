"""The `matchmaker` command: the kernel's commands, then those of the features."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
from flask import current_app
from flask.cli import with_appcontext

from matchmaker.settings import DEFAULT_SECRET, Settings

# Commands on files alone, loaded without the features, whose import takes seconds.
LIGHT = {"judging": "matchmaker.competition.cli", "match": "matchmaker.matching.cli"}


class Commands(click.Group):
    """The root group; features' commands are read from their wiring when first needed."""

    def _features(self) -> dict[str, click.Command]:
        from importlib import import_module

        from matchmaker.app import FEATURES

        found = [c for name in FEATURES for c in import_module(f"matchmaker.{name}.wiring").FEATURE.commands]
        return {command.name: command for command in found if command.name}

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted({*super().list_commands(ctx), *self._features()})

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        return super().get_command(ctx, name) or self._light(name) or self._features().get(name)

    def _light(self, name: str) -> click.Command | None:
        from importlib import import_module

        return getattr(import_module(LIGHT[name]), name, None) if name in LIGHT else None


def app_of(**overrides: Any) -> Any:
    """The application with the settings of the environment; a wrong setting is one line and exit 2."""
    from matchmaker.app import create_app

    try:
        return create_app(Settings.from_environment(**overrides))
    except ValueError as error:
        raise click.UsageError(str(error)) from None


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="shuimo-matchmaker", prog_name="matchmaker")
@click.pass_context
def cli(ctx: click.Context) -> None:
    """Innovation services of a district: events, competition, mentors, alliances, incubation, targets."""
    from flask.cli import ScriptInfo

    ctx.obj = ScriptInfo(create_app=app_of, load_dotenv_defaults=False)


@cli.group("db")
def database() -> None:
    """The database."""


@database.command()
@with_appcontext
def upgrade() -> None:
    """Bring the database to the newest schema."""
    from matchmaker.core import migrating

    migrating.upgrade()
    click.echo("the database is up to date")


@database.command()
@click.argument("revision", default="-1")
@with_appcontext
def downgrade(revision: str) -> None:
    """Go one step back (or to REVISION)."""
    from flask_migrate import downgrade as migrate

    migrate(revision=revision)
    click.echo(f"the database went back to {revision}")


@database.command("revision")
@click.option("-m", "--message", required=True)
@with_appcontext
def revise(message: str) -> None:
    """Write a new migration from the difference between models and database (for developers)."""
    from flask_migrate import migrate

    migrate(message=message)


@cli.group()
def users() -> None:
    """People who sign in."""


@users.command("create")
@click.option("--name", required=True)
@click.option("--email")
@click.option("--phone")
@click.option("--role", "roles", multiple=True, help="may be repeated")
@click.option("--region", help="GB/T 2260 code; default: the site's region")
@click.password_option(help="asked for when not given")
@with_appcontext
def create_user(
    name: str, email: str | None, phone: str | None, roles: tuple[str, ...], region: str | None, password: str
) -> None:
    """Make a user with roles."""
    from matchmaker.accounts import services
    from matchmaker.accounts.rules import Role
    from matchmaker.core.db import transaction
    from matchmaker.core.errors import DomainError

    region = region or current_app.config["SETTINGS"].region
    try:
        wanted = [Role(role) for role in roles]
    except ValueError as error:
        raise click.UsageError(f"{error}; roles: {', '.join(role.value for role in Role)}") from None
    try:
        with transaction():
            user = services.create_user(
                name=name, email=email, phone=phone, password=password, region=region, confirmed=True
            )
            for role in wanted:
                services.grant_role(user, role, region=region)
            user_id = user.id
    except DomainError as error:
        raise click.UsageError(str(error)) from None
    click.echo(f"user {user_id} created: {name}")


@cli.group()
def jobs() -> None:
    """Recurring work."""


@jobs.command("list")
@with_appcontext
def list_jobs() -> None:
    """Every job with its schedule and its last run."""
    from matchmaker.core.feature import features
    from matchmaker.core.jobs import last_runs

    last = last_runs()
    for job in features().each("jobs"):
        run = last.get(job.name)
        when = f"every {job.every}" if job.every else f"daily at {job.daily_at} Beijing time"
        state = f"{run.state} {run.started:%Y-%m-%d %H:%M:%S}Z count={run.count}" if run else "never ran"
        click.echo(f"{job.name:32} {when:34} {state}")


@jobs.command("run")
@click.argument("name")
@with_appcontext
def run_job(name: str) -> None:
    """Run one job now."""
    from matchmaker.core.feature import features
    from matchmaker.core.jobs import run_by_hand

    job = features().find("jobs", name)
    if job is None:
        raise click.UsageError(f"there is no job {name!r}; see: matchmaker jobs list")
    click.echo(f"{name}: {run_by_hand(job)}")


@jobs.command("serve")
def serve_jobs() -> None:
    """The scheduler process; any number may run, one is elected."""
    from matchmaker.core.jobs import serve as run_scheduler

    run_scheduler(app_of())


@cli.command()
@click.argument("what", type=click.Choice(["reference", "demo"]))
@with_appcontext
def seed(what: str) -> None:
    """Load the published lists (any number of times) or the demo (never on a public site)."""
    from matchmaker.core import progress
    from matchmaker.seeding import services

    with progress.shown(f"{what} data") as step:
        counts = services.load_reference(step) if what == "reference" else services.load_demo(step)
    for name, count in counts.items():
        click.echo(f"{name}: {count} new or changed")


@cli.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@with_appcontext
def backup(file: Path) -> None:
    """Write every row and every file into FILE (.tar.gz), while the site runs."""
    from matchmaker.core import backup, progress
    from matchmaker.core.db import db

    with _refusals(), progress.shown("backup") as step:
        manifest = backup.write(db.engine, _files_folder(), file, step=step)
    total = sum(entry["rows"] for entry in manifest.tables.values())
    click.echo(f"{file}: {total} rows of {len(manifest.tables)} tables, {len(manifest.files)} files")


@cli.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--force", is_flag=True, help="overwrite a database that holds data")
@with_appcontext
def restore(file: Path, force: bool) -> None:
    """Put a backup back, with the site stopped; everything is checked before and compared afterwards."""
    from matchmaker.core import backup, migrating, progress
    from matchmaker.core.db import db

    with _refusals(), progress.shown("restore") as step:
        manifest = backup.restore(db.engine, _files_folder(), file, migrate=migrating.upgrade, force=force, step=step)
    migrating.upgrade()
    total = sum(entry["rows"] for entry in manifest.tables.values())
    click.echo(f"restored the state of {manifest.created}: {total} rows, {len(manifest.files)} files, all equal")


@contextmanager
def _refusals() -> Iterator[None]:
    from matchmaker.core.errors import DomainError

    try:
        yield
    except (DomainError, OSError) as error:
        raise click.ClickException(str(error)) from None


def _files_folder() -> Path | None:
    """The folder of uploads; an object store has copies of its own and is not part of a backup."""
    settings = current_app.config["SETTINGS"]
    if settings.file_store != "local":
        click.echo("uploads lie in the object store and are not part of this", err=True)
        return None
    return Path(settings.instance_path) / "files"


@cli.command()
def doctor() -> None:
    """Examine this installation: one line each, what is wrong and how to mend it; exit 1 when something is."""
    from matchmaker.core.doctor import Mark, examine

    findings = list(examine(app_of()))
    for finding in findings:
        click.echo(f"{finding.mark.value:8} {finding.subject}: {finding.text}")
    raise SystemExit(any(finding.mark is Mark.BAD for finding in findings))


@cli.command()
@click.option("--port", default=8000, show_default=True, envvar="PORT", type=click.IntRange(0, 65535))
def demo(port: int) -> None:
    """Start the platform with demo data on this machine: web server and scheduler, until Ctrl-C."""
    from matchmaker.demo import run

    run(port)


@cli.command()
@click.option("--host", default="0.0.0.0", show_default=True)  # noqa: S104 - a server is meant to be reached
@click.option("--port", default=8000, show_default=True, envvar="PORT")
@click.option("--workers", default=max(2, os.cpu_count() or 2), show_default=True)
@click.option("--threads", default=2, show_default=True)
def serve(host: str, port: int, workers: int, threads: int) -> None:
    """Serve in production with gunicorn; refuses the default secret key and demo accounts."""
    settings = Settings.from_environment()
    if settings.secret_key == DEFAULT_SECRET or len(settings.secret_key) < 16:
        raise click.ClickException("set MATCHMAKER_SECRET_KEY to a random text of at least 16 characters first")
    app = app_of()
    with app.app_context():
        _refuse_demo_accounts()
    command = ["gunicorn", "matchmaker.app:create_app()", "--bind", f"{host}:{port}", "--workers", str(workers)]
    command += ["--worker-class", "gthread", "--threads", str(threads), "--reuse-port", "--no-control-socket"]
    command += ["--config", "python:matchmaker.core.serving"]
    os.execvp(sys.executable, [sys.executable, "-m", *command])  # noqa: S606 - our own interpreter


def _refuse_demo_accounts() -> None:
    from sqlalchemy.exc import OperationalError, ProgrammingError

    from matchmaker.accounts.queries import demo_accounts

    try:
        found = len(demo_accounts())
    except (OperationalError, ProgrammingError):
        raise click.ClickException("the database has no tables yet; run: matchmaker db upgrade") from None
    if found:
        raise click.ClickException(
            f"the database holds {found} demo accounts with a public password; use a database of your own"
        )


def main() -> None:
    """Entry point of the installed command."""
    cli(prog_name="matchmaker")
