"""Vocabulary and law of matching: kinds, states, reasons, and which move follows which."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

from matchmaker.core.errors import Conflict, DomainError
from matchmaker.core.labels import Labelled
from matchmaker.core.transitions import check_step

REQUEST_TERM = timedelta(days=14)
LONGEST_TITLE = 60
LONGEST_TEXT = 5000
MOST_LIVE_REQUESTS = 10  # of one need at a time: helpers' patience is scarce
MOST_WAITING = 5  # unanswered questions to one helper
SUGGESTIONS = 10
LEAST_POINTS = 10  # of 100: helpers are shown no need below; a round proposes nobody below, unless told to
MOBILE = re.compile(r"(?<!\d)(?:\+?86)?1[3-9]\d{9}(?!\d)")
LANDLINE = re.compile(r"(?<!\d)0\d{2,3}-\d{7,8}(?!\d)")
MAIL = re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+")


class NeedKind(Labelled):
    """What an enterprise asks for."""

    MENTORING = "mentoring", "创业辅导"
    TECHNICAL = "technical", "技术需求"
    FUNDING = "funding", "融资需求"


class Secrecy(Labelled):
    """Who may know whose need it is, before anybody has accepted."""

    OPEN = "open", "公开单位名称"
    ANONYMOUS = "anonymous", "对方接受前不显示单位名称"
    RESTRICTED = "restricted", "只推荐给签过保密承诺的人，接受前不显示单位名称"


class ReferralState(Labelled):
    """Where a wish for somebody who cannot be reached stands with the handler."""

    WAITING = "waiting", "待经办人联系", "wait"
    DONE = "done", "已办理", "good"


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


def check_need(*, title: str, text: str, deadline: date | None, budget_fen: int | None, today: date) -> None:
    """A need says something in words, carries no contact, and lies ahead."""
    for field, value, longest in (("title", title, LONGEST_TITLE), ("text", text, LONGEST_TEXT)):
        if not _has_words(value):
            raise DomainError("请用文字说明需要什么帮助，一两句话即可", field=field)
        if len(value) > longest:
            raise DomainError(
                "最多 {most} 个字，现有 {n} 个；请写要点，材料可在对接后提供", field=field, most=longest, n=len(value)
            )
        if has_contact(value):
            raise DomainError("请不要写电话或邮箱：对方接受后，双方会自动看到联系方式", field=field)
    if deadline is not None and deadline < today:
        raise DomainError("希望完成日期已经过去，请改为今天或以后", field="deadline")
    if budget_fen is not None and budget_fen < 0:
        raise DomainError("金额不能是负数", field="budget")


def check_levels(now: int | None, wanted: int | None) -> None:
    """Readiness levels run from 1 to 9, and what is wanted is not below what is there."""
    for field, level in (("trl_now", now), ("trl_wanted", wanted)):
        if level is not None and not 1 <= level <= 9:
            raise DomainError("技术成熟度在 1 到 9 级之间", field=field)
    if now is not None and wanted is not None and wanted < now:
        raise DomainError("希望达到的成熟度不能低于现在的成熟度", field="trl_wanted")


def check_draft(*, title: str, text: str) -> None:
    """A draft may be unfinished, but not empty and not endless."""
    if not _has_words(title + text):
        raise DomainError("草稿里还没有文字，请先写一句", field="title")
    for field, value, most in (("title", title, LONGEST_TITLE), ("text", text, LONGEST_TEXT)):
        if len(value) > most:
            raise DomainError("最多 {most} 个字，现有 {n} 个；请写要点", field=field, most=most, n=len(value))


def has_contact(text: str) -> bool:
    """Does the text carry a phone number or a mail address, however it is spaced or strewn with unseen signs?"""
    seen = "".join(sign for sign in text if unicodedata.category(sign) != "Cf")
    plain = unicodedata.normalize("NFKC", seen)
    packed = re.sub(r"(?<=\d)[\s\-.·]+(?=\d)", "", plain)
    return bool(MOBILE.search(packed) or LANDLINE.search(plain) or MAIL.search(plain))


def check_askable(state: NeedState, *, live: int, wanted: int) -> None:
    """A need that is open asks a few people at a time."""
    if state not in {NeedState.OPEN, NeedState.MATCHED}:
        raise Conflict("需求当前为“{state}”，不能再邀请", state=state)
    if wanted < 1:
        raise DomainError("请至少勾选一位", field="people")
    if live + wanted > MOST_LIVE_REQUESTS:
        raise DomainError(
            "同一需求最多同时邀请 {most} 位，已有 {live} 位在等答复或已接受",
            field="people",
            most=MOST_LIVE_REQUESTS,
            live=live,
        )


def check_decline(reason: DeclineReason, *, note: str) -> None:
    """Another reason is written out."""
    if reason is DeclineReason.OTHER and not note.strip():
        raise DomainError("选择“其他原因”时请写一句说明", field="note")


def points_of(shares: Sequence[float], *, score: float) -> tuple[Decimal, list[Decimal]]:
    """A score and its shares on the scale of 100, to one decimal, so that the shown shares add up to the shown score.

    Largest remainder: every share is cut down to a tenth, the tenths left over go to those cut most.
    """
    whole = int((Decimal(str(score)) * 1000).quantize(Decimal(1), ROUND_HALF_UP))
    exact = [Decimal(str(share)) * 1000 for share in shares]
    tenths = [int(value) for value in exact]
    order = sorted(range(len(exact)), key=lambda i: (tenths[i] - exact[i], i))
    left = whole - sum(tenths)
    for n in range(abs(left) if order else 0):
        tenths[order[n % len(order)]] += 1 if left > 0 else -1
    return Decimal(whole).scaleb(-1), [Decimal(value).scaleb(-1) for value in tenths]


def _has_words(text: str) -> bool:
    return any(sign.isalpha() for sign in text)
