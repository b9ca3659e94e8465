"""Lists of earlier winners: read once, corrected when read again, and used by the screening."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from matchmaker.competition.models import PriorWin
from matchmaker.competition.rules.eligibility import Group, Level, Verdict
from matchmaker.competition.services import checks, entries
from matchmaker.core.db import db, transaction
from matchmaker.imports import cli
from tests.factories.competition import a_contest, an_entry
from tests.factories.imports import a_csv

HEADERS = "年度|赛事级别|企业名称|信用代码|项目名称|奖项|组别"


@pytest.fixture
def run(app, now, tmp_path):
    from flask.cli import ScriptInfo

    def invoke(*lines):
        path = tmp_path / "往届.csv"
        path.write_bytes(a_csv(HEADERS, *lines))
        return (
            CliRunner().invoke(cli.imports, ["prior-winners", str(path)], obj=ScriptInfo(create_app=lambda: app)).output
        )

    return invoke


def test_a_list_is_read_corrected_and_read_again(run):
    assert "created=1" in run("2024|国家级|磨溪软件有限公司||视频平台|一等奖|成长企业组")
    assert "updated=1" in run("2024年|全国赛|磨溪软件有限公司||视频平台|二等奖|成长")
    assert "unchanged=1" in run("2024|全国|磨溪软件有限公司||视频平台|二等奖|成长")

    row = db.session.query(PriorWin).one()
    assert (row.year, row.level, row.prize, row.group_code) == (2024, Level.NATIONAL, "二等奖", Group.GROWTH)


@pytest.mark.parametrize(
    "line",
    [
        "二四|全国|甲公司||||",
        "2024|银河|甲公司||||",
        "2024|全国|||||",
        "2024|全国|甲公司|123|||",
        "2024|全国|甲公司||||甲组",
    ],
)
def test_a_bad_line_is_told_and_the_rest_taken(run, line):
    output = run(line, "2024|全国|乙公司||||")

    assert "created=" in output
    assert {row.name for row in db.session.query(PriorWin)} >= {"乙公司"}
    assert [row.name for row in db.session.query(PriorWin) if row.name == "甲公司" and row.uscc == "123"] == []


def test_the_same_line_twice_counts_once(run):
    assert "created=1" in run("2024|全国|乙公司||甲||", "2024|全国赛|乙公司||甲|一等奖|")


def verdict_of(entry):
    with transaction():
        entries.recheck(entry, actor=entry.contest.owner)
    return checks.verdicts_of(entry)["wins"]


@pytest.mark.parametrize(
    ("wins", "expected"),
    [
        ([], Verdict.PASS),
        (["2024|全国|{name}||旧项目|三等奖|成长"], Verdict.FAIL),
        (["2024|区级|{name}||旧项目|三等奖|初创"], Verdict.PASS),
        (["2024|区级|{name}||旧项目|三等奖|成长"], Verdict.NEEDS_PERSON),
        (["2024|区级|{name}||旧项目|三等奖|"], Verdict.NEEDS_PERSON),
        (["2023|区级|{name}||甲|三等奖|初创", "2024|市级|{name}||乙|三等奖|初创"], Verdict.FAIL),
        (["2024|全国|{name}|{other}|旧项目|三等奖|成长"], Verdict.PASS),
        (["2024|全国|改了名的公司|{uscc}|旧项目|三等奖|成长"], Verdict.FAIL),
    ],
)
def test_screening_reads_the_list(run, organiser, wins, expected):
    entry = an_entry(a_contest(owner=organiser))
    from matchmaker.directory.rules import demo_uscc

    with transaction():
        entry.organisation.uscc = demo_uscc(777)
    words = {"name": entry.organisation.name, "uscc": demo_uscc(777), "other": demo_uscc(778)}
    if wins:
        run(*(line.format(**words) for line in wins))

    assert verdict_of(entry) is expected
    details = next(row for row in entry.findings if row["check"] == "wins")["details"]
    assert bool(details) is any("{other}" not in line for line in wins)
