"""The states of a contest and of an entry, what each allows, and when scores may be seen."""

from __future__ import annotations

from datetime import datetime

from matchmaker.core.errors import Conflict, DomainError, NotPermitted
from matchmaker.core.labels import Labelled
from matchmaker.core.transitions import check_step


class ContestState(Labelled):
    PREPARING = "preparing", "筹备"
    REGISTRATION = "registration", "报名", "wait"
    SCREENING = "screening", "审查", "wait"
    JUDGING = "judging", "比赛", "wait"
    PUBLICITY = "publicity", "公示", "wait"
    ARCHIVED = "archived", "归档", "good"


CONTEST_STEPS = {
    ContestState.PREPARING: frozenset({ContestState.REGISTRATION}),
    ContestState.REGISTRATION: frozenset({ContestState.SCREENING}),
    ContestState.SCREENING: frozenset({ContestState.REGISTRATION, ContestState.JUDGING}),  # back: deadline extended
    ContestState.JUDGING: frozenset({ContestState.PUBLICITY}),
    ContestState.PUBLICITY: frozenset({ContestState.JUDGING, ContestState.ARCHIVED}),  # back: objection upheld
    ContestState.ARCHIVED: frozenset(),
}


RESULTS_OUT = frozenset({ContestState.PUBLICITY, ContestState.ARCHIVED})


class Stage(Labelled):
    PRELIMINARY = "preliminary", "初赛"
    SEMIFINAL = "semifinal", "复赛"
    FINAL = "final", "决赛"


class EntryState(Labelled):
    DRAFT = "draft", "草稿"
    SUBMITTED = "submitted", "已提交", "wait"
    SCREENING = "screening", "资格审查", "wait"
    RETURNED = "returned", "退回补正", "warn"
    REJECTED = "rejected", "审查不通过", "bad"
    GROUPED = "grouped", "已分组", "good"
    PRELIMINARY = "preliminary", "初赛", "wait"
    SEMIFINAL = "semifinal", "复赛", "wait"
    FINAL = "final", "决赛", "wait"
    NOT_ADVANCED = "not_advanced", "未晋级"
    PROPOSED = "proposed", "拟获奖公示", "wait"
    DISPUTED = "disputed", "异议核实", "warn"
    AWARDED = "awarded", "获奖", "good"
    PAID = "paid", "奖金已拨付", "good"
    FOLLOWED = "followed", "跟踪服务", "good"
    WITHDRAWN = "withdrawn", "弃赛"
    DISQUALIFIED = "disqualified", "取消资格", "bad"


_ASIDE = frozenset({EntryState.WITHDRAWN, EntryState.DISQUALIFIED})
ENTRY_STEPS = {
    EntryState.DRAFT: frozenset({EntryState.SUBMITTED, EntryState.WITHDRAWN}),
    EntryState.SUBMITTED: frozenset({EntryState.DRAFT, EntryState.SCREENING, EntryState.RETURNED}) | _ASIDE,
    EntryState.SCREENING: frozenset({EntryState.RETURNED, EntryState.REJECTED, EntryState.GROUPED}) | _ASIDE,
    EntryState.RETURNED: frozenset({EntryState.SUBMITTED}) | _ASIDE,
    EntryState.REJECTED: frozenset({EntryState.SCREENING}),  # an appeal reopens the check
    EntryState.GROUPED: frozenset(  # small contests: final only; returned: when amended rules question it
        {EntryState.PRELIMINARY, EntryState.FINAL, EntryState.RETURNED}
    )
    | _ASIDE,
    EntryState.PRELIMINARY: frozenset(
        {EntryState.SEMIFINAL, EntryState.FINAL, EntryState.NOT_ADVANCED, EntryState.PROPOSED}
    )
    | _ASIDE,
    EntryState.SEMIFINAL: frozenset({EntryState.FINAL, EntryState.NOT_ADVANCED, EntryState.PROPOSED}) | _ASIDE,
    EntryState.FINAL: frozenset({EntryState.NOT_ADVANCED, EntryState.PROPOSED}) | _ASIDE,
    EntryState.NOT_ADVANCED: frozenset({EntryState.PROPOSED}),  # moves up when a winner is disqualified
    EntryState.PROPOSED: frozenset({EntryState.DISPUTED, EntryState.AWARDED}) | _ASIDE,
    EntryState.DISPUTED: frozenset({EntryState.PROPOSED, EntryState.NOT_ADVANCED, EntryState.DISQUALIFIED}),
    EntryState.AWARDED: frozenset({EntryState.PAID, EntryState.FOLLOWED, EntryState.DISQUALIFIED}),
    EntryState.PAID: frozenset({EntryState.FOLLOWED, EntryState.DISQUALIFIED}),
    EntryState.FOLLOWED: frozenset({EntryState.DISQUALIFIED}),
    EntryState.WITHDRAWN: frozenset(),
    EntryState.DISQUALIFIED: frozenset(),
}
REASONED = frozenset({EntryState.RETURNED, EntryState.REJECTED, EntryState.WITHDRAWN, EntryState.DISQUALIFIED})
EDITABLE = frozenset({EntryState.DRAFT, EntryState.RETURNED})
SCORED = {
    EntryState.PRELIMINARY: Stage.PRELIMINARY,
    EntryState.SEMIFINAL: Stage.SEMIFINAL,
    EntryState.FINAL: Stage.FINAL,
}


def check_transition(current: ContestState, target: ContestState) -> None:
    """Raise Conflict when a contest cannot take this step."""
    check_step(CONTEST_STEPS, current, target)


def check_entry_transition(current: EntryState, target: EntryState, *, reason: str = "") -> None:
    """Raise when an entry cannot take this step, or is turned back without a reason."""
    check_step(ENTRY_STEPS, current, target)
    if target in REASONED and not reason.strip():
        raise DomainError("请写明理由，参赛者会看到", field="reason")


def check_entry_open(contest: ContestState, entry: EntryState, *, deadline: datetime, now: datetime) -> None:
    """Entrants change an entry before the deadline; a returned one may be mended while entries are screened."""
    if entry not in EDITABLE:
        raise Conflict("参赛项目当前为“{state}”，不能修改；需要改动请联系主办方退回", state=entry)
    mending = entry is EntryState.RETURNED and contest is ContestState.SCREENING
    if not mending and (contest is not ContestState.REGISTRATION or now > deadline):
        raise Conflict("报名已截止或尚未开始，请关注下一届大赛通知")


def check_scoring_open(contest: ContestState, entry: EntryState, stage: Stage, *, locked: datetime | None) -> None:
    """Ballots are taken while the entry is in that stage and its results are not locked."""
    if contest is not ContestState.JUDGING or SCORED.get(entry) is not stage:
        raise Conflict("该项目不在“{stage}”评分阶段，请刷新评审任务列表", stage=stage)
    if locked is not None:
        raise Conflict("本阶段成绩已锁定，不能再改分；确有错误请联系主办方")


def scores_visible(*, released: datetime | None, now: datetime) -> bool:
    """Has the release of this stage's scores come?"""
    return released is not None and now >= released


def check_scores_visible(*, released: datetime | None, now: datetime, own_ballot: bool = False) -> None:
    """Before the release a judge sees the own ballot and nobody sees any other score."""
    if not own_ballot and not scores_visible(released=released, now=now):
        raise NotPermitted("成绩尚未公布，请等待主办方发布")


def check_release(*, released: datetime | None, unfinished: int) -> None:
    """Release once, when every entry of the stage has a score."""
    if released is not None:
        raise Conflict("本阶段成绩已经发布，不能重复发布")
    if unfinished:
        raise DomainError("还有 {n} 个项目没有完成评分，请催办或更换评委后再发布", field="released", n=unfinished)
