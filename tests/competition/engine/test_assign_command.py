"""`matchmaker judging assign`: what it writes, what it refuses in one line, and that nothing is written then."""

from __future__ import annotations

import csv
import io
import random

import pytest
from click.testing import CliRunner

from matchmaker.cli import cli

FILES = {
    "entries": "entry,track\nE1,A\nE2,A\nE3,B\nE4,B\n",
    "judges": "judge,track,min,max\nJ1,A,1,3\nJ1,B,,\nJ2,A,,4\nJ3,B,0,4\nJ4,,,\n",
    "conflicts": "judge,entry\nJ1,E1\n",
    "affinity": "judge,entry,score\nJ2,E1,0.5\nJ4,E3,2\n",
}


@pytest.fixture
def assign(tmp_path):
    """Run the command on files given as texts; gives (exit code, output, error output)."""

    def run(*options, per_entry="2", encoding="utf-8", **changes):
        arguments = ["judging", "assign", "--per-entry", per_entry]
        for name, text in (FILES | changes).items():
            if text is not None:
                path = tmp_path / f"{name}.csv"
                path.write_bytes(text.encode(encoding) if isinstance(text, str) else text)
                arguments += [f"--{name}", str(path)]
        done = CliRunner().invoke(cli, [*arguments, *options])
        return done.exit_code, done.stdout, done.stderr

    return run


def rows(output):
    return [tuple(row) for row in csv.reader(io.StringIO(output))]


def shuffled(text, seed):
    head, *body = text.splitlines(keepends=True)
    random.Random(seed).shuffle(body)
    return head + "".join(body)


def test_assign_writes_pairs_that_keep_the_rules(assign):
    code, output, errors = assign()

    assert code == 0
    head, *pairs = rows(output)
    assert head == ("entry", "judge")
    assert pairs == sorted(pairs)
    assert len(set(pairs)) == 8
    assert {entry: sum(e == entry for e, _j in pairs) for entry in ("E1", "E2", "E3", "E4")} == {
        "E1": 2, "E2": 2, "E3": 2, "E4": 2,
    }  # fmt: skip
    assert ("E1", "J1") not in pairs
    assert ("E3", "J4") in pairs
    assert "已证明最优" in errors


@pytest.mark.parametrize("seed", range(3))
def test_assign_does_not_care_about_the_order_of_rows(assign, seed):
    _code, output, _errors = assign()

    mixed = {name: shuffled(text, seed) for name, text in FILES.items()}
    mixed["judges"] = "judge,track,min,max\n" + "".join(
        sorted(FILES["judges"].splitlines(keepends=True)[1:], key=lambda _line: random.Random(seed).random())
    )
    assert assign(**mixed)[1] == output


@pytest.mark.parametrize(
    "spelled",
    [
        {name: "\ufeff" + text for name, text in FILES.items()},
        {name: text.replace("\n", "\r\n") for name, text in FILES.items()},
        {name: text.rstrip("\n") for name, text in FILES.items()},
        {name: text.replace("min,max", "最少,max").replace("最少", " MIN ") for name, text in FILES.items()},
    ],
    ids=["mark", "crlf", "no last newline", "spaces in headers"],
)
def test_assign_reads_what_spreadsheets_write(assign, spelled):
    assert assign(**spelled)[1] == assign()[1]


def test_assign_reads_gb18030(assign):
    chinese = {name: text.replace("A", "新能源").replace("E1", "项目一") for name, text in FILES.items()}

    assert assign(**chinese, encoding="gb18030") == assign(**chinese)
    assert "项目一" in assign(**chinese)[1]


def test_assign_writes_the_file_alone(assign, tmp_path):
    out = tmp_path / "plan.csv"

    code, output, _errors = assign("--out", str(out))

    assert (code, output) == (0, "")
    assert out.read_text() == assign()[1]


BAD = {
    "entry unknown in conflicts": {"conflicts": "judge,entry\nJ1,E9\n"},
    "judge unknown in conflicts": {"conflicts": "judge,entry\nJ9,E1\n"},
    "conflict twice": {"conflicts": "judge,entry\nJ1,E1\nJ1,E1\n"},
    "entry unknown in affinity": {"affinity": "judge,entry,score\nJ1,E9,1\n"},
    "judge unknown in affinity": {"affinity": "judge,entry,score\nJ9,E1,1\n"},
    "affinity twice": {"affinity": "judge,entry,score\nJ1,E1,1\nJ1,E1,1\n"},
    "negative affinity": {"affinity": "judge,entry,score\nJ1,E1,-1\n"},
    "affinity not a number": {"affinity": "judge,entry,score\nJ1,E1,NaN\n"},
    "infinite affinity": {"affinity": "judge,entry,score\nJ1,E1,inf\n"},
    "huge affinity": {"affinity": "judge,entry,score\nJ1,E1,1e999\n"},
    "empty affinity": {"affinity": "judge,entry,score\nJ1,E1,\n"},
    "entry twice": {"entries": "entry,track\nE1,A\nE1,A\n"},
    "entry without id": {"entries": "entry,track\n,A\n"},
    "judge row twice": {"judges": FILES["judges"] + "J2,A,,\n"},
    "min above max": {"judges": "judge,track,min,max\nJ1,A,5,3\n"},
    "min and max of two rows": {"judges": "judge,track,min,max\nJ1,A,5,\nJ1,B,,3\n"},
    "rows disagree": {"judges": "judge,track,min,max\nJ1,A,1,3\nJ1,B,2,3\n"},
    "negative load": {"judges": "judge,track,min,max\nJ1,A,-1,3\n"},
    "load not a number": {"judges": "judge,track,min,max\nJ1,A,nan,3\n"},
    "half a load": {"judges": "judge,track,min,max\nJ1,A,0.5,3\n"},
    "more than there are": {"per_entry": "5"},
    "nobody": {"per_entry": "0"},
    "k not a number": {"per_entry": "two"},
    "empty entries": {"entries": ""},
    "no entries": {"entries": "entry,track\n"},
    "empty judges": {"judges": ""},
    "no judges": {"judges": "judge,track,min,max\n"},
    "empty conflicts": {"conflicts": ""},
    "empty affinity file": {"affinity": ""},
    "no track column": {"entries": "entry\nE1\n"},
    "no max column": {"judges": "judge,track,min\nJ1,A,1\n"},
    "no score column": {"affinity": "judge,entry\nJ1,E1\n"},
    "too many cells": {"entries": "entry,track\nE1,A,B\n"},
    "not text": {"entries": b"\xff\xfe\x00\x01"},
}


@pytest.mark.parametrize("changes", BAD.values(), ids=BAD.keys())
def test_assign_refuses_bad_input_in_one_line(assign, tmp_path, changes):
    out = tmp_path / "plan.csv"

    code, output, errors = assign("--out", str(out), **changes)

    assert (code, output, out.exists()) == (2, "", False)
    assert len(errors.strip().splitlines()) == 1, errors


def test_assign_refuses_a_missing_file_and_writing_over_its_input(assign, tmp_path):
    code, _output, errors = assign("--keep", str(tmp_path / "nowhere.csv"))
    assert (code, len(errors.splitlines())) == (2, 1)

    code, _output, _errors = assign("--out", str(tmp_path / "entries.csv"))
    assert code == 2
    assert (tmp_path / "entries.csv").read_text() == FILES["entries"]


def test_assign_names_what_makes_it_impossible(assign, tmp_path):
    out = tmp_path / "plan.csv"

    code, output, errors = assign("--out", str(out), conflicts="judge,entry\nJ1,E1\nJ2,E1\nJ3,E1\n")

    assert (code, output, out.exists()) == (2, "", False)
    assert "E1" in errors
    assert "J4" in errors
    assert "E2" not in errors
    assert "还差 1 人次" in errors


def test_assign_names_a_minimum_that_cannot_be_filled(assign):
    judges = FILES["judges"].replace("J4,,,", "J4,,5,9")

    code, _output, errors = assign(judges=judges)

    assert code == 2
    assert "J4 这 1 人至少要安排 5 项次" in errors


def test_assign_keeps_an_earlier_plan_and_signed_pairs(assign, tmp_path):
    before, signed = tmp_path / "before.csv", tmp_path / "signed.csv"
    before.write_text(assign()[1])
    signed.write_text("entry,judge\nE1,J2\nE1,J9\nE9,J1\n")

    code, output, errors = assign("--keep", str(before), "--signed", str(signed), seed=None)

    assert code == 0
    assert {("E1", "J2"), ("E1", "J9")} <= set(rows(output))
    kept = set(rows(output)) & set(rows(before.read_text()))
    assert len(kept) >= 1 + 7
    assert "保留原有" in errors


def test_assign_crosses_tracks_and_sets_anchors_when_asked(assign):
    entries = "entry,track\n" + "".join(f"E{i},{'AB'[i % 2]}\n" for i in range(20))
    judges = "judge,track,min,max\n" + "".join(f"J{j},{'AB'[j % 2]},0,15\n" for j in range(6))
    plain = {"entries": entries, "judges": judges, "conflicts": None, "affinity": None}

    apart, crossed, anchored = assign(**plain), assign("--cross", "10", **plain), assign("--anchors", "2", **plain)

    assert "互不相连的 2 部分" in apart[2]
    assert "建议（--cross）" in apart[2]
    assert (
        sum(entry[1:] != "" and int(entry[1:]) % 2 != int(judge[1:]) % 2 for entry, judge in rows(crossed[1])[1:]) >= 4
    )
    assert len(rows(anchored[1])) == len(rows(apart[1])) + 2 * 4
