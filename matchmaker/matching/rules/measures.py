"""What staff count: how a helper replied, who began a request, and which figures rest on too few records."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from matchmaker.core.calendar import CHINA
from matchmaker.core.labels import Labelled
from matchmaker.matching.rules.flow import RequestState

MONTHS = frozenset(f"{n:02d}" for n in range(1, 13))
FEW = 5  # a share of fewer records is marked: one more answer would change it much


class Reply(Labelled):
    """What a helper made of a question, whatever became of it later."""

    ACCEPTED = "accepted", "已接受", "good"
    DECLINED = "declined", "已婉拒", "bad"
    EXPIRED = "expired", "逾期未复", "warn"
    WAITING = "waiting", "待答复", "wait"
    TAKEN_BACK = "taken_back", "答复前撤回"


class Origin(Labelled):
    """Who began a request."""

    ASKED = "asked", "单位邀请"
    OFFERED = "offered", "服务者自荐"


class SessionStep(Labelled):
    """How far the sessions of a request came."""

    CONFIRMED = "confirmed", "有双方确认的服务"
    RATED = "rated", "有评分的服务"


REPLIES = {
    RequestState.ASKED: Reply.WAITING,
    RequestState.ACCEPTED: Reply.ACCEPTED,
    RequestState.CLOSED: Reply.ACCEPTED,
    RequestState.DECLINED: Reply.DECLINED,
    RequestState.EXPIRED: Reply.EXPIRED,
}
OVER = frozenset({Reply.ACCEPTED, Reply.DECLINED, Reply.EXPIRED})  # what an acceptance rate is a share of


def reply_of(state: RequestState, *, answered: bool) -> Reply:
    """What was taken back after a yes was accepted all the same."""
    if state is RequestState.WITHDRAWN:
        return Reply.ACCEPTED if answered else Reply.TAKEN_BACK
    return REPLIES[state]


def month_of(moment: datetime) -> str:
    """The month in China, as `2026-03`."""
    return f"{moment.astimezone(CHINA):%Y-%m}"


def month_span(month: str) -> tuple[datetime, datetime] | None:
    """The first moment of a month in China and that of the next; None where it is no month."""
    year, _dash, number = month.partition("-")
    if not _is_year(year) or number not in MONTHS:
        return None
    first = date(int(year), int(number), 1)
    return _start(first), _start((first + timedelta(days=31)).replace(day=1))


def year_span(year: str) -> tuple[datetime, datetime] | None:
    """The first moment of a year in China and that of the next; None where it is no year."""
    if not _is_year(year):
        return None
    return _start(date(int(year), 1, 1)), _start(date(int(year) + 1, 1, 1))


def _is_year(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) == 4 and 2000 <= int(text) <= 2999


def _start(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=CHINA)
