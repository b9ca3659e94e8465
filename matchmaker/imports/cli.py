"""`matchmaker import KIND FILE`: one subcommand for every importer that the features declare."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
from flask import current_app
from flask.cli import with_appcontext

from matchmaker.core.errors import DomainError
from matchmaker.core.feature import Importer


class ImportCommands(click.Group):
    """The subcommands, read from the wiring of all features when first needed."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(_importers())

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        importer = _importers().get(name)
        return _command(importer) if importer else None


def _importers() -> dict[str, Importer]:
    from importlib import import_module

    from matchmaker.app import FEATURES

    features = [import_module(f"matchmaker.{name}.wiring").FEATURE for name in FEATURES]
    return {importer.key: importer for feature in features for importer in feature.importers}


@click.group("import", cls=ImportCommands)
def imports() -> None:
    """Import a file: CSV, TSV, XLSX or JSON Lines, also gzipped."""


def _command(importer: Importer) -> click.Command:
    parameters: list[click.Parameter] = [
        click.Argument(["file"], type=click.Path(exists=True, dir_okay=False, path_type=Path)),
        click.Option(["--dry-run"], is_flag=True, help="do everything, then undo it"),
        click.Option(
            ["--map", "chosen"], multiple=True, metavar="HEADER=FIELD", help="may be repeated; HEADER= ignores"
        ),
        click.Option(["--result"], type=click.Path(dir_okay=False, path_type=Path), help="write the result file here"),
        click.Option(["--region"], help="GB/T 2260 code; default: the site's region"),
        *(click.Option([f"--{o.key}"], help=f"{o.title}. {o.hint}".strip()) for o in importer.options),
    ]
    return click.Command(
        importer.key, params=parameters, callback=with_appcontext(_callback(importer)), help=_help(importer)
    )


def _help(importer: Importer) -> str:
    keys = ", ".join(field.key + ("*" if field.required else "") for field in importer.fields_for({}))
    return f"Import {importer.key} ({importer.title}).\n\nFields: {keys}"


def _callback(importer: Importer) -> Callable[..., None]:
    def run(
        file: Path, dry_run: bool, chosen: tuple[str, ...], result: Path | None, region: str | None, **typed: Any
    ) -> None:
        try:
            _run(importer, file, dry_run=dry_run, chosen=chosen, result=result, region=region, typed=typed)
        except DomainError as error:
            raise click.ClickException(str(error)) from None

    return run


def _run(
    importer: Importer,
    file: Path,
    *,
    dry_run: bool,
    chosen: tuple[str, ...],
    result: Path | None,
    region: str | None,
    typed: dict[str, Any],
) -> None:
    from matchmaker.core.db import transaction
    from matchmaker.core.regions import check_region
    from matchmaker.core.tabular import guess_mapping, read_table
    from matchmaker.imports.services import batches, running

    region = check_region(region or current_app.config["SETTINGS"].region)
    options = running.parse_options(importer, typed)
    table = read_table(file, file.name)
    guessed = guess_mapping(table.headers, importer.fields_for(options))
    mapping = running.mapping_for(importer, table, options, _mapping(chosen, table.headers, guessed))
    with _progress(len(table), file.name) as advance:
        run = running.prepare(
            importer, table, mapping=mapping, options=options, region=region, source=file.name, on_row=advance
        )
        if dry_run:
            reports = running.try_out(importer, run)
        else:
            with transaction() as session:
                reports = running.load(importer, run, session)
                batches.record_run(importer, run, region=region)
    if result is not None:
        running.write_result_file(result, reports)
    _report(run, dry_run=dry_run, result=result)


def _mapping(chosen: tuple[str, ...], headers: list[str], guessed: dict[str, str]) -> dict[str, str]:
    """HEADER=FIELD pairs as {field: header}; HEADER= takes the column from the field that its name suggests."""
    pairs = [text.partition("=") for text in chosen]
    for header, sign, _field in pairs:
        if not sign:
            raise click.UsageError(f"--map wants HEADER=FIELD, not {header!r}")
        if header not in headers:
            raise click.UsageError(f"the file has no column {header!r}; it has: {', '.join(headers)}")
    ignored = {header for header, _sign, field in pairs if not field}
    dropped = {field: "" for field, header in guessed.items() if header in ignored}
    return {**dropped, **{field: header for header, _sign, field in pairs if field}}


def _progress(total: int, name: str) -> Any:
    from contextlib import contextmanager

    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())

    @contextmanager
    def shown() -> Any:
        with Progress(*columns, console=Console(stderr=True)) as progress:
            task = progress.add_task(name, total=total)
            yield lambda n: progress.update(task, completed=n)

    return shown()


def _report(run: Any, *, dry_run: bool, result: Path | None) -> None:
    counts = " ".join(f"{name}={n}" for name, n in run.counts.items())
    click.echo(f"{'dry run, nothing changed: ' if dry_run else ''}lines={len(run.table)} {counts}")
    if run.warnings:
        click.echo(f"{len(run.warnings)} lines were taken with remarks (a cell left empty); --result FILE names them")
    if result is not None:
        click.echo(f"result file: {result}")
