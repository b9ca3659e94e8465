"""Commands of events."""

from __future__ import annotations

import click

from matchmaker.events.services import registrations


@click.group("events")
def events() -> None:
    """Events."""


@events.command("reconcile")
def reconcile() -> None:
    """Recount every seat pool from its registrations; exit 1 and name the pools that differ."""
    drift, contradicting = registrations.reconcile()
    for pool, counted, rows in drift:
        click.echo(f"pool {pool}: counter {counted}, registrations {rows}")
    for number in contradicting:
        click.echo(f"registration {number}: its places contradict its state")
    if not drift and not contradicting:
        click.echo("all pools agree with their registrations")
        return
    click.echo(f"{len(drift)} pools differ, {len(contradicting)} registrations contradict their places")
    raise SystemExit(1)
