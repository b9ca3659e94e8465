"""The demo's ballots through the database give the sums that independent whole-number arithmetic gives."""

from __future__ import annotations

import csv
from collections import defaultdict
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

from matchmaker.competition.models import Ballot, BallotScore, Entry, Standing
from matchmaker.competition.rules.aggregation import Aggregation
from matchmaker.competition.rules.ballots import BallotState
from matchmaker.competition.rules.rubric import ballot_total
from matchmaker.competition.rules.states import ContestState, EntryState
from matchmaker.competition.services import results
from matchmaker.core.db import db, transaction
from tests.cast import a_user
from tests.factories.competition import a_contest, a_judge

DEMO = Path(__file__).parents[2] / "seeds/demo"


def rows(name):
    with (DEMO / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, strict=True))


def thousandths(row, weights):
    """A ballot's total in thousandths of a point: points have at most one decimal, weights are whole percent."""
    return sum(int(Decimal(row[key]) * 10) * weight for key, weight in weights.items())


def by_hand(marks):
    """Drop one highest and one lowest, mean, round half up from thousandths to two places."""
    kept = sorted(marks)[1:-1]
    return Decimal(int(Fraction(sum(kept), 10 * len(kept)) + Fraction(1, 2))) / 100


def test_demo_ballots_give_the_sums_counted_by_hand(organiser, approver, now):
    weights = defaultdict(dict)
    for row in rows("rubric.csv"):
        weights[row["group"]][row["criterion"]] = int(row["weight"])
    entered = {row["key"]: row for row in rows("entries.csv")}
    given = [row for row in rows("ballots.csv") if row["state"] == "submitted"]
    panels = defaultdict(list)
    for row in given:
        panels[row["entry"]].append(row)
    full = {key: panel for key, panel in panels.items() if len(panel) == 5}
    contest = a_contest(owner=organiser, aggregation=Aggregation.TRIMMED, per_entry=5, groups=_groups())
    seats = {row["key"]: a_judge(contest, owner=organiser, name=row["name"]) for row in rows("judges.csv")}
    made = _store(contest, a_user(), {key: entered[key] for key in full}, full, seats, now)

    with transaction():
        results.propose_lock(contest.current, actor=organiser, reason="评审完成")
    with transaction():
        results.confirm_lock(contest.current, actor=approver)

    expected = {
        made[key]: by_hand([thousandths(row, weights[entered[key]["group"]]) for row in panel])
        for key, panel in full.items()
    }
    assert len(full) == 10
    assert {row.entry_id: row.score for row in db.session.query(Standing)} == expected


def _groups():
    codes = {row["key"]: row["code"] for row in rows("contest_groups.csv")}
    return [
        {
            "code": code,
            "prizes": "一等奖 1；二等奖 2",
            "criteria": [
                {"key": r["criterion"], "label": r["name"], "weight": r["weight"], "maximum": r["max_score"]}
                for r in rows("rubric.csv")
                if r["group"] == key
            ],
        }
        for key, code in codes.items()
    ]


def _store(contest, entrant, entered, panels, seats, now):
    """Entries and signed ballots as they would stand after judging."""
    codes = {row["key"]: row["code"] for row in rows("contest_groups.csv")}
    groups = {group.code.value: group for group in contest.groups}
    made = {}
    with transaction() as session:
        contest.state, contest.deadline = ContestState.JUDGING, now + timedelta(days=1)
        contest.current.opened = now
        for key, row in entered.items():
            entry = Entry(
                contest_id=contest.id, region=contest.region, group=groups[codes[row["group"]]],
                track=contest.tracks[0],
                user_id=entrant.id, team_name=key, title=row["title"], summary=row["summary"], leader=row["leader"],
                phone=row["phone"], team=[], findings=[], state=EntryState.FINAL, created=now, updated=now,
            )  # fmt: skip
            session.add(entry)
            session.flush()
            made[key] = entry.id
            for line in panels[key]:
                _ballot(session, entry, seats[line["judge"]], line, now)
    return made


def _ballot(session, entry, seat, line, now):
    criteria = entry.group.criteria
    points = {row.key: Decimal(line[row.key]) for row in criteria}
    scores = [BallotScore(criterion_id=row.id, points=points[row.key]) for row in criteria]
    total = ballot_total(entry.group.rubric, points)
    session.add(
        Ballot(
            stage_id=entry.contest.current.id,
            entry_id=entry.id,
            seat_id=seat.id,
            state=BallotState.SUBMITTED,
            scores=scores,
            total=total,
            signed=now,
            created=now,
            updated=now,
        )  # fmt: skip
    )
