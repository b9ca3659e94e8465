"""Ballots for the tests of the engine: drawn from a seed, or written down."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from matchmaker.competition.engine.ballots import Ballot


def written(text, *, track=""):
    """Ballots from lines of `entry judge score [track]`."""
    rows = [line.split() for line in text.strip().splitlines()]
    return [Ballot(row[0], row[1], Fraction(row[2]), row[3] if len(row) > 3 else track) for row in rows]


def drawn(*, seed, entries=30, judges=8, each=3, severity=9.0, noise=8.0, tracks=1):
    """A seeded contest: every entry scored by `each` judges; judges and entries stay in their track."""
    dice = np.random.default_rng(seed)
    worth = dice.normal(55, 14, entries)
    lenience = dice.normal(0, severity, judges)
    found = []
    for entry in range(entries):
        own = [judge for judge in range(judges) if judge % tracks == entry % tracks]
        for judge in dice.choice(own, size=each, replace=False):
            points = round(float(worth[entry] + lenience[judge] + dice.normal(0, noise)))
            found.append(Ballot(f"E{entry:03d}", f"J{judge:02d}", Fraction(points), f"T{entry % tracks}"))
    return found
