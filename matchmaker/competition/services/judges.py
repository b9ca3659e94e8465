"""Seating judges: at once, or by an invitation that they answer; and the pledge they sign before they score."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from matchmaker.accounts.models import User
from matchmaker.accounts.rules import Permission
from matchmaker.activity import services as activity
from matchmaker.competition import gateways
from matchmaker.competition.models import Ballot, Contest, JudgeInvitation, JudgeSeat, Pledge, Recusal
from matchmaker.competition.queries import judging
from matchmaker.competition.rules import invitations
from matchmaker.competition.rules.invitations import Answer
from matchmaker.competition.services import calling, pseudonyms, recusals
from matchmaker.competition.services.guards import check_manages, check_unconflicted
from matchmaker.core import clock, folding
from matchmaker.core.db import claim, db
from matchmaker.core.errors import Conflict, DomainError, NotPermitted
from matchmaker.directory.models import Organisation
from matchmaker.notifications import services as notifications


def seat(
    contest: Contest,
    *,
    actor: Any,
    user: User,
    organisation_id: int | None = None,
    unit_text: str = "",
    title: str = "",
    tracks: Sequence[str] = (),
    load: int = 20,
    earlier_units: Sequence[dict[str, Any]] = (),
    invite: bool = False,
    called: bool = False,
) -> JudgeSeat:
    """Make a person with the judge's role a judge of this contest; their recusals are looked for at once.

    With `invite` they are asked first, and judge nothing before they say yes; who is `called` has no judge's role
    yet and gets it by saying yes.
    """
    check_manages(actor, contest)
    check_unconflicted(actor, contest)
    recusals.check_before_lock(contest)
    if not user.has(Permission.BALLOTS_OWN) and not (called and invite):
        raise DomainError("{name}还没有评委身份，请先由管理员授予评委角色", field="user_id", name=user.name)
    if user.id == actor.id:
        raise NotPermitted("不能把自己列为评委，请由其他同事办理")
    _check_load(load)
    taken = sa.select(JudgeSeat.id).where(JudgeSeat.contest_id == contest.id, JudgeSeat.user_id == user.id)
    if db.session.execute(taken).first() is not None:
        raise Conflict("{name}已经是本届评委", field="user_id", name=user.name)
    row = JudgeSeat(
        contest=contest,
        user=user,
        organisation_id=organisation_id or _known(unit_text),
        unit_text=unit_text,
        title=title,
        tracks=list(tracks),
        load=load,
        earlier_units=list(earlier_units),
        created=clock.now(),
    )
    db.session.add(row)
    db.session.flush()
    pseudonyms.give(row)
    activity.record("competition.judge_seated", subject=contest, actor=actor, judge=user.name)
    recusals.seated(row)
    if invite:
        _ask(row)
    db.session.flush()
    return row


def edit(
    row: JudgeSeat,
    *,
    actor: Any,
    unit_text: str,
    title: str,
    load: int,
    tracks: Sequence[str],
    earlier_units: Sequence[dict[str, Any]] = (),
) -> None:
    """Change what is known about a judge; their recusals are looked for again."""
    check_manages(actor, row.contest)
    check_unconflicted(actor, row.contest)
    recusals.check_before_lock(row.contest)
    _check_load(load)
    if unit_text != row.unit_text:
        row.organisation_id, row.unit_text = _known(unit_text), unit_text
    row.title, row.load, row.tracks, row.earlier_units = title, load, list(tracks), list(earlier_units)
    db.session.flush()
    db.session.expire(row, ["organisation"])
    activity.record("competition.judge_edited", subject=row.contest, actor=actor, judge=row.user.name)
    recusals.seated(row)


def unseat(row: JudgeSeat, *, actor: Any) -> None:
    """Take a judge out who has no ballot."""
    check_manages(actor, row.contest)
    check_unconflicted(actor, row.contest)
    statement = sa.select(Ballot.id).where(Ballot.seat_id == row.id).limit(1)
    if db.session.execute(statement).first() is not None:
        raise Conflict("该评委已有评审任务，不能移除；不再参加评审请登记回避")
    for table in (Recusal, JudgeInvitation, Pledge):
        db.session.execute(sa.delete(table).where(table.seat_id == row.id))
    activity.record("competition.judge_unseated", subject=row.contest, actor=actor, judge=row.user.name)
    db.session.delete(row)
    db.session.flush()


def invite(row: JudgeSeat, *, actor: Any) -> None:
    """Ask a judge, or ask again: the older link is worthless."""
    check_manages(actor, row.contest)
    check_unconflicted(actor, row.contest)
    recusals.check_before_lock(row.contest)
    known = invitation_of(row)
    if known is None or known.answer is Answer.ACCEPTED:
        raise Conflict("{name}已经确认，不用再邀请", name=row.user.name)
    _ask(row)
    activity.record("competition.judge_invited", subject=row.contest, actor=actor, judge=row.user.name)
    db.session.flush()


def answer(invitation: JudgeInvitation, *, answer: Answer, reason: str = "") -> None:
    """The judge says yes or no. Whoever has ballots steps back from each of them instead."""
    row = invitation.seat
    invitations.check_answer(invitation.answer, answer, reason=reason)
    recusals.check_before_lock(row.contest)
    if answer is Answer.DECLINED:
        held = sa.select(Ballot.id).where(Ballot.seat_id == row.id).limit(1)
        if db.session.execute(held).first() is not None:
            raise Conflict("您已有评审任务，请联系主办方另行安排")
    same = sa.update(JudgeInvitation).where(
        JudgeInvitation.id == invitation.id, JudgeInvitation.answer == invitation.answer
    )
    if not claim(same.values(answer=answer, answered=clock.now(), reason=reason.strip()[:500])):
        raise Conflict("您已经答复过这份邀请")
    db.session.refresh(invitation)
    if answer is Answer.ACCEPTED:
        calling.said_yes(row.user)
    activity.record(f"competition.judge_{answer.value}", subject=row.contest, actor=row.user, judge=row.user.name)


def invitation_of(row: JudgeSeat) -> JudgeInvitation | None:
    """How a judge was asked; None: seated at once."""
    statement = sa.select(JudgeInvitation).where(JudgeInvitation.seat_id == row.id)
    return db.session.execute(statement).unique().scalar_one_or_none()


def of_link(token: str) -> JudgeInvitation | None:
    """The invitation behind a link, while it is the newest."""
    known = gateways.read_invitation(token)
    if known is None:
        return None
    return db.session.execute(judging.invitation(*known)).unique().scalar_one_or_none()


def pledge(row: JudgeSeat, *, actor: Any, signature: str, text: str) -> Pledge:
    """Sign the pledge of impartiality; `text` is what was shown, and is kept with its fingerprint."""
    if row.user_id != actor.id:
        raise NotPermitted("只能由评委本人签署")
    invitations.check_signature(signature, name=row.user.name)
    if db.session.execute(judging.pledge_of(row.id)).first() is not None:
        raise Conflict("您已经签署过承诺书")
    signed = Pledge(
        seat=row, text=text, text_hash=invitations.pledge_hash(text), name=signature.strip()[:60], signed=clock.now()
    )
    db.session.add(signed)
    activity.record("competition.pledged", subject=row.contest, actor=actor, judge=row.user.name)
    db.session.flush()
    return signed


def needs_pledge(row: JudgeSeat) -> bool:
    """Is the pledge of this judge still missing?"""
    return db.session.execute(judging.pledge_of(row.id)).first() is None


def check_pledged(row: JudgeSeat) -> None:
    """Nobody scores before the pledge is signed."""
    if needs_pledge(row):
        raise Conflict("请先签署评审承诺书，再开始打分")


def _ask(row: JudgeSeat) -> None:
    known = invitation_of(row)
    if known is None:
        known = JudgeInvitation(seat=row, answer=Answer.INVITED, nonce="", sent=clock.now())
        db.session.add(known)
    known.answer, known.nonce, known.sent = Answer.INVITED, secrets.token_hex(8), clock.now()
    known.answered, known.reason = None, ""
    db.session.flush()
    notifications.enqueue(
        "competition/mail/judge_invited",
        to=row.user,
        about=row.contest,
        url=gateways.invitation_path(known),
        contest=row.contest,
        newcomer=calling.newcomer(row.user),
    )


def _check_load(load: int) -> None:
    if not 1 <= load <= 500:
        raise DomainError("评审上限应为 1 至 500 个项目", field="load")


def _known(unit_text: str) -> int | None:
    """The organisation of that full name, if the directory has it."""
    if not unit_text.strip():
        return None
    name = folding.fold_company(unit_text)
    return db.session.execute(sa.select(Organisation.id).where(Organisation.folded_name == name).limit(1)).scalar()
