"""`matchmaker serve` refuses what must not stand on a public address, and serves what may."""

from __future__ import annotations

import signal
import urllib.request

import pytest

from tests.commands import running

SECRET = {"MATCHMAKER_SECRET_KEY": "a secret of more than sixteen signs"}


def test_the_default_secret_is_refused(tmp_path):
    done = running.run("serve", instance=tmp_path)

    assert done.returncode == 1
    assert "MATCHMAKER_SECRET_KEY" in done.stderr


def test_a_database_without_tables_is_refused(tmp_path):
    done = running.run("serve", instance=tmp_path, **SECRET)

    assert done.returncode == 1
    assert done.stderr.strip().splitlines()[-1].endswith("run: matchmaker db upgrade")


@pytest.mark.slow
def test_demo_accounts_are_refused_and_their_absence_served(tmp_path):
    assert running.run("db", "upgrade", instance=tmp_path, **SECRET).returncode == 0
    port = running.free_port()
    process = running.start("serve", "--port", str(port), "--workers", "2", instance=tmp_path, **SECRET)
    running.wait_until_up(f"http://127.0.0.1:{port}/healthz", process)
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/") as page:
        assert page.status == 200
    said = running.end(process, signal.SIGTERM)
    assert process.returncode == 0, said

    assert running.run("seed", "reference", instance=tmp_path, **SECRET).returncode == 0
    assert running.run("seed", "demo", instance=tmp_path, **SECRET).returncode == 0
    refused = running.run("serve", instance=tmp_path, **SECRET)

    assert refused.returncode == 1
    assert "demo accounts" in refused.stderr
