"""The published package: the real command counts it again to the byte, it names nobody, and opens when it should."""

from __future__ import annotations

import hashlib
import io
import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from matchmaker.accounts.rules import Role
from matchmaker.competition.rules.aggregation import Aggregation
from matchmaker.competition.rules.results import Sharing
from matchmaker.competition.services import packages, results, tallies
from matchmaker.core.db import transaction
from tests.cast import a_user, sign_in
from tests.competition.counted import a_scored_contest, lock
from tests.factories.competition import ballots_of
from tests.factories.publicity import announced_years

ROOT = Path(__file__).parents[2]
RULES = {"plain": "mean", "trimmed": "trimmed", "standard": "standard", "calibrated": "calibrated", "scaled": "scaled"}


def released(organiser, approver, **values):
    announced_years()
    contest = a_scored_contest(organiser, **values)
    stage = contest.stages[0]
    lock(stage, organiser, approver)
    with transaction():
        results.release(stage, actor=organiser)
    return contest


def ranked(ballots, *options):
    """What the command writes, run as anybody would run it."""
    command = [sys.executable, "-m", "matchmaker", "judging", "rank", str(ballots), *options]
    done = subprocess.run(command, capture_output=True, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)})
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


@pytest.mark.parametrize("rule", list(Aggregation))
def test_the_command_counts_a_downloaded_package_again_to_the_byte(client, organiser, approver, tmp_path, rule):
    contest = released(organiser, approver, rule=rule, package=Sharing.PUBLIC, twins=2, seed=3)

    answer = client.get(f"/contests/{contest.id}/final/package.zip")
    bundle = zipfile.ZipFile(io.BytesIO(answer.data))
    bundle.extractall(tmp_path)
    kept = json.loads(bundle.read("package.json"))

    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert ranked(tmp_path / "growth/ballots.csv", "--rule", RULES[rule.value]) == bundle.read("growth/scores.csv")
    announced = {row["entry"]: row["score"] for row in kept["groups"][0]["ranking"]}
    written = [line.split(",") for line in bundle.read("growth/scores.csv").decode().splitlines()[1:]]
    assert {row[0]: row[1] for row in written} == announced
    stage = contest.stages[0]
    assert {row.code: f"{row.score:.{row.places}f}" for row in rows_of(stage)} == announced


def test_places_by_track_are_counted_again_by_track(organiser, approver, tmp_path):
    from datetime import timedelta

    from matchmaker.core import clock

    until = clock.now() + timedelta(days=20)
    cut = [{"group": "growth", "track": track, "places": 1} for track in ("it", "materials")]
    first = {"code": "preliminary", "judging_until": until, "aggregation": "standard", "per_entry": 4, "places": cut}
    last = {"code": "final", "judging_until": until + timedelta(days=9), "aggregation": "plain", "per_entry": 4}
    contest = a_scored_contest(organiser, stages=[first, last])
    lock(contest.stages[0], organiser, approver)
    bundle = zipfile.ZipFile(io.BytesIO(packages.archive(tallies.in_force(contest.stages[0]))))
    bundle.extractall(tmp_path)

    again = ranked(tmp_path / "growth/ballots.csv", "--rule", "standard", "--by-track")

    assert again == bundle.read("growth/scores.csv")
    assert "--rule standard --by-track" in bundle.read("README.md").decode()


def rows_of(stage):
    from matchmaker.competition.queries import standings
    from matchmaker.core.db import db

    return db.session.execute(standings.of_stage(stage.id)).unique().scalars().all()


def test_a_package_names_nobody_and_carries_its_fingerprint(organiser, approver):
    contest = a_scored_contest(organiser, entered=3, judges=3, per_entry=2)
    people = {text for b in ballots_of(contest) for text in names_in(b)}
    lock(contest.current, organiser, approver)
    tally = tallies.in_force(contest.current)

    content = packages.archive(tally)
    texts = unpacked(content)

    assert hashlib.sha256(texts["package.json"]).hexdigest() == tally.sha256
    assert texts["package.sha256"].decode() == f"{tally.sha256}  package.json\n"
    assert packages.archive(tally) == content
    whole = b"\n".join(texts.values()).decode()
    assert [text for text in people if text in whole] == []


def names_in(ballot):
    entry, user = ballot.entry, ballot.seat.user
    return {entry.title, entry.leader, entry.phone, entry.who, entry.organisation.uscc, user.name, ballot.seat.unit}


def unpacked(content):
    bundle = zipfile.ZipFile(io.BytesIO(content))
    return {name: bundle.read(name) for name in bundle.namelist()}


def test_erasing_people_leaves_package_and_recount_whole(organiser, approver):
    from matchmaker.accounts.services import erasure
    from matchmaker.core.db import db

    contest = a_scored_contest(organiser, entered=3, judges=3, per_entry=2)
    lock(contest.current, organiser, approver)
    before = packages.archive(tallies.in_force(contest.current))
    judge = ballots_of(contest)[0].seat.user
    entrant = ballots_of(contest)[0].entry.user

    with transaction():
        erasure.erase(judge, actor=judge)
    with transaction():
        erasure.erase(entrant, actor=entrant)
    db.session.expire_all()

    assert packages.archive(tallies.in_force(contest.current)) == before
    assert not tallies.differs(contest.current)


def test_only_a_released_public_package_is_open_to_everybody(client, organiser, approver):
    announced_years()
    contest = a_scored_contest(organiser, entered=2, judges=2, per_entry=2, package=Sharing.PUBLIC)
    paths = [f"/contests/{contest.id}/final/package", f"/contests/{contest.id}/final/package.zip"]
    assert [client.get(path).status_code for path in paths] == [404, 404]
    lock(contest.current, organiser, approver)
    assert [client.get(path).status_code for path in paths] == [404, 404]
    with transaction():
        results.release(contest.current, actor=organiser)
    tally = tallies.in_force(contest.stages[0])

    assert [client.get(path).status_code for path in paths] == [200, 200]
    assert tally.sha256 in client.get(paths[0]).text
    assert tally.sha256 in results.notice_of(contest).body
    assert client.get(f"{paths[1]}?version=7").status_code == 404


def test_a_supervised_package_is_for_approvers_alone(client, organiser, approver):
    contest = released(organiser, approver, entered=2, judges=2, per_entry=2)
    new = client.application.test_client
    path = f"/contests/{contest.id}/final/package.zip"
    elsewhere = a_user(Role.APPROVER, region="110101")

    asked = [client, sign_in(new(), a_user()), sign_in(new(), organiser), sign_in(new(), elsewhere)]

    assert [browser.get(path).status_code for browser in asked] == [404, 404, 404, 404]
    assert sign_in(new(), approver).get(path).status_code == 200
    assert "package" not in client.get(f"/contests/{contest.id}").text


def test_the_method_card_is_public_in_both_languages(client):
    assert "50 + 10" in client.get("/contests/method").text
    assert "How scores are counted" in client.get("/contests/method?lang=en").text


def test_an_outsider_follows_the_chain_to_the_counted_ballots(organiser, approver):
    contest = released(organiser, approver, package=Sharing.PUBLIC)
    taken_back = ballots_of(contest)[0]
    bundle = zipfile.ZipFile(io.BytesIO(packages.archive(tallies.in_force(contest.stages[0]))))
    kept = json.loads(bundle.read("package.json"))
    marks = [json.loads(line) for line in bundle.read("chain.jsonl").decode().splitlines()]

    before, last = "0" * 64, {}
    for number, mark in enumerate(marks, start=1):
        text = json.dumps(
            {**mark["content"], "previous": before}, ensure_ascii=False, sort_keys=True, separators=(",", ":")
        )
        assert (mark["sequence"], mark["previous"]) == (number, before)
        assert hashlib.sha256(text.encode()).hexdigest() == mark["digest"]
        before = mark["digest"]
        last[mark["content"]["entry"], mark["content"]["judge"]] = mark["content"]

    assert {"length": len(marks), "head": before} == kept["chain"]
    counted = {(row["entry"], row["judge"]): row for group in kept["groups"] for row in group["ballots"]}
    assert counted
    for pair, row in counted.items():
        assert (last[pair]["what"], last[pair]["points"], last[pair]["total"]) == (
            "signed",
            row["points"],
            row["total"],
        )
    assert taken_back.seat.user.name not in bundle.read("chain.jsonl").decode()


def test_one_file_has_the_ballots_of_every_group(organiser, approver):
    contest = released(organiser, approver, package=Sharing.PUBLIC)
    bundle = zipfile.ZipFile(io.BytesIO(packages.archive(tallies.in_force(contest.stages[0]))))
    kept = json.loads(bundle.read("package.json"))
    other = {
        **kept["groups"][0],
        "code": "team",
        "criteria": [{"key": "tech"}, {"key": "spirit"}],
        "ballots": [
            {"entry": "T1", "judge": "J1", "track": "it", "total": "70", "points": {"tech": "80", "spirit": "60"}}
        ],
    }

    lines = bundle.read("ballots.csv").decode().splitlines()
    both = packages.all_ballots_csv({**kept, "groups": [*kept["groups"], other]}).splitlines()

    assert lines == bundle.read("growth/ballots.csv").decode().splitlines()  # one group: the same file
    assert both[0] == f"{lines[0]},points:spirit"
    assert (len(both), both[-1]) == (len(lines) + 1, "T1,J1,70,it,final,team,80,,60")
