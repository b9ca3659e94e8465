"""After the close: what looks odd, what is struck out and why, two people, the count, the release."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from matchmaker.activity import services as activity
from matchmaker.competition.services.guards import check_manages, check_unconflicted
from matchmaker.competition.services.results import steps as results
from matchmaker.core import clock
from matchmaker.core.db import claim, db
from matchmaker.core.errors import Conflict, DomainError, NotPermitted
from matchmaker.publicity import queries as publicity
from matchmaker.publicity.models import Decision
from matchmaker.publicity.rules import DecisionState
from matchmaker.publicity.services import decisions
from matchmaker.voting import queries, rules
from matchmaker.voting.models import CastVote, PublicVote
from matchmaker.voting.rules import Pattern, Reason, VoteState
from matchmaker.voting.services.casting import is_out
from matchmaker.voting.services.setting import CHECK, forget_traces


def patterns(vote: PublicVote, *, actor: Any) -> list[Pattern]:
    """What a person should look at in a closed vote; which entry it was for is not said."""
    results.check_officer(actor, vote.stage.contest)
    if vote.state is not VoteState.CLOSED:
        raise Conflict("投票截止以后才能核查")
    return rules.patterns(queries.seen(vote.id))


def pattern(vote: PublicVote, *, actor: Any, reason: Reason, key: str) -> Pattern:
    """One of them by its name."""
    found = [row for row in patterns(vote, actor=actor) if (row.reason, row.key) == (reason, key)]
    if not found:
        raise Conflict("没有这组投票，请返回核查页重新选择")
    return found[0]


def strike(vote: PublicVote, ids: Sequence[int], *, actor: Any, reason: Reason, note: str) -> int:
    """Strike votes out, with the reason in words; returns how many."""
    if not note.strip():
        raise DomainError("请写明剔除的理由，复核人会看到", field="note")
    if not ids:
        raise DomainError("请至少勾选一票", field="ids")
    _touch(vote, actor)
    rows = sa.update(CastVote).where(CastVote.vote_id == vote.id, CastVote.id.in_(ids), CastVote.struck.is_(None))
    values = {"struck": reason, "struck_by_id": actor.id, "struck_note": note.strip()[:500]}
    count = _carried_out(rows.values(**values))
    said = {"stage": vote.stage.code.value, "reason": reason.value, "note": note.strip()}
    activity.record("voting.struck", subject=vote.stage.contest, actor=actor, **said)
    db.session.flush()
    return count


def restore(vote: PublicVote, ids: Sequence[int], *, actor: Any) -> int:
    """Put votes back that were struck out; returns how many."""
    if not ids:
        raise DomainError("请至少勾选一票", field="ids")
    _touch(vote, actor)
    rows = sa.update(CastVote).where(CastVote.vote_id == vote.id, CastVote.id.in_(ids), CastVote.struck.is_not(None))
    empty = {"struck": None, "struck_by_id": None, "struck_note": ""}
    count = _carried_out(rows.values(**empty))
    activity.record("voting.restored", subject=vote.stage.contest, actor=actor, stage=vote.stage.code.value)
    db.session.flush()
    return count


def propose(vote: PublicVote, *, actor: Any, reason: str) -> Decision:
    """Put the finished check before a second person, as it stands now."""
    check_manages(actor, vote.stage.contest)
    check_unconflicted(actor, vote.stage.contest)
    if vote.state is not VoteState.CLOSED:
        raise Conflict("只有已截止、还没有核查完的投票可以提请复核")
    return decisions.propose(
        CHECK,
        subject=vote,
        actor=actor,
        title=f"核查网络票选：{vote.stage.contest.title}（{vote.stage.code.label}）",
        reason=reason,
        url=address(vote),
        data={"strikes": vote.strikes, "votes": queries.size(vote.id)},
    )


def confirm(vote: PublicVote, *, actor: Any) -> None:
    """The second person, who struck nothing out, agrees: the votes are counted, for the first time and once."""
    results.check_decides(actor, vote.stage.contest)
    decision = _waiting(vote)
    if actor.id in queries.strikers(vote.id):
        raise NotPermitted("您剔除过选票，须由另一位同事复核")
    decisions.confirm(decision, actor=actor)
    now = clock.now()
    unchanged = sa.update(PublicVote).where(
        PublicVote.id == vote.id,
        PublicVote.checked.is_(None),
        PublicVote.cancelled.is_(None),
        PublicVote.closes <= now,
        PublicVote.strikes == decision.data["strikes"],
    )
    if queries.size(vote.id) != decision.data["votes"] or not claim(unchanged.values(checked=now)):
        raise Conflict("提请以后选票有变化，请退回，由主办方核对后重新提请")
    db.session.refresh(vote)
    _count(vote)
    activity.record("voting.checked", subject=vote.stage.contest, actor=actor, stage=vote.stage.code.value)
    db.session.flush()


def give_back(vote: PublicVote, *, actor: Any, reason: str) -> None:
    """The second person does not agree and says why."""
    results.check_decides(actor, vote.stage.contest)
    decisions.give_back(_waiting(vote), actor=actor, reason=reason)


def release(vote: PublicVote, *, actor: Any) -> None:
    """Make the checked result public, and forget where the votes came from."""
    check_manages(actor, vote.stage.contest)
    check_unconflicted(actor, vote.stage.contest)
    decisions.require_confirmed(decision_of(vote), kind=CHECK, subject=vote)
    ready = sa.update(PublicVote).where(
        PublicVote.id == vote.id, PublicVote.checked.is_not(None), PublicVote.released.is_(None)
    )
    if not claim(ready.values(released=clock.now())):
        raise Conflict("票选结果已经公布，请刷新页面")
    db.session.refresh(vote)
    forget_traces(vote)
    activity.record("voting.released", subject=vote.stage.contest, actor=actor, stage=vote.stage.code.value)
    db.session.flush()


def decision_of(vote: PublicVote) -> Decision | None:
    """The latest proposal about the check."""
    return publicity.decision_of(vote, kind=CHECK)


def address(vote: PublicVote) -> str:
    return f"/votes/{vote.id}/manage"


def _touch(vote: PublicVote, actor: Any) -> None:
    """The check may be changed: by who runs the contest, while it is closed, unchecked and not before somebody."""
    check_manages(actor, vote.stage.contest)
    check_unconflicted(actor, vote.stage.contest)
    decision = decision_of(vote)
    if decision is not None and decision.state is DecisionState.PROPOSED:
        raise Conflict("核查已提请复核，复核人退回以后才能再改")
    closed = sa.update(PublicVote).where(
        PublicVote.id == vote.id,
        PublicVote.closes <= clock.now(),
        PublicVote.checked.is_(None),
        PublicVote.cancelled.is_(None),
    )
    if not claim(closed.values(strikes=PublicVote.strikes + 1)):
        raise Conflict("只有已截止、还没有核查完的投票可以剔除或恢复选票")


def _carried_out(rows: sa.Update) -> int:
    done = db.session.execute(rows, execution_options={"synchronize_session": False})
    return int(done.rowcount)  # type: ignore[attr-defined]


def _waiting(vote: PublicVote) -> Decision:
    return results.open_decision(vote, CHECK)


def _count(vote: PublicVote) -> None:
    """Votes and places of those that still stand; who left has votes and no place."""
    by_id = {row.id: row for row in vote.candidates}
    counted = {}
    for candidate_id, votes, struck in queries.tally(vote.id):
        by_id[candidate_id].votes, by_id[candidate_id].struck = votes, struck
        if not is_out(by_id[candidate_id]):
            counted[candidate_id] = votes
    for candidate_id, place in rules.places(counted).items():
        by_id[candidate_id].place = place
