"""One vote: who gives it, whether they may, and the one statement that claims it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from matchmaker.accounts import queries as accounts
from matchmaker.accounts.models import User
from matchmaker.accounts.rules import Purpose
from matchmaker.accounts.services import codes, limits
from matchmaker.competition.models import Entry
from matchmaker.competition.rules.states import EntryState
from matchmaker.core import clock, i18n
from matchmaker.core.db import claim, db
from matchmaker.core.errors import Conflict, DomainError, Missing
from matchmaker.notifications import services as notifications
from matchmaker.voting import gateways, queries, rules
from matchmaker.voting.models import Candidate, CastVote, PublicVote, Voter
from matchmaker.voting.rules import VoteState, Who

TWICE = "您已经给这个项目投过票了"
TWICE_TODAY = "您今天已经给这个项目投过票，明天可以再投"


def key_of(vote: PublicVote, user: User) -> str:
    """The key of an account in a vote."""
    return gateways.trace(vote.id, "account", str(user.id))


def key_of_contact(vote: PublicVote, contact: str) -> str:
    """The key of a proven number or address: the account's, where it is proven there, so that nobody votes twice."""
    user = accounts.by_identifier(contact)
    proven = user is not None and (user.email_confirmed if "@" in contact else user.phone_confirmed) is not None
    return key_of(vote, user) if user is not None and proven else gateways.trace(vote.id, "contact", contact)


def may_vote(vote: PublicVote, user: User) -> bool:
    """Does an account suffice, without proving anything again?"""
    return vote.who is Who.SIGNED_IN or bool(user.email_confirmed or user.phone_confirmed)


def spend_try(vote: PublicVote, *, key: str, address: str) -> bool:
    """One try of an account (or proven contact) and of a network address; False when either has had too many."""
    return limits.spend("voting.address", f"{vote.id}:{address}", limit=rules.TRIES_OF_ADDRESS, minutes=1) and (
        limits.spend("voting.voter", key, limit=rules.TRIES_OF_VOTER, minutes=1)
    )


def offer_code(vote: PublicVote, contact: str, *, is_mail: bool, address: str) -> None:
    """Send the digits that prove a number or a mail address; only while the vote is open to people without account."""
    _check_open(vote, clock.now())
    if vote.who is not Who.VERIFIED:
        raise Conflict("这次投票只接受登录用户，请先登录")
    codes.check_may_send(target=contact, address=address)
    row, code = codes.issue(Purpose.VOTE, contact, link=False)
    reach: dict[str, Any] = {"email": contact} if is_mail else {"phone": contact}
    notifications.enqueue("voting/mail/code", about=row, code=code, is_mail=is_mail, **reach)


def proven(vote: PublicVote, contact: str, code: str) -> int:
    """Spend a try of the digits; the id of the code when they fit. Commit before acting on the answer."""
    code_id = codes.try_code(Purpose.VOTE, contact, code)
    return code_id or 0


def admit(vote: PublicVote, code_id: int) -> str:
    """Use the code up; the key under which its owner votes."""
    return key_of_contact(vote, codes.consume(code_id).target)


def cast(vote: PublicVote, candidate_id: int, *, key: str, viewer: Any, address: str = "", agent: str = "") -> CastVote:
    """Give one vote. Refused: not open, twice, none left, an entry that left, one's own where that is not allowed."""
    now = clock.now()
    _check_open(vote, now)
    candidate = next((row for row in vote.candidates if row.id == candidate_id), None)
    if candidate is None:
        raise Missing("没有这个项目，请刷新页面")
    if is_out(candidate):
        raise Conflict("这个项目已退出，不再接受投票")
    _check_own(candidate, key, viewer)
    voter = _enrolled(vote, key, viewer)
    today = clock.today()
    slot = rules.slot(today, again=vote.again)
    if queries.has_cast(voter.id, candidate.id, slot):
        raise Conflict(TWICE_TODAY if vote.again else TWICE)
    if not claim(_one_more(voter.id, candidate, now, today)):
        _say_why(voter, vote, today)
    row = CastVote(
        vote_id=vote.id,
        voter_id=voter.id,
        candidate_id=candidate.id,
        slot=slot,
        moment=now,
        address_hash=gateways.trace(vote.id, "address", address) if address else "",
        device_hash=gateways.trace(vote.id, "device", f"{address}|{agent}") if agent else "",
    )
    try:
        with db.session.begin_nested():
            db.session.add(row)
    except IntegrityError:  # the same vote from another tab was faster: the constraint has the last word
        raise Conflict(TWICE_TODAY if vote.again else TWICE) from None
    return row


def is_out(candidate: Candidate) -> bool:
    """Has the entry left? A disqualification within the pending list of a locked stage stays inside until release."""
    return candidate.entry.state in _out_states(candidate.vote)


def _out_states(vote: PublicVote) -> tuple[EntryState, ...]:
    hidden = vote.stage.locked is not None and vote.stage.released is None
    said = () if hidden else (EntryState.DISQUALIFIED, EntryState.REJECTED)
    return (EntryState.WITHDRAWN, *said)


def _check_open(vote: PublicVote, now: datetime) -> None:
    rules.check_open(vote.state_at(now), opens=i18n.moment(vote.opens), closes=i18n.moment(vote.closes))


def _check_own(candidate: Candidate, key: str, viewer: Any) -> None:
    vote = candidate.vote
    if vote.own:
        return
    mine = viewer.is_authenticated and candidate.entry_id in queries.own_entries(viewer, vote)
    if not mine:
        mine = key in {key_of_contact(vote, contact) for contact in queries.contacts_of(candidate.entry_id)}
    if mine:
        raise DomainError("不能给自己的项目投票")


def _enrolled(vote: PublicVote, key: str, viewer: Any) -> Voter:
    """The voter of this key; made with the first vote, by whoever comes first."""
    known = queries.voter(vote.id, key)
    if known is not None:
        return known
    account = viewer.is_authenticated and key == key_of(vote, viewer)
    row = Voter(
        vote_id=vote.id,
        key_hash=key,
        user_id=viewer.id if account else None,
        account_made=queries.account_made(viewer.id) if account else None,
        per_day=vote.per_day,
        in_all=vote.in_all,
        created=clock.now(),
    )
    try:
        with db.session.begin_nested():
            db.session.add(row)
    except IntegrityError:
        known = queries.voter(vote.id, key)
        if known is None:
            raise
        return known
    return row


def _one_more(voter_id: int, candidate: Candidate, now: datetime, today: date) -> sa.Update:
    """The one statement: a vote is left, today too, the vote is open and the entry stands."""
    vote = candidate.vote
    first_today = sa.or_(Voter.day.is_(None), Voter.day != today)
    running = sa.select(PublicVote.id).where(
        PublicVote.id == vote.id, PublicVote.opens <= now, PublicVote.closes > now, PublicVote.cancelled.is_(None)
    )
    standing = sa.select(Entry.id).where(Entry.id == candidate.entry_id, Entry.state.not_in(_out_states(vote)))
    return (
        sa.update(Voter)
        .where(
            Voter.id == voter_id,
            Voter.used < Voter.in_all,
            sa.or_(first_today, Voter.used_today < Voter.per_day),
            running.exists(),
            standing.exists(),
        )
        .values(used=Voter.used + 1, used_today=sa.case((first_today, 1), else_=Voter.used_today + 1), day=today)
    )


def _say_why(voter: Voter, vote: PublicVote, today: date) -> None:
    """Why the claim found nothing to take."""
    db.session.refresh(voter)
    if voter.used >= voter.in_all:
        raise Conflict("您的 {n} 票已经全部投完", n=voter.in_all)
    if voter.day == today and voter.used_today >= voter.per_day:
        raise Conflict("您今天的 {n} 票已经投完，明天可以再投", n=voter.per_day)
    db.session.refresh(vote)
    _check_open(vote, clock.now())
    raise Conflict("这个项目已退出，不再接受投票")


def left(vote: PublicVote, voter: Voter | None) -> tuple[int, int]:
    """(votes left today, votes left in all) of a voter; everything for who has not voted yet."""
    if voter is None:
        return min(vote.per_day, vote.in_all), vote.in_all
    in_all = voter.in_all - voter.used
    today = voter.per_day - (voter.used_today if voter.day == clock.today() else 0)
    return min(today, in_all), in_all


def is_open(vote: PublicVote) -> bool:
    return vote.state is VoteState.OPEN
