"""`matchmaker import …`: the same import from the terminal."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from click.testing import CliRunner

from matchmaker.core.db import db
from matchmaker.directory.models import Organisation
from matchmaker.imports import cli
from matchmaker.imports.models import ImportBatch
from tests.factories.imports import a_csv

FILE = a_csv("公司|证券代码", "磨溪软件有限公司|600001", "|600002")


@pytest.fixture
def run(app, now, tmp_path):
    from flask.cli import ScriptInfo

    path = tmp_path / "单位.csv"
    path.write_bytes(FILE)

    def invoke(kind, *options, content=None):
        if content is not None:
            path.write_bytes(content)
        info = ScriptInfo(create_app=lambda: app)
        return CliRunner().invoke(cli.imports, [kind, str(path), *options], obj=info)

    return invoke


def names():
    return db.session.execute(sa.select(Organisation.name)).scalars().all()


def test_a_column_is_mapped_by_hand_and_a_result_file_written(run, tmp_path):
    result = tmp_path / "result.csv"

    done = run("organisations", "--map", "公司=name", "--result", str(result))

    assert done.exit_code == 0, done.output
    assert "lines=2 created=1 updated=0 unchanged=0 merged=0 held=0 skipped=0 refused=1" in done.output
    assert names() == ["磨溪软件有限公司"]
    assert result.read_text(encoding="utf-8-sig").splitlines()[1:] == ["2,新建,", "3,拒绝,公司：必填，不能为空"]
    assert db.session.execute(sa.select(ImportBatch.actor_id, ImportBatch.line_count)).one() == (None, 2)


def test_a_dry_run_changes_nothing(run):
    done = run("organisations", "--map", "公司=name", "--dry-run")

    assert "dry run, nothing changed: lines=2 created=1" in done.output
    assert names() == []


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ((), "缺少必需的列：单位名称"),
        (("--map", "没有=name"), "the file has no column"),
        (("--map", "公司"), "--map wants HEADER=FIELD"),
        (("--map", "公司=没有"), "没有“没有”这个字段"),
        (("--map", "公司=name", "--region", "1"), "行政区划代码应为 6 位数字"),
        (("--map", "公司=name", "--map", "证券代码=name"), ""),
    ],
)
def test_a_wrong_call_says_what_is_wrong_and_changes_nothing(run, options, sentence):
    done = run("organisations", *options)

    assert sentence in done.output
    if sentence:
        assert done.exit_code != 0
        assert names() == []


def test_every_declared_importer_is_a_command(app):
    from matchmaker.core.feature import features

    declared = {importer.key for importer in features().each("importers")}

    assert declared == set(cli.imports.list_commands(None))
    assert {"organisations", "researchers"} <= declared
