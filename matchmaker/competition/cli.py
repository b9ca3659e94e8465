"""Commands of the competition: `matchmaker judging …`.

The group is loaded without the application (`matchmaker.cli.LIGHT`): what a command needs is imported inside it.
"""

from __future__ import annotations

from pathlib import Path

import click


class Refused(click.ClickException):
    """One line on what is wrong with the input; nothing has been written."""

    exit_code = 2


@click.group("judging")
def judging() -> None:
    """Judging a competition: ranks from ballots."""


@judging.command("rank")
@click.argument("ballots", type=click.Path(path_type=Path))
@click.option("--rule", required=True, type=click.Choice(["mean", "trimmed", "standard", "calibrated"]))
@click.option("--out", type=click.Path(path_type=Path), help="write here instead of to standard output")
@click.option("--stage", help="the stage to rank, where the file has several")
@click.option("--by-track", is_flag=True, help="a ranking for each track instead of one over all")
def rank(ballots: Path, rule: str, out: Path | None, stage: str | None, by_track: bool) -> None:
    """Rank the entries of BALLOTS (CSV or XLSX: entry, judge, score; optionally criterion, weight, track, stage)."""
    raise Refused("not yet")
