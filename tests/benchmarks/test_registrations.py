"""Registrations through the real form under sixteen clients, against a naked view that runs the same statements."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from time import monotonic, sleep
from urllib.parse import urlencode

import pytest
import sqlalchemy as sa

from matchmaker.accounts.rules import Role
from matchmaker.app import create_app
from matchmaker.core.db import db
from matchmaker.events.models import Registration
from matchmaker.events.services import registrations
from matchmaker.settings import Settings
from tests import postgres, schema
from tests.benchmarks import replay
from tests.cast import a_user, sign_in
from tests.commands import running
from tests.conftest import Client
from tests.factories.events import an_event

pytestmark = [pytest.mark.bench, pytest.mark.timeout(900), pytest.mark.postgres]
ROOT = Path(__file__).resolve().parents[2]
ROUNDS = 5
WORKERS, THREADS = os.environ.get("BENCH_WORKERS", "2"), os.environ.get("BENCH_THREADS", "2")  # as `serve` has them
IDLE, LEAST_TO_SETTLE, MOST_TO_SETTLE = 0.03, 4.0, 40.0  # seconds


class Ground:
    """A database with an event and people who have the form open."""

    def __init__(self, folder: Path, *, people: int, capacity: int) -> None:
        self.folder = folder
        database = postgres.create_database(folder.name) if postgres.wanted() else ""
        values = {"secret_key": "bench-" + "x" * 32, "instance": str(folder), "database_url": database}
        self.settings = Settings(**values, password_cost="cheap", flood_limit="", mail_backend="locmem")
        self.environment = {
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "MATCHMAKER_SECRET_KEY": self.settings.secret_key,
            "MATCHMAKER_INSTANCE": str(folder),
            "MATCHMAKER_DATABASE_URL": database,
            "MATCHMAKER_FLOOD_LIMIT": "",
        }
        self.app = create_app(self.settings)
        self.app.test_client_class = Client
        with self.app.app_context():
            schema.create()
            self.event_id = an_event(owner=a_user(Role.ORGANISER), capacity=capacity).id
            self.people = [self._person() for _ in range(people)]
            db.session.remove()
            db.engine.dispose()

    def _person(self) -> dict:
        user = a_user(Role.INDIVIDUAL)
        client = sign_in(self.app.test_client(), user)
        page = client.get(self.path).text
        token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
        hidden = dict(re.findall(r'<input[^>]*name="(version|audience_id|once)"[^>]*value="([^"]*)"', page))
        cookie = client.get_cookie("matchmaker")
        with client.session_transaction() as session:
            secret = session["token"]
        from matchmaker.accounts import gateways

        fields = {"csrf_token": token.group(1), "organisation_id": 0, "attendees": "某某", "phone": "13000000001"}
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Cookie": f"matchmaker={cookie.value}"}
        job = {"path": self.path, "body": urlencode({**fields, **hidden}), "headers": headers}
        return {
            "caller": {"user": user.id, "name": user.name, "email": user.email, "session": gateways.token_hash(secret)},
            "job": job,
        }

    @property
    def path(self) -> str:
        return f"/events/{self.event_id}/register"

    def script(self) -> list[replay.Statement]:
        """What a registration does, seen twice; the first one is thrown away because it warms caches."""
        seen = [self._seen(person) for person in self.people[:3]]
        self.people = self.people[3:]
        (one, keys_one, caller_one), (two, keys_two, caller_two) = seen[1:]
        return replay.script(one, two, callers=(caller_one, caller_two), keys=(keys_one, keys_two))

    def _seen(self, person: dict) -> tuple:
        with self.app.app_context():
            engine = db.engine
        client = self.app.test_client(use_cookies=False)
        with self.app.app_context(), replay.recorded(engine) as statements:
            answer = client.post(person["job"]["path"], data=person["job"]["body"], headers=person["job"]["headers"])
        assert answer.status_code == 303, answer.text
        tables = dict.fromkeys(m.group(1) for sql, _ in statements if (m := replay.INSERTED.match(sql)))
        with engine.connect() as connection:
            keys = {t: connection.execute(sa.text(f"select max(id) from {t}")).scalar_one() for t in tables}
        return statements, keys, person["caller"]

    @contextmanager
    def served(self, what: str) -> Iterator[str]:
        """Its address; every worker has answered and done what a process does once."""
        port = running.free_port()
        command = [sys.executable, "-m", "gunicorn", f"tests.benchmarks.servers:{what}()"]
        command += ["--bind", f"127.0.0.1:{port}", "--workers", WORKERS, "--worker-class", "gthread"]
        command += ["--threads", THREADS, "--reuse-port", "--no-control-socket", "--log-level", "error"]
        command += ["--config", "python:matchmaker.core.serving"]  # as `serve` does
        server = subprocess.Popen(
            command, env=self.environment, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        try:
            running.wait_until_up(f"http://127.0.0.1:{port}/healthz", server)
            self._settle(server.pid)
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()
            server.wait(30)

    @staticmethod
    def _settle(pid: int) -> None:
        """Wait until the workers are started and idle."""
        before, began = -1.0, monotonic()
        while monotonic() - began < MOST_TO_SETTLE:
            used = _processor_seconds(pid)
            if used - before < IDLE and monotonic() - began > LEAST_TO_SETTLE:
                return
            before = used
            sleep(1)

    def load(self, address: str, jobs: list[dict]) -> list[dict]:
        """What sixteen clients were answered, round by round."""
        file = self.folder / "jobs.json"
        file.write_text(json.dumps(jobs), encoding="utf-8")
        command = [sys.executable, "-m", "tests.benchmarks.load", address, str(file)]
        return json.loads(subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=True).stdout)


def _processor_seconds(pid: int) -> float:
    """What the children of a process have used, from Linux' own books."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    fields = [Path(f"/proc/{child}/stat").read_text().rpartition(")")[2].split() for child in children]
    return sum(int(row[11]) + int(row[12]) for row in fields) / os.sysconf("SC_CLK_TCK")


def figures(rounds: list[dict]) -> tuple[float, float]:
    """(answers per second in the middle round, p99 in milliseconds of all rounds)."""
    times = sorted(seconds for each in rounds for seconds, _status, _said in each["answers"])
    return median(len(each["answers"]) / each["seconds"] for each in rounds), times[int(len(times) * 0.99)] * 1000


def test_registrations_per_second_against_a_naked_view(tmp_path):
    """Both are served side by side and asked in turns: a machine that is now faster, now slower, is so to both."""
    count = int(os.environ.get("BENCH_REGISTRATIONS", "1500"))
    ground = Ground(tmp_path / "registering", people=2 * count + 3, capacity=3 * count)
    statements = ground.script()
    ours, theirs = ground.people[:count], ground.people[count:]
    replay.keep(tmp_path / "statements", statements, [person["caller"] for person in theirs])
    ground.environment["BENCH_STATEMENTS"] = str(tmp_path / "statements")
    jobs = {
        "platform": [person["job"] for person in ours],
        "naked": [{**person["job"], "path": f"/{n}"} for n, person in enumerate(theirs)],
    }
    answers: dict[str, list[dict]] = {"platform": [], "naked": []}
    with ground.served("platform") as platform, ground.served("naked") as naked:
        for turn in range(ROUNDS + 1):
            for what, address in (("platform", platform), ("naked", naked)):
                answers[what].append(ground.load(address, jobs[what][turn :: ROUNDS + 1]))

    with ground.app.app_context():
        assert registrations.reconcile() == ([], [])
        of_ours = Registration.user_id.in_([person["caller"]["user"] for person in ours])
        made = db.session.execute(sa.select(sa.func.count(Registration.id)).where(of_ours)).scalar_one()
    assert {status for each in answers.values() for one in each for _seconds, status, _said in one["answers"]} == {303}
    assert made == count
    (rate, slowest), (bare_rate, bare_slowest) = (figures(answers[what][1:]) for what in answers)  # the first warms up
    print(f"\n{len(statements)} statements a registration; {WORKERS} processes, {THREADS} threads each")
    print(f"platform {rate:.0f}/s, p99 {slowest:.0f} ms; naked view {bare_rate:.0f}/s, p99 {bare_slowest:.0f} ms")
    print(f"ratio of rates {rate / bare_rate:.2f}, of p99 {slowest / bare_slowest:.2f}")
