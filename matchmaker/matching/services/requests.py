"""Asking helpers, and their answers: by the page or by the link, once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, time
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from matchmaker.accounts import queries as accounts
from matchmaker.accounts.models import User
from matchmaker.accounts.rules import Role
from matchmaker.activity import services as activity
from matchmaker.core import clock
from matchmaker.core.db import claim, db
from matchmaker.core.errors import Conflict, DomainError, Missing, NotPermitted
from matchmaker.directory.models import Person
from matchmaker.matching import access, queries, rules
from matchmaker.matching.models import HelpRequest, Need, Referral
from matchmaker.matching.rules import DeclineReason, NeedState, ReferralState, RequestState
from matchmaker.matching.services import contacts, links, stamps, suggesting
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
    if rules.has_contact(message):
        raise DomainError("请不要写电话或邮箱：对方接受后，双方会自动看到联系方式", field="message")
    if need.is_secret and need.organisation:
        rules.check_unnamed(title="", text=message, names=[need.organisation.name, need.organisation.short_name or ""])
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
    now = clock.now()
    request = HelpRequest(
        region=need.region,
        need=need,
        person=person,
        asked_by_id=actor.id,
        state=RequestState.ASKED,
        message=message.strip(),
        asked=now,
        expires=rules.expires(now, need_deadline=_end_of(need)),
        note="",
        score=Decimal(str(round(explanation["raw"], 6))),
        explanation=explanation,
    )
    db.session.add(request)
    db.session.flush()  # the unique index has the last word
    activity.record("matching.asked", subject=request, actor=actor, need=need.id, person=person.id)
    _tell_helper(request, "matching/mail/asked", token=links.renew(request))
    return request


def _end_of(need: Need) -> datetime | None:
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
    _answer(request, RequestState.ACCEPTED, actor=actor, note=note)
    profiles.take_place(request.person)
    stamps.touch(request.person_id)
    need = request.need
    if need.state is NeedState.OPEN:
        need.state, need.updated = NeedState.MATCHED, clock.now()
    activity.record("matching.accepted", subject=request, actor=actor, need=need.id)
    firm, helper = contacts.for_mail(request)
    _tell_asker(request, "matching/mail/accepted", contact=helper)
    _tell_helper(request, "matching/mail/met", contact=firm)
    db.session.flush()


def decline(request: HelpRequest, *, actor: Any, reason: DeclineReason, note: str = "") -> None:
    """The helper says no, with a reason that is counted."""
    _check_answers(actor, request)
    rules.check_decline(reason, note=note)
    rules.check_request_move(request.state, to=RequestState.DECLINED)
    _answer(request, RequestState.DECLINED, actor=actor, note=note, reason=reason)
    activity.record("matching.declined", subject=request, actor=actor, reason=reason.value)
    _tell_asker(request, "matching/mail/declined")
    db.session.flush()


def _answer(request: HelpRequest, state: RequestState, *, actor: Any, note: str, reason: Any = None) -> None:
    """One conditional UPDATE: the second of two answers changes nothing."""
    if rules.has_contact(note):
        raise DomainError("请不要写电话或邮箱：接受后，双方会自动看到联系方式", field="note")
    taken = claim(
        sa.update(HelpRequest)
        .where(HelpRequest.id == request.id, HelpRequest.state == RequestState.ASKED)
        .values(
            state=state,
            answered=clock.now(),
            answered_by_link=isinstance(actor, access.LinkBearer),
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
    rules.check_request_move(was, to=RequestState.WITHDRAWN)
    request.state, request.closed = RequestState.WITHDRAWN, clock.now()
    if was is RequestState.ACCEPTED:
        profiles.give_place_back(request.person)
        stamps.touch(request.person_id)
    db.session.flush()
    reopen_if_unmet(request.need)
    activity.record("matching.request_withdrawn", subject=request, actor=actor)
    _tell_helper(request, "matching/mail/withdrawn")
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
    _tell_helper(request, "matching/mail/asked", token=links.renew(request))
    db.session.flush()


def expire_due() -> int:
    """Let unanswered questions run out and tell who asked."""
    rows = list(db.session.execute(queries.due_to_expire(clock.now())).unique().scalars())
    for request in rows:
        request.state, request.closed = RequestState.EXPIRED, clock.now()
        activity.record("matching.expired", subject=request, actor=None)
        _tell_asker(request, "matching/mail/expired")
    db.session.flush()
    return len(rows)


def _tell_asker(request: HelpRequest, template: str, **context: Any) -> None:
    url = f"/requests/{request.id}"
    notifications.enqueue(
        template, to=request.asked_by, about=request, url=url, request=request, need=request.need, **context
    )


def _tell_helper(request: HelpRequest, template: str, *, token: str | None = None, **context: Any) -> None:
    person = request.person
    user = db.session.get(User, person.user_id) if person.user_id else None
    path = links.path_of(token) if token else None
    notifications.enqueue(
        template,
        to=user,
        email=None if user else person.email,
        phone=None if user else person.phone,
        about=request,
        url=f"/requests/{request.id}" if user else path,
        helper=person,
        request=request,
        need=request.need,
        link=notifications.base_url() + path if path else None,
        who=request.need.who if request.state in access.MET else request.need.shown_who,
        **context,
    )
