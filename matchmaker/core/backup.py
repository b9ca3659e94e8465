"""Backup and restore: every row and every file in one archive that either kind of database takes back.

The archive is a tar.gz of `manifest.json`, `tables/<name>.jsonl` (one row a line, in the order of the key) and
`files/<key>`. All rows are read in one read transaction, so the copy is of one moment while others write on.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tarfile
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from matchmaker.core import clock, rows, sqlite
from matchmaker.core.errors import Conflict, DomainError
from matchmaker.core.progress import Step

FORMAT = 1
VERSIONS = "alembic_version"


@dataclass
class Manifest:
    """What an archive holds: counts and hashes of every table and file."""

    created: str
    revision: str | None
    format: int = FORMAT
    tables: dict[str, dict[str, Any]] = field(default_factory=dict)
    files: dict[str, dict[str, Any]] = field(default_factory=dict)

    def differences(self, other: Manifest) -> list[str]:
        """The tables and files whose counts or hashes are not the same; a table without rows may be missing."""
        filled = [{name: entry for name, entry in m.tables.items() if entry["rows"]} for m in (self, other)]
        pairs = (("table", filled[0], filled[1]), ("file", self.files, other.files))
        return [
            f"{kind} {name}: {ours.get(name)} and {theirs.get(name)}"
            for kind, ours, theirs in pairs
            for name in sorted({*ours, *theirs})
            if ours.get(name) != theirs.get(name)
        ]


def quiet(_what: str, _done: int, _total: int) -> None:
    """No progress is shown."""


def write(engine: sa.Engine, files: Path | None, archive: Path, *, step: Step = quiet) -> Manifest:
    """Write the archive beside its place and move it there when complete; returns what it holds."""
    partial = archive.with_name(archive.name + ".partial")
    try:
        with tempfile.TemporaryDirectory(prefix="matchmaker-backup-") as folder:
            manifest = _dump(engine, files, Path(folder), step=step)
            _pack(manifest, Path(folder), files, partial)
        os.replace(partial, archive)
    finally:
        partial.unlink(missing_ok=True)
    return manifest


def _pack(manifest: Manifest, folder: Path, files: Path | None, archive: Path) -> None:
    with tarfile.open(archive, "w:gz", compresslevel=6) as tar:
        for name in manifest.tables:
            tar.add(folder / f"{name}.jsonl", f"tables/{name}.jsonl")
        for key in manifest.files:
            tar.add(_place(files, key), f"files/{key}")
        listing = folder / "manifest.json"
        listing.write_text(json.dumps(asdict(manifest), indent=1, ensure_ascii=False), encoding="utf-8")
        tar.add(listing, "manifest.json")


def survey(engine: sa.Engine, files: Path | None) -> Manifest:
    """What an archive written now would hold."""
    with tempfile.TemporaryDirectory(prefix="matchmaker-survey-") as folder:
        return _dump(engine, files, Path(folder), step=quiet)


def _dump(engine: sa.Engine, files: Path | None, folder: Path, *, step: Step) -> Manifest:
    with _one_moment(engine) as connection:
        tables = _tables(connection)
        manifest = Manifest(created=clock.now().isoformat(), revision=_revision(connection))
        for number, table in enumerate(tables, start=1):
            step(table.name, number, len(tables))
            manifest.tables[table.name] = _write_table(connection, table, folder / f"{table.name}.jsonl")
    for key, path in _contents(files):  # after the rows: a file that a row names was stored before the row
        manifest.files[key] = {"bytes": path.stat().st_size, "sha256": _hash(path)}
    return manifest


@contextmanager
def _one_moment(engine: sa.Engine) -> Iterator[sa.Connection]:
    with engine.connect() as connection:
        if engine.dialect.name == "postgresql":
            connection = connection.execution_options(isolation_level="REPEATABLE READ")
        with connection.begin():
            yield connection


def _tables(connection: sa.Connection) -> list[sa.Table]:
    metadata = sa.MetaData()
    metadata.reflect(connection)
    return [table for table in metadata.sorted_tables if table.name != VERSIONS]


def _revision(connection: sa.Connection) -> str | None:
    if not sa.inspect(connection).has_table(VERSIONS):
        return None
    return connection.execute(sa.select(sa.column("version_num")).select_from(sa.table(VERSIONS))).scalar()


def _write_table(connection: sa.Connection, table: sa.Table, path: Path) -> dict[str, Any]:
    count, digest = 0, hashlib.sha256()
    statement = sa.select(table).order_by(*(table.primary_key.columns or table.columns))
    result = connection.execution_options(yield_per=2000).execute(statement)
    with path.open("wb") as out:
        for row in result:
            line = rows.encoded(table, row)
            out.write(line)
            digest.update(line)
            count += 1
    return {"rows": count, "sha256": digest.hexdigest()}


def _contents(files: Path | None) -> Iterator[tuple[str, Path]]:
    if files is None or not files.is_dir():
        return
    for path in sorted(files.glob("*/*")):
        if path.is_file() and path.name.isalnum():
            yield path.name, path


def _place(files: Path | None, key: str) -> Path:
    if files is None or not key.isalnum():
        raise DomainError("备份文件里有不认识的内容")
    return files / key[:2] / key


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def read_manifest(archive: Path) -> Manifest:
    """The manifest of an archive. Raises DomainError when it is none of ours."""
    try:
        with tarfile.open(archive, "r:gz") as tar:
            member = tar.extractfile("manifest.json")
            assert member is not None
            manifest = Manifest(**json.load(member))
    except (OSError, tarfile.TarError, EOFError, KeyError, TypeError, ValueError, AssertionError):
        raise DomainError("这不是本系统的备份文件，或文件已损坏") from None
    if manifest.format != FORMAT:
        raise DomainError("备份文件的格式比程序新，请先升级程序")
    return manifest


def restore(
    engine: sa.Engine,
    files: Path | None,
    archive: Path,
    *,
    migrate: Callable[[str | None], None],
    force: bool = False,
    step: Step = quiet,
) -> Manifest:
    """Put an archive back. Verified before anything is touched and compared afterwards.

    `migrate(revision)` brings an empty database to a revision. Raises Conflict when the target holds data and `force`
    is not given, DomainError when the archive is damaged or what was restored differs.
    """
    manifest = read_manifest(archive)
    with tempfile.TemporaryDirectory(prefix="matchmaker-restore-") as name:
        folder = Path(name)
        _unpack(archive, manifest, folder)
        _clear(engine, files, force=force)
        migrate(manifest.revision)
        _load(engine, manifest, folder, step=step)
        for key in manifest.files:
            target = _place(files, key)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(folder / "files" / key, target)
    differences = manifest.differences(survey(engine, files))
    if differences:
        raise DomainError("恢复后的内容与备份不一致：{what}", what="; ".join(differences[:5]))
    return manifest


def _unpack(archive: Path, manifest: Manifest, folder: Path) -> None:
    wanted = {f"tables/{name}.jsonl": entry["sha256"] for name, entry in manifest.tables.items()}
    wanted |= {f"files/{key}": entry["sha256"] for key, entry in manifest.files.items()}
    try:
        with tarfile.open(archive, "r:gz") as tar:
            members = {m.name: m for m in tar.getmembers() if m.isfile() and m.name in wanted}
            for name, member in members.items():
                _unpack_one(tar, member, folder=folder, name=name)
    except (OSError, tarfile.TarError, EOFError):
        raise DomainError("备份文件已损坏，无法读取") from None
    bad = [name for name, digest in wanted.items() if name not in members or _hash(folder / name) != digest]
    if bad:
        raise DomainError("备份文件已损坏：{what}", what="; ".join(sorted(bad)[:5]))


def _unpack_one(tar: tarfile.TarFile, member: tarfile.TarInfo, *, folder: Path, name: str) -> None:
    """Only the contents of plain files, only below `folder`; `extractall(filter=…)` is missing before Python 3.11.4."""
    target = (folder / name).resolve()
    if not target.is_relative_to(folder.resolve()):
        raise DomainError("备份文件里有不认识的内容")
    source = tar.extractfile(member)
    assert source is not None, "only plain files are asked for"
    target.parent.mkdir(parents=True, exist_ok=True)
    with source, target.open("wb") as file:
        shutil.copyfileobj(source, file)


def _clear(engine: sa.Engine, files: Path | None, *, force: bool) -> None:
    with engine.connect() as connection:
        tables = _tables(connection)
        filled = any(connection.execute(sa.select(table).limit(1)).first() for table in tables)
    if (filled or any(_contents(files))) and not force:
        raise Conflict("目标数据库或文件夹里已有数据；确认要覆盖时请加 --force")
    metadata = sa.MetaData()
    with _writing(engine) as connection:
        metadata.reflect(connection)
        metadata.drop_all(connection)
    for _key, path in list(_contents(files)):
        path.unlink()


def _load(engine: sa.Engine, manifest: Manifest, folder: Path, *, step: Step) -> None:
    with _writing(engine) as connection:
        unchecked = _without_checks(connection)
        tables = {table.name: table for table in _tables(connection)}
        unknown = sorted(set(manifest.tables) - set(tables))
        if unknown:
            raise DomainError("备份里有程序不认识的表：{what}", what=", ".join(unknown))
        for number, (name, table) in enumerate(tables.items(), start=1):
            step(name, number, len(tables))
            connection.execute(table.delete())  # a migration may have put rows of its own there
        for name, table in tables.items():
            if name in manifest.tables:
                _load_table(connection, table, folder / "tables" / f"{name}.jsonl")
        rows.continue_counters(connection, tables.values())
        if unchecked:
            rows.check_references(connection)


def _load_table(connection: sa.Connection, table: sa.Table, path: Path) -> None:
    batch: list[dict[str, Any]] = []
    with path.open("rb") as lines:
        for line in lines:
            batch.append(rows.decoded(table, line))
            if len(batch) >= 500:
                connection.execute(table.insert(), batch)
                batch.clear()
    if batch:
        connection.execute(table.insert(), batch)


@contextmanager
def _writing(engine: sa.Engine) -> Iterator[sa.Connection]:
    with sqlite.writer_gate(engine), engine.connect() as connection:
        connection = connection.execution_options(matchmaker_write=True)
        with connection.begin():
            yield connection


def _without_checks(connection: sa.Connection) -> bool:
    """References are checked at the end where the database allows; else rows arrive in the order of references."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("PRAGMA defer_foreign_keys=ON")
        return True
    try:
        with connection.begin_nested():
            connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
    except sa.exc.ProgrammingError:
        return False  # not a superuser
    return False
