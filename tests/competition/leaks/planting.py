"""A contest whose secrets carry marks: wherever one of them is read, it is known what leaked and from which column."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from matchmaker.accounts import services as accounts
from matchmaker.accounts.rules import STAFF, MembershipLevel, Role
from matchmaker.competition.models import Ballot, Contest, Entry, JudgeSeat
from matchmaker.competition.rules.conflicts import RecusalReason
from matchmaker.competition.services import ballots, judges, results
from matchmaker.core import clock
from matchmaker.core.db import db, transaction
from matchmaker.voting.models import PublicVote
from tests.cast import a_user
from tests.factories.competition import (
    a_contest,
    a_judge,
    a_recusal,
    a_wish,
    an_entry,
    ballots_of,
    in_judging,
    points_of,
)
from tests.factories.publicity import announced_years
from tests.factories.voting import a_cast, a_vote

MARK = "金丝雀"  # every secret begins with it, and nothing else in the contest does
SECRET_ROOTS = {"judge_seats", "ballots"}  # what hangs on a seat or a ballot is nobody's to read before the release
# What the order page of a live final shows to everybody once the order is drawn, and the speaker whom the jury hears.
PUBLIC = {"finals.commitment", "finals.secret", "final_appearances.word", "final_appearances.speaker"}
# What the judges of an entry write to each other, under codes, is read by those of them who have signed.
PANEL = {"deliberation_notes.text"}
OPAQUE = ("hash", "nonce", "digest", "code", "key", "token")


@dataclass
class World:
    """The contest, who looks at it, and what none of them may read: the text and the seat whose judge knows it."""

    contest: Contest
    owner: Any
    approver: Any
    watchers: dict[str, Any]
    own_seat: int
    secrets: dict[str, int | None] = field(default_factory=dict)
    vote: PublicVote | None = None
    crowd: list[Any] = field(default_factory=list)

    def forbidden(self, role: str) -> list[str]:
        """What this watcher must never read; a judge knows what is theirs."""
        return [text for text, seat in self.secrets.items() if role != "judge" or seat != self.own_seat]


def a_world() -> World:
    """A contest in judging: some ballots signed, some begun; a judge invited, one recused, a request of an entrant."""
    announced_years()
    owner, approver = a_user(Role.ORGANISER, name="组织者"), a_user(Role.APPROVER, name="审批人")
    contest = a_contest(owner=owner, per_entry=2)
    entered = [an_entry(contest, title=f"公开项目{n}") for n in range(3)]
    secrets: dict[str, int | None] = {}
    seats = [_judge(contest, owner, n, secrets) for n in range(4)]
    invited = _judge(contest, owner, 9, secrets, invite=True)
    with transaction():
        judges.answer(
            judges.invitation_of(invited), answer=judges.Answer.DECLINED, reason=_new(secrets, "谢绝", invited)
        )
    note = _new(secrets, "回避依据", seats[3])
    a_recusal(seats[3], entered[0], owner=owner, reason=RecusalReason.OTHER, note=note)
    a_wish(entered[0], name=seats[0].user.name[:-1], evidence="公开理由")
    in_judging(contest, owner=owner, entered=entered, seats=seats)
    own = next(b.seat_id for b in ballots_of(contest))
    for position, ballot in enumerate(b for b in ballots_of(contest) if b.seat_id != own):
        _score(ballot, position, _new(secrets, f"评语{position}", ballot.seat), sign=position % 2 == 0)
    firm = entered[2].organisation
    world = World(contest, owner, approver, _watchers(entered[0], firm, own, seats), own, secrets)
    opens = contest.deadline + timedelta(hours=1)
    world.vote = a_vote(owner=owner, contest=contest, opens=opens, closes=opens + timedelta(days=9))
    world.crowd = [a_user(name=f"公众{n}") for n in range(4)]
    return world


def move(world: World) -> None:
    """Everything that may change in secret while judging goes on, and nothing else."""
    for position, ballot in enumerate(ballots_of(world.contest)):
        if ballot.seat_id == world.own_seat:
            continue
        if ballot.state.value == "submitted":
            with transaction():
                ballots.reopen(ballot, actor=ballot.seat.user)
        _score(ballot, position + 11, _new(world.secrets, f"新评语{position}", ballot.seat), sign=True)
    for number, person in enumerate(world.crowd):
        a_cast(world.vote, person, candidate=number // 3, address="10.0.0.1", agent="x")


def lock(world: World) -> None:
    """Every ballot signed, the scores locked by two people; nothing is released."""
    for position, ballot in enumerate(ballots_of(world.contest)):
        if ballot.state.value != "submitted":
            _score(ballot, position + 30, "自己的评语", sign=True)
    with transaction():
        results.propose_lock(world.contest.current, actor=world.owner, reason="评审完成")
    with transaction():
        results.confirm_lock(world.contest.current, actor=world.approver)


def plant(world: World) -> list[str]:
    """A row in every table that hangs on a seat or a ballot and has none yet, its texts marked; answers with the
    tables that could not be filled."""
    failed = []
    for table in sorted(secret_tables(), key=lambda t: t.name):
        if db.session.execute(sa.select(sa.func.count()).select_from(table)).scalar_one():
            continue
        try:
            with transaction():
                _insert(table, world)
        except (sa.exc.SQLAlchemyError, LookupError) as error:
            failed.append(f"{table.name}: {str(error)[:150]}")
    return failed


def secret_tables() -> set[sa.Table]:
    """The tables with a foreign key to a seat or a ballot, near or far."""
    tables = set(db.metadata.tables.values())
    found: set[sa.Table] = set()
    names = set(SECRET_ROOTS)
    while more := {t for t in tables - found if {key.column.table.name for key in t.foreign_keys} & names}:
        found |= more
        names |= {table.name for table in more}
    return found


def _insert(table: sa.Table, world: World) -> Any:
    return db.session.execute(table.insert().values(_row(table, world))).inserted_primary_key[0]


def _row(table: sa.Table, world: World) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for column in table.columns:
        if column.primary_key and not column.foreign_keys:
            continue
        if column.foreign_keys:
            target = next(iter(column.foreign_keys)).column.table
            found = _other_seat(world) if target.name == "judge_seats" else _some(target)
            if found is None and not column.nullable and target is not table:
                found = _insert(target, world)  # what it belongs to is new as well
            if found is not None:
                values[column.name] = found
            continue
        values[column.name] = _value(column, table, world)
    return values


def _value(column: sa.Column[Any], table: sa.Table, world: World) -> Any:
    kind = column.type.impl if isinstance(column.type, sa.types.TypeDecorator) else column.type
    if isinstance(kind, sa.Enum):
        return next(iter(kind.enum_class)) if kind.enum_class else kind.enums[0]
    if isinstance(kind, sa.JSON):
        return []
    if isinstance(kind, sa.Boolean):
        return False
    if isinstance(kind, sa.DateTime):
        return clock.now()
    if isinstance(kind, sa.Date):
        return clock.today()
    if isinstance(kind, (sa.Integer, sa.Numeric)) or "Number" in type(column.type).__name__:
        return 1
    if f"{table.name}.{column.name}" in PUBLIC:
        return "公开"
    if f"{table.name}.{column.name}" in PANEL:
        return _new(world.secrets, f"{table.name}.{column.name}", db.session.get(JudgeSeat, world.own_seat))
    if any(word in column.name for word in OPAQUE):
        return f"{table.name[:6]}1"[: getattr(kind, "length", None) or 40]
    return _new(world.secrets, f"{table.name}.{column.name}", None)[: getattr(kind, "length", None) or 200]


def _other_seat(world: World) -> int:
    return next(b.seat_id for b in ballots_of(world.contest) if b.seat_id != world.own_seat)


def _some(table: sa.Table) -> Any:
    key = next(iter(table.primary_key.columns))
    return db.session.execute(sa.select(key).order_by(key).limit(1)).scalar_one_or_none()


def _new(secrets: dict[str, int | None], what: str, seat: Any) -> str:
    text = f"{MARK}{what}{len(secrets):03d}"
    secrets[text] = seat.id if seat is not None else None
    return text


def _judge(contest: Contest, owner: Any, number: int, secrets: dict[str, int | None], *, invite: bool = False) -> Any:
    known = {
        "name": f"{MARK}评委{number}号",
        "unit_text": f"{MARK}大学{number}系",
        "title": f"{MARK}教授{number}级",
        "phone": f"1770000{number:04d}",
        "email": f"canary{number}@bird{number}.example",
        "earlier": f"{MARK}旧单位{number}所",
    }
    user = a_user(Role.JUDGE, name=known["name"], email=known["email"])
    with transaction():
        user.phone = known["phone"]
    earlier = [{"unit": known["earlier"], "since": 2019, "until": 2025}]
    given = {"unit_text": known["unit_text"], "title": known["title"], "earlier_units": earlier, "invite": invite}
    seat = a_judge(contest, owner=owner, user=user, **given)
    secrets.update(dict.fromkeys(known.values(), seat.id))
    return seat


def _score(ballot: Ballot, position: int, comment: str, *, sign: bool) -> None:
    points = points_of(ballot, f"{60 + position % 35}.5", f"{95 - position % 35}.5")
    write = ballots.sign if sign else ballots.save
    with transaction():
        write(ballot, actor=ballot.seat.user, version=ballot.version, points=points, comment=comment)


def _watchers(entry: Entry, firm: Any, own_seat: int, seats: list[Any]) -> dict[str, Any]:
    organiser = a_user(Role.ORGANISER, name="有关联的组织者")
    everything = a_user(*STAFF, name="有关联的多职人员")
    for person in (organiser, everything):
        with transaction():
            accounts.join(person, firm, level=MembershipLevel.STAFF)
    judge = next(seat.user for seat in seats if seat.id == own_seat)
    return {
        "public": None,
        "entrant": entry.user,
        "judge": judge,
        "conflicted organiser": organiser,
        "conflicted staff": everything,
    }


def in_time(contest: Contest) -> Any:
    """A moment while judging goes on."""
    return contest.deadline + timedelta(days=1)
