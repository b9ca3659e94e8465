"""What every step of two people has in common."""

from __future__ import annotations

from typing import Any

from matchmaker.competition import access
from matchmaker.competition.models import Contest, ContestStage, Entry, Standing
from matchmaker.competition.rules.states import EntryState, check_entry_transition
from matchmaker.competition.services.guards import check_unconflicted
from matchmaker.core import clock
from matchmaker.core.errors import Conflict, NotPermitted
from matchmaker.publicity import queries as publicity
from matchmaker.publicity.models import Decision
from matchmaker.publicity.rules import DecisionState
from matchmaker.publicity.services import decisions

LOCK = "competition.lock"
REOPEN = "competition.reopen"
REMOVE = "competition.remove"
AWARD = "competition.award"
OUT = frozenset({EntryState.WITHDRAWN, EntryState.DISQUALIFIED})


def check_party(contest: Contest, *, actor: Any) -> None:
    """Raise NotPermitted for whoever has a part in an entry or judges in this contest."""
    check_unconflicted(actor, contest)


def check_officer(actor: Any, contest: Contest) -> None:
    """Those who run or decide on the contest and have no part in it."""
    if not (access.may_manage(actor, contest) or access.may_decide(actor, contest)):
        raise NotPermitted("您没有查看成绩的权限")
    check_unconflicted(actor, contest)


def check_decides(actor: Any, contest: Contest) -> None:
    """The second person of a step."""
    if not access.may_decide(actor, contest):
        raise NotPermitted("您没有复核这件事的权限")
    check_unconflicted(actor, contest)


def open_decision(subject: Any, kind: str) -> Decision:
    """What waits for the second person."""
    decision = publicity.decision_of(subject, kind=kind)
    if decision is None or decision.state is not DecisionState.PROPOSED:
        raise Conflict("没有等待复核的提请，请刷新页面")
    return decision


def give_back(subject: Contest | ContestStage | Standing, *, actor: Any, kind: str, reason: str) -> None:
    """The second person does not agree and says why."""
    check_decides(actor, _contest_of(subject))
    decisions.give_back(open_decision(subject, kind), actor=actor, reason=reason)


def move(entry: Entry, target: EntryState) -> None:
    """One step of an entry; who is out stays out."""
    if entry.state in OUT or entry.state is target:
        return
    check_entry_transition(entry.state, target)
    entry.state, entry.updated = target, clock.now()


def address(stage: ContestStage) -> str:
    """The page where the results of a stage are settled."""
    return f"/contests/manage/{stage.contest_id}/{stage.code.value}/results"


def _contest_of(subject: Contest | ContestStage | Standing) -> Contest:
    if isinstance(subject, Contest):
        return subject
    return subject.contest if isinstance(subject, ContestStage) else subject.stage.contest
