"""Words of campaigns: states, when one goes out, over which way, and when it is too late."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from matchmaker.core.errors import DomainError
from matchmaker.core.labels import Labelled

LATE = timedelta(hours=6)  # after a longer outage a planned message would rather confuse than help
LONGEST_SHIFT = 60 * 24 * 90  # minutes: three months before or after
LONGEST_SUBJECT = 100
LONGEST_BODY = 4000
LONGEST_LIST = 20_000  # explicitly chosen recipients


class CampaignState(Labelled):
    """How far a campaign has come."""

    DRAFT = "draft", "草稿"
    PLANNED = "planned", "已排定", "wait"
    SENDING = "sending", "发送中", "wait"
    SENT = "sent", "已发送", "good"
    MISSED = "missed", "错过未发", "bad"
    CANCELLED = "cancelled", "已取消"


S = CampaignState
STEPS: dict[CampaignState, set[CampaignState]] = {
    S.DRAFT: {S.PLANNED, S.CANCELLED},
    S.PLANNED: {S.DRAFT, S.SENDING, S.MISSED, S.CANCELLED},
    S.SENDING: {S.SENT, S.CANCELLED},
    S.MISSED: {S.DRAFT, S.PLANNED, S.CANCELLED},
    S.SENT: set(),
    S.CANCELLED: set(),
}
EDITABLE = (S.DRAFT, S.PLANNED, S.MISSED)


class Way(Labelled):
    """Over which channel people are reached."""

    REACHABLE = "reachable", "能送达的方式（先邮件，再短信，再站内）"
    MAIL = "mail", "只发邮件"
    SMS = "sms", "只发短信"
    SITE = "site", "只发站内消息"


class Timing(Labelled):
    """When a campaign goes out."""

    NOW = "now", "确认后立即发送"
    MOMENT = "moment", "指定时间"
    BEFORE_START = "before_start", "活动开始前"
    AFTER_START = "after_start", "活动开始后"
    BEFORE_END = "before_end", "活动结束前"
    AFTER_END = "after_end", "活动结束后"


RELATIVE = (Timing.BEFORE_START, Timing.AFTER_START, Timing.BEFORE_END, Timing.AFTER_END)


class Unit(Labelled):
    """In what a distance in time is typed."""

    MINUTES = "minutes", "分钟"
    HOURS = "hours", "小时"
    DAYS = "days", "天"


MINUTES = {Unit.MINUTES: 1, Unit.HOURS: 60, Unit.DAYS: 1440}


class Seen(Labelled):
    """How attendance stands, whether or not the event has been closed."""

    ATTENDED = "attended", "已到场"
    ABSENT = "absent", "活动结束仍未到场"
    NOT_YET = "not_yet", "应到未到"


class Occasion(Labelled):
    """What a campaign is for; each has a ready text."""

    CONFIRMATION = "confirmation", "报名确认"
    APPROVED = "approved", "审核通过"
    REMINDER = "reminder", "提前提醒"
    CHANGE = "change", "时间地点变更"
    THANKS = "thanks", "会后感谢与调查"
    ABSENT = "absent", "未到场关怀"
    OTHER = "other", "其他"


class Reach(Labelled):
    """Whether a message can get to a person."""

    REACHED = "reached", "可送达", "good"
    UNREACHABLE = "unreachable", "没有可用的地址", "bad"
    SUPPRESSED = "suppressed", "地址已停发", "warn"
    SHARED = "shared", "与他人共用地址", "neutral"


def moment_of(
    timing: Timing, *, minutes: int, moment: datetime | None, starts: datetime, ends: datetime, asked: datetime | None
) -> datetime | None:
    """When a campaign goes out, by the times that the event has now; None while it is a draft without a moment."""
    if timing is Timing.NOW:
        return asked
    if timing is Timing.MOMENT:
        return moment
    distance = timedelta(minutes=minutes)
    anchor = starts if timing in {Timing.BEFORE_START, Timing.AFTER_START} else ends
    return anchor - distance if timing in {Timing.BEFORE_START, Timing.BEFORE_END} else anchor + distance


def is_late(timing: Timing, *, planned: datetime, now: datetime, starts: datetime, ends: datetime) -> bool:
    """Is it too late to send? After an outage of hours, or when what it announces has already happened."""
    over = {Timing.BEFORE_START: starts, Timing.BEFORE_END: ends}.get(timing)
    return now - planned > LATE or (over is not None and now >= over)


def in_minutes(number: int, unit: Unit) -> int:
    """A typed distance; DomainError when it is out of range."""
    minutes = number * MINUTES[unit]
    if not 0 <= minutes <= LONGEST_SHIFT:
        raise DomainError("时间间隔应在 0 到 90 天之间", field="number")
    return minutes


def best_unit(minutes: int) -> tuple[int, Unit]:
    """A distance as people say it: 1 day, 90 minutes."""
    for unit in (Unit.DAYS, Unit.HOURS):
        if minutes and minutes % MINUTES[unit] == 0:
            return minutes // MINUTES[unit], unit
    return minutes, Unit.MINUTES


def read_ids(text: str) -> list[int]:
    """Ids handed over in an address: numbers with commas between, each once; what is none is left out."""
    parts = (part.strip() for part in text.split(","))
    found = dict.fromkeys(int(p) for p in parts if p.isascii() and p.isdigit() and len(p) < 10)
    return list(found)[:LONGEST_LIST]


@dataclass(frozen=True)
class Person:
    """Where one recipient can be reached."""

    id: int
    user_id: int | None
    email: str
    phone: str


@dataclass(frozen=True)
class Route:
    """What becomes of the message to one recipient: a channel name ("mail", "sms", "site") and its address."""

    reach: Reach
    channel: str = ""
    address: str = ""


def _ways(person: Person, way: Way) -> list[tuple[str, str]]:
    known = [("mail", person.email), ("sms", person.phone), ("site", str(person.user_id or ""))]
    return [(channel, address) for channel, address in known if address and way in (Way.REACHABLE, channel)]


def route(person: Person, way: Way, stopped: set[tuple[str, str]]) -> Route:
    """The first way that works; `stopped` are (channel, address) pairs that get nothing any more."""
    ways = _ways(person, way)
    open_ways = [each for each in ways if each not in stopped]
    if open_ways:
        return Route(Reach.REACHED, *open_ways[0])
    return Route(Reach.SUPPRESSED, *ways[0]) if ways else Route(Reach.UNREACHABLE)


def routes(
    people: Sequence[Person],
    way: Way,
    *,
    stopped: set[tuple[str, str]],
    each: bool,
    told: set[tuple[str, str]] = frozenset(),  # type: ignore[assignment]
) -> list[Route]:
    """The way to everybody. Unless `each`, an address gets the message once, whoever else has it too."""
    found, used = [], set(told)
    for person in people:
        one = route(person, way, stopped)
        key = (one.channel, one.address)
        if one.reach is Reach.REACHED and not each and key in used:
            one = Route(Reach.SHARED, *key)
        used.add(key)
        found.append(one)
    return found
