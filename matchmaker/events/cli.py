"""Commands of events."""

from __future__ import annotations

import click
from flask.cli import with_appcontext

from matchmaker.events import queries
from matchmaker.events.services import registrations


@click.group("events")
def events() -> None:
    """Events."""


@events.command("reconcile")
@with_appcontext
def reconcile() -> None:
    """Recount every seat pool from its registrations; exit 1 and name the pools that differ."""
    drift, contradicting = registrations.reconcile()
    titles = queries.titles_of_pools([pool for pool, _counted, _rows in drift])
    for pool, counted, rows in drift:
        click.echo(f"pool {pool} ({titles.get(pool, '?')}): counter {counted}, registrations {rows}")
    of_events = queries.titles_of_registrations(contradicting)
    for number in contradicting:
        click.echo(f"registration {number} ({of_events.get(number, '?')}): its places contradict its state")
    if not drift and not contradicting:
        click.echo("all pools agree with their registrations")
        return
    click.echo(f"{len(drift)} pools differ, {len(contradicting)} registrations contradict their places")
    raise SystemExit(1)
