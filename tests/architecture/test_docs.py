"""Every setting, command, job and permission is written down, with the words of the program."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import click

from matchmaker.accounts.rules import GRANTS, Permission, Role
from matchmaker.cli import cli
from matchmaker.core.feature import features
from matchmaker.settings import Settings

DOCS = Path(__file__).resolve().parents[2] / "docs"


def rows(name):
    """First cell (without code marks) → the whole row of every table row of a page."""
    lines = [line for line in (DOCS / name).read_text(encoding="utf-8").splitlines() if line.startswith("| `")]
    return {line.split("|")[1].strip().strip("`"): line for line in lines}


def test_every_setting_is_documented_in_its_own_words():
    written = rows("settings.md")

    missing = {
        f"MATCHMAKER_{spec.name.upper()}": spec.metadata["doc"]
        for spec in fields(Settings)
        if spec.metadata["doc"] not in written.get(f"MATCHMAKER_{spec.name.upper()}", "")
    }
    assert missing == {}
    assert set(written) == {f"MATCHMAKER_{spec.name.upper()}" for spec in fields(Settings)}


def commands(group, path="matchmaker"):
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if isinstance(command, click.Group):
            yield from commands(command, f"{path} {name}")
        else:
            yield f"{path} {name}"  # several commands of one kind stand in one row: `matchmaker import a`, `… b`


def test_every_command_is_documented():
    text = (DOCS / "operate.md").read_text(encoding="utf-8")

    assert [name for name in commands(cli) if f"`{name}" not in text and f"`… {name.split()[-1]}`" not in text] == []


def test_every_job_is_documented(app):
    written = rows("operate.md")

    assert {job.name for job in features().each("jobs")} - set(written) == set()


def test_every_role_and_permission_is_documented_as_it_is_granted():
    written = rows("roles.md")

    wrong = [
        permission.value
        for permission in Permission
        for role in Role
        if (f"`{role.value}`" in written.get(permission.value, "")) is not (permission in GRANTS[role])
    ]
    assert sorted(set(wrong)) == []
    assert {role.value for role in Role} - set(written) == set()
