"""The people of an entry, asked whether they take part: their states and links, and how often one may enter."""

from __future__ import annotations

from datetime import datetime, timedelta

from matchmaker.competition.rules.states import ContestState, EntryState
from matchmaker.core.errors import Conflict
from matchmaker.core.labels import Labelled

LINK_LASTS = timedelta(days=14)
ASK_AGAIN_AFTER = timedelta(hours=1)


class MemberState(Labelled):
    ASKED = "asked", "待确认", "wait"
    CONFIRMED = "confirmed", "已确认参加", "good"
    DECLINED = "declined", "不参加", "bad"


GONE = (EntryState.WITHDRAWN, EntryState.DISQUALIFIED)
ASKING = (EntryState.SUBMITTED, EntryState.SCREENING, EntryState.RETURNED, EntryState.GROUPED)


def check_answerable(contest: ContestState, entry: EntryState) -> None:
    """A person answers until judging begins; what was judged stays as it was."""
    if entry in GONE:
        raise Conflict("这个项目已经退出比赛，不需要再答复")
    if contest not in (ContestState.REGISTRATION, ContestState.SCREENING):
        raise Conflict("评审已经开始，不能再改；有出入请联系主办方")


def check_ask_again(asked: datetime | None, *, now: datetime) -> None:
    """Nobody is asked every minute."""
    if asked is not None and now < asked + ASK_AGAIN_AFTER:
        raise Conflict("一小时内刚发送过，请稍后再发，或请对方查看短信和邮箱")


def check_person_limit(others: int, limit: int | None) -> None:
    """A person takes part in no more entries of one contest than its rules allow."""
    if limit is not None and others >= limit:
        raise Conflict(
            "本届大赛每人最多参加 {limit} 个项目，已在 {n} 个项目中，请先退出其他项目", limit=limit, n=others
        )
