"""The words of events: kinds, states and the steps between them."""

from __future__ import annotations

from matchmaker.core.labels import Labelled


class EventKind(Labelled):
    """What kind of event it is."""

    PROMOTION = "promotion", "招商对接会"
    ROADSHOW = "roadshow", "项目路演"
    TRAINING = "training", "培训"
    SALON = "salon", "沙龙"
    EXHIBITION = "exhibition", "参展"
    OTHER = "other", "其他活动"


class EventState(Labelled):
    """How far an event has come. Whether registration is open is computed from the clock, never stored."""

    DRAFT = "draft", "草稿", "neutral"
    PUBLISHED = "published", "已发布", "good"
    CANCELLED = "cancelled", "已取消", "bad"


class RegistrationState(Labelled):
    """How a registration stands."""

    DRAFT = "draft", "未提交", "neutral"
    SUBMITTED = "submitted", "待审核", "wait"
    APPROVED = "approved", "已通过", "good"
    REJECTED = "rejected", "未通过", "bad"
    WAITING = "waiting", "候补中", "wait"
    OFFERED = "offered", "候补待确认", "wait"
    LAPSED = "lapsed", "逾期未确认", "neutral"
    WITHDRAWN = "withdrawn", "已撤回", "neutral"
    CANCELLED = "cancelled", "已取消", "neutral"
    ATTENDED = "attended", "已到场", "good"
    ABSENT = "absent", "未到场", "warn"


class PoolKind(Labelled):
    """What the places of a pool are places of."""

    EVENT = "event", "全场"
    AUDIENCE = "audience", "人群"
    SESSION = "session", "场次"
    MEAL = "meal", "用餐"
    BUS = "bus", "班车"
    OPTION = "option", "其他名额"


class WaitingPolicy(Labelled):
    """Who gets the next free place."""

    NONE = "none", "不设候补"
    FIRST_COME = "first_come", "先到先得"
    PRIORITY = "priority", "按优先级，须写明理由"
    DRAW = "draw", "抽签"
    STAFF = "staff", "由主办方挑选"


class Source(Labelled):
    """How a registration came about."""

    SELF = "self", "自行报名"
    INVITATION = "invitation", "受邀"
    IMPORT = "import", "名单导入"
    STAFF = "staff", "主办方代报"
    WALK_IN = "walk_in", "现场登记"
    API = "api", "接口"


class EventDuty(Labelled):
    """What a member of an event's team takes care of."""

    MANAGER = "manager", "活动负责人"
    REGISTRATIONS = "registrations", "报名审核"
    PROGRAMME = "programme", "日程与嘉宾"
    MESSAGES = "messages", "消息"
    CHECKIN = "checkin", "签到"
    SURVEYS = "surveys", "满意度调查"
    VIEWER = "viewer", "只看"


S = RegistrationState
HOLDING = (S.SUBMITTED, S.APPROVED, S.OFFERED, S.ATTENDED, S.ABSENT)  # these hold seats
LIVE = (*HOLDING, S.WAITING)  # these stand in the way of a second registration
COMING = (S.APPROVED, S.ATTENDED, S.ABSENT)  # these have a place
OPEN_ENDED = (S.DRAFT, S.SUBMITTED, S.WAITING, S.OFFERED)  # something is still to happen

EVENT_STEPS: dict[EventState, set[EventState]] = {
    EventState.DRAFT: {EventState.PUBLISHED, EventState.CANCELLED},
    EventState.PUBLISHED: {EventState.CANCELLED, EventState.DRAFT},
    EventState.CANCELLED: set(),
}
REGISTRATION_STEPS: dict[RegistrationState, set[RegistrationState]] = {
    S.DRAFT: {S.SUBMITTED, S.APPROVED, S.WAITING, S.WITHDRAWN, S.CANCELLED},
    S.SUBMITTED: {S.APPROVED, S.REJECTED, S.WAITING, S.WITHDRAWN, S.CANCELLED},
    S.APPROVED: {S.SUBMITTED, S.REJECTED, S.WITHDRAWN, S.CANCELLED, S.ATTENDED, S.ABSENT},
    S.REJECTED: {S.SUBMITTED, S.APPROVED},  # a rejection taken back claims the seats again
    S.WAITING: {S.OFFERED, S.APPROVED, S.SUBMITTED, S.REJECTED, S.WITHDRAWN, S.CANCELLED},
    S.OFFERED: {S.APPROVED, S.WAITING, S.LAPSED, S.WITHDRAWN, S.CANCELLED},
    S.LAPSED: {S.WAITING, S.SUBMITTED, S.APPROVED},
    S.WITHDRAWN: {S.WAITING, S.SUBMITTED, S.APPROVED},  # restored by staff
    S.CANCELLED: {S.SUBMITTED, S.APPROVED, S.WAITING},
    S.ATTENDED: {S.APPROVED, S.ABSENT},  # a wrong check-in taken back
    S.ABSENT: {S.ATTENDED, S.APPROVED},  # a gate that was offline reports late
}
