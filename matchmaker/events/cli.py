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
    drift = registrations.reconcile()
    for pool, counted, rows in drift:
        click.echo(f"pool {pool}: counter {counted}, registrations {rows}")
    click.echo("all pools agree with their registrations" if not drift else f"{len(drift)} pools differ")
    raise SystemExit(1 if drift else 0)
