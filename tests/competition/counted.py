"""Contests with drawn ballots, locked by two people: what the tests of results and packages begin with."""

from __future__ import annotations

import random
from decimal import Decimal

from matchmaker.competition.rules.aggregation import Aggregation
from matchmaker.competition.services import results
from matchmaker.core.db import db, transaction
from tests.factories.competition import a_contest, a_judge, an_entry, in_judging, sign_ballot


def a_scored_contest(organiser, *, rule=Aggregation.PLAIN, entered=8, judges=5, per_entry=4, seed=1, twins=0, **values):
    """Entries of two tracks, judges who differ in severity, every ballot signed; `twins` entries get equal points."""
    dice = random.Random(seed)
    contest = a_contest(
        owner=organiser,
        aggregation=rule,
        per_entry=per_entry,
        minimum_panel=values.pop("minimum_panel", per_entry),
        **{"ties": ["all_judges", "criteria"], **values},
    )
    made = [an_entry(contest, track_id=contest.tracks[n % 2].id) for n in range(entered)]
    seats = [a_judge(contest, owner=organiser) for _ in range(judges)]
    ballots = in_judging(contest, owner=organiser, entered=made, seats=seats)
    worth = {entry.id: dice.gauss(65, 10) for entry in made}
    severity = {seat.id: dice.gauss(0, 9) for seat in seats}
    alike = {entry.id for entry in made[:twins]}
    for ballot in ballots:
        sign_ballot(ballot, **_points(ballot, worth, severity, dice, alike))
    return contest


def _points(ballot, worth, severity, dice, alike):
    if ballot.entry_id in alike:
        return {"tech": "70", "market": "66"}
    drawn = worth[ballot.entry_id] + severity[ballot.seat_id] + dice.gauss(0, 4)
    tech = min(100, max(0, round(drawn)))
    return {"tech": str(tech), "market": str(Decimal(tech) / 2 + 30 if tech % 2 == 0 else tech)}


def lock(stage, organiser, approver):
    """Two people lock a stage."""
    with transaction():
        results.propose_lock(stage, actor=organiser, reason="评审完成")
    with transaction():
        results.confirm_lock(stage, actor=approver)
    db.session.expire_all()
