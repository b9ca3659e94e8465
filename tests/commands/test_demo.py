"""`matchmaker demo`: first start furnishes, second start is quick and keeps, Ctrl-C ends both processes."""

from __future__ import annotations

import signal
import socket
import time

import pytest

from tests.commands import running

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]


def test_demo_starts_serves_and_ends_cleanly_twice(tmp_path):
    port = running.free_port()
    url = f"http://127.0.0.1:{port}/healthz"

    first = running.start("demo", instance=tmp_path, PORT=str(port))
    running.wait_until_up(url, first)
    kept = tmp_path / "matchmaker.db"
    workers = _wait_for_children(first)
    said = running.end(first)

    assert f"http://127.0.0.1:{port}" in said
    assert "demo-matchmaker-2026" in said
    assert "Traceback" not in said
    assert first.returncode == 0
    assert len(workers) == 1
    assert not any(running.alive(pid) for pid in workers)
    size = kept.stat().st_size

    quickest, limit = 999.0, max(5.0, 4 * _seconds_to_import(tmp_path))  # 5 s, more on a machine that is busy
    for number in (signal.SIGINT, signal.SIGTERM):
        again = running.start("demo", instance=tmp_path, PORT=str(port))
        quickest = min(quickest, running.wait_until_up(url, again))
        said = running.end(again, number)
        assert again.returncode == 0, said
        assert "Traceback" not in said
    assert quickest <= limit
    assert kept.stat().st_size >= size


def _seconds_to_import(folder):
    began = time.monotonic()
    running.run("jobs", "list", instance=folder)
    return time.monotonic() - began


def _wait_for_children(process):
    for _attempt in range(100):
        found = running.children(process)
        if found:
            return found
        time.sleep(0.05)
    return []


def test_a_taken_port_is_one_sentence(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]

        done = running.run("demo", instance=tmp_path, PORT=str(port))

    assert done.returncode == 1
    assert done.stderr.strip().splitlines() == [
        f"Error: port {port} cannot be used (Address already in use); choose another: PORT=8001 make demo"
    ]
    assert not (tmp_path / "matchmaker.db").exists()


def test_a_port_that_is_none_is_refused(tmp_path):
    done = running.run("demo", instance=tmp_path, PORT="eighty")

    assert done.returncode == 2
    assert "eighty" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_scheduler_does_not_outlive_a_killed_demo(tmp_path):
    port = running.free_port()
    process = running.start("demo", instance=tmp_path, PORT=str(port))
    running.wait_until_up(f"http://127.0.0.1:{port}/healthz", process)
    workers = _wait_for_children(process)

    running.end(process, signal.SIGKILL)

    deadline = time.monotonic() + 10
    while any(running.alive(pid) for pid in workers) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert workers
    assert not any(running.alive(pid) for pid in workers)
