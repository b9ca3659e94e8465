"""After a clear notice: prizes by two people, numbered certificates, the contest is closed."""

from __future__ import annotations

from typing import Any

from matchmaker.activity import services as activity
from matchmaker.competition.models import Contest, Entry, Standing
from matchmaker.competition.queries import standings as standing_queries
from matchmaker.competition.rules.states import ContestState, EntryState, check_transition
from matchmaker.competition.services.guards import check_manages, check_unconflicted
from matchmaker.competition.services.results.releasing import notice_of
from matchmaker.competition.services.results.steps import AWARD, check_decides, move, open_decision
from matchmaker.core import clock
from matchmaker.core.db import db
from matchmaker.core.errors import Conflict
from matchmaker.notifications import services as notifications
from matchmaker.publicity.models import Decision
from matchmaker.publicity.services import certificates, decisions, notices

CERTIFICATE = "DS"


def propose_awards(contest: Contest, *, actor: Any, reason: str) -> Decision:
    """After a clear notice, put the prizes before a second person."""
    check_manages(actor, contest)
    check_unconflicted(actor, contest)
    check_transition(contest.state, ContestState.ARCHIVED)
    notice = notice_of(contest)
    if notice is None:
        raise Conflict("成绩还没有公示，不能提请授奖")
    notices.make_effective(notice, actor=actor)
    winners = winners_of(contest)
    if not winners:
        raise Conflict("没有拟获奖的项目，不能提请授奖")
    return decisions.propose(
        AWARD,
        subject=contest,
        actor=actor,
        title=f"授奖：{contest.title}",
        reason=reason,
        url=f"/contests/manage/{contest.id}/{contest.stages[-1].code.value}/results",
        data={"entries": [row.entry_id for row in winners]},
    )


def confirm_awards(contest: Contest, *, actor: Any) -> int:
    """The second person awards: every winner gets a numbered certificate, and the contest is closed."""
    check_decides(actor, contest)
    decision = open_decision(contest, AWARD)
    decisions.confirm(decision, actor=actor)
    winners = winners_of(contest)
    if [row.entry_id for row in winners] != decision.data["entries"]:
        raise Conflict("提请授奖以后获奖名单又有变化，请退回，由主办方重新提请")
    for row in winners:
        move(row.entry, EntryState.AWARDED)
        _certify(contest, row, decision=decision, actor=actor)
    check_transition(contest.state, ContestState.ARCHIVED)
    contest.state, contest.archived = ContestState.ARCHIVED, clock.now()
    activity.record("competition.awarded", subject=contest, actor=actor, entries=len(winners))
    db.session.flush()
    return len(winners)


def winners_of(contest: Contest) -> list[Standing]:
    """The prospective winners that still stand, by group and place."""
    statement = standing_queries.of_stage(contest.stages[-1].id).join(Entry, Entry.id == Standing.entry_id)
    statement = statement.where(Entry.state == EntryState.PROPOSED, Standing.prize.is_not(None))
    return list(db.session.execute(statement).unique().scalars())


def _certify(contest: Contest, row: Standing, *, decision: Decision, actor: Any) -> None:
    entry = row.entry
    prize = row.prize or ""
    text = f"在{contest.title}中，项目“{entry.title}”荣获{entry.group.title}{prize}。特发此证。"
    certificate = certificates.issue(
        CERTIFICATE,
        subject=entry,
        decision=decision,
        actor=actor,
        title="获奖证书",
        holder=entry.who,
        text=text,
        personal=False,
        award=f"{entry.group.title} {prize}",
    )
    notifications.enqueue(
        "competition/mail/awarded",
        to=entry.user,
        about=entry,
        url=f"/contests/entries/{entry.id}",
        standing=row,
        contest=contest,
        certificate=certificate,
    )
