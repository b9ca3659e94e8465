"""Who may be appointed, when an appointment is live, and which service records count."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from matchmaker.core.calendar import china_today
from matchmaker.core.errors import DomainError, NotPermitted
from matchmaker.core.labels import Labelled
from matchmaker.core.transitions import check_step

SHORTEST_SESSION = timedelta(minutes=30)
HOURS_A_DAY = Decimal(24)
USUAL_CAPACITY = 3
LARGEST_CAPACITY = 50
MINUTES_A_DAY = 24 * 60


class AppointmentKind(Labelled):
    MENTOR = "mentor", "创业导师"
    ENVOY = "envoy", "科技特派员"
    RESEARCHER = "researcher", "研究人员"
    INVESTOR = "investor", "投资人"
    EXPERT = "expert", "评审专家"


HELPER_KINDS = frozenset(
    {AppointmentKind.MENTOR, AppointmentKind.ENVOY, AppointmentKind.RESEARCHER, AppointmentKind.INVESTOR}
)


class MentorCategory(Labelled):
    INDUSTRY_TECHNOLOGY = "industry_technology", "产业技术"
    BUSINESS_MANAGEMENT = "business_management", "经营管理"
    FINANCE_ECONOMICS = "finance_economics", "金融经济"


class InvestmentStage(Labelled):
    SEED = "seed", "种子期"
    ANGEL = "angel", "天使期"
    SERIES_A = "series_a", "A 轮"
    SERIES_B = "series_b", "B 轮"
    GROWTH = "growth", "成长期"


class AppointmentState(Labelled):
    APPLIED = "applied", "申报", "wait"
    RECOMMENDED = "recommended", "已推荐", "wait"
    MATCHED = "matched", "双向选择", "wait"
    REVIEWING = "reviewing", "审核", "wait"
    RETURNED = "returned", "退回补正", "warn"
    WITHDRAWN = "withdrawn", "已撤回"
    REFUSED = "refused", "未通过", "bad"
    PUBLICITY = "publicity", "公示", "wait"
    APPOINTED = "appointed", "已聘任", "good"
    SERVING = "serving", "在聘", "good"
    EVALUATING = "evaluating", "年度考核", "wait"
    RENEWED = "renewed", "续聘", "good"
    EXPIRED = "expired", "期满"
    DISMISSED = "dismissed", "解聘", "bad"
    RESIGNED = "resigned", "辞任"


_S = AppointmentState
_AWAY = (_S.RETURNED, _S.REFUSED, _S.WITHDRAWN)
_SERVICE = {
    _S.REFUSED: frozenset[AppointmentState](),
    _S.RETURNED: frozenset({_S.APPLIED, _S.WITHDRAWN}),
    _S.WITHDRAWN: frozenset[AppointmentState](),
    _S.REVIEWING: frozenset({_S.PUBLICITY, _S.RETURNED, _S.REFUSED, _S.WITHDRAWN}),
    _S.PUBLICITY: frozenset({_S.APPOINTED, _S.REVIEWING, _S.WITHDRAWN}),  # back: objection upheld
    _S.APPOINTED: frozenset({_S.SERVING, _S.RESIGNED, _S.DISMISSED}),
    _S.SERVING: frozenset({_S.EVALUATING, _S.EXPIRED, _S.RESIGNED, _S.DISMISSED}),
    _S.EVALUATING: frozenset({_S.SERVING, _S.RENEWED, _S.EXPIRED, _S.DISMISSED}),
    _S.RENEWED: frozenset({_S.SERVING}),
    _S.EXPIRED: frozenset({_S.RENEWED}),
    _S.DISMISSED: frozenset[AppointmentState](),
    _S.RESIGNED: frozenset[AppointmentState](),
}
STEPS = {
    _S.APPLIED: frozenset({_S.REVIEWING, *_AWAY}),
    **_SERVICE,
}
ENVOY_STEPS = {
    _S.APPLIED: frozenset({_S.RECOMMENDED, *_AWAY}),
    _S.RECOMMENDED: frozenset({_S.MATCHED, *_AWAY}),
    _S.MATCHED: frozenset({_S.REVIEWING, _S.RECOMMENDED, *_AWAY}),
    **_SERVICE,
}
REASONED = frozenset({_S.RETURNED, _S.REFUSED, _S.DISMISSED, _S.RESIGNED})
ENDINGS = frozenset({_S.DISMISSED, _S.RESIGNED})
COUNTED = frozenset(  # states whose term counts on the days it covers
    {_S.APPOINTED, _S.SERVING, _S.EVALUATING, _S.RENEWED, _S.EXPIRED, _S.DISMISSED, _S.RESIGNED}
)
RENEWABLE = frozenset({_S.SERVING, _S.EVALUATING, _S.EXPIRED})
RENEWAL, ENDING = "rosters.renewal", "rosters.ending"  # decisions of two people
STANDING = frozenset({_S.APPOINTED, _S.SERVING, _S.EVALUATING})
LIVE = frozenset({_S.APPOINTED, _S.SERVING, _S.EVALUATING, _S.RENEWED})


class SessionState(Labelled):
    BOOKED = "booked", "已预约", "wait"
    CONFIRMED = "confirmed", "已确认", "wait"
    DONE = "done", "已完成", "good"
    RATED = "rated", "已评价", "good"
    CANCELLED = "cancelled", "已取消"
    NO_SHOW = "no_show", "爽约", "bad"


SESSION_STEPS = {
    SessionState.BOOKED: frozenset({SessionState.CONFIRMED, SessionState.CANCELLED}),
    SessionState.CONFIRMED: frozenset({SessionState.DONE, SessionState.CANCELLED, SessionState.NO_SHOW}),
    SessionState.DONE: frozenset({SessionState.RATED}),
    SessionState.RATED: frozenset(),
    SessionState.CANCELLED: frozenset(),
    SessionState.NO_SHOW: frozenset(),
}


@dataclass(frozen=True, slots=True)
class Term:
    """The days of an appointment or agreement, both included; `ended` is an earlier last day, if any."""

    starts: date
    ends: date
    ended: date | None = None

    def live_on(self, day: date) -> bool:
        """Is the day inside the term, and not after an early end?"""
        return self.starts <= day <= min(self.ends, self.ended or self.ends)


@dataclass(frozen=True, slots=True)
class Appointment:
    """As much of an appointment as counting needs."""

    person: int
    kind: AppointmentKind
    term: Term


@dataclass(frozen=True, slots=True)
class Visit:
    """An envoy's visit to a host."""

    starts: datetime
    ends: datetime
    place: str

    @property
    def day(self) -> date:
        return china_today(self.starts)

    @property
    def hours(self) -> Decimal:
        return Decimal(int((self.ends - self.starts).total_seconds())) / 3600


def check_transition(
    kind: AppointmentKind, current: AppointmentState, target: AppointmentState, *, reason: str = ""
) -> None:
    """Raise when an appointment of this kind cannot take this step, or is refused or ended without a reason."""
    check_step(ENVOY_STEPS if kind is AppointmentKind.ENVOY else STEPS, current, target)
    if target in REASONED and not reason.strip():
        raise DomainError("请写明理由，本人会看到", field="reason")


def check_session_transition(current: SessionState, target: SessionState) -> None:
    """Raise Conflict when a session cannot take this step."""
    check_step(SESSION_STEPS, current, target)


def check_term(term: Term) -> None:
    """A term ends after it starts, and is cut short within itself."""
    if term.ends <= term.starts:
        raise DomainError("聘期结束日期应晚于开始日期 {starts}，请检查", field="ends", starts=term.starts)
    if term.ended is not None and not term.starts <= term.ended <= term.ends:
        raise DomainError(
            "提前结束日期应在聘期 {starts} 至 {ends} 之内", field="ended", starts=term.starts, ends=term.ends
        )


def check_appointment(kind: AppointmentKind, *, civil_servant: bool | None, document: str, term: Term) -> None:
    """Refuse an appointment without document, or of a civil servant as envoy."""
    check_term(term)
    if not document.strip():
        raise DomainError("请填写聘任文件号或聘书号", field="document")
    if kind is AppointmentKind.ENVOY and civil_servant is None:
        raise DomainError("请核实是否为公务员或参照公务员管理人员", field="civil_servant")
    if kind is AppointmentKind.ENVOY and civil_servant:
        raise DomainError("公务员和参照公务员管理人员不能担任科技特派员，请另选人选", field="civil_servant")


def check_no_second(appointment: Appointment, others: Iterable[Appointment]) -> None:
    """One person holds one appointment of a kind at a time."""
    for other in others:
        same = (other.person, other.kind) == (appointment.person, appointment.kind)
        if same and _overlap(appointment.term, other.term):
            raise DomainError(
                "该人员在 {starts} 至 {ends} 已聘为{kind}，请调整聘期或办理续聘",
                field="starts",
                starts=other.term.starts,
                ends=other.term.ends,
                kind=other.kind,
            )


def count_live(appointments: Iterable[Appointment], *, kind: AppointmentKind, day: date) -> int:
    """Different people with a live appointment of this kind on that day."""
    return len({a.person for a in appointments if a.kind is kind and a.term.live_on(day)})


def session_counts(*, starts: datetime, ends: datetime, mentor_confirmed: bool, tenant_confirmed: bool) -> bool:
    """A session counts from thirty minutes on, when both sides have confirmed it."""
    return ends - starts >= SHORTEST_SESSION and mentor_confirmed and tenant_confirmed


def check_session(*, starts: datetime, ends: datetime, term: Term) -> None:
    """A session ends after it starts and lies within the mentor's term."""
    if ends <= starts:
        raise DomainError("结束时间应晚于开始时间，请检查", field="ends")
    if not term.live_on(china_today(starts)):
        raise DomainError("该日期不在导师聘期内，请改期或另选导师", field="starts")


def check_rating(*, rater: int, mentor: int, points: int) -> None:
    """A mentor is rated from 1 to 5 by somebody else."""
    if rater == mentor:
        raise NotPermitted("导师不能给自己评分")
    if not 1 <= points <= 5:
        raise DomainError("评分应为 1 至 5 分，请修改", field="points")


def check_visit(
    visit: Visit, *, agreement: Term, others: Iterable[Visit], photo: str, used_photos: frozenset[str], now: datetime
) -> None:
    """Refuse a visit outside the agreement, in the future, without a fresh photo, or while the envoy was elsewhere."""
    if visit.ends <= visit.starts:
        raise DomainError("结束时间应晚于开始时间，请检查", field="ends")
    if visit.ends > now:
        raise DomainError("服务尚未结束，请在服务完成后登记", field="ends")
    if not (agreement.live_on(visit.day) and agreement.live_on(china_today(visit.ends))):
        raise DomainError(
            "服务日期不在协议期 {starts} 至 {ends} 内，请核对",
            field="starts",
            starts=agreement.starts,
            ends=agreement.ends,
        )
    if not photo:
        raise DomainError("请上传现场照片", field="photo")
    if photo in used_photos:
        raise DomainError("这张照片已用于其他服务记录，请上传本次现场照片", field="photo")
    _check_hours(visit, list(others))


def _check_hours(visit: Visit, others: list[Visit]) -> None:
    for other in others:
        if visit.starts < other.ends and other.starts < visit.ends:
            raise DomainError("同一时间已登记在“{place}”的服务，请核对时间", field="starts", place=other.place)
    total = visit.hours + sum((other.hours for other in others if other.day == visit.day), Decimal(0))
    if total > HOURS_A_DAY:
        raise DomainError("{day} 登记的服务合计超过 24 小时，请核对", field="ends", day=visit.day)


def state_of_term(term: Term, *, today: date) -> AppointmentState:
    """Where a fresh appointment stands on a day: not begun, running or over."""
    if today < term.starts:
        return AppointmentState.APPOINTED
    return AppointmentState.SERVING if term.live_on(today) else AppointmentState.EXPIRED


def check_current(term: Term, *, today: date) -> None:
    """A newcomer is not appointed for a term that is over; history is entered by import."""
    if term.ends < today:
        raise DomainError("聘期在 {ends} 已经结束；历史记录请用导入功能录入", field="ends", ends=term.ends)


def check_capacity(capacity: int) -> None:
    """How many services a helper takes at a time."""
    if not 0 <= capacity <= LARGEST_CAPACITY:
        raise DomainError("同时服务数应在 0 到 {most} 之间", field="capacity", most=LARGEST_CAPACITY)


def check_ticket(low_fen: int | None, high_fen: int | None) -> None:
    """An investor's range of amounts is in order."""
    if any(amount is not None and amount < 0 for amount in (low_fen, high_fen)):
        raise DomainError("投资金额不能是负数", field="ticket_min")
    if low_fen is not None and high_fen is not None and low_fen > high_fen:
        raise DomainError("最低金额不能大于最高金额", field="ticket_max")


def check_service(*, served: date, minutes: int, content: str, place: str, today: date) -> None:
    """A record says when, how long, where and what, and is not of the future."""
    if served > today:
        raise DomainError("服务日期还没到，请在服务完成后登记", field="served")
    if not 0 < minutes <= MINUTES_A_DAY:
        raise DomainError("服务时长应在 1 到 1440 分钟之间", field="minutes")
    if not place.strip():
        raise DomainError("请填写服务地点；线上服务写“线上”", field="place")
    if not content.strip():
        raise DomainError("请写明做了什么，一两句话即可", field="content")


def record_counts(*, minutes: int, helper_confirmed: bool, client_confirmed: bool) -> bool:
    """A record counts from thirty minutes on, when both sides have confirmed it."""
    return timedelta(minutes=minutes) >= SHORTEST_SESSION and helper_confirmed and client_confirmed


def _overlap(one: Term, other: Term) -> bool:
    return one.starts <= (other.ended or other.ends) and other.starts <= (one.ended or one.ends)
