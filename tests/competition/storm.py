"""Judges on a very bad network against a real server: what is lost is sent again, under the same number."""

from __future__ import annotations

import functools
import os
import random
import secrets
import signal
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import sqlalchemy as sa

from matchmaker.accounts import services as accounts
from matchmaker.accounts.rules import Role
from matchmaker.app import create_app
from matchmaker.competition.models import Ballot, BallotMark, Contest
from matchmaker.competition.rules.ballots import BallotState, MarkKind
from matchmaker.competition.services import chain
from matchmaker.core.db import db, transaction
from matchmaker.settings import Settings
from tests import schema
from tests.cast import a_user
from tests.commands import running
from tests.factories import competition as factory

SECRET = "storm-" + "x" * 32
SAVES = 2  # drafts before the signature
BEFORE, AFTER = 0.15, 0.15  # shares of requests lost on the way there, and of answers lost on the way back


class Lost(Exception):
    """The network took it."""


@dataclass
class Judge:
    """One judge's device: keeps what is to be sent until an answer has arrived."""

    url: str
    cookies: dict[str, str]
    ballots: dict[int, int]
    random: random.Random
    requests: int = 0
    lost: int = 0
    signed: list[int] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    def run(self) -> None:
        """Score every ballot in a few saves and sign it."""
        with httpx.Client(base_url=self.url, timeout=20) as client:
            for name, value in self.cookies.items():
                client.cookies.set(name, value, domain="127.0.0.1")
            token = self._until_answered(lambda: client.get("/contests/ballots/held")).json()["csrf"]
            for ballot, expected in self.ballots.items():
                self._score(client, token, ballot, expected)

    def _score(self, client: httpx.Client, token: str, ballot: int, expected: int) -> None:
        version = 1
        for number in range(SAVES + 1):
            last = number == SAVES
            points = expected if last else self.random.randrange(101)
            form = {
                "version": version, "nonce": secrets.token_urlsafe(18), "step": "sign" if last else "save",
                "tech": points, "market": points, "comment": f"第 {number + 1} 次写下的意见，共 {SAVES + 1} 次。",
            }  # fmt: skip
            path, headers = f"/contests/ballots/{ballot}/autosave", {"X-CSRFToken": token}
            send = functools.partial(client.post, path, data=form, headers=headers)
            answer = self._until_answered(send)
            if answer.status_code != 200:
                self.wrong.append(f"{ballot}: {answer.status_code} {answer.text[:200]}")
                return
            version = answer.json()["version"]
        self.signed.append(ballot)

    def _until_answered(self, send: Any) -> httpx.Response:
        for _try in range(400):
            self.requests += 1
            try:
                if self.random.random() < BEFORE:
                    raise Lost
                answer: httpx.Response = send()
                if self.random.random() < AFTER:
                    raise Lost
                if answer.status_code < 500:
                    return answer
            except Lost:
                self.lost += 1
            except httpx.TransportError:
                time.sleep(0.2)
        raise TimeoutError("no answer in 400 tries")


class Storm:
    """A contest in judging on a server of its own, which can be killed."""

    def __init__(self, folder: Path, *, judges: int, entries: int, panel: int, seed: int = 1) -> None:
        self.folder, self.seed = folder, seed
        self.app = create_app(Settings(secret_key=SECRET, instance=str(folder), password_cost="cheap", flood_limit=""))
        self.port = running.free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        with self.app.app_context():
            schema.create()
            owner = a_user(Role.ORGANISER)
            contest = factory.a_contest(owner=owner, per_entry=panel)
            entered = [factory.an_entry(contest) for _ in range(entries)]
            seats = [factory.a_judge(contest, owner=owner, load=max(20, entries)) for _ in range(judges)]
            self.handed_out = len(factory.in_judging(contest, owner=owner, entered=entered, seats=seats))
            self.contest_id = contest.id
            given = factory.ballots_of(contest)
            self.judges = [self._judge([b.id for b in given if b.seat_id == seat.id], seat) for seat in seats]
            db.session.remove()
            db.engine.dispose()
        self.server = self._serve()

    def _judge(self, ballots: list[int], seat: Any) -> Judge:
        with transaction():
            token = accounts.open_session(seat.user, address="127.0.0.1", agent="storm", days=1)
        signer: Any = self.app.session_interface.get_signing_serializer(self.app)  # type: ignore[attr-defined]
        cookies = {self.app.config["SESSION_COOKIE_NAME"]: signer.dumps({"token": token})}
        drawn = random.Random(self.seed * 1000 + seat.id)
        own = {ballot: drawn.randrange(101) for ballot in ballots}
        return Judge(self.url, cookies, own, drawn)

    def _serve(self) -> subprocess.Popen[bytes]:
        command = [
            sys.executable, "-m", "gunicorn", "tests.benchmarks.servers:platform()", "--bind", f"127.0.0.1:{self.port}",
            "--workers", "2", "--threads", "4", "--worker-class", "gthread", "--log-level", "error",
            "--no-control-socket",
        ]  # fmt: skip
        names = {"MATCHMAKER_SECRET_KEY": SECRET, "MATCHMAKER_FLOOD_LIMIT": ""}
        env = running.environment(self.folder, **names)
        with (self.folder / "server.log").open("ab") as log:
            server = subprocess.Popen(command, env=env, stdout=log, stderr=log, start_new_session=True)
        running.wait_until_up(f"{self.url}/healthz", server)  # type: ignore[arg-type]
        return server

    def kill(self) -> None:
        """kill -9 of the server and all its workers, in the middle of what they do; then it is started again."""
        os.killpg(self.server.pid, signal.SIGKILL)
        self.server.wait()
        self.server = self._serve()

    def close(self) -> None:
        """End the server that this storm started."""
        os.killpg(self.server.pid, signal.SIGTERM)
        self.server.wait(timeout=30)

    def blow(self) -> float:
        """All judges at once; the server is killed once half of the ballots are signed. Returns the seconds."""
        threads = [threading.Thread(target=judge.run) for judge in self.judges]
        began = time.monotonic()
        for thread in threads:
            thread.start()
        half = self.handed_out // 2
        while sum(len(judge.signed) for judge in self.judges) < half and any(t.is_alive() for t in threads):
            time.sleep(0.01)
        self.kill()
        for thread in threads:
            thread.join()
        return time.monotonic() - began

    def reckoning(self) -> dict[str, Any]:
        """What stands in the database against what the judges know they have signed."""
        expected = {ballot: points for judge in self.judges for ballot, points in judge.ballots.items()}
        with self.app.app_context():
            contest = db.session.get_one(Contest, self.contest_id)
            rows = db.session.execute(sa.select(Ballot)).unique().scalars().all()
            signed = sa.select(BallotMark.ballot_id).where(BallotMark.what == MarkKind.SIGNED)
            marks = list(db.session.execute(signed).scalars())
            kept = {row.id for row in rows if row.state is BallotState.SUBMITTED and row.total == expected[row.id]}
            found = {
                "ballots": len(rows),
                "lost": len(expected.keys() - kept),
                "doubled": len(marks) - len(set(marks)) + sum(1 for row in rows if row.version != SAVES + 2),
                "broken": chain.verify(contest.current),
                "wrong": [text for judge in self.judges for text in judge.wrong],
                "requests": sum(judge.requests for judge in self.judges),
                "dropped": sum(judge.lost for judge in self.judges),
            }
            db.session.remove()
            return found
