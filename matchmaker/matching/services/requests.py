"""Asking helpers, and their answers: by the page or by the link, once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, time
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from matchmaker.accounts import queries as accounts
from matchmaker.accounts.rules import Role
from matchmaker.activity import services as activity
from matchmaker.core import clock
from matchmaker.core.db import claim, db
from matchmaker.core.errors import Conflict, DomainError, Missing, NotPermitted
from matchmaker.directory.models import Person
from matchmaker.matching import access, encoding, queries, rules
from matchmaker.matching.models import HelpRequest, Need, Proposal, Referral
from matchmaker.matching.rules import Barrier, DeclineReason, NeedState, ProposalState, ReferralState, RequestState
from matchmaker.matching.services import contacts, letters, links, stamps, suggesting, terms, wording
from matchmaker.notifications import services as notifications
from matchmaker.rosters.services import profiles


@dataclass(frozen=True)
class Asked:
    """What became of a question to several helpers."""

    requests: list[HelpRequest] = field(default_factory=list)
    referrals: list[Referral] = field(default_factory=list)


def ask(need: Need, *, actor: Any, person_ids: Sequence[int], message: str = "") -> Asked:
    """Ask helpers; for those who cannot be reached the handlers are told instead. All or nobody."""
    if not access.may_act_for(actor, need):
        raise NotPermitted("只有提出需求的单位和经办人可以邀请")
    wanted = list(dict.fromkeys(person_ids))
    rules.check_askable(need.state, live=queries.live_count(need.id), wanted=len(wanted))
    wording.check_letter(need, message, field="message")
    pairs = suggesting.explain_pairs(need, wanted)
    people = queries.people(wanted)
    asked = Asked()
    for person_id in wanted:
        if person_id not in pairs:
            raise Missing("没有找到这位服务者，请刷新页面后再试", field="people")
        explanation, barrier = pairs[person_id]
        person = people[person_id]
        if barrier is not None:
            raise Conflict("不能邀请{name}：{barrier}", field="people", name=person.name, barrier=barrier)
        if person.reachable:
            asked.requests.append(_ask_one(need, person, actor=actor, message=message, explanation=explanation))
        else:
            asked.referrals.append(_refer(need, person, actor=actor))
    if asked.referrals:
        _tell_handlers(need, asked.referrals)
    return asked


def _ask_one(need: Need, person: Person, *, actor: Any, message: str, explanation: dict[str, Any]) -> HelpRequest:
    standing = queries.requests_of(need.id).where(
        HelpRequest.person_id == person.id, HelpRequest.state.in_(queries.LIVE)
    )
    if db.session.execute(standing).first() is not None:
        raise Conflict("已经邀请过{name}，请等对方答复", field="people", name=person.name)
    check_load(person)
    now = clock.now()
    request = HelpRequest(
        region=need.region,
        need=need,
        person=person,
        asked_by_id=actor.id,
        state=RequestState.ASKED,
        message=message.strip(),
        asked=now,
        expires=rules.expires(now, need_deadline=end_of(need)),
        note="",
        score=Decimal(str(round(explanation["raw"], 6))),
        explanation=explanation,
    )
    db.session.add(request)
    db.session.flush()  # the unique index has the last word
    activity.record("matching.asked", subject=request, actor=actor, need=need.id, person=person.id)
    letters.tell_helper(request, "matching/mail/asked", token=links.renew(request))
    return request


def check_load(person: Person, *, field: str = "people") -> None:
    """A helper has a few questions at a time; who asks waits for the helper's row, so that two cannot both be last."""
    profiles.ensure(person)
    db.session.execute(queries.load_lock(person.id))
    if queries.waiting_count(person.id) >= rules.MOST_WAITING:
        raise Conflict(
            "{name}已有 {n} 项邀请没有答复，请过几天再邀请，或改请别人",
            field=field,
            name=person.name,
            n=rules.MOST_WAITING,
        )


def end_of(need: Need) -> datetime | None:
    """The last moment of a need's last day in Beijing."""
    return datetime.combine(need.deadline, time.max, clock.CHINA) if need.deadline else None


def _refer(need: Need, person: Person, *, actor: Any) -> Referral:
    waiting = queries.referrals_of(need.id).where(Referral.person_id == person.id)
    if db.session.execute(waiting).first() is not None:
        raise Conflict("已请经办人联系{name}，请稍候", field="people", name=person.name)
    referral = Referral(
        region=need.region,
        need=need,
        person=person,
        asked_by_id=actor.id,
        state=ReferralState.WAITING,
        created=clock.now(),
    )
    db.session.add(referral)
    db.session.flush()
    activity.record("matching.referred", subject=referral, actor=actor, need=need.id, person=person.id)
    return referral


def _tell_handlers(need: Need, referrals: list[Referral]) -> None:
    for handler in db.session.execute(accounts.holders_of(Role.HANDLER, region=need.region)).unique().scalars():
        notifications.enqueue(
            "matching/mail/unreachable",
            to=handler,
            about=need,
            url="/needs/referrals/",
            need=need,
            names="、".join(referral.person.name for referral in referrals),
        )


def resolve(referral: Referral, *, actor: Any, resolution: str) -> None:
    """The handler says what became of a wish; whoever had it is told."""
    if not access.may_handle(actor, referral.region):
        raise NotPermitted("这条需求不在您负责的区域")
    if referral.state is not ReferralState.WAITING:
        raise Conflict("这一条已经处理过")
    if not resolution.strip():
        raise DomainError("请写明处理结果，提出需求的单位会收到", field="resolution")
    referral.state, referral.resolved, referral.resolved_by_id = ReferralState.DONE, clock.now(), actor.id
    referral.resolution = resolution.strip()
    activity.record("matching.referral_resolved", subject=referral, actor=actor)
    notifications.enqueue(
        "matching/mail/resolved",
        to=referral.asked_by,
        about=referral,
        url=f"/needs/{referral.need_id}",
        referral=referral,
    )
    db.session.flush()


def accept(request: HelpRequest, *, actor: Any, note: str = "") -> None:
    """The helper says yes: one answer, one place taken, both sides get each other's contacts."""
    _check_answers(actor, request)
    rules.check_request_move(request.state, to=RequestState.ACCEPTED)
    _answer(request, RequestState.ACCEPTED, note=note, by_link=isinstance(actor, access.LinkBearer))
    terms.close(request)
    meet(request, actor=actor)


def meet(request: HelpRequest, *, actor: Any) -> None:
    """Both sides agree: one place of the helper is taken, contacts go out to both."""
    check_still(request.need, request.person)
    profiles.take_place(request.person)
    stamps.touch(request.person_id)
    need = request.need
    if need.state is NeedState.OPEN:
        need.state, need.updated = NeedState.MATCHED, clock.now()
    activity.record("matching.accepted", subject=request, actor=actor, need=need.id)
    firm, helper = contacts.for_mail(request)
    letters.tell_asker(request, "matching/mail/accepted", contact=helper)
    letters.tell_helper(request, "matching/mail/met", contact=firm)
    db.session.flush()


# What may have changed since somebody was asked and forbids the match even now.
LASTING = frozenset({Barrier.TERM_ENDED, Barrier.RECUSED, Barrier.OWN_UNIT, Barrier.SECRECY})


def check_still(need: Need, person: Person) -> None:
    """The term may have ended, or the helper joined the firm, since the question was asked."""
    from matchmaker.matching.engine.profiles import barrier

    asked = encoding.need(need)
    for profile in encoding.profiles([person.id], today=clock.today()):
        found = barrier(asked, profile)
        if found in LASTING:
            raise Conflict("现在不能对接：{barrier}。请联系科技局经办人", barrier=found)


def agree(proposal: Proposal, request: HelpRequest, *, actor: Any, answer: str = "") -> None:
    """The owner agrees to the terms the helper proposed: that is the helper's yes."""
    terms.settle(proposal, request, actor=actor, state=ProposalState.AGREED, answer=answer)
    rules.check_request_move(request.state, to=RequestState.ACCEPTED)
    _answer(request, RequestState.ACCEPTED, note=proposal.terms, by_link=proposal.by_link)
    meet(request, actor=actor)


def decline(request: HelpRequest, *, actor: Any, reason: DeclineReason, note: str = "") -> None:
    """The helper says no, with a reason that is counted."""
    _check_answers(actor, request)
    rules.check_decline(reason, note=note)
    rules.check_request_move(request.state, to=RequestState.DECLINED)
    _answer(request, RequestState.DECLINED, note=note, by_link=isinstance(actor, access.LinkBearer), reason=reason)
    terms.close(request)
    activity.record("matching.declined", subject=request, actor=actor, reason=reason.value)
    letters.tell_asker(request, "matching/mail/declined")
    db.session.flush()


def _answer(request: HelpRequest, state: RequestState, *, note: str, by_link: bool, reason: Any = None) -> None:
    """One conditional UPDATE: the second of two answers changes nothing."""
    if rules.has_contact(note):
        raise DomainError("请不要写电话或邮箱：接受后，双方会自动看到联系方式", field="note")
    taken = claim(
        sa.update(HelpRequest)
        .where(HelpRequest.id == request.id, HelpRequest.state == RequestState.ASKED)
        .values(
            state=state,
            answered=clock.now(),
            answered_by_link=by_link,
            note=note.strip()[:500],
            reason=reason,
        )
    )
    db.session.refresh(request)
    if not taken:
        raise Conflict("邀请当前为“{state}”，不能再答复", state=request.state)


def _check_answers(actor: Any, request: HelpRequest) -> None:
    if not access.may_answer(actor, request):
        raise NotPermitted("只有被邀请的本人可以答复")
    rules.check_answerable(
        request.state, asked=request.asked, now=clock.now(), need_deadline=request.expires, term=rules.REQUEST_TERM
    )


def withdraw(request: HelpRequest, *, actor: Any) -> None:
    """Take a question back, or end what was agreed; the helper is told and their place is free again."""
    if not access.may_act_for(actor, request.need):
        raise NotPermitted("只有提出需求的单位和经办人可以撤回")
    was = request.state
    terms.close(request)
    rules.check_request_move(was, to=RequestState.WITHDRAWN)
    request.state, request.closed = RequestState.WITHDRAWN, clock.now()
    if was is RequestState.ACCEPTED:
        profiles.give_place_back(request.person)
        stamps.touch(request.person_id)
    db.session.flush()
    reopen_if_unmet(request.need)
    activity.record("matching.request_withdrawn", subject=request, actor=actor)
    letters.tell_helper(request, "matching/mail/withdrawn")
    db.session.flush()


def reopen_if_unmet(need: Need) -> None:
    """A matched need without any accepted request is open again."""
    met = queries.requests_of(need.id).where(HelpRequest.state == RequestState.ACCEPTED)
    if need.state is NeedState.MATCHED and db.session.execute(met).first() is None:
        need.state, need.updated = NeedState.OPEN, clock.now()


def remind(request: HelpRequest, *, actor: Any) -> None:
    """Send a fresh link to a helper who has not answered; the old one stops working."""
    if not access.may_act_for(actor, request.need):
        raise NotPermitted("只有提出需求的单位和经办人可以重新发送")
    rules.check_answerable(request.state, asked=request.asked, now=clock.now(), need_deadline=request.expires)
    activity.record("matching.reminded", subject=request, actor=actor)
    letters.tell_helper(request, "matching/mail/asked", token=links.renew(request))
    db.session.flush()


def expire_due() -> int:
    """Let unanswered questions run out and tell who asked."""
    rows = list(db.session.execute(queries.due_to_expire(clock.now())).unique().scalars())
    for request in rows:
        request.state, request.closed = RequestState.EXPIRED, clock.now()
        terms.close(request)
        activity.record("matching.expired", subject=request, actor=None)
        letters.tell_asker(request, "matching/mail/expired")
    db.session.flush()
    return len(rows)
