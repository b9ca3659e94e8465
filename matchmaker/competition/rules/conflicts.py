"""回避: why a judge may not score an entry, and how that is settled.

What the records find (`rules/detection.py`) or the entrant asks for only proposes: each candidate keeps the judge away
until a person confirms or ignores it with a reason. What a judge declares counts at once.
"""

from __future__ import annotations

from collections.abc import Iterable

from matchmaker.core.errors import DomainError, NotPermitted
from matchmaker.core.labels import Labelled
from matchmaker.core.transitions import check_step


class RecusalReason(Labelled):
    SAME_PERSON = "same_person", "评委本人参赛", "bad"
    SAME_EMPLOYER = "same_employer", "同一单位", "bad"
    SAME_USCC = "same_uscc", "单位信用代码相同", "bad"
    SAME_NAME = "same_name", "姓名相同", "warn"
    FORMER_EMPLOYER = "former_employer", "曾在同一单位", "warn"
    SAME_PHONE = "same_phone", "电话相同", "bad"
    SAME_MAIL = "same_mail", "邮箱相同", "bad"
    SAME_MAIL_DOMAIN = "same_mail_domain", "邮箱域名相同", "warn"
    MENTORED = "mentored", "曾经辅导", "warn"
    INVESTED = "invested", "投资或持股", "bad"
    OFFICER = "officer", "担任负责人或高管", "bad"
    WORKED_TOGETHER = "worked_together", "共同发明或发表", "warn"
    RELATIVE = "relative", "近亲属", "bad"
    ASKED = "asked", "参赛方申请回避", "warn"
    OTHER = "other", "其他可能影响公正的关系", "warn"


class RecusalState(Labelled):
    CANDIDATE = "candidate", "待核实", "warn"
    DECLARED = "declared", "已申报", "bad"
    CONFIRMED = "confirmed", "已确认回避", "bad"
    IGNORED = "ignored", "核实后不需回避", "good"


RECUSAL_STEPS = {
    RecusalState.CANDIDATE: frozenset({RecusalState.CONFIRMED, RecusalState.IGNORED}),
    RecusalState.DECLARED: frozenset({RecusalState.CONFIRMED, RecusalState.IGNORED}),
    RecusalState.CONFIRMED: frozenset({RecusalState.IGNORED}),
    RecusalState.IGNORED: frozenset({RecusalState.CONFIRMED, RecusalState.CANDIDATE}),  # back: new evidence
}
NEVER_IGNORED = frozenset({RecusalReason.SAME_PERSON, RecusalReason.SAME_USCC})

# What a person declares: the rest is for the records to find.
DECLARABLE = (
    RecusalReason.SAME_EMPLOYER, RecusalReason.FORMER_EMPLOYER, RecusalReason.MENTORED, RecusalReason.INVESTED,
    RecusalReason.OFFICER, RecusalReason.WORKED_TOGETHER, RecusalReason.RELATIVE, RecusalReason.OTHER,
)  # fmt: skip


def blocks(states: Iterable[RecusalState]) -> bool:
    """Does any recusal keep the judge away? Unverified candidates do, until a person ignores them."""
    return any(state is not RecusalState.IGNORED for state in states)


def check_may_score(states: Iterable[RecusalState]) -> None:
    """Refuse a judge who has to stay away."""
    if blocks(states):
        raise NotPermitted("您与该项目存在需要回避的情形，不能评审；如有疑问请联系主办方")


def check_transition(current: RecusalState, target: RecusalState, *, reason: RecusalReason, note: str) -> None:
    """Raise when a recusal cannot be settled so, or without a note."""
    check_step(RECUSAL_STEPS, current, target)
    if target is RecusalState.IGNORED and reason in NEVER_IGNORED:
        raise DomainError("“{reason}”必须回避，不能忽略，请更换评委", field="state", reason=reason)
    if not note.strip():
        raise DomainError("请写明核实情况", field="note")


def check_declaration(reason: RecusalReason, *, note: str) -> None:
    """A declared recusal needs no proof; only “other” has to be explained."""
    if reason is RecusalReason.OTHER and not note.strip():
        raise DomainError("请简要说明需要回避的关系", field="note")
