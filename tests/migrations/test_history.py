"""The history of the schema: from nothing it equals the models, and every step goes down and up again."""

from __future__ import annotations

import sys
from subprocess import run

import pytest
import sqlalchemy as sa

from matchmaker.core import migrating
from tests.commands import running

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.skipif(not migrating.has_history(), reason="no migration is written yet: make migration"),
]

DIFFERENCE = """
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from matchmaker.cli import app_of
from matchmaker.core.db import db
from matchmaker.migrations.comparing import OPTIONS
with app_of().app_context(), db.engine.connect() as connection:
    context = MigrationContext.configure(connection, opts=OPTIONS)
    print([str(difference) for difference in compare_metadata(context, db.metadata)])
"""


@pytest.fixture
def command(tmp_path, address):
    """Run the command on that database; it must succeed."""

    def execute(*arguments):
        done = running.run(*arguments, instance=tmp_path, MATCHMAKER_DATABASE_URL=address)
        assert done.returncode == 0, done.stderr[-3000:]

    return execute


def tables(address):
    engine = sa.create_engine(address)
    try:
        return set(sa.inspect(engine).get_table_names()) - {"alembic_version"}
    finally:
        engine.dispose()


def test_upgrade_from_empty_equals_the_models(command, address, tmp_path):
    command("db", "upgrade")
    environment = running.environment(tmp_path, MATCHMAKER_DATABASE_URL=address)
    compared = run([sys.executable, "-c", DIFFERENCE], env=environment, capture_output=True, text=True)

    assert compared.stdout.strip().splitlines()[-1:] == ["[]"], compared.stdout[-3000:] + compared.stderr[-3000:]
    assert tables(address) >= {"users", "events", "registrations"}


def test_down_to_nothing_and_up_again(command, address):
    command("db", "upgrade")
    everything = tables(address)

    command("db", "downgrade", "base")
    left = tables(address)
    command("db", "upgrade")

    assert left == set()
    assert tables(address) == everything


def test_one_step_down_and_up_again(command, address):
    command("db", "upgrade")
    everything = tables(address)

    command("db", "downgrade")
    command("db", "upgrade")

    assert tables(address) == everything
