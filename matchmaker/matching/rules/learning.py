"""Which answers teach the ranking, and when learnt weights may take the place of those set by hand."""

from __future__ import annotations

from matchmaker.core.errors import Conflict, DomainError
from matchmaker.core.labels import Labelled
from matchmaker.matching.rules.flow import DeclineReason, RequestState
from matchmaker.matching.rules.measures import Reply, reply_of
from matchmaker.matching.rules.talks import DismissReason

LEAST = 200  # answers; with fewer the weights set by hand stay
LEAST_OF_EITHER = 20  # acceptances, and refusals
# A no teaches only where it says that the pair did not fit. Who has no time, is in conflict or finds the need unclear
# would have said so to a perfect suggestion too; what stands under "other" is written in words that nobody counts.
UNFIT = frozenset({DeclineReason.NOT_MY_FIELD, DeclineReason.TERMS})
UNFIT_SHOWN = frozenset({DismissReason.NOT_MY_FIELD, DismissReason.TOO_FAR})


class Lesson(Labelled):
    """What an answer teaches, or why it teaches nothing."""

    ACCEPTED = "accepted", "接受了邀请，或自荐被采纳", "good"
    DECLINED = "declined", "以“不是我的专长”或“条件不合适”婉拒", "bad"
    DISMISSED = "dismissed", "以“领域不符”或“地点太远”标为不合适", "bad"
    OTHER_REASON = "other_reason", "婉拒或隐藏的原因与是否合适无关，如没有时间、需要回避"
    UNANSWERED = "unanswered", "逾期未复"
    REPEATED = "repeated", "同一需求和同一位服务者另有更晚的答复"
    UNRECORDED = "unrecorded", "推荐时没有记下分数的各个部分"
    OTHER_ENGINE = "other_engine", "推荐时用的是另一种文字比较方法"
    DEMO = "demo", "演示数据"


YES, NO = frozenset({Lesson.ACCEPTED}), frozenset({Lesson.DECLINED, Lesson.DISMISSED})


def lesson_of_request(state: RequestState, *, answered: bool, reason: DeclineReason | None) -> Lesson | None:
    """What a request teaches; nothing yet while it waits, nothing ever where it was taken back before an answer."""
    reply = reply_of(state, answered=answered)
    if reply is Reply.DECLINED:
        return Lesson.DECLINED if reason in UNFIT else Lesson.OTHER_REASON
    return {Reply.ACCEPTED: Lesson.ACCEPTED, Reply.EXPIRED: Lesson.UNANSWERED}.get(reply)


def lesson_of_dismissal(reason: DismissReason) -> Lesson:
    """What "not for me", or "not for this need", teaches."""
    return Lesson.DISMISSED if reason in UNFIT_SHOWN else Lesson.OTHER_REASON


def check_useful(*, is_better: bool, words: float, same_engine: bool) -> None:
    """Raise Conflict where learnt weights may not rank: no override, they are better or they are not used."""
    if not is_better:
        raise Conflict("学到的权重没有比设定的权重预测得更准，不能启用")
    if words <= 0:
        raise Conflict("学到的权重不看文字内容，不能启用")
    if not same_engine:
        raise Conflict("学习时用的文字比较方法与现在的不同，请重新学习")


def check_reason(reason: str) -> None:
    """Why the ranking changes is written in words."""
    if not any(sign.isalpha() for sign in reason):
        raise DomainError("请写明理由，会留在切换记录里", field="reason")
