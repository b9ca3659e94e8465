"""The demo contest in the middle of its judging: entries, judges, recusals, ballots."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from matchmaker.accounts import services as accounts
from matchmaker.accounts.models import User
from matchmaker.accounts.rules import Role
from matchmaker.competition.models import Ballot, Contest, Entry, JudgeSeat
from matchmaker.competition.rules.aggregation import Aggregation
from matchmaker.competition.rules.conflicts import RecusalReason
from matchmaker.competition.rules.invitations import PLEDGE
from matchmaker.competition.rules.states import Stage
from matchmaker.competition.services import assigning, ballots, contests, entries, judges, recusals, stages
from matchmaker.core.db import db
from matchmaker.seeding import gateways
from matchmaker.seeding.demo import Demo, fen_of_wan, password_hash
from matchmaker.seeding.demo_directory import contact_of

TEXTS = ("summary", "summary_en")
CRITERIA = ("tech_product", "business_model", "industry_market", "team", "finance")


def load_contests(demo: Demo) -> int:
    """The contest, announced on the day its entries opened with the usual rules and the rubric of the files."""
    rows = demo.new("contests")
    usual = contests.usual_values()
    for row in rows:
        organiser, host = demo.user(row["account"]), demo.organisation(row["organiser"])
        with demo.on(demo.ahead(row["entries_open_in_days"])):
            contest = contests.draft(
                actor=organiser,
                region=row["region"],
                eligibility={
                    **usual["eligibility"],
                    "contest_year": demo.day.year,
                    "valid_from": demo.ago(400).isoformat(),
                    "valid_to": None,
                },
                groups=[_group(part, usual) for part in demo.grouped("contest_groups", "contest")[row["key"]]],
                tracks=[_track(part) for part in demo.grouped("contest_tracks", "contest")[row["key"]]],
                year=demo.day.year,
                title=row["name"],
                title_en=row["name_en"],
                deadline=demo.moment(demo.ahead(row["entries_close_in_days"]), "18:00"),
                stages=[
                    {
                        "code": Stage.PRELIMINARY,
                        "judging_until": demo.moment(demo.ahead(row["judging_closes_in_days"]), "18:00"),
                        "aggregation": Aggregation(row["aggregation"]),
                        "per_entry": int(row["minimum_panel"]),
                    }
                ],
                working_days=int(row["publicity_working_days"]),
                contact_name=host.contact_name or organiser.name,
                contact_phone=host.contact_phone or organiser.phone,
                demo=True,
                **{name: row[name] for name in TEXTS},
            )
            contests.announce(contest, actor=organiser)
        demo.note(row["key"], contest.id)
    return len(rows)


def _group(row: dict[str, str], usual: dict[str, Any]) -> dict[str, Any]:
    rubric = [part for part in gateways.rows("demo", "rubric") if part["group"] == row["key"]]
    return {
        "code": row["code"],
        "title": row["name"],
        "title_en": row["name_en"],
        "requirement": row["requirement"],
        "requirement_en": row["requirement_en"],
        "prizes": usual["prizes"],
        "criteria": [
            {
                "key": part["criterion"],
                "label": part["name"],
                "label_en": part["name_en"],
                "hint": part["description"],
                "hint_en": part["description_en"],
                "weight": part["weight"],
                "maximum": part["max_score"],
            }
            for part in rubric
        ],
    }


def _track(row: dict[str, str]) -> dict[str, str]:
    return {"code": row["code"], "title": row["name"], "title_en": row["name_en"]}


def load_entries(demo: Demo) -> int:
    """Entries as they came in, all accepted after the deadline."""
    rows = sorted(demo.new("entries"), key=lambda row: -int(row["submitted_days_ago"]))
    groups = {row["key"]: row["code"] for row in gateways.rows("demo", "contest_groups")}
    tracks = {row["key"]: row["code"] for row in gateways.rows("demo", "contest_tracks")}
    for row in rows:
        contest = demo.get(Contest, row["contest"])
        person = _entrant(row, demo)
        with demo.on(demo.ago(row["submitted_days_ago"])):
            entry = entries.save(
                contest,
                actor=person,
                organisation_id=demo.ids[row["organisation"]] if row["organisation"] else None,
                group_id=next(group.id for group in contest.groups if group.code == groups[row["group"]]),
                track_id=next(track.id for track in contest.tracks if track.code == tracks[row["track"]]),
                number=row["number"],
                team_name=row["team"] or None,
                title=row["title"],
                summary=f"{row['title']}：{row['summary']}",
                leader=row["leader"],
                phone=row["phone"],
                email=row["email"],
                members=[],
                revenue_fen=fen_of_wan(row["revenue_last_year_wan"]),
            )
            entries.submit(entry, actor=person)
        demo.note(row["key"], entry.id)
    return len(rows)


def _entrant(row: dict[str, str], demo: Demo) -> User:
    if row["account"]:
        return demo.user(row["account"])
    if row["organisation"]:
        return contact_of(demo, row["organisation"])
    return _login(demo, f"team-{row['key']}", name=row["leader"], email=row["email"], region="650105")


def _login(demo: Demo, key: str, *, name: str, email: str, region: str) -> User:
    known = demo.find(User, key)
    if known is not None:
        return known
    user = accounts.create_user(
        name=name, email=email, password_hash=password_hash(), region=region, confirmed=True, demo=True
    )
    demo.note(key, user.id)
    return user


def load_judges(demo: Demo) -> int:
    """Judges in their seats."""
    rows = demo.new("judges")
    for row in rows:
        contest = demo.get(Contest, row["contest"])
        user = demo.user(row["account"]) if row["account"] else None
        user = user or _login(demo, f"judge-{row['key']}", name=row["name"], email=row["email"], region=contest.region)
        accounts.grant_role(user, Role.JUDGE, region=None, starts=demo.ago(400))
        with demo.on(demo.ahead(-14)):
            seat = judges.seat(
                contest,
                actor=contest.owner,
                user=user,
                organisation_id=demo.ids[row["organisation"]],
                title=row["title"],
            )
            judges.pledge(seat, actor=user, signature=user.name, text=PLEDGE)
        demo.note(row["key"], seat.id)
    return len(rows)


def load_recusals(demo: Demo) -> int:
    """Reasons told to the organiser."""
    rows = demo.new("recusals")
    for row in rows:
        seat, entry = demo.get(JudgeSeat, row["judge"]), demo.get(Entry, row["entry"])
        with demo.on(demo.ahead(-13)):
            recusal = recusals.recuse(
                seat, entry, actor=seat.contest.owner, reason=RecusalReason(row["reason"]), note=row["evidence"]
            )
        demo.note(row["key"], recusal.id)
    return len(rows)


def load_ballots(demo: Demo) -> int:
    """Entries accepted, ballots handed out, judging begun, and what the judges have done since."""
    rows = demo.new("ballots")
    if not rows:
        return 0
    contest = demo.get(Contest, gateways.rows("demo", "contests")[0]["key"])
    pairs = {row["key"]: (demo.ids[row["entry"]], demo.ids[row["judge"]]) for row in rows}
    with demo.on(demo.ahead(-12)):
        contests.close_entries(contest, actor=contest.owner)
        for entry_id, _seat in sorted(set(pairs.values())):
            entry = db.session.get_one(Entry, entry_id)
            if entry.state.value != "grouped":
                entries.accept(entry, actor=contest.owner, note="演示：已核对原件")
        assigning.confirm(contest.current, actor=contest.owner, pairs=set(pairs.values()))
    with demo.on(demo.ahead(-8)):
        stages.open_stage(contest.current, actor=contest.owner)
    for row in sorted(rows, key=lambda row: -int(row["scored_days_ago"] or 0)):
        entry_id, seat_id = pairs[row["key"]]
        found = sa.select(Ballot).where(Ballot.entry_id == entry_id, Ballot.seat_id == seat_id)
        ballot = db.session.execute(found).unique().scalar_one()
        _score(ballot, row, demo)
        demo.note(row["key"], ballot.id)
    return len(rows)


def _score(ballot: Ballot, row: dict[str, str], demo: Demo) -> None:
    points = {name: Decimal(row[name]) for name in CRITERIA if row[name]}
    if row["state"] == "assigned" or not points:
        return
    act = ballots.sign if row["state"] == "submitted" else ballots.save
    with demo.on(demo.ago(row["scored_days_ago"] or 0)):
        act(ballot, actor=ballot.seat.user, version=ballot.version, points=points, comment=row["comment"])
