"""The states of a ballot: assigned, begun, submitted; void when its judge has to stay away."""

from __future__ import annotations

from decimal import Decimal

from matchmaker.core.errors import DomainError
from matchmaker.core.labels import Labelled

SHORTEST_COMMENT = 10


class BallotState(Labelled):
    ASSIGNED = "assigned", "未评", "wait"
    DRAFT = "draft", "评分中", "wait"
    SUBMITTED = "submitted", "已提交", "good"
    VOID = "void", "已撤下"


LIVE = frozenset({BallotState.ASSIGNED, BallotState.DRAFT, BallotState.SUBMITTED})
LEFT = frozenset({BallotState.ASSIGNED, BallotState.DRAFT})


class RecusalSource(Labelled):
    DECLARED = "declared", "评委申报"
    DETECTED = "detected", "系统比对"
    ENTRANT = "entrant", "参赛方申请"
    ORGANISER = "organiser", "主办方登记"


class MarkKind(Labelled):
    """What a ballot went through; each leaves a mark."""

    SIGNED = "signed", "提交"
    CORRECTED = "corrected", "更正后提交"
    PAPER = "paper", "录入纸质评分表"
    REOPENED = "reopened", "撤回修改"
    UPHELD = "upheld", "复议维持原分"
    VOID = "void", "撤下"


SIGNATURES = frozenset({MarkKind.SIGNED, MarkKind.CORRECTED, MarkKind.PAPER})


def check_comment(total: Decimal, comment: str, *, below: Decimal | None, above: Decimal | None) -> None:
    """Very low and very high totals are explained to those who read them."""
    signs = len("".join(comment.split()))
    if signs >= SHORTEST_COMMENT:
        return
    for limit, reached, sentence in (
        (
            below,
            below is not None and total <= below,
            "总分 {total} 不高于 {limit}，请在评语里说明理由（至少 {n} 个字）",
        ),
        (
            above,
            above is not None and total >= above,
            "总分 {total} 不低于 {limit}，请在评语里说明理由（至少 {n} 个字）",
        ),
    ):
        if reached and limit is not None:
            values = {"total": f"{total.normalize():f}", "limit": f"{limit.normalize():f}", "n": SHORTEST_COMMENT}
            raise DomainError(sentence, field="comment", **values)
