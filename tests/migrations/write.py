"""`make migration`: bring a scratch database to the newest revision, compare with the models, write the difference."""

from __future__ import annotations

import subprocess
import sys
import tempfile

from matchmaker.core import migrating


def main(message: str) -> int:
    """Write the script; the first one is named by itself."""
    if not message and migrating.has_history():
        print("say what changes: make migration MESSAGE='add venues to events'")
        return 2
    migrating.VERSIONS.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "matchmaker"]
        environment = {"MATCHMAKER_INSTANCE": folder, "MATCHMAKER_DATABASE_URL": ""}
        if migrating.has_history():
            _run([*command, "db", "upgrade"], environment)
        _run([*command, "db", "revision", "-m", message or "the first tables"], environment)
    files = [str(path) for path in migrating.VERSIONS.glob("*.py")]
    for arguments in (["check", "--fix", "--quiet"], ["format", "--quiet"]):
        subprocess.run([sys.executable, "-m", "ruff", *arguments, *files], check=True)
    print("written; read it, then: pytest tests/migrations")
    return 0


def _run(command: list[str], environment: dict[str, str]) -> None:
    import os

    subprocess.run(command, env={**os.environ, **environment}, check=True)


if __name__ == "__main__":
    sys.exit(main(" ".join(sys.argv[1:]).strip()))
