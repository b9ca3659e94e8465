"""Vocabulary and law of matching: kinds, states, reasons, and which move follows which."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from matchmaker.core.errors import Conflict
from matchmaker.core.labels import Labelled
from matchmaker.core.transitions import check_step

REQUEST_TERM = timedelta(days=14)


class NeedKind(Labelled):
    """What an enterprise asks for."""

    MENTORING = "mentoring", "创业辅导"
    TECHNICAL = "technical", "技术需求"
    FUNDING = "funding", "融资需求"


class NeedState(Labelled):
    """Where a need stands."""

    DRAFT = "draft", "草稿"
    OPEN = "open", "征集中", "wait"
    MATCHED = "matched", "已对接", "good"
    CLOSED = "closed", "已办结", "good"
    WITHDRAWN = "withdrawn", "已撤回"


class RequestState(Labelled):
    """Where one question to one helper stands."""

    ASKED = "asked", "待答复", "wait"
    ACCEPTED = "accepted", "已接受", "good"
    DECLINED = "declined", "已婉拒", "bad"
    EXPIRED = "expired", "逾期未复", "warn"
    WITHDRAWN = "withdrawn", "已撤回"
    CLOSED = "closed", "已办结", "good"


class DeclineReason(Labelled):
    """Why a helper says no; the code is counted, the label is shown to the enterprise."""

    NOT_MY_FIELD = "not_my_field", "不是我的专长"
    NO_TIME = "no_time", "近期没有时间"
    CONFLICT_OF_INTEREST = "conflict_of_interest", "存在利益关系，需要回避"
    UNCLEAR_NEED = "unclear_need", "需求不够明确"
    TERMS = "terms", "条件不合适"
    OTHER = "other", "其他原因"


class Barrier(Labelled):
    """Why a profile may not be suggested at all, however well it fits."""

    WRONG_KIND = "wrong_kind", "不是这类需求的服务对象"
    RECUSED = "recused", "须回避"
    OWN_UNIT = "own_unit", "属于提出需求的单位"
    DECLINED = "declined", "已婉拒过这项需求"
    OPTED_OUT = "opted_out", "本人不接受推荐"
    TERM_ENDED = "term_ended", "聘期已结束"
    NO_CAPACITY = "no_capacity", "服务名额已满"
    SECRECY = "secrecy", "不具备需求要求的保密等级"


NEED_MOVES: Mapping[NeedState, frozenset[NeedState]] = {
    NeedState.DRAFT: frozenset({NeedState.OPEN, NeedState.WITHDRAWN}),
    NeedState.OPEN: frozenset({NeedState.MATCHED, NeedState.CLOSED, NeedState.WITHDRAWN}),
    NeedState.MATCHED: frozenset({NeedState.OPEN, NeedState.CLOSED, NeedState.WITHDRAWN}),
    NeedState.CLOSED: frozenset(),
    NeedState.WITHDRAWN: frozenset(),
}
REQUEST_MOVES: Mapping[RequestState, frozenset[RequestState]] = {
    RequestState.ASKED: frozenset(
        {RequestState.ACCEPTED, RequestState.DECLINED, RequestState.EXPIRED, RequestState.WITHDRAWN}
    ),
    RequestState.ACCEPTED: frozenset({RequestState.CLOSED, RequestState.WITHDRAWN}),
    RequestState.DECLINED: frozenset(),
    RequestState.EXPIRED: frozenset(),
    RequestState.WITHDRAWN: frozenset(),
    RequestState.CLOSED: frozenset(),
}


def check_need_move(state: NeedState, *, to: NeedState) -> None:
    """Raise Conflict where a need cannot take this step."""
    check_step(NEED_MOVES, state, to)


def check_request_move(state: RequestState, *, to: RequestState) -> None:
    """Raise Conflict where a request cannot take this step."""
    check_step(REQUEST_MOVES, state, to)


def expires(asked: datetime, *, need_deadline: datetime | None = None, term: timedelta = REQUEST_TERM) -> datetime:
    """The moment from which a request can no longer be answered: after its term, or with the need if that is sooner."""
    end = asked + term
    return end if need_deadline is None else min(end, need_deadline)


def is_expired(
    state: RequestState,
    *,
    asked: datetime,
    now: datetime,
    need_deadline: datetime | None = None,
    term: timedelta = REQUEST_TERM,
) -> bool:
    """Whether an unanswered request has run out; an answered one never does."""
    return state is RequestState.ASKED and now >= expires(asked, need_deadline=need_deadline, term=term)


def check_answerable(
    state: RequestState,
    *,
    asked: datetime,
    now: datetime,
    need_deadline: datetime | None = None,
    term: timedelta = REQUEST_TERM,
) -> None:
    """Raise Conflict where a helper can no longer accept or decline."""
    if is_expired(state, asked=asked, now=now, need_deadline=need_deadline, term=term):
        raise Conflict("答复期限已过，请联系经办人重新发送邀请")
    if state is not RequestState.ASKED:
        raise Conflict("邀请当前为“{state}”，不能再答复", state=state)
