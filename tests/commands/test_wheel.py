"""The built wheel, installed in an empty environment, gives the same working command."""

from __future__ import annotations

import subprocess
import sys
import zipfile

import pytest

from tests.commands import running

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(folder), str(running.ROOT)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    return next(folder.glob("*.whl"))


def test_the_wheel_carries_templates_static_files_seeds_migrations_and_english(wheel):
    names = set(zipfile.ZipFile(wheel).namelist())

    assert {
        "matchmaker/_data/templates/layouts/page.html",
        "matchmaker/_data/static/css/site.css",
        "matchmaker/_data/static/vendor/htmx.min.js",
        "matchmaker/_data/seeds/reference/regions.csv",
        "matchmaker/_data/seeds/demo/accounts.csv",
        "matchmaker/migrations/env.py",
        "matchmaker/translations/en/LC_MESSAGES/messages.mo",
    } <= names
    assert not [name for name in names if name.startswith(("tests/", "docs/")) or "__pycache__" in name]


def test_the_installed_wheel_upgrades_seeds_and_serves(wheel, tmp_path):
    """The environment is empty but for the dependencies, which are the tested ones of this run."""
    home = tmp_path / "venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(home)], check=True)
    python = home / "bin" / "python"
    install = [sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet", "--no-deps", str(wheel)]
    subprocess.run(install, check=True)
    where = "import sysconfig; print(sysconfig.get_path('purelib'))"
    ours, theirs = (
        subprocess.run([str(p), "-c", where], capture_output=True, text=True, check=True).stdout.strip()
        for p in (python, sys.executable)
    )
    _lend_dependencies(ours, theirs)
    command = str(home / "bin" / "matchmaker")
    env = {**running.environment(tmp_path), "MATCHMAKER_SECRET_KEY": "a secret of more than sixteen signs"}
    del env["PYTHONPATH"]

    def run(*arguments):
        return subprocess.run([command, *arguments], env=env, capture_output=True, text=True, cwd="/", timeout=120)

    for arguments in (["db", "upgrade"], ["seed", "reference"], ["seed", "demo"], ["jobs", "list"]):
        done = run(*arguments)
        assert done.returncode == 0, (arguments, done.stderr[-2000:])
    assert f"{home}" in run("-h").stdout or run("--version").stdout.startswith("matchmaker, version")
    _serves_pages_in_both_languages(command, env)


def _lend_dependencies(ours, theirs):
    """Every installed distribution but our own is reached through a path file."""
    from pathlib import Path

    folder = Path(ours) / "lent"
    folder.mkdir()
    for entry in Path(theirs).iterdir():
        own = entry.name.startswith(("shuimo_matchmaker", "_shuimo", "__editable__"))
        if not own and not entry.name.endswith(".pth") and entry.name != "matchmaker":
            (folder / entry.name).symlink_to(entry)
    (Path(ours) / "lent.pth").write_text(f"{folder}\n")


def _serves_pages_in_both_languages(command, env):
    import urllib.request

    port = running.free_port()
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
    process = subprocess.Popen([command, "demo", "--port", str(port)], env=env, cwd="/", **pipes)
    try:
        running.wait_until_up(f"http://127.0.0.1:{port}/healthz", process)
        pages = {}
        for language in ("zh", "en"):
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/accounts/sign-in?lang={language}") as answer:
                pages[language] = answer.read().decode()
    finally:
        said = running.end(process)
    assert process.returncode == 0, said
    assert "登录" in pages["zh"]
    assert "Sign in" in pages["en"]
