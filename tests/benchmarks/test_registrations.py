"""Registrations through the real form under sixteen clients, against a naked view that runs the same statements."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
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
ROUNDS = 3


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

    def serve(self, what: str, jobs: list[dict]) -> dict:
        port = running.free_port()
        command = [
            sys.executable,
            "-m",
            "gunicorn",
            f"tests.benchmarks.servers:{what}()",
            "--bind",
            f"127.0.0.1:{port}",
        ]
        command += ["--workers", "2", "--worker-class", "gthread", "--threads", "2", "--reuse-port"]  # as `serve` does
        command += ["--no-control-socket", "--log-level", "error"]
        server = subprocess.Popen(command, env=self.environment, cwd=ROOT, stdout=subprocess.DEVNULL, text=True)
        try:
            running.wait_until_up(f"http://127.0.0.1:{port}/healthz", server)
            file = self.folder / "jobs.json"
            file.write_text(json.dumps(jobs), encoding="utf-8")
            done = subprocess.run(
                [sys.executable, "-m", "tests.benchmarks.load", f"http://127.0.0.1:{port}", str(file)],
                capture_output=True,
                text=True,
                cwd=ROOT,
                check=True,
            )
            return json.loads(done.stdout)
        finally:
            server.terminate()
            server.wait(30)


def figures(result: dict) -> tuple[float, float]:
    """(answers per second, p99 in milliseconds)."""
    times = sorted(seconds for seconds, _status, _said in result["answers"])
    return len(times) / result["seconds"], times[int(len(times) * 0.99)] * 1000


def test_registrations_per_second_against_a_naked_view(tmp_path):
    count = int(os.environ.get("BENCH_REGISTRATIONS", "1000"))
    ground = Ground(tmp_path / "registering", people=2 * count + 3, capacity=count + 3 + count // 2)
    statements = ground.script()
    ours, theirs = ground.people[:count], ground.people[count:]
    replay.keep(tmp_path / "statements", statements, [person["caller"] for person in theirs])
    ground.environment["BENCH_STATEMENTS"] = str(tmp_path / "statements")

    real = ground.serve("platform", [person["job"] for person in ours])
    print(f"\n{len(statements)} statements a registration")
    with ground.app.app_context():
        assert registrations.reconcile() == ([], [])
        made = db.session.execute(sa.select(sa.func.count(Registration.id))).scalar_one()
        db.session.execute(sa.text("select 1"))
    bare = ground.serve("naked", [{**p["job"], "path": f"/{n}"} for n, p in enumerate(theirs)])

    (rate, slowest), (bare_rate, bare_slowest) = figures(real), figures(bare)
    print(f"platform {rate:.0f}/s, p99 {slowest:.0f} ms; naked view {bare_rate:.0f}/s, p99 {bare_slowest:.0f} ms")
    print(f"ratio of rates {rate / bare_rate:.2f}, of p99 {slowest / bare_slowest:.2f}")
    assert {status for _seconds, status, _said in real["answers"] + bare["answers"]} == {303}
    assert made == count + 3
