"""An outsider recomputes the announced values from what is published, with one linear system and numpy alone.

What is published: the anonymised ballots, the four variances, the decision whether judges were corrected, and the
effects. The outsider's side of this file imports nothing of the package, sets up the equations in full (nothing is
eliminated) and compares to four places. `announced()` at the end is the other side.
"""

from __future__ import annotations

import json

import numpy as np
import pytest


def recompute(published):
    """Values, standard errors, judge and track effects of a published result (the content of one JSON file)."""
    rows = published["ballots"]
    if not published["corrected"]:
        return plain_means(rows, published["variances"]["residual"])
    track_of = {row["entry"]: row["track"] for row in rows}
    variances = published["variances"]
    kinds = {
        "entry": sorted(track_of),
        "judge": sorted({row["judge"] for row in rows}) if variances["judge"] else [],
        "track": sorted(set(track_of.values())) if variances["track"] else [],
    }
    columns = [("mean", "")] + [(kind, name) for kind, names in kinds.items() for name in names]
    place = {column: position for position, column in enumerate(columns)}
    design = np.zeros((len(rows), len(columns)))
    for line, row in enumerate(rows):
        design[line, 0] = 1
        for kind in kinds:
            if (kind, row[kind]) in place:
                design[line, place[kind, row[kind]]] = 1
    ridge = np.array([0.0 if kind == "mean" else variances["residual"] / variances[kind] for kind, _name in columns])
    matrix = design.T @ design + np.diag(ridge)
    solution = np.linalg.solve(matrix, design.T @ np.array([float(row["score"]) for row in rows]))
    doubt = np.linalg.inv(matrix) * variances["residual"]
    values, errors = {}, {}
    for entry, track in track_of.items():
        pick = np.zeros(len(columns))
        for column in (("mean", ""), ("entry", entry), ("track", track)):
            if column in place:
                pick[place[column]] = 1
        values[entry] = pick @ solution
        errors[entry] = np.sqrt(pick @ doubt @ pick)
    effects = {kind: {name: solution[place[kind, name]] for name in kinds[kind]} for kind in ("judge", "track")}
    return values, errors, effects["judge"], effects["track"]


def plain_means(rows, residual):
    panels = {}
    for row in rows:
        panels.setdefault(row["entry"], []).append(float(row["score"]))
    values = {entry: sum(marks) / len(marks) for entry, marks in panels.items()}
    return values, {entry: np.sqrt(residual / len(marks)) for entry, marks in panels.items()}, {}, {}


# ------------------------------------------------------------------------------------------------- our side


def announced(ballots):
    """What is announced, and the file that is published with it."""
    from matchmaker.competition.engine.calibration import calibrate
    from matchmaker.competition.engine.ranking import Rule, rank

    fit = calibrate(ballots)
    names = ("entry", "judge", "track", "residual")
    published = {
        "ballots": [
            {"entry": b.entry, "judge": b.judge, "score": str(float(b.score)), "track": b.track} for b in ballots
        ],
        "variances": {name: getattr(fit.variances, name) for name in names},
        "corrected": fit.gate.corrected,
    }
    return fit, rank(ballots, Rule.CALIBRATED), json.loads(json.dumps(published))


@pytest.mark.parametrize(
    ("options", "corrected"),
    [
        ({"seed": 1}, True),
        ({"seed": 2, "entries": 80, "judges": 16, "each": 5}, True),
        ({"seed": 3, "entries": 60, "judges": 20, "each": 4, "tracks": 4}, True),
        ({"seed": 4, "entries": 40, "judges": 12, "each": 3, "tracks": 2, "severity": 15.0}, True),
        ({"seed": 5, "severity": 0.0}, False),
    ],
)
def test_an_outsider_finds_the_announced_values_to_four_places(options, corrected):
    from tests.competition.engine.panels import drawn

    fit, ranking, published = announced(drawn(**options))

    values, errors, judges, tracks = recompute(published)

    assert fit.gate.corrected is corrected
    for line in ranking.lines:
        assert abs(float(line.score) - values[line.entry]) <= 0.00005 + 1e-9
        assert abs(float(line.error) - errors[line.entry]) <= 0.00005 + 1e-9
    assert {name: effect for name, effect in fit.judges.items() if effect} == pytest.approx(judges, abs=1e-8)
    assert {name: effect for name, effect in fit.tracks.items() if effect} == pytest.approx(tracks, abs=1e-8)
