"""Contests, entries, judges and ballots, made the way everybody makes them."""

from __future__ import annotations

import random
from datetime import date, timedelta
from decimal import Decimal
from itertools import count
from typing import Any

from matchmaker.accounts.rules import Role
from matchmaker.competition.models import Ballot, Contest, Entry, JudgeSeat
from matchmaker.competition.rules.aggregation import Aggregation
from matchmaker.competition.rules.conflicts import RecusalReason
from matchmaker.competition.rules.invitations import PLEDGE
from matchmaker.competition.rules.states import Stage
from matchmaker.competition.services import assigning, ballots, contests, entries, judges, recusals, stages, wishes
from matchmaker.core import clock
from matchmaker.core.db import db, transaction
from tests.cast import a_user
from tests.factories.directory import an_organisation

ELIGIBILITY = {
    "doc_no": "测试〔2026〕1 号",
    "valid_from": "2020-01-01",
    "valid_to": None,
    "contest_year": 2026,
    "startup_years_back": 1,
    "oldest_years_back": 10,
    "revenue_limit_fen": 20_000_000_000,
    "growth_needs_number": True,
    "team_members_min": 3,
    "wins_max": 2,
}
RUBRIC = [
    {"key": "tech", "label": "技术", "weight": 60, "maximum": 100},
    {"key": "market", "label": "市场", "weight": 40, "maximum": 100},
]
STAGE_KEYS = (
    "code", "judging_until", "aggregation", "per_entry", "minimum_panel", "mode", "blind", "ties", "places",
    "comment_below", "comment_above", "range_limit", "pitch_minutes", "question_minutes", "auto_release",
)  # fmt: skip
_serial = count(1)


def a_contest(*, owner: Any, announced: bool = True, **values: Any) -> Contest:
    """A contest with a growth and a team group that takes entries for a week; one stage, plain mean of two judges."""
    now = clock.now()
    stage = {
        "code": Stage.FINAL,
        "judging_until": now + timedelta(days=20),
        "aggregation": Aggregation.PLAIN,
        "per_entry": 2,
        **{key: values.pop(key) for key in STAGE_KEYS if key in values},
    }
    given = {
        "region": "650105",
        "year": 2026,
        "title": "水磨沟区创新创业大赛",
        "summary": "面向成长企业和创业团队的年度大赛",
        "deadline": now + timedelta(days=7),
        "working_days": 5,
        "contact_name": "大赛办公室",
        "contact_phone": "0991-0000001",
        "eligibility": ELIGIBILITY,
        "groups": [
            {"code": "growth", "prizes": "一等奖 1；二等奖 1", "criteria": RUBRIC},
            {"code": "team", "prizes": "一等奖 1", "criteria": RUBRIC},
        ],
        "stages": [stage],
        "tracks": [{"code": "it", "title": "信息技术"}, {"code": "materials", "title": "新材料"}],
        **values,
    }
    with transaction():
        contest = contests.draft(actor=owner, **given)
        if announced:
            contests.announce(contest, actor=owner)
    return contest


def group_of(contest: Contest, code: str) -> Any:
    """A group of a contest."""
    return next(group for group in contest.groups if group.code == code)


def a_summary(serial: int) -> str:
    """Words that no other entry has."""
    signs = random.Random(serial)  # noqa: S311 - words, not secrets
    return "".join(chr(signs.randrange(0x4E00, 0x9000)) for _ in range(60))


def an_entry(contest: Contest, *, actor: Any = None, submitted: bool = True, **values: Any) -> Entry:
    """A growth firm's entry that passes every check."""
    serial = next(_serial)
    if actor is None:
        actor = a_user(organisation=an_organisation(founded=date(2020, 5, 1)))
    given = {
        "organisation_id": next(iter(actor.organisation_ids), None),
        "group_id": group_of(contest, "growth" if actor.organisation_ids else "team").id,
        "track_id": contest.tracks[0].id,
        "team_name": None if actor.organisation_ids else f"团队{serial}",
        "title": f"参赛项目{serial}",
        "summary": a_summary(serial),
        "leader": f"负责人{serial}",
        "phone": f"139{serial:08d}",
        "email": "",
        "members": [{"name": f"成员{serial}甲", "phone": "", "email": ""}, {"name": f"成员{serial}乙", "phone": ""}],
        "revenue_fen": 100_000_00,
        "listed": False,
        "sme_number": "202665010500000001",
        "ip_clear": True,
        "good_record": True,
        **values,
    }
    with transaction():
        entry = entries.save(contest, actor=actor, **given)
        if submitted:
            entries.submit(entry, actor=actor)
    return entry


def a_judge(contest: Contest, *, owner: Any, name: str = "", **values: Any) -> JudgeSeat:
    """A judge from elsewhere, seated in the contest."""
    serial = next(_serial)
    user = values.pop("user", None) or a_user(
        Role.JUDGE, name=name or f"评委{serial}", email=f"judge{serial}@judges{serial}.example"
    )
    pledged = values.pop("pledged", True)
    with transaction():
        seat = judges.seat(contest, actor=owner, user=user, **{"unit_text": f"外地大学{serial}", "load": 20, **values})
        if pledged:
            judges.pledge(seat, actor=user, signature=user.name, text=PLEDGE)
    return seat


def a_wish(entry: Entry, **values: Any) -> Any:
    """The entrant asks that somebody does not judge this entry."""
    given = {"name": "某评委", "unit": "", "relation": RecusalReason.OTHER, "evidence": "正在诉讼", **values}
    with transaction():
        return wishes.ask(entry, actor=entry.user, **given)


def a_recusal(seat: JudgeSeat, entry: Entry, *, owner: Any, **values: Any) -> Any:
    """A reason that was told to the organiser."""
    given = {"reason": RecusalReason.RELATIVE, "note": "电话告知", **values}
    with transaction():
        return recusals.recuse(seat, entry, actor=owner, **given)


def in_judging(contest: Contest, *, owner: Any, entered: list[Entry], seats: list[JudgeSeat]) -> list[Ballot]:
    """Accept the entries, hand out the ballots and begin judging; returns the ballots by entry and judge."""
    with transaction():
        for entry in entered:
            entries.accept(entry, actor=owner, note="已核对")
    with clock.frozen(contest.deadline + timedelta(minutes=1)):
        with transaction():
            contests.close_entries(contest, actor=owner)
        with transaction():
            plan = assigning.propose(contest.current, actor=owner)
            assert plan.obstacles == []
            assigning.confirm(contest.current, actor=owner, pairs=plan.pairs)
        with transaction():
            stages.open_stage(contest.current, actor=owner)
    return ballots_of(contest)


def ballots_of(contest: Contest) -> list[Ballot]:
    """Every ballot of a contest by entry and judge."""
    statement = (
        db.select(Ballot).join(JudgeSeat, JudgeSeat.id == Ballot.seat_id).where(JudgeSeat.contest_id == contest.id)
    )
    return list(db.session.execute(statement.order_by(Ballot.entry_id, Ballot.seat_id)).unique().scalars())


def sign_ballot(ballot: Ballot, **points: str) -> None:
    """Sign a ballot with the given points."""
    with transaction():
        ballots.sign(
            ballot,
            actor=ballot.seat.user,
            version=ballot.version,
            points={key: Decimal(value) for key, value in (points or {"tech": "80", "market": "70"}).items()},
        )


def points_of(ballot: Ballot, *points: str) -> dict[str, Decimal]:
    """Points by criterion of a ballot, in the order of its rubric."""
    rows = ballot.stage.criteria_of(ballot.entry.group)
    return {row.key: Decimal(value) for row, value in zip(rows, points, strict=True)}


def followed(client: Any, url: str, **kwargs: Any) -> Any:
    """Post, and open the page it leads to."""
    return client.get(client.post(url, **kwargs).location)
