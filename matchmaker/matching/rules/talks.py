"""What both sides say of each other: other terms, offers, dismissals, outcomes, ratings."""

from __future__ import annotations

from datetime import datetime, timedelta

from matchmaker.core.errors import Conflict, DomainError
from matchmaker.core.labels import Labelled

OFFER_TERM = timedelta(days=14)
MOST_OFFERS = 5  # of one helper waiting at a time
LEFT_TO_OWNER = timedelta(days=3)  # a proposal leaves the owner at least so long to answer
MOST_PASSES = 2
DIGEST_NEEDS = 5
HELD_LINK_TERM = timedelta(days=30)  # after a session was written down its link confirms or corrects it
BROWSED_NEEDS = 20
FAR_AHEAD = timedelta(days=366)


class ProposalState(Labelled):
    """Where a proposal of other terms stands with the owner of the need."""

    WAITING = "waiting", "待需求方确认", "wait"
    AGREED = "agreed", "已同意", "good"
    REFUSED = "refused", "未同意", "bad"
    OVER = "over", "已失效"


class OfferState(Labelled):
    """Where a helper's own offer stands with the owner of the need."""

    WAITING = "waiting", "待需求方决定", "wait"
    AGREED = "agreed", "已同意", "good"
    REFUSED = "refused", "未采纳", "bad"
    WITHDRAWN = "withdrawn", "已收回"
    EXPIRED = "expired", "逾期未复", "warn"


class DismissReason(Labelled):
    """Why somebody is shown a need or a helper no more; the code is counted and teaches the ranking."""

    NOT_MY_FIELD = "not_my_field", "领域不符"
    NO_TIME = "no_time", "近期没有时间"
    TOO_FAR = "too_far", "地点太远"
    TOO_VAGUE = "too_vague", "写得太笼统"
    KNOWN = "known", "已经认识或合作过"
    OTHER = "other", "其他原因"


class Side(Labelled):
    """Who was shown whom."""

    OWNER = "owner", "需求方看到的推荐"
    HELPER = "helper", "服务者看到的需求"
    DIGEST = "digest", "每周推荐邮件"


class Result(Labelled):
    """What came of a request that was accepted."""

    CONTRACT = "contract", "签了合同", "good"
    INVESTMENT = "investment", "得到投资", "good"
    ADVICE = "advice", "问题解决，没有签合同", "good"
    NOTHING = "nothing", "没有结果", "bad"


class ContractKind(Labelled):
    """The five kinds of technical contract."""

    DEVELOPMENT = "development", "技术开发"
    TRANSFER = "transfer", "技术转让"
    LICENCE = "licence", "技术许可"
    CONSULTING = "consulting", "技术咨询"
    SERVICE = "service", "技术服务"


class NothingReason(Labelled):
    """Why nothing came of it."""

    TERMS = "terms", "价格或条件谈不拢"
    NOT_FEASIBLE = "not_feasible", "技术上做不到"
    NO_FUNDS = "no_funds", "资金没有落实"
    NO_TALK = "no_talk", "没有联系上"
    CHANGED = "changed", "需求有变化"
    ELSEWHERE = "elsewhere", "找到了别的办法"
    OTHER = "other", "其他原因"


def check_proposal(*, moment: datetime | None, terms: str, now: datetime) -> None:
    """Another time lies ahead; without one, the other terms are written out."""
    if moment is None and not terms.strip():
        raise DomainError("请选一个时间，或写明希望怎样调整", field="moment")
    if moment is not None and moment <= now:
        raise DomainError("这个时间已经过去，请改为以后的时间", field="moment")
    if moment is not None and moment > now + FAR_AHEAD:
        raise DomainError("请选一年以内的时间", field="moment")


def check_outcome(
    result: Result,
    *,
    amount_fen: int | None,
    contract: ContractKind | None,
    why: NothingReason | None,
    note: str,
) -> None:
    """A contract says of which kind, an investment how much, nothing why."""
    if amount_fen is not None and amount_fen < 0:
        raise DomainError("金额不能是负数", field="amount")
    if result is Result.CONTRACT and contract is None:
        raise DomainError("请选择合同类型", field="contract")
    if result is Result.INVESTMENT and not amount_fen:
        raise DomainError("请填写投资金额", field="amount")
    if result is Result.NOTHING and why is None:
        raise DomainError("请选择没有结果的原因", field="why")
    if result is Result.NOTHING and why is NothingReason.OTHER and not note.strip():
        raise DomainError("选择“其他原因”时请写一句说明", field="note")


def check_held(*, recorded: datetime, now: datetime) -> None:
    """Raise Conflict where a session can no longer be confirmed or corrected from its link."""
    if now >= recorded + HELD_LINK_TERM:
        raise Conflict("链接的确认期限已过，请联系科技局经办人")


def check_points(points: int | None, *, sentence: str, field: str) -> None:
    """One to five, with a sentence that says why."""
    if points is None:
        return
    if not 1 <= points <= 5:
        raise DomainError("评分应在 1 到 5 之间", field=field)
    if not any(sign.isalpha() for sign in sentence):
        raise DomainError("请写一句话说明评分的理由", field=f"{field}_note")


def check_dismissal(reason: DismissReason, *, note: str) -> None:
    """Another reason is written out."""
    if reason is DismissReason.OTHER and not note.strip():
        raise DomainError("选择“其他原因”时请写一句说明", field="note")
