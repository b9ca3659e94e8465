"""`matchmaker match rank`: what it writes, what it refuses, and that it needs no installation."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

import matchmaker
from matchmaker.cli import cli
from matchmaker.matching.cli import Watched
from matchmaker.matching.engine import semantic
from matchmaker.matching.engine.index import ProfileIndex
from matchmaker.matching.engine.meanings import Immediate
from matchmaker.matching.engine.profiles import Need, Profile
from matchmaker.matching.engine.semantic import encoder

PROFILES = [
    {"id": "seal", "texts": ["机械密封与离心泵检修", "化工泵轴端渗漏治理"], "kind": "envoy"},
    {"id": "wine", "texts": ["葡萄酒酿造 wine making"], "tags": {"field": ["2"]}},
    {"id": "law", "texts": ["合同审查与货款清收", "commercial disputes"]},
]
NEEDS = [
    {"id": "n1", "texts": ["离心泵轴端漏水"]},
    {"id": "n2", "texts": ["our wine will not ferment", "急"], "tags": {"field": ["2"]}},
    {"id": "n3", "texts": ["客户欠货款不给"], "tags": ["合同"]},
]


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Runs a command of matching on lists of objects (or raw text), in an empty folder; True stands for a flag."""
    monkeypatch.chdir(tmp_path)

    def invoke(*options, command="rank", **files):
        arguments = ["match", command]
        for name, content in {"profiles": PROFILES, "needs": NEEDS, **files}.items():
            path = tmp_path / f"{name}.{'csv' if name == 'truth' else 'jsonl'}"
            lines = content if isinstance(content, str | bytes) else "\n".join(map(json.dumps, content))
            path.write_bytes(lines if isinstance(lines, bytes) else lines.encode())
            arguments += [f"--{name}", path.name]
        return CliRunner().invoke(cli, [*arguments, *map(str, options)])

    return invoke


def scores(done):
    assert done.exit_code == 0, done.output
    return {(row["need"], row["profile"]): float(row["score"]) for row in csv.DictReader(io.StringIO(done.stdout))}


def test_every_pair_is_written_best_first(run):
    done = run()

    found = scores(done)
    assert done.stdout.splitlines()[0] == "need,profile,score"
    assert set(found) == {(need["id"], profile["id"]) for need in NEEDS for profile in PROFILES}
    assert [next(p for n, p in found if n == need) for need in ("n1", "n2", "n3")] == ["seal", "wine", "law"]
    for need in ("n1", "n2", "n3"):
        given = [score for (name, _), score in found.items() if name == need]
        assert given == sorted(given, reverse=True)
        assert all(0 <= score <= 1 for score in given)


def test_top_keeps_the_best_of_each_need(run):
    whole, short = scores(run()), scores(run("--top", 1))

    assert short.items() <= whole.items()
    assert [need for need, _ in short] == ["n1", "n2", "n3"]


@pytest.mark.parametrize("meaning", [False, True])
def test_a_pair_scores_the_same_alone_and_in_company(run, meaning):
    if meaning and encoder() is None:
        pytest.skip("the extra `semantic` is not installed")
    options = ["--semantic"] if meaning else []

    together = scores(run(*options))
    alone = [scores(run(*options, needs=[need])) for need in reversed(NEEDS)]

    assert len(together) == sum(map(len, alone))
    for found in alone:
        assert found == {pair: pytest.approx(together[pair], abs=1e-9) for pair in found}


def test_the_order_of_the_profiles_moves_no_score(run):
    assert scores(run(profiles=PROFILES[::-1])) == pytest.approx(scores(run()), abs=1e-9)


def test_scores_are_those_of_the_platform(run):
    profiles = [
        Profile(row["id"], "", tuple((text, 1.0) for text in row["texts"]), tags=codes(row)) for row in PROFILES
    ]
    index = ProfileIndex.fit(profiles)

    found = scores(run(needs=NEEDS[:2]))

    for row in NEEDS[:2]:
        need = Need("\n".join(row["texts"]), tags=codes(row))
        for profile in profiles:
            assert found[row["id"], profile.id] == pytest.approx(index.match(need, profile.id).score, abs=1e-9)


def codes(row):
    return {name: frozenset(given) for name, given in row.get("tags", {}).items()}


def test_meaning_changes_the_scores_and_keeps_their_bounds(run):
    if encoder() is None:
        pytest.skip("the extra `semantic` is not installed")

    found = scores(run("--semantic"))

    assert found != scores(run())
    assert all(0 <= score <= 1 for score in found.values())


def test_without_the_extra_meaning_is_refused_in_one_sentence(run, monkeypatch):
    monkeypatch.setattr("matchmaker.matching.engine.semantic.encoder", lambda: None)

    done = run("--semantic")

    assert done.exit_code == 2
    assert "没有安装语义扩展" in done.stderr


def test_the_result_goes_to_a_file(run, tmp_path):
    done = run("--out", "result.csv")

    assert done.stdout == ""
    assert (tmp_path / "result.csv").read_text().splitlines() == run().stdout.splitlines()


def test_ids_are_safe_in_a_spreadsheet(run):
    done = run(profiles=[{"id": '=cmd|"x",1', "texts": ["泵"]}], needs=[{"id": 7, "texts": ["泵"]}])

    assert list(scores(done)) == [("7", '\'=cmd|"x",1')]


@pytest.mark.parametrize(
    ("files", "sentence"),
    [
        ({"needs": '{"id": "a", "texts": ["泵"]}\n\n{oops'}, "needs.jsonl 第 3 行不是有效的 JSON"),
        ({"needs": "[" * 100_000}, "needs.jsonl 第 1 行不是有效的 JSON"),
        ({"needs": "[1]"}, "needs.jsonl 第 1 行应为一个对象"),
        ({"profiles": [PROFILES[0], PROFILES[0]]}, "profiles.jsonl 第 2 行：编号 'seal' 已经在前面出现过"),
        ({"profiles": [{"id": "x", "texts": []}]}, "profiles.jsonl 里的服务者都没有可以比较的文字"),
        ({"profiles": [{"id": n, "texts": ["<b></b>", "\u200b"]} for n in "xy"]}, "都没有可以比较的文字"),
        ({"profiles": [{"id": "x"}]}, "第 1 行：texts 应为文字的列表"),
        ({"profiles": [{"id": "x", "texts": []}, *PROFILES], "needs": "{oops"}, "needs.jsonl 第 1 行不是有效的 JSON"),
        ({"needs": [{"id": "x", "texts": "泵"}]}, "第 1 行：texts 应为文字的列表"),
        ({"needs": [{"id": "x", "texts": ["泵", 5]}]}, "第 1 行：texts 应为文字的列表"),
        ({"needs": [{"texts": ["泵"]}]}, "第 1 行：id 应为不空的文字"),
        ({"needs": [{"id": True, "texts": ["泵"]}]}, "第 1 行：id 应为不空的文字"),
        ({"needs": [{"id": "a\nb", "texts": ["泵"]}]}, "第 1 行：id 应为不空的文字"),
        ({"needs": [{"id": "\ud800", "texts": ["泵"]}]}, "第 1 行：id 应为不空的文字"),
        ({"needs": [{"id": "x", "texts": ["泵"], "kind": 3}]}, "第 1 行：kind 应为文字"),
        ({"needs": [{"id": "x", "texts": ["泵"], "tags": {"colour": ["red"]}}]}, "第 1 行：tags 应为"),
        ({"needs": [{"id": "x", "texts": ["泵"], "tags": {"field": "2"}}]}, "第 1 行：tags 里的代码"),
        ({"needs": ""}, "needs.jsonl 里没有需求"),
        ({"profiles": "\n"}, "profiles.jsonl 里没有服务者"),
        ({"needs": "泵".encode("gbk")}, "needs.jsonl 不是 UTF-8 编码"),
    ],
)
def test_what_cannot_be_read_is_refused_in_one_line_and_nothing_is_written(run, tmp_path, files, sentence):
    done = run("--out", "result.csv", **files)

    assert done.exit_code == 2
    assert sentence in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert not (tmp_path / "result.csv").exists()


def test_files_that_cannot_be_opened_are_refused(run, tmp_path):
    assert "无法写入 nowhere/x.csv" in run("--out", "nowhere/x.csv").stderr
    done = run("--out", "needs.jsonl")
    assert (done.exit_code, "同一个文件" in done.stderr) == (2, True)
    missing = CliRunner().invoke(cli, ["match", "rank", "--profiles", "nowhere.jsonl", "--needs", "needs.jsonl"])
    assert (missing.exit_code, "无法读取 nowhere.jsonl" in missing.stderr) == (2, True)


@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    "text",
    [
        "泵" * 200_000,
        "<p>密封</p>" * 20_000,
        "ｐｕｍｐ　密封",
        "密\u200b封",
        "شىنجاڭ پەن",
        "Насос течёт",
        "泵 \ud800 \x00",
    ],
)
def test_strange_texts_are_scored(run, text):
    done = run(needs=[{"id": "x", "texts": [text]}])

    assert all(0 <= score <= 1 for score in scores(done).values())


def test_equal_profiles_score_alike_in_the_order_of_their_ids(run):
    twins = [{"id": name, "texts": ["泵"]} for name in ("b", "a")]

    found = scores(run(profiles=twins, needs=[{"id": "x", "texts": ["泵"]}]))

    assert found == {("x", "a"): pytest.approx(1), ("x", "b"): pytest.approx(1)}
    assert [profile for _, profile in found] == ["a", "b"]


def test_a_profile_with_some_empty_texts_is_one_without_them(run):
    holed = [{**PROFILES[0], "texts": ["", *PROFILES[0]["texts"], " "]}, *PROFILES[1:]]

    assert scores(run(profiles=holed)) == scores(run())


SILENT = [{"id": "mute", "texts": [], "tags": {"field": ["2"]}}, {"id": "blank", "texts": ["", "🚀", "<b></b>"]}]


@pytest.mark.parametrize("meaning", [False, True])
def test_a_profile_that_says_nothing_scores_0_is_named_and_moves_no_other_score(run, meaning):
    if meaning and encoder() is None:
        pytest.skip("the extra `semantic` is not installed")
    options = ["--semantic"] if meaning else []

    done = run(*options, profiles=[SILENT[0], *PROFILES, SILENT[1]])

    found = scores(done)
    assert {found.pop((need["id"], silent["id"])) for need in NEEDS for silent in SILENT} == {0.0}
    assert found == pytest.approx(scores(run(*options)), abs=1e-9)
    assert done.stderr.splitlines() == ["2 位服务者没有可以比较的文字，得分记为 0：mute、blank"]


@pytest.mark.parametrize("meaning", [False, True])
def test_a_need_that_says_nothing_scores_0_for_everybody_in_their_order(run, meaning):
    if meaning and encoder() is None:
        pytest.skip("the extra `semantic` is not installed")
    options = ["--semantic"] if meaning else []
    silent = [{"id": "m1", "texts": ["🚀"], "tags": {"field": ["2"]}}, {"id": "m2", "texts": []}]

    done = run(*options, needs=[silent[0], *NEEDS, silent[1]])

    found = scores(done)
    for need in silent:
        given = {pair: score for pair, score in found.items() if pair[0] == need["id"]}
        assert [profile for _, profile in given] == ["seal", "wine", "law"]
        assert set(given.values()) == {0.0}
        assert scores(run(*options, needs=[need])) == given
    rest = {pair: score for pair, score in found.items() if pair[0] not in {"m1", "m2"}}
    assert rest == pytest.approx(scores(run(*options)), abs=1e-9)
    assert done.stderr.splitlines() == ["2 条需求没有可以比较的文字，得分记为 0：m1、m2"]


def test_of_many_that_say_nothing_the_first_are_named(run):
    silent = [{"id": f"s{n}" if n else "s" * 300, "texts": [""]} for n in range(9)]

    done = run("--top", 1, profiles=[*silent, *PROFILES])

    assert done.stderr == f"9 位服务者没有可以比较的文字，得分记为 0：{'s' * 40}…、s1、s2、s3、s4 等\n"
    assert [pair for pair, _ in scores(done).items()] == [("n1", "seal"), ("n2", "wine"), ("n3", "law")]


def test_the_command_needs_no_database_and_loads_no_application(tmp_path):
    for name, rows in (("profiles", PROFILES), ("needs", NEEDS)):
        (tmp_path / f"{name}.jsonl").write_text("\n".join(map(json.dumps, rows)))
    program = (
        "import sys; from matchmaker.cli import cli;"
        "cli(['match', 'rank', '--profiles', 'profiles.jsonl', '--needs', 'needs.jsonl'], standalone_mode=False);"
        "print('sqlalchemy' in sys.modules or 'matchmaker.app' in sys.modules)"
    )

    where = {**os.environ, "PYTHONPATH": str(Path(matchmaker.__file__).parents[1])}
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, env=where, capture_output=True, text=True, check=True
    )

    assert done.stdout.splitlines()[-1] == "False"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["needs.jsonl", "profiles.jsonl"]


class Counting:
    """An encoder that draws vectors from the length of a text and remembers what it was asked."""

    name, dimensions = "counting", 384

    def __init__(self):
        self.asked = []

    def encode(self, texts):
        self.asked += texts
        rows = np.array([np.random.default_rng(len(text)).normal(size=384) for text in texts]).reshape(-1, 384)
        return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def test_much_is_encoded_once_and_in_order():
    encoder = Counting()
    texts = [f"文字{n}" for n in range(300)]
    source = Immediate(Watched(encoder))

    rows = source.known(texts)

    assert np.array_equal(source.known(texts[::-1])[::-1], rows)
    assert encoder.asked == texts
    assert np.array_equal(rows, semantic.rounded(Counting().encode(texts)))
