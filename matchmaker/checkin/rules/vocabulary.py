"""The words of check-in."""

from __future__ import annotations

from datetime import timedelta

from matchmaker.core.labels import Labelled
from matchmaker.events.rules import RegistrationState

GRACE = timedelta(hours=2)  # after the event's end: then codes end and snapshots are wiped
LATE_SYNC = timedelta(days=7)  # a device whose code ran out may still hand in what it holds
MOST_IN_BATCH = 500


class ListKind(Labelled):
    """What a check-in list is for."""

    ENTRY = "entry", "活动入场"
    SESSION = "session", "场次签到"
    DAY = "day", "某一天"


class Repeat(Labelled):
    """How often a person may enter."""

    ONCE = "once", "只能进一次"
    AFTER_EXIT = "after_exit", "出场后可以再进"
    MANY = "many", "不限次数"


class Direction(Labelled):
    """Which way a person goes."""

    IN = "in", "入场"
    OUT = "out", "出场"


class Standing(Labelled):
    """What a gate needs to know of a registration."""

    COMING = "coming", "可以入场", "good"
    PENDING = "pending", "待审核", "wait"
    WAITING = "waiting", "候补中", "wait"
    GONE = "gone", "已取消", "bad"


class Reason(Labelled):
    """Why a gate says yes or no, in one sentence; {…} is filled from the verdict."""

    WELCOME = "welcome", "可以入场", "good"
    GOODBYE = "goodbye", "已登记出场", "good"
    UNKNOWN = "unknown", "名单里没有这个码，请按姓名或手机尾号查找", "bad"
    GONE = "gone", "报名已取消或撤回，请到服务台", "bad"
    PENDING = "pending", "报名还没有通过审核，请到服务台", "bad"
    WAITING = "waiting", "还在候补名单里，没有名额", "bad"
    NO_SESSION = "no_session", "没有报这一场，请到服务台加报", "bad"
    AUDIENCE = "audience", "这个入口不接待这一组来宾，请走其他入口", "bad"
    TAG = "tag", "这个入口只接待带标签“{tags}”的来宾", "bad"
    EARLY = "early", "还没到入场时间，{time} 开始", "warn"
    LATE = "late", "入场已在 {time} 结束", "bad"
    ALREADY = "already", "已在 {time} 入场，不能再次入场", "warn"
    INSIDE = "inside", "已在 {time} 入场，登记出场后才能再进", "warn"
    OUTSIDE = "outside", "没有入场记录，不能登记出场", "warn"


class Outcome(Labelled):
    """What became of a scan."""

    YES = "yes", "放行", "good"
    NO = "no", "未放行", "warn"
    FORCED = "forced", "强制放行", "warn"
    UNDONE = "undone", "已撤销"


class ScanSource(Labelled):
    """How a scan reached the server."""

    ONLINE = "online", "联网"
    OFFLINE = "offline", "离线后上传"
    HAND = "hand", "手工登记"


class ConflictKind(Labelled):
    """What the server found when an offline gate reported."""

    DOUBLE = "double", "同一人在两处入场", "warn"
    NOT_COMING = "not_coming", "入场时报名已取消或未通过", "bad"
    UNKNOWN = "unknown", "放行的码不在名单里", "bad"
    RULE = "rule", "放行了不符合规则的来宾", "warn"
    FULL = "full", "现场登记时已没有名额", "bad"


class Resolution(Labelled):
    """How staff settled a conflict."""

    COUNTED = "counted", "认可入场", "good"
    DISMISSED = "dismissed", "不算入场", "neutral"


R = RegistrationState
_STANDINGS = {
    R.APPROVED: Standing.COMING,
    R.ATTENDED: Standing.COMING,
    R.ABSENT: Standing.COMING,
    R.SUBMITTED: Standing.PENDING,
    R.WAITING: Standing.WAITING,
    R.OFFERED: Standing.WAITING,
}


def standing_of(state: RegistrationState) -> Standing:
    """How a registration stands at the gate."""
    return _STANDINGS.get(state, Standing.GONE)
