"""Contests for the figures of judging: simulated ones with a known truth, and real panels thinned to a few judges.

Simulated: score = 52 + b_j + g_j·(θ_e + ε), rounded to whole points and clipped to 0–100; θ ~ N(0, 14.2),
b ~ N(0, 9.0), ε ~ N(0, 8.5), g lognormal with mean 1 and coefficient of variation 0.21. Where tracks differ, the
track's level is part of θ: a better industry is better, and the truth is θ with it.
"""

from __future__ import annotations

import csv
import gzip
from collections import defaultdict
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

import numpy as np
from scipy.stats import kendalltau

from matchmaker.competition.engine.ballots import Ballot
from matchmaker.competition.engine.ranking import Rule, rank

GAIN = np.sqrt(np.log(1 + 0.21**2))
PANELS = 4


@dataclass(frozen=True)
class Scenario:
    """Who scores whom: at random, or in `PANELS` panels of their own with a share of scores `crossing`."""

    entries: int = 120
    judges: int = 20
    each: int = 5
    panels: bool = False
    tracks: bool = False
    track_sd: float = 0.0
    crossing: float = 0.0


SCENARIOS = {
    "A": Scenario(),
    "B": Scenario(60, 12, 3),
    "C": Scenario(60, 20, 3),
    "D": Scenario(60, 30, 3),
    "E": Scenario(panels=True),
    "F": Scenario(panels=True, tracks=True, track_sd=7.0),
    "G": Scenario(panels=True, tracks=True, track_sd=7.0, crossing=0.05),
    "S": Scenario(panels=True, tracks=True),
}


def contest(scenario, dice):
    """(ballots, truth by entry) of one drawn contest."""
    worth = dice.normal(0, 14.2, scenario.entries)
    lenience = dice.normal(0, 9.0, scenario.judges)
    gain = dice.lognormal(-(GAIN**2) / 2, GAIN, scenario.judges)
    track = np.repeat(np.arange(PANELS), scenario.entries // PANELS)
    worth += dice.normal(0, scenario.track_sd, PANELS)[track]
    pairs = panels(scenario, track, dice) if scenario.panels else at_random(scenario, dice)
    found = []
    for entry, judge in pairs:
        points = 52 + lenience[judge] + gain[judge] * (worth[entry] + dice.normal(0, 8.5))
        score = Fraction(int(np.clip(np.rint(points), 0, 100)))
        found.append(Ballot(int(entry), int(judge), score, f"T{track[entry]}" if scenario.tracks else ""))
    return found, dict(enumerate(worth))


def at_random(scenario, dice):
    """Balanced loads: judges in rounds of a shuffled deck; a judge who comes twice to an entry trades the place."""
    places = scenario.entries * scenario.each
    deck = np.concatenate([dice.permutation(scenario.judges) for _ in range(-(-places // scenario.judges))])[:places]
    sheets = dice.permutation(deck).reshape(scenario.entries, scenario.each)
    for entry in range(scenario.entries):
        while len(set(sheets[entry])) < scenario.each:
            ordered = sorted(range(scenario.each), key=lambda i: sheets[entry][i])  # noqa: B023 - used at once
            twice = next(j for i, j in pairwise(ordered) if sheets[entry][i] == sheets[entry][j])
            other, place = dice.integers(scenario.entries), dice.integers(scenario.each)
            mine, theirs = sheets[entry][twice], sheets[other][place]
            if mine not in sheets[other] and theirs not in sheets[entry]:
                sheets[entry][twice], sheets[other][place] = theirs, mine
    return [(entry, judge) for entry in range(scenario.entries) for judge in sheets[entry]]


def panels(scenario, track, dice):
    """Every entry by all judges of its panel; then pairs of judges of two panels trade entries."""
    size = scenario.judges // PANELS
    pairs = [(entry, int(track[entry]) * size + seat) for entry in range(scenario.entries) for seat in range(size)]
    moved, wanted = set(), round(scenario.crossing * len(pairs))
    while len(moved) < wanted:
        one, other = (int(place) for place in dice.integers(len(pairs), size=2))
        (entry, judge), (rival, colleague) = pairs[one], pairs[other]
        if judge // size != colleague // size and not {one, other} & moved:
            swapped = {(entry, colleague), (rival, judge)}
            if not swapped & set(pairs):
                pairs[one], pairs[other] = (entry, colleague), (rival, judge)
                moved |= {one, other}
    return pairs


def agreement(ballots, truth, rule):
    """Kendall's tau-b between what a rule announces and the truth."""
    scores = rank(ballots, rule).scores
    entries = sorted(scores)
    return float(kendalltau([float(scores[e]) for e in entries], [float(truth[e]) for e in entries]).statistic)


def simulate(name, *, seed, repeats, rules=(Rule.MEAN, Rule.STANDARD, Rule.CALIBRATED)):
    """Agreement by repeat and rule, shape (repeats, rules)."""
    dice = np.random.default_rng([seed, ord(name)])
    rows = []
    for _repeat in range(repeats):
        ballots, truth = contest(SCENARIOS[name], dice)
        rows.append([agreement(ballots, truth, rule) for rule in rules])
    return np.array(rows)


def skating(path):
    """Judges' totals of every segment, Σ weight · mark, exact: {segment: {performance: {judge: total}}}."""
    segments = defaultdict(lambda: defaultdict(lambda: defaultdict(Fraction)))
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            sheet = segments[row["segment"]][row["performance"]]
            sheet[row["judge"]] += Fraction(row["weight"]) * Fraction(row["score"])
    return segments


def thinned(segment, judges, dice):
    """(ballots of so many judges drawn for each performance, the mean of all judges as the truth)."""
    found, truth = [], {}
    for performance in sorted(segment):
        marks = segment[performance]
        truth[performance] = sum(marks.values()) / len(marks)
        for judge in sorted(dice.choice(sorted(marks), size=judges, replace=False)):
            found.append(Ballot(performance, str(judge), marks[judge]))
    return found, truth


def thin(segments, judges, *, seed, draws, rules=(Rule.MEAN, Rule.STANDARD, Rule.CALIBRATED)):
    """Agreement by draw and rule, averaged over the segments in which it is defined for every rule."""
    dice = np.random.default_rng([seed, judges])
    rows = []
    for _draw in range(draws):
        taus = []
        for name in sorted(segments):
            ballots, truth = thinned(segments[name], judges, dice)
            taus.append([agreement(ballots, truth, rule) for rule in rules])
        kept = np.array(taus)
        rows.append(kept[~np.isnan(kept).any(axis=1)].mean(axis=0))
    return np.array(rows)
