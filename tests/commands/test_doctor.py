"""`matchmaker doctor` says in one line each what is wrong and how to mend it."""

from __future__ import annotations

import socketserver
import threading
from dataclasses import replace

import pytest
import sqlalchemy as sa

from matchmaker.core import doctor, sqlite
from matchmaker.core.db import db, transaction
from matchmaker.core.doctor import Mark
from matchmaker.core.jobs import JobRun, RunState
from matchmaker.settings import Settings
from tests.commands import running

GOOD = Settings(secret_key="a long enough secret key", pii_key="x", base_url="https://kc.example.cn", https_only=True)


@pytest.mark.parametrize(
    ("check", "change", "mark", "said"),
    [
        (doctor.secret_key, {}, Mark.GOOD, "set"),
        (doctor.secret_key, {"secret_key": "short"}, Mark.BAD, "MATCHMAKER_SECRET_KEY"),
        (doctor.secret_key, {"secret_key": Settings().secret_key}, Mark.BAD, "MATCHMAKER_SECRET_KEY"),
        (doctor.pii_key, {}, Mark.GOOD, "set"),
        (doctor.pii_key, {"pii_key": ""}, Mark.DOUBTFUL, "MATCHMAKER_PII_KEY"),
        (doctor.mail, {"mail_backend": "console"}, Mark.DOUBTFUL, "MATCHMAKER_MAIL_BACKEND"),
        (doctor.mail, {"mail_backend": "smtp", "mail_server": "127.0.0.1", "mail_port": 1}, Mark.BAD, "127.0.0.1:1"),
        (doctor.secure_cookies, {"trusted_hosts": "kc.example.cn"}, Mark.GOOD, "https://kc.example.cn"),
        (doctor.secure_cookies, {}, Mark.DOUBTFUL, "MATCHMAKER_TRUSTED_HOSTS"),
        (doctor.secure_cookies, {"https_only": False, "trusted_hosts": "x"}, Mark.DOUBTFUL, "MATCHMAKER_HTTPS_ONLY"),
        (doctor.secure_cookies, {"base_url": "http://127.0.0.1:8000"}, Mark.GOOD, "this machine"),
    ],
)
def test_settings_are_judged_with_the_remedy(check, change, mark, said):
    finding = check(replace(GOOD, **change))

    assert finding.mark is mark
    assert said in finding.text


def test_a_mail_server_that_answers_is_well():
    class Server(socketserver.StreamRequestHandler):
        def handle(self):
            self.wfile.write(b"220 here\r\n")
            while line := self.rfile.readline():
                self.wfile.write(b"221 bye\r\n" if line.lower().startswith(b"quit") else b"250 ok\r\n")

    with socketserver.TCPServer(("127.0.0.1", 0), Server) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        port = server.server_address[1]

        finding = doctor.mail(replace(GOOD, mail_backend="smtp", mail_server="127.0.0.1", mail_port=port))
        server.shutdown()

    assert finding.mark is Mark.GOOD


def test_a_folder_that_takes_no_file_is_wrong(tmp_path):
    occupied = tmp_path / "instance"
    occupied.write_text("a file where the folder should be")

    findings = list(doctor.folders(replace(GOOD, instance=str(occupied))))

    assert [finding.mark for finding in findings] == [Mark.BAD]


def test_a_standing_database_is_well(app):
    marks = {check.__name__: check().mark for check in (doctor.database, doctor.migrations, doctor.time_of_day)}

    assert marks == {"database": Mark.GOOD, "migrations": Mark.GOOD, "time_of_day": Mark.GOOD}


def test_the_scheduler_is_missed_until_it_runs(app):
    assert doctor.scheduler().mark is Mark.DOUBTFUL

    _note_run_at(app, minutes=0)

    assert doctor.scheduler().mark is Mark.GOOD


@pytest.mark.sqlite
def test_a_clock_behind_the_records_is_wrong(app):
    _note_run_at(app, minutes=90)

    assert doctor.time_of_day().mark is Mark.BAD


def _note_run_at(app, *, minutes):
    from datetime import timedelta

    from matchmaker.core import clock

    moment = clock.now() + timedelta(minutes=minutes)
    with transaction() as session:
        session.add(JobRun(name="x", slot="1", state=RunState.DONE, holder="h", started=moment, lease_until=moment))


@pytest.mark.sqlite
def test_an_old_sqlite_is_a_warning(app, monkeypatch):
    assert doctor.sqlite_version().mark in {Mark.GOOD, Mark.DOUBTFUL}

    monkeypatch.setattr(sqlite, "SAFE_VERSION", (99, 0, 0))

    assert doctor.sqlite_version().mark is Mark.DOUBTFUL
    with db.engine.connect() as connection:
        assert sqlite.version(connection) == tuple(
            int(part) for part in connection.execute(sa.text("select sqlite_version()")).scalar_one().split(".")
        )


def test_the_command_names_what_is_wrong_and_ends_with_1(tmp_path):
    done = running.run("doctor", instance=tmp_path)

    lines = [line for line in done.stdout.splitlines() if line.startswith("WRONG")]
    assert done.returncode == 1
    assert [line.split(":")[0].split(None, 1)[1] for line in lines] == ["secret key", "migrations"]
    assert "matchmaker db upgrade" in lines[1]


def test_an_unreachable_database_is_one_line(tmp_path):
    done = running.run(
        "doctor", instance=tmp_path, MATCHMAKER_DATABASE_URL="postgresql://nobody:secret@127.0.0.1:1/nothing"
    )

    assert done.returncode == 1
    assert "does not answer" in done.stdout
    assert "secret@" not in done.stdout
    assert "Traceback" not in done.stderr


def test_a_setting_that_does_not_fit_is_one_sentence(tmp_path):
    done = running.run("doctor", instance=tmp_path, MATCHMAKER_MAIL_PORT="many")

    assert done.returncode == 2
    assert done.stderr.strip().splitlines()[-1] == "Error: MATCHMAKER_MAIL_PORT: 'many' is not a whole number"
