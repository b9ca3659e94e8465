"""How judges scored, kept at each lock for whoever seats judges next year."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import Any

from matchmaker.accounts.models import User
from matchmaker.competition.models import JudgeRecord, JudgeSeat, Tally
from matchmaker.competition.queries import standings
from matchmaker.competition.services.counting import GroupCount, judge_code
from matchmaker.core.db import db

EARLY = timedelta(days=2)  # when those who are late are reminded
PLACES = Decimal("0.01")


@dataclass
class Summary:
    """A judge over several contests; means are weighted by ballots."""

    user: User
    records: list[JudgeRecord] = field(default_factory=list)

    @property
    def ballots(self) -> int:
        return sum(row.ballots for row in self.records)

    @property
    def on_time(self) -> int:
        return sum(row.on_time for row in self.records)

    def mean(self, name: str) -> Decimal | None:
        """The mean of severity, spread or agreement."""
        given = [(getattr(row, name), row.ballots) for row in self.records if getattr(row, name) is not None]
        return _mean(given)


def keep(tally: Tally, counted: Sequence[GroupCount]) -> None:
    """One record a judge and lock, over the groups in which they scored."""
    from matchmaker.competition.engine.calibration import calibrate
    from matchmaker.competition.engine.diagnostics import judge_reports

    reports: dict[str, list[Any]] = {}
    seats: dict[str, JudgeSeat] = {}
    early: dict[str, int] = {}
    limit = tally.stage.judging_until - EARLY
    for group in counted:
        for report in judge_reports(group.marks, group.ranking.fit or calibrate(group.marks)):
            reports.setdefault(report.judge, []).append(report)
        for ballot in group.ballots:
            code = judge_code(ballot)
            seats[code] = ballot.seat
            early[code] = early.get(code, 0) + (ballot.signed is not None and ballot.signed <= limit)
    for code, own in sorted(reports.items()):
        db.session.add(
            JudgeRecord(
                tally_id=tally.id,
                user_id=seats[code].user_id,
                ballots=sum(report.ballots for report in own),
                on_time=early[code],
                severity=_over(own, "severity"),
                spread=_over(own, "spread"),
                agreement=_over(own, "agreement"),
            )
        )


def summaries(viewer: Any) -> list[Summary]:
    """The judges of the viewer's regions from released stages, those with most ballots first."""
    found: dict[int, Summary] = {}
    for row in db.session.execute(standings.judge_records(viewer)).unique().scalars():
        found.setdefault(row.user_id, Summary(row.user)).records.append(row)
    return sorted(found.values(), key=lambda summary: (-summary.ballots, summary.user.id))


def _over(reports: Sequence[Any], name: str) -> Decimal | None:
    return _mean([(Decimal(str(v)), r.ballots) for r in reports if (v := getattr(r, name)) is not None])


def _mean(given: Sequence[tuple[Decimal, int]]) -> Decimal | None:
    if not given:
        return None
    total = sum((value * weight for value, weight in given), Decimal(0))
    return (total / sum(weight for _value, weight in given)).quantize(PLACES)
