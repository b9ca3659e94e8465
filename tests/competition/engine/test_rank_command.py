"""`matchmaker judging rank`: what it writes, what it refuses, and that it needs no installation."""

from __future__ import annotations

import csv
import io
import random

import pytest
from click.testing import CliRunner

from matchmaker.cli import cli
from matchmaker.competition.engine.ranking import Rule
from tests.commands import running
from tests.competition.engine.panels import drawn

HEADER = "entry,judge,score\n"
FOUR = HEADER + "".join(f"{entry},{judge},{score}\n" for entry, marks in
                        (("A", (90, 80, 85, 70)), ("B", (60, 95, 85, 84)), ("C", (70, 71, 72, 73)))
                        for judge, score in zip("WXYZ", marks, strict=True))  # fmt: skip


@pytest.fixture
def rank(tmp_path):
    """Run the command on a text; gives (exit code, output, error output)."""

    def run(text, *options, rule="mean", encoding="utf-8"):
        path = tmp_path / "ballots.csv"
        path.write_bytes(text.encode(encoding) if isinstance(text, str) else text)
        done = CliRunner().invoke(cli, ["judging", "rank", str(path), "--rule", rule, *options])
        return done.exit_code, done.stdout, done.stderr

    return run


def a_file(seed=1, **options):
    rows = [f"{b.entry},{b.judge},{b.score},{b.track}\n" for b in drawn(seed=seed, **options)]
    return "entry,judge,score,track\n", rows


def test_the_table_has_four_columns_in_order_of_rank(rank):
    assert rank(FOUR) == (0, "entry,score,se,rank\nA,81.25,,1\nB,81.00,,2\nC,71.50,,3\n", "")
    assert rank(FOUR, rule="trimmed")[1] == "entry,score,se,rank\nB,84.50,,1\nA,82.50,,2\nC,71.50,,3\n"


def test_calibrated_gives_a_standard_error_and_says_what_it_did(rank):
    head, rows = a_file()
    code, said, notes = rank(head + "".join(rows), rule="calibrated")

    lines = list(csv.DictReader(io.StringIO(said)))
    assert code == 0
    assert all(float(line["se"]) > 0 and len(line["score"].split(".")[1]) == 4 for line in lines)
    assert "F(" in notes


def test_judges_without_a_scale_are_named(rank):
    code, _said, notes = rank(HEADER + "A,刘评委,5\nB,刘评委,6\n", rule="standard")

    assert (code, "刘评委" in notes) == (0, True)


def test_parts_of_the_graph_are_named(rank):
    head, rows = a_file(seed=3, entries=60, judges=20, each=4, tracks=4)

    assert "互不相连的 4 部分" in rank(head + "".join(rows), rule="calibrated")[2]


@pytest.mark.parametrize("rule", [rule.value for rule in Rule])
def test_the_same_bytes_for_any_order_of_rows(rank, rule):
    head, rows = a_file(seed=4, each=4)
    expected = rank(head + "".join(rows), rule=rule)
    random.Random(2).shuffle(rows)

    assert rank(head + "".join(rows), rule=rule) == expected


def test_a_ranking_for_each_track_says_which(rank):
    text = "entry,judge,score,track\nA,X,5,乙\nB,X,6,甲\nC,X,7,乙\n"

    assert rank(text, "--by-track")[1] == "entry,score,se,rank,track\nC,7.00,,1,乙\nA,5.00,,2,乙\nB,6.00,,1,甲\n"
    assert rank(text)[1] == "entry,score,se,rank\nC,7.00,,1\nB,6.00,,2\nA,5.00,,3\n"


def test_names_that_look_like_formulas_are_defused(rank):
    code, said, _notes = rank(HEADER + "@SUM(A1),X,5\n-2,X,-3\n")

    assert (code, said) == (0, "entry,score,se,rank\n'@SUM(A1),5.00,,1\n'-2,-3.00,,2\n")


def test_chinese_files_of_spreadsheets(rank):
    text = "项目名称,entry,judge,score\r\n智慧水务管网监测,水务,张三,８５．５\r\n".replace("\r\n", "\n")

    assert rank(text, encoding="gb18030") == rank(text, encoding="utf-8-sig")
    assert rank(text)[1].splitlines()[1] == "水务,85.50,,1"


@pytest.mark.parametrize(
    ("content", "options"),
    [
        ("", {}),
        (HEADER, {}),
        ("entry,judge\nA,X\n", {}),
        (HEADER + "A,X,NaN\n", {}),
        (HEADER + "A,X,5\nA,X,5\n", {}),
        (HEADER + "A,X,5\n", {"rule": "trimmed"}),
        (HEADER + "=1+1,X,5\n", {}),
        (b"\xff\xfe\x00\x01\x02\x03", {}),
        ("entry,judge,score,stage\nA,X,5,1\nA,X,5,2\n", {}),
    ],
)
def test_refusals_are_one_line_exit_2_and_write_nothing(rank, tmp_path, content, options):
    out = tmp_path / "out.csv"
    out.write_text("kept")

    code, said, why = rank(content, "--out", str(out), **options)

    assert (code, said, out.read_text()) == (2, "", "kept")
    assert len(why.strip().splitlines()) == 1


def test_the_file_written_is_what_would_be_printed(rank, tmp_path):
    out = tmp_path / "out.csv"
    out.write_text("an older ranking")

    assert rank(FOUR, "--out", str(out))[:2] == (0, "")
    assert out.read_text() == rank(FOUR)[1]


@pytest.mark.parametrize("place", ["ballots.csv", ".", "missing/out.csv"])
def test_places_that_cannot_be_written_are_refused(rank, tmp_path, place):
    code, _said, why = rank(FOUR, "--out", str(tmp_path / place))

    assert (code, len(why.strip().splitlines())) == (2, 1)
    assert (tmp_path / "ballots.csv").read_text() == FOUR


def test_it_needs_neither_database_nor_settings(tmp_path):
    (tmp_path / "b.csv").write_text(FOUR)
    nowhere = str(tmp_path / "nothing" / "here")

    done = running.run(
        "judging", "rank", "b.csv", "--rule", "calibrated", instance=tmp_path,
        MATCHMAKER_INSTANCE=nowhere, MATCHMAKER_DATABASE_URL="postgresql://nobody@127.0.0.1:1/none",
    )  # fmt: skip

    assert (done.returncode, done.stdout.splitlines()[0]) == (0, "entry,score,se,rank")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["b.csv"]


def test_a_missing_file_is_one_line():
    done = CliRunner().invoke(cli, ["judging", "rank", "/nowhere/b.csv", "--rule", "mean"])

    assert (done.exit_code, len(done.stderr.strip().splitlines())) == (2, 1)
