"""When a public vote is open, what one voter may do, and which patterns a person should look at after it."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from matchmaker.core.errors import Conflict, DomainError, Refusals
from matchmaker.core.labels import Labelled

NOTE = "票选结果不影响评审名次"
LONGEST_DAYS = 60
MOST_VOTES = 100
LEAST_ENTRIES = 2
LONGEST_BLURB = 300

# A pattern is shown from this size on; a person decides what it means.
BURST = 10  # votes for one entry within a minute …
BURST_TIMES = 5  # … and so many times the entry's usual minute
SAME_ADDRESS = 5  # voters behind one network address
SAME_DEVICE = 3  # voters on one device
NEW_ACCOUNT = timedelta(days=1)  # accounts younger than this when they first voted
# Tries within a minute before an account, or an address that an office may share, is told to wait.
TRIES_OF_VOTER = 20
TRIES_OF_ADDRESS = 120


class Who(Labelled):
    """Who may vote."""

    SIGNED_IN = "signed_in", "登录用户"
    VERIFIED = "verified", "登录用户，或用手机号、邮箱验证的人"


class VoteState(Labelled):
    PLANNED = "planned", "未开始"
    OPEN = "open", "投票中", "wait"
    CLOSED = "closed", "已截止，核查中", "wait"
    CHECKED = "checked", "已核查，待公布", "wait"
    RELEASED = "released", "已公布", "good"
    CANCELLED = "cancelled", "已取消", "warn"


class Reason(Labelled):
    """Why a vote is struck out."""

    BURST = "burst", "短时间内集中投票"
    ADDRESS = "address", "同一网络地址"
    DEVICE = "device", "同一设备"
    ACCOUNT = "account", "新注册账号"


@dataclass(frozen=True)
class Cast:
    """One vote as the check sees it: who, for what, when, from where, by an account made when."""

    id: int
    voter: int
    entry: int
    moment: datetime
    address: str = ""
    device: str = ""
    account_made: datetime | None = None


@dataclass(frozen=True)
class Pattern:
    """Votes that belong together in one way; `key` names it among the others of its kind."""

    reason: Reason
    key: str
    ids: tuple[int, ...]
    voters: int
    first: datetime
    last: datetime


def state_of(
    *,
    now: datetime,
    opens: datetime,
    closes: datetime,
    checked: datetime | None,
    released: datetime | None,
    cancelled: datetime | None,
) -> VoteState:
    """Computed whenever somebody asks; no job has to run."""
    if cancelled is not None:
        return VoteState.CANCELLED
    if released is not None:
        return VoteState.RELEASED
    if checked is not None:
        return VoteState.CHECKED
    if now < opens:
        return VoteState.PLANNED
    return VoteState.OPEN if now < closes else VoteState.CLOSED


def check_plan(*, opens: datetime, closes: datetime, per_day: int, in_all: int, now: datetime) -> None:
    """Refuse a plan that cannot be carried out; every fault is named."""
    found = []
    if opens < now:
        found.append(DomainError("开始时间已经过去，请填写以后的时间", field="opens"))
    if closes <= opens:
        found.append(DomainError("截止时间要晚于开始时间", field="closes"))
    elif closes - opens > timedelta(days=LONGEST_DAYS):
        found.append(DomainError("投票最长 {n} 天，请缩短", field="closes", n=LONGEST_DAYS))
    if not 1 <= per_day <= MOST_VOTES:
        found.append(DomainError("每人每天的票数应为 1 到 {n}", field="per_day", n=MOST_VOTES))
    if not 1 <= in_all <= MOST_VOTES:
        found.append(DomainError("每人总票数应为 1 到 {n}", field="in_all", n=MOST_VOTES))
    elif in_all < per_day:
        found.append(DomainError("每人总票数不能少于每天的票数", field="in_all"))
    if found:
        raise Refusals(found)


def check_open(state: VoteState, *, opens: str, closes: str) -> None:
    """A vote is taken between opening and closing; `opens` and `closes` are the moments in words."""
    if state is VoteState.PLANNED:
        raise Conflict("投票还没有开始，{when}开始", when=opens)
    if state is VoteState.CANCELLED:
        raise Conflict("这次投票已取消")
    if state is not VoteState.OPEN:
        raise Conflict("投票已于 {when} 截止，这一票没有计入", when=closes)


def slot(day: date, *, again: bool) -> str:
    """What makes a vote for an entry the same one twice: the day where it may be repeated daily, else nothing."""
    return day.isoformat() if again else "once"


def ballot_order(seed: str, voter: str, codes: Iterable[str]) -> list[str]:
    """The order in which one voter sees the entries: their own shuffle, the same at each visit."""
    return sorted(codes, key=lambda code: (hashlib.sha256(f"{seed}|{voter}|{code}".encode()).hexdigest(), code))


def patterns(votes: Sequence[Cast]) -> list[Pattern]:
    """Everything that a person should look at, the largest of each kind first."""
    found = [
        *_bursts(votes),
        *_shared(votes, Reason.ADDRESS, {v.id: v.address for v in votes}, least=SAME_ADDRESS),
        *_shared(votes, Reason.DEVICE, {v.id: v.device for v in votes}, least=SAME_DEVICE),
        *_young(votes),
    ]
    kinds = list(Reason)
    return sorted(found, key=lambda p: (kinds.index(p.reason), -len(p.ids), p.first, p.key))


def _bursts(votes: Sequence[Cast]) -> list[Pattern]:
    """Minutes in which an entry got many votes: at least BURST, and BURST_TIMES the median of its other minutes."""
    minutes: dict[int, dict[datetime, list[Cast]]] = defaultdict(lambda: defaultdict(list))
    for vote in votes:
        minutes[vote.entry][vote.moment.replace(second=0, microsecond=0)].append(vote)
    found = []
    for entry, by_minute in minutes.items():
        for minute, together in by_minute.items():
            others = sorted(len(rows) for other, rows in by_minute.items() if other != minute)
            usual = others[len(others) // 2] if others else 0
            if len(together) >= max(BURST, BURST_TIMES * usual):
                found.append(_pattern(Reason.BURST, f"{entry}|{minute.isoformat()}", together))
    return found


def _shared(votes: Sequence[Cast], reason: Reason, traces: Mapping[int, str], *, least: int) -> list[Pattern]:
    """Votes of several voters with one trace; who left none is not compared."""
    together: dict[str, list[Cast]] = defaultdict(list)
    for vote in votes:
        if traces[vote.id]:
            together[traces[vote.id]].append(vote)
    return [
        _pattern(reason, trace, rows) for trace, rows in together.items() if len({row.voter for row in rows}) >= least
    ]


def _young(votes: Sequence[Cast]) -> list[Pattern]:
    """Votes by accounts that were made shortly before they first voted."""
    first: dict[int, datetime] = {}
    for vote in votes:
        first[vote.voter] = min(vote.moment, first.get(vote.voter, vote.moment))
    rows = [v for v in votes if v.account_made is not None and first[v.voter] - v.account_made < NEW_ACCOUNT]
    return [_pattern(Reason.ACCOUNT, "new", rows)] if rows else []


def _pattern(reason: Reason, trace: str, rows: Sequence[Cast]) -> Pattern:
    return Pattern(
        reason=reason,
        key=hashlib.sha256(f"{reason.value}|{trace}".encode()).hexdigest()[:16],
        ids=tuple(sorted(row.id for row in rows)),
        voters=len({row.voter for row in rows}),
        first=min(row.moment for row in rows),
        last=max(row.moment for row in rows),
    )


def places(counts: Mapping[int, int]) -> dict[int, int]:
    """{entry: place} by votes; equal counts share the better place (1, 2, 2, 4)."""
    return {entry: 1 + sum(other > count for other in counts.values()) for entry, count in counts.items()}
