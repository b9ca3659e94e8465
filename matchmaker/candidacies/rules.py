"""The law of candidacies: their steps, who may stand, and what an agreement of three parties needs."""

from __future__ import annotations

from datetime import date

from matchmaker.core.errors import Conflict, DomainError
from matchmaker.core.labels import Labelled
from matchmaker.rosters.rules import AppointmentKind, AppointmentState, Term, check_term

S = AppointmentState
CANDIDATE_KINDS = (AppointmentKind.MENTOR, AppointmentKind.ENVOY, AppointmentKind.EXPERT)
CHAIN = (S.APPLIED, S.REVIEWING, S.PUBLICITY, S.APPOINTED)
ENVOY_CHAIN = (S.APPLIED, S.RECOMMENDED, S.MATCHED, S.REVIEWING, S.PUBLICITY, S.APPOINTED)
OPEN = frozenset({S.APPLIED, S.RECOMMENDED, S.MATCHED, S.REVIEWING, S.RETURNED, S.PUBLICITY})
EDITABLE = frozenset({S.APPLIED, S.RETURNED})
HANDLED = frozenset({S.APPLIED, S.MATCHED, S.REVIEWING})  # a handler is needed
MOST_CHOICES = 3  # firms an envoy waits for at a time
NUMBERED = {  # the letters of a letter of appointment
    AppointmentKind.MENTOR: "PD",
    AppointmentKind.ENVOY: "PT",
    AppointmentKind.EXPERT: "PZ",
    AppointmentKind.RESEARCHER: "PY",
    AppointmentKind.INVESTOR: "PR",
}


class AgreementState(Labelled):
    """How far an agreement of three parties has come."""

    SIGNING = "signing", "待签署", "wait"
    IN_FORCE = "in_force", "履行中", "good"
    TERMINATED = "terminated", "已终止", "bad"


class Party(Labelled):
    """Who signs."""

    ENVOY = "envoy", "派出单位/特派员"
    HOST = "host", "受援企业"
    BUREAU = "bureau", "科技管理部门"


def chain_of(kind: AppointmentKind) -> tuple[AppointmentState, ...]:
    """The way as it should go, for the page."""
    return ENVOY_CHAIN if kind is AppointmentKind.ENVOY else CHAIN


def check_candidate(kind: AppointmentKind, *, civil_servant: bool | None, statement: str) -> None:
    """Who may stand: no civil servant as envoy, nobody without saying what they can do."""
    if kind not in CANDIDATE_KINDS:
        raise DomainError("这一类名册不接受在线申报，请联系科技局经办人", field="kind")
    if kind is AppointmentKind.ENVOY and civil_servant is None:
        raise DomainError("请说明是否为公务员或参照公务员管理人员", field="civil_servant")
    if kind is AppointmentKind.ENVOY and civil_servant:
        raise DomainError("公务员和参照公务员管理人员不能担任科技特派员，请另选人选", field="civil_servant")
    if len(statement.strip()) < 10:
        raise DomainError("请写明能提供什么帮助、有什么经历，至少 10 个字", field="statement")


def check_sending_unit(kind: AppointmentKind, sending_unit_id: int | None) -> None:
    """An envoy is sent by a unit that the directory knows, because that unit recommends."""
    if kind is AppointmentKind.ENVOY and sending_unit_id is None:
        raise DomainError("没有找到派出单位，请填写单位全称或统一社会信用代码", field="sending_unit")


def check_host(*, sending_unit_id: int | None, host_id: int, has_other_envoy: bool) -> None:
    """A host is not the sending unit, and has one envoy at a time."""
    if sending_unit_id == host_id:
        raise DomainError("受援企业不能是派出单位本身，请另选", field="host")
    if has_other_envoy:
        raise Conflict("这家企业已有在任的科技特派员，请另选", field="host")


def check_agreement(*, goals: str, term: Term) -> None:
    """An agreement says what is to be reached, and when."""
    check_term(term)
    if len(goals.strip()) < 10:
        raise DomainError("请写明服务目标，至少 10 个字", field="goals")


def check_recent_failure(*, failed_on: date | None, today: date) -> None:
    """Whoever failed a yearly review is not recommended in the next round, that is within a year."""
    if failed_on is not None and (today - failed_on).days < 365:
        raise DomainError("该人员 {day} 年度考核不合格，下一轮不予推荐", field="kind", day=failed_on)
