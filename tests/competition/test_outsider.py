"""Somebody outside takes the published package and counts again, with numpy and nothing of this program.

Everything down to the line is the outsider's; what comes below makes a contest and asks whether both agree.
"""

from __future__ import annotations

import io
import json
import zipfile
from decimal import ROUND_HALF_UP, Decimal, getcontext
from fractions import Fraction

import numpy as np
import pytest

getcontext().prec = 60


def half_up(value, places):
    exact = Decimal(Fraction(value).numerator) / Decimal(Fraction(value).denominator)
    return exact.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)


def total(ballot, criteria):
    parts = [
        Fraction(ballot["points"][row["key"]]) * Fraction(row["weight"]) / Fraction(row["maximum"]) for row in criteria
    ]
    return sum(parts)


def mean(values):
    return sum(values, Fraction(0)) / len(values)


def standard(rows):
    marks = {}
    for judge in {row[1] for row in rows}:
        own = [(entry, score) for entry, other, score, _track in rows if other == judge]
        centre = mean([score for _entry, score in own])
        squares = sum((score - centre) ** 2 for _entry, score in own)
        flat = len(own) < 3 or squares == 0
        variance = Fraction(1) if flat else squares / (len(own) - 1)
        root = Fraction((Decimal(variance.numerator) / Decimal(variance.denominator)).sqrt())
        for entry, score in own:
            marks[entry, judge] = Fraction(50) if flat else 50 + 10 * (score - centre) / root
    return [(entry, judge, marks[entry, judge], track) for entry, judge, _score, track in rows]


def calibrated(rows, fit):
    scales = fit.get("scales", {})
    gains = [scales.get("gains", {}).get(row[1], 1) for row in rows]
    weights = np.array([1 / scales.get("noises", {}).get(row[1], 1) for row in rows])
    of = {"entry": 0, "judge": 1, "track": 3}
    columns = [("mean", None)]
    for kind, place in of.items():
        if fit["variances"][kind]:
            columns += [(kind, name) for name in sorted({row[place] for row in rows})]
    x = np.array([[kind == "mean" or row[of[kind]] == name for kind, name in columns] for row in rows], dtype=float)
    x *= [[gain if kind in ("entry", "track") else 1 for kind, _name in columns] for gain in gains]
    ridge = [0 if kind == "mean" else fit["variances"]["residual"] / fit["variances"][kind] for kind, _name in columns]
    xw = x.T * weights
    effects = np.linalg.solve(xw @ x + np.diag(ridge), xw @ np.array([float(row[2]) for row in rows]))
    found = dict(zip(columns, effects, strict=True))
    tracks = {row[0]: row[3] for row in rows}
    return {e: found["mean", None] + found.get(("entry", e), 0) + found.get(("track", t), 0) for e, t in tracks.items()}


def scores(document, group):
    rows = [(b["entry"], b["judge"], total(b, group["criteria"]), b["track"]) for b in group["ballots"]]
    places = document["decimals"]
    if document["rule"] == "standard":
        rows = standard(rows)
    if document["rule"] in ("calibrated", "scaled") and group["fit"]["gate"]["corrected"]:
        return {entry: half_up(float(value), places) for entry, value in calibrated(rows, group["fit"]).items()}
    panels = {}
    for entry, _judge, score, _track in rows:
        panels.setdefault(entry, []).append(score)
    if document["rule"] == "trimmed":
        panels = {entry: sorted(marks)[1:-1] for entry, marks in panels.items()}
    return {entry: half_up(mean(marks), places) for entry, marks in panels.items()}


def breaks(document, group, row):
    own, values = [ballot for ballot in group["ballots"] if ballot["entry"] == row["entry"]], []
    heaviest = sorted(group["criteria"], key=lambda line: -Fraction(line["weight"]))
    for tie in document["ties"]:
        if tie == "previous":
            values.append(Decimal(row["breaks"][len(values)] or -1))  # the score of the stage before, as published
        elif tie == "all_judges":
            values.append(half_up(sum(total(ballot, group["criteria"]) for ballot in own), 6))
        else:
            values += [half_up(mean([Fraction(b["points"][line["key"]]) for b in own]), 6) for line in heaviest]
    return values


def ranking(document, group):
    found, announced = scores(document, group), {row["entry"]: row for row in group["ranking"]}
    lines = []
    for cell in group["cells"]:
        inside = [entry for entry in found if announced[entry]["track"] == cell["track"]]
        strength = {e: (found[e], *breaks(document, group, announced[e])) for e in inside}
        for entry in inside:
            rank = 1 + sum(other > strength[entry] for other in strength.values())
            lines.append((rank, entry, str(found[entry]), rank <= cell["places"]))
    return sorted(lines)


# ------------------------------------------------------------------------------------------------- our side

from matchmaker.competition.rules.aggregation import Aggregation  # noqa: E402
from matchmaker.competition.services import packages, tallies  # noqa: E402
from tests.competition.counted import a_scored_contest, lock  # noqa: E402


@pytest.mark.parametrize("rule", list(Aggregation))
@pytest.mark.parametrize("twins", [0, 3])
def test_an_outsider_gets_the_announced_ranking_to_the_last_digit(organiser, approver, rule, twins):
    contest = a_scored_contest(organiser, rule=rule, twins=twins, seed=11 + twins)
    lock(contest.current, organiser, approver)
    bundle = zipfile.ZipFile(io.BytesIO(packages.archive(tallies.in_force(contest.current))))
    document = json.loads(bundle.read("package.json"))

    for group in document["groups"]:
        announced = [(row["rank"], row["entry"], row["score"], row["advances"]) for row in group["ranking"]]
        assert ranking(document, group) == sorted(announced)
        assert len({row["track"] for row in group["ballots"]}) == 2
        if rule is Aggregation.CALIBRATED:
            assert group["fit"]["gate"]["corrected"]
        elif twins and rule is not Aggregation.STANDARD:
            assert sum(row["tied"] for row in group["ranking"]) >= 2


def test_an_outsider_ranks_every_track_by_itself_where_places_are_given_so(organiser, approver):
    from datetime import timedelta

    from matchmaker.core import clock

    until = clock.now() + timedelta(days=20)
    stages = [
        {
            "code": "preliminary",
            "judging_until": until,
            "aggregation": "calibrated",
            "per_entry": 4,
            "places": [{"group": "growth", "track": track, "places": 2} for track in ("it", "materials")],
        },
        {"code": "final", "judging_until": until + timedelta(days=9), "aggregation": "plain", "per_entry": 4},
    ]
    contest = a_scored_contest(organiser, stages=stages, seed=5)
    lock(contest.current, organiser, approver)
    document = json.loads(tallies.in_force(contest.stages[0]).document)
    group = document["groups"][0]

    announced = [(row["rank"], row["entry"], row["score"], row["advances"]) for row in group["ranking"]]
    assert ranking(document, group) == sorted(announced)
    assert [row["rank"] for row in group["ranking"]].count(1) == 2
    assert sum(row["advances"] for row in group["ranking"]) == 4
