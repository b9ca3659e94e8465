"""Backup under load, restore equal to it, and every damaged archive refused before anything is touched."""

from __future__ import annotations

import contextvars
import gzip
import io
import json
import shutil
import tarfile
import threading

import pytest
import sqlalchemy as sa

from matchmaker.accounts.rules import Role
from matchmaker.activity.models import Activity
from matchmaker.core import backup, migrating
from matchmaker.core.db import db, transaction
from matchmaker.core.errors import Conflict, DomainError
from matchmaker.events.models import Registration, SeatPool
from matchmaker.files import services as files
from tests.cast import a_user
from tests.factories.directory import an_organisation
from tests.factories.events import a_registration, an_event
from tests.factories.files import an_upload


@pytest.fixture
def folder(app):
    kept = app.config["SETTINGS"].instance_path / "files"
    shutil.rmtree(kept, ignore_errors=True)
    return kept


@pytest.fixture
def furnished(app, now, folder):
    """A few linked records of many kinds, and a file."""
    organiser = a_user(Role.ORGANISER)
    firm = an_organisation()
    event = an_event(owner=organiser, capacity=500)
    a_registration(event, actor=a_user(organisation=firm), people=3, organisation_id=firm.id)
    with transaction():
        files.attach(an_upload(), subject=firm, actor=organiser, purpose="proof")
    return event


def restore(archive, folder, **options):
    db.session.rollback()  # no reader may be left when tables go
    return backup.restore(db.engine, folder, archive, migrate=migrating.upgrade, **options)


def test_restore_gives_back_every_row_and_file(furnished, folder, tmp_path):
    archive = tmp_path / "b.tar.gz"
    before = backup.write(db.engine, folder, archive)
    with transaction() as session:
        session.execute(sa.delete(Activity))
    for path in folder.glob("*/*"):
        path.unlink()

    restore(archive, folder, force=True)

    after = backup.survey(db.engine, folder)
    assert before.differences(after) == []
    assert before.tables["registrations"]["rows"] == 1
    assert len(before.files) == 1


def test_new_rows_follow_the_restored_ones(furnished, folder, tmp_path):
    archive = tmp_path / "b.tar.gz"
    backup.write(db.engine, folder, archive)
    restore(archive, folder, force=True)
    highest = db.session.execute(sa.select(sa.func.max(Registration.id))).scalar_one()

    added = a_registration(furnished, actor=a_user())

    assert added.id > highest


def test_a_target_with_data_is_refused_without_force(furnished, folder, tmp_path):
    archive = tmp_path / "b.tar.gz"
    before = backup.write(db.engine, folder, archive)

    with pytest.raises(Conflict):
        restore(archive, folder)

    assert before.differences(backup.survey(db.engine, folder)) == []


def test_a_backup_under_load_is_of_one_moment(app, now, folder, tmp_path):
    """Four writers register one person each time; the pool's counter and the rows must agree in the copy."""
    event = an_event(owner=a_user(Role.ORGANISER), capacity=5000)
    people = [a_user().id for _ in range(4)]
    stop = threading.Event()
    written: list[int] = []

    threads = [threading.Thread(target=_write_on, args=(app, event.id, person, stop, written)) for person in people]
    for thread in threads:
        thread.start()
    while len(written) < 20:
        assert any(thread.is_alive() for thread in threads)
    archives = [tmp_path / f"{n}.tar.gz" for n in range(3)]
    held = []
    for archive in archives:
        before = len(written)
        backup.write(db.engine, folder, archive)
        held.append((before, rows_of(archive, "seat_pools")[0]["used"], len(rows_of(archive, "registrations"))))
    stop.set()
    for thread in threads:
        thread.join()

    assert all(used == rows >= before for before, used, rows in held), held
    assert held[-1][1] > held[0][1], "nothing was written meanwhile"
    restore(archives[-1], folder, force=True)
    assert db.session.execute(sa.select(SeatPool.used)).scalar_one() == held[-1][1]


def _write_on(app, event_id, person, stop, written):
    """Claim a seat and write its row, in one transaction, again and again."""

    def once():
        with app.app_context(), transaction() as session:
            session.execute(sa.update(SeatPool).values(used=SeatPool.used + 1))
            session.execute(sa.insert(Registration).values(**_registration(event_id, person)))
        written.append(person)

    while not stop.is_set() and len(written) < 3000:
        contextvars.Context().run(once)


def _registration(event_id, person):
    from matchmaker.core import clock
    from matchmaker.events.rules import RegistrationState

    values = {"event_id": event_id, "audience_id": 1, "user_id": person, "party": 1, "phone": "13000000001"}
    return {**values, "state": RegistrationState.WITHDRAWN, "created": clock.now()}


def rows_of(archive, table):
    with tarfile.open(archive) as tar:
        return [json.loads(line) for line in tar.extractfile(f"tables/{table}.jsonl")]


def changed(archive, target, name, content):
    """A copy of an archive with one member's content replaced."""
    with tarfile.open(archive) as source, tarfile.open(target, "w:gz") as copy:
        for member in source.getmembers():
            data = content if member.name == name else source.extractfile(member).read()
            member.size = len(data)
            copy.addfile(member, io.BytesIO(data))
    return target


def test_damaged_archives_are_refused_and_change_nothing(furnished, folder, tmp_path):
    archive = tmp_path / "b.tar.gz"
    before = backup.write(db.engine, folder, archive)
    with tarfile.open(archive) as tar:
        listing = json.load(tar.extractfile("manifest.json"))
    (tmp_path / "empty.tar.gz").write_bytes(b"")
    (tmp_path / "text.tar.gz").write_bytes(gzip.compress(b"no archive"))
    (tmp_path / "cut.tar.gz").write_bytes(archive.read_bytes()[:-2000])
    evil = {**listing, "files": {"../../evil": {"bytes": 1, "sha256": "0"}}}
    newer = {**listing, "format": 99}
    damaged = [
        tmp_path / "empty.tar.gz",
        tmp_path / "text.tar.gz",
        tmp_path / "cut.tar.gz",
        changed(archive, tmp_path / "rows.tar.gz", "tables/users.jsonl", b"{}\n"),
        changed(archive, tmp_path / "path.tar.gz", "manifest.json", json.dumps(evil).encode()),
        changed(archive, tmp_path / "newer.tar.gz", "manifest.json", json.dumps(newer).encode()),
    ]

    for file in damaged:
        with pytest.raises(DomainError):
            restore(file, folder, force=True)

    assert before.differences(backup.survey(db.engine, folder)) == []


def test_a_failed_backup_leaves_the_older_one_alone(furnished, folder, tmp_path, monkeypatch):
    archive = tmp_path / "b.tar.gz"
    backup.write(db.engine, folder, archive)
    kept = archive.read_bytes()

    def break_off(what, done, total):
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        backup.write(db.engine, folder, archive, step=break_off)

    assert archive.read_bytes() == kept
    assert sorted(path.name for path in tmp_path.iterdir()) == ["b.tar.gz"]
