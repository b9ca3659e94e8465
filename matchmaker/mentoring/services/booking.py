"""One session from booking to rating. A time is held by rows that only one session can have."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from matchmaker.accounts import queries as accounts
from matchmaker.activity import services as activity
from matchmaker.core import clock
from matchmaker.core.calendar import china_today
from matchmaker.core.db import db
from matchmaker.core.errors import Conflict, DomainError, NotPermitted
from matchmaker.directory.models import Person
from matchmaker.incubation.models import Tenancy
from matchmaker.matching.models import HelpRequest, RequestService
from matchmaker.mentoring import access, queries, rules
from matchmaker.mentoring.models import MentorSession, SessionHold
from matchmaker.mentoring.services import telling
from matchmaker.rosters import rules as roster_rules
from matchmaker.rosters.models import ServiceRecord
from matchmaker.rosters.rules import SessionState, Term
from matchmaker.rosters.services import records

S = SessionState


def free_slots(person: Person) -> list[rules.Slot]:
    """The times of a mentor that can be booked now; none when the term is over."""
    now = clock.now()
    post = queries.post_of(person.id, china_today(now))
    if post is None:
        return []
    return rules.free_slots(
        [row.value for row in queries.windows_of(person.id)],
        days_off=[row.day for row in queries.days_off(person.id, since=china_today(now))],
        taken=queries.held_cells(_person_holder(person.id), since=now - rules.CELL),
        term=post.term,
        now=now,
    )


def book(
    person: Person,
    *,
    actor: Any,
    starts: datetime,
    topic: str,
    tenancy: Tenancy | None = None,
    request: HelpRequest | None = None,
    demo: bool = False,
) -> MentorSession:
    """Take one of the offered times for a stay in a carrier, or for a request that the mentor has accepted."""
    rules.check_topic(topic)
    client = _client_of(actor, person, tenancy, request)
    rules.check_parties(
        mentor_user=person.user_id, actor=actor.id, firm_ids=_firms_of(person), client=client.get("organisation_id")
    )
    slot = next((each for each in free_slots(person) if each.starts == starts), None)
    if slot is None:
        raise Conflict("这个时间已不能预约，请另选一个", field="starts")
    holder = f"o{client['organisation_id']}" if client.get("organisation_id") else f"u{actor.id}"
    if queries.open_between(person.id, holder) >= rules.MOST_OPEN:
        raise Conflict("与这位导师最多同时预约 {n} 次，请先完成或取消", field="starts", n=rules.MOST_OPEN)
    now = clock.now()
    row = MentorSession(
        region=person.region,
        person=person,
        booked_by_id=actor.id,
        starts=slot.starts,
        ends=slot.ends,
        place=slot.place,
        topic=topic.strip(),
        state=S.BOOKED,
        demo=demo,
        created=now,
        updated=now,
        **client,
    )
    db.session.add(row)
    db.session.flush()
    _hold(row, [_person_holder(person.id), holder])
    activity.record("mentoring.booked", subject=row, actor=actor)
    db.session.refresh(row)
    telling.tell_mentor(row)
    return row


def confirm(row: MentorSession, *, actor: Any) -> None:
    """The mentor agrees to the time, while in office on that day."""
    _check_mentor(row, actor)
    roster_rules.check_session_transition(row.state, S.CONFIRMED)
    post = queries.post_of(row.person_id, china_today(row.starts))
    term = post.term if post else Term(china_today(row.starts), china_today(row.starts), ended=None)
    if post is None:
        raise DomainError("该日期不在导师聘期内，请改期或另选导师", field="starts")
    roster_rules.check_session(starts=row.starts, ends=row.ends, term=term)
    _move(row, S.CONFIRMED, actor=actor)
    telling.tell_client(row)


def cancel(row: MentorSession, *, actor: Any, reason: str) -> None:
    """Either side calls it off, with a reason; the time is free again."""
    mentor = access.is_mentor(actor, row)
    if not mentor and not access.is_client(actor, row):
        raise NotPermitted("只有双方可以取消")
    if not reason.strip():
        raise DomainError("请写明取消原因，对方会看到", field="reason")
    if row.mentor_confirmed or row.client_confirmed:
        raise Conflict("已登记完成的辅导不能取消")
    _move(row, S.CANCELLED, actor=actor, reason=reason)
    _release(row)
    (telling.tell_client if mentor else telling.tell_mentor)(row)


def no_show(row: MentorSession, *, actor: Any, reason: str) -> None:
    """The other side did not come."""
    mentor = access.is_mentor(actor, row)
    if not mentor and not access.is_client(actor, row):
        raise NotPermitted("只有双方可以登记爽约")
    rules.check_no_show(state=row.state, starts=row.starts, now=clock.now())
    if not reason.strip():
        raise DomainError("请写明谁没有到、是否联系过", field="reason")
    if row.mentor_confirmed or row.client_confirmed:
        raise Conflict("一方已登记完成，不能再登记爽约；请与对方核对")
    _move(row, S.NO_SHOW, actor=actor, reason=reason)
    _release(row)
    (telling.tell_client if mentor else telling.tell_mentor)(row)


def report(row: MentorSession, *, actor: Any, minutes: int, content: str) -> None:
    """One side says that it took place; it is done when the other agrees. Different minutes are told, not averaged."""
    mentor = access.is_mentor(actor, row)
    if not mentor and not access.is_client(actor, row):
        raise NotPermitted("只有双方可以登记完成")
    now = clock.now()
    rules.check_done(state=row.state, starts=row.starts, now=now, minutes=minutes, booked_minutes=row.booked_minutes)
    if (row.mentor_confirmed if mentor else row.client_confirmed) is not None:
        raise Conflict("您已经确认过这次辅导")
    if row.minutes is None:
        if len(content.strip()) < 5:
            raise DomainError("请写明谈了什么，一两句话即可", field="said")
        row.minutes, row.content = minutes, content.strip()
        _write_down(row, actor=actor, mentor=mentor)
    elif row.minutes != minutes:
        raise DomainError("对方登记的是 {n} 分钟，请核对一致后再确认", field="minutes", n=row.minutes)
    else:
        records.confirm(_record_of(row), actor=actor, by_helper=mentor)
    if mentor:
        row.mentor_confirmed = now
    else:
        row.client_confirmed = now
    row.updated = now
    db.session.flush()
    if row.mentor_confirmed and row.client_confirmed:
        _move(row, S.DONE, actor=actor)
    else:
        activity.record("mentoring.reported", subject=row, actor=actor, minutes=minutes)
    (telling.tell_client if mentor else telling.tell_mentor)(row)


def rate(row: MentorSession, *, actor: Any, points: int, comment: str = "") -> None:
    """The client says how it was, once."""
    if access.is_mentor(actor, row):
        raise NotPermitted("导师不能给自己评分")
    if not access.is_client(actor, row):
        raise NotPermitted("只有被辅导的一方可以评价")
    roster_rules.check_session_transition(row.state, S.RATED)
    if not 1 <= points <= 5:
        raise DomainError("评分应为 1 至 5 分，请修改", field="points")
    row.rating, row.comment = points, comment.strip()[:500]
    _record_of(row).rating = points
    _move(row, S.RATED, actor=actor)


def _client_of(
    actor: Any, person: Person, tenancy: Tenancy | None, request: HelpRequest | None
) -> dict[str, int | None]:
    today = clock.today()
    if request is not None:
        known = {each.id for each in queries.accepted_requests(actor, person.id)}
        if request.id not in known:
            raise NotPermitted("对方接受后的请求才能预约")
        secret = request.need.is_secret
        return {"request_id": request.id, "organisation_id": None if secret else request.need.organisation_id}
    if tenancy is None or tenancy.id not in {each.id for each in queries.own_tenancies(actor, today)}:
        raise DomainError("只有在孵企业，或对接请求已被这位导师接受的单位可以预约", field="client")
    return {"tenancy_id": tenancy.id, "organisation_id": tenancy.organisation_id}


def _firms_of(person: Person) -> frozenset[int]:
    """Where the mentor belongs: by the directory, and by the account."""
    found = {person.organisation_id} if person.organisation_id else set()
    if person.user_id:
        rows = db.session.execute(accounts.memberships_of(person.user_id)).scalars()
        found |= {row.organisation_id for row in rows}
    return frozenset(found)


def _person_holder(person_id: int) -> str:
    return f"p{person_id}"


def _hold(row: MentorSession, holders: list[str]) -> None:
    for holder in holders:
        taken = queries.held_cells(holder, since=row.starts)
        wanted = rules.cells(row.starts, row.ends)
        if any(cell in taken for cell in wanted):
            raise Conflict("这个时间已有其他预约，请另选一个", field="starts")
        db.session.add_all([SessionHold(session_id=row.id, holder=holder, cell=cell) for cell in wanted])
    db.session.flush()  # the unique constraint has the last word


def _release(row: MentorSession) -> None:
    db.session.execute(sa.delete(SessionHold).where(SessionHold.session_id == row.id))


def _check_mentor(row: MentorSession, actor: Any) -> None:
    if not access.is_mentor(actor, row):
        raise NotPermitted("只有导师本人可以确认")


def _write_down(row: MentorSession, *, actor: Any, mentor: bool) -> None:
    record = records.record_service(
        row.person,
        actor=actor,
        organisation_id=row.organisation_id,
        served=china_today(row.starts),
        minutes=row.minutes or 0,
        place=row.place,
        content=row.content,
        by_helper=mentor,
        demo=row.demo,
    )
    row.record_id = record.id
    if row.request_id is not None:
        db.session.add(RequestService(request_id=row.request_id, record=record))
    db.session.flush()


def _record_of(row: MentorSession) -> ServiceRecord:
    return db.session.get_one(ServiceRecord, row.record_id)


def _move(row: MentorSession, target: SessionState, *, actor: Any, reason: str = "") -> None:
    roster_rules.check_session_transition(row.state, target)
    row.state, row.updated = target, clock.now()
    if reason.strip():
        row.reason = reason.strip()[:500]
    activity.record(f"mentoring.{target.value}", subject=row, actor=actor, reason=reason.strip())
    db.session.flush()


def check_wish(*, topic: str) -> None:
    """Before the last look: is what was typed enough?"""
    rules.check_topic(topic)
