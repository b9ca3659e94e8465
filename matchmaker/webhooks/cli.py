"""Commands of webhooks."""

from __future__ import annotations

import click
from flask.cli import with_appcontext

from matchmaker.webhooks.services import sending


@click.group("webhooks")
def webhooks() -> None:
    """Telling other systems."""


@webhooks.command("deliver")
@with_appcontext
def deliver() -> None:
    """Send every delivery that is due now."""
    click.echo(f"{sending.deliver()} delivered")
