"""Running the `matchmaker` command as people do: in a process of its own."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def environment(instance: Path, **values: str) -> dict[str, str]:
    """A clean environment with an instance folder."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("MATCHMAKER_") and key != "PORT"}
    return {**kept, "PYTHONPATH": str(ROOT), "MATCHMAKER_INSTANCE": str(instance), **values}


def run(*arguments: str, instance: Path, timeout: float = 120, **values: str) -> subprocess.CompletedProcess[str]:
    """Run the command to its end."""
    command = [sys.executable, "-m", "matchmaker", *arguments]
    env = environment(instance, **values)
    return subprocess.run(command, env=env, capture_output=True, text=True, timeout=timeout, cwd=instance)


def start(*arguments: str, instance: Path, **values: str) -> subprocess.Popen[str]:
    """Start the command and leave it running."""
    command = [sys.executable, "-m", "matchmaker", *arguments]
    env = environment(instance, **values)
    pipe = subprocess.PIPE
    return subprocess.Popen(command, env=env, stdout=pipe, stderr=subprocess.STDOUT, text=True, cwd=instance)


def free_port() -> int:
    """A port above 20000 that nobody uses."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until_up(url: str, process: subprocess.Popen[str], *, timeout: float = 120) -> float:
    """Seconds until the address answers."""
    began = time.monotonic()
    while time.monotonic() - began < timeout:
        assert process.poll() is None, process.communicate()[0]
        try:
            with urllib.request.urlopen(url, timeout=5):
                return time.monotonic() - began
        except OSError:
            time.sleep(0.05)
    raise TimeoutError(url)


def end(process: subprocess.Popen[str], number: signal.Signals = signal.SIGINT) -> str:
    """Send the signal, wait for the end, and return everything it said."""
    process.send_signal(number)
    said, _nothing = process.communicate(timeout=120)  # a job that runs is let finish
    return said


def children(process: subprocess.Popen[str]) -> list[int]:
    """The processes that it started."""
    listed = subprocess.run(["ps", "-o", "pid=", "--ppid", str(process.pid)], capture_output=True, text=True)
    return [int(text) for text in listed.stdout.split()]


def alive(pid: int) -> bool:
    """Does the process still run?"""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False
