"""Preparing a public vote, changing it before it opens, giving it more time, cancelling it."""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from matchmaker.activity import services as activity
from matchmaker.competition.models import ContestStage
from matchmaker.competition.services.guards import check_manages, check_unconflicted
from matchmaker.core import clock
from matchmaker.core.db import claim, db
from matchmaker.core.errors import Conflict, DomainError
from matchmaker.publicity.services import decisions
from matchmaker.voting import queries, rules
from matchmaker.voting.models import Candidate, CastVote, PublicVote, Voter
from matchmaker.voting.rules import VoteState

CHECK = "voting.check"
TAKEN = "本阶段已经有一次投票，请刷新页面"
PLAN = ("opens", "closes", "per_day", "in_all", "who", "again", "own", "award", "note")


def prepare(stage: ContestStage, *, actor: Any, **plan: Any) -> PublicVote:
    """Make the vote of a stage whose entries are known, after a cancelled one too. Its ballot is public from the
    opening."""
    _check_leads(stage, actor)
    _check_ready(stage)
    _check_plan(plan)
    entered = queries.entries_of(stage.id)
    if len(entered) < rules.LEAST_ENTRIES:
        raise Conflict("本阶段至少要有 {n} 个参赛项目才能投票", n=rules.LEAST_ENTRIES)
    vote = PublicVote(stage=stage, seed=secrets.token_hex(32), created=clock.now(), **_cleaned(plan))
    vote.candidates = [Candidate(entry=entry) for entry in entered]
    db.session.add(vote)
    try:
        db.session.flush()
    except IntegrityError as error:  # a colleague was faster
        raise Conflict(TAKEN) from error
    activity.record("voting.prepared", subject=stage.contest, actor=actor, stage=stage.code.value)
    return vote


def edit(vote: PublicVote, *, actor: Any, **plan: Any) -> None:
    """Change the plan until the vote opens."""
    _check_leads(vote.stage, actor)
    if vote.state is not VoteState.PLANNED:
        raise Conflict("投票已经开始或结束，规则不能再改；还在进行的可以延长截止时间")
    _check_plan(plan)
    for name, value in _cleaned(plan).items():
        setattr(vote, name, value)
    activity.record("voting.edited", subject=vote.stage.contest, actor=actor, stage=vote.stage.code.value)
    db.session.flush()


def introduce(candidate: Candidate, *, actor: Any, blurb: str) -> None:
    """A few words for the public about an entry, until the vote opens."""
    _check_leads(candidate.vote.stage, actor)
    if candidate.vote.state is not VoteState.PLANNED:
        raise Conflict("投票开始后不能再改项目介绍")
    if len(blurb.strip()) > rules.LONGEST_BLURB:
        raise DomainError("介绍最多 {n} 个字", field="blurb", n=rules.LONGEST_BLURB)
    candidate.blurb = blurb.strip()
    contest = candidate.vote.stage.contest
    activity.record("voting.edited", subject=contest, actor=actor, stage=candidate.vote.stage.code.value)
    db.session.flush()


def extend(vote: PublicVote, *, actor: Any, closes: datetime) -> None:
    """Give a running vote more time; it is never cut short."""
    _check_leads(vote.stage, actor)
    now = clock.now()
    if vote.state is not VoteState.OPEN:
        raise Conflict("只有进行中的投票可以延长")
    if closes <= vote.closes:
        raise DomainError("新的截止时间要晚于原来的截止时间", field="closes")
    if closes - vote.opens > rules.timedelta(days=rules.LONGEST_DAYS):
        raise DomainError("投票最长 {n} 天，请缩短", field="closes", n=rules.LONGEST_DAYS)
    running = sa.update(PublicVote).where(
        PublicVote.id == vote.id, PublicVote.closes > now, PublicVote.cancelled.is_(None)
    )
    if not claim(running.values(closes=closes)):
        raise Conflict("只有进行中的投票可以延长")
    db.session.refresh(vote)
    activity.record("voting.extended", subject=vote.stage.contest, actor=actor, stage=vote.stage.code.value)


def cancel(vote: PublicVote, *, actor: Any, reason: str) -> None:
    """End a vote that is not checked yet, with a public reason; nothing of it is counted, its traces go."""
    _check_leads(vote.stage, actor)
    if not reason.strip():
        raise DomainError("请写明取消的原因，原因会公开", field="reason")
    open_ = sa.update(PublicVote).where(
        PublicVote.id == vote.id, PublicVote.checked.is_(None), PublicVote.cancelled.is_(None)
    )
    if not claim(open_.values(cancelled=clock.now(), cancel_reason=reason.strip()[:500])):
        raise Conflict("投票已经核查或取消，请刷新页面")
    db.session.refresh(vote)
    decisions.lapse(vote, kind=CHECK, reason="投票已取消")
    forget_traces(vote)
    contest = vote.stage.contest
    activity.record("voting.cancelled", subject=contest, actor=actor, stage=vote.stage.code.value, reason=reason)
    db.session.flush()


def forget_traces(vote: PublicVote) -> None:
    """Where votes came from and who gave them: not needed any more, the votes stay."""
    quiet = {"synchronize_session": False}
    cast = sa.update(CastVote).where(CastVote.vote_id == vote.id)
    db.session.execute(cast.values(address_hash="", device_hash=""), execution_options=quiet)
    voters = sa.update(Voter).where(Voter.vote_id == vote.id)
    nameless = sa.literal("gone-").concat(sa.cast(Voter.id, sa.String(20)))
    db.session.execute(
        voters.values(key_hash=nameless, user_id=None, account_made=None, day=None), execution_options=quiet
    )


def forget(user: Any) -> None:
    """Votes of an erased person stay, nobody's."""
    own = sa.update(Voter).where(Voter.user_id == user.id)
    db.session.execute(own.values(user_id=None), execution_options={"synchronize_session": False})


def _check_leads(stage: ContestStage, actor: Any) -> None:
    check_manages(actor, stage.contest)
    check_unconflicted(actor, stage.contest)


def _check_ready(stage: ContestStage) -> None:
    if stage.contest.announced is None or stage.opened is None:
        raise Conflict("本阶段评审开始、参赛名单确定以后才能开设投票")
    later = [other for other in stage.contest.stages if other.position >= stage.position]
    if any(other.blind and other.released is None for other in later):
        raise Conflict("盲审还没有结束，公开项目名称会破坏盲审；请在盲审阶段的结果公布以后再开设投票")
    if queries.of_stage(stage.id) is not None:
        raise Conflict(TAKEN)


def _check_plan(plan: dict[str, Any]) -> None:
    timing = {key: plan[key] for key in ("opens", "closes", "per_day", "in_all")}
    rules.check_plan(**timing, now=clock.now())


def _cleaned(plan: dict[str, Any]) -> dict[str, Any]:
    values = {key: plan[key] for key in PLAN if key in plan}
    return {
        **values,
        "who": rules.Who(values["who"]),
        "award": str(values.get("award") or "").strip()[:60],
        "note": str(values.get("note") or "").strip()[:500],
    }
