"""Commands of notifications."""

from __future__ import annotations

from typing import BinaryIO

import click
from flask.cli import with_appcontext

from matchmaker.core.db import transaction
from matchmaker.core.errors import DomainError
from matchmaker.notifications import rules, services

LARGEST = 5 * 1024 * 1024


@click.group("notifications")
def notifications() -> None:
    """Messages."""


@notifications.command("bounce")
@click.argument("file", type=click.File("rb"), default="-")
@with_appcontext
def bounce(file: BinaryIO) -> None:
    """Take a report of a refused mail (RFC 3464) from FILE or standard input: the mail server pipes them here."""
    try:
        report = rules.read_report(file.read(LARGEST))
        with transaction():
            row = services.take_report(report)
            line = f"message {row.id}: {row.state.value}, {row.bounce.value if row.bounce else 'not final'}"
    except DomainError as error:
        raise click.ClickException(str(error)) from None
    click.echo(line)
