"""The states of a ballot: assigned, begun, submitted; void when its judge has to stay away."""

from __future__ import annotations

from matchmaker.core.labels import Labelled


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
    ORGANISER = "organiser", "主办方登记"
