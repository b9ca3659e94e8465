"""The people of an entry: kept as rows, asked by a signed link, answering for themselves."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from typing import Any

import sqlalchemy as sa

from matchmaker.activity import services as activity
from matchmaker.competition import access, gateways
from matchmaker.competition.models import Contest, Entry, EntryMember
from matchmaker.competition.queries import teams as queries
from matchmaker.competition.rules.entry_rules import rules_of
from matchmaker.competition.rules.states import EntryState
from matchmaker.competition.rules.teams import (
    ASKING,
    LINK_LASTS,
    MemberState,
    check_answerable,
    check_ask_again,
    check_person_limit,
)
from matchmaker.competition.services import checks
from matchmaker.core import clock
from matchmaker.core.db import db
from matchmaker.core.errors import Conflict, Missing, NotPermitted
from matchmaker.notifications import services as notifications


def keep(entry: Entry, typed: Iterable[Mapping[str, str]]) -> None:
    """Make the rows those that were typed; who got another phone or mail is asked anew."""
    present = {row.name: row for row in entry.team}
    wanted = {row["name"]: row for row in typed}
    gone = [row for name, row in present.items() if name not in wanted]
    for row in gone:
        entry.team.remove(row)
    if gone and entry.id is not None:
        db.session.flush()
    for position, (name, values) in enumerate(wanted.items()):
        contact = {"phone": values.get("phone", ""), "email": values.get("email", "")}
        known = present.get(name)
        if known is None:
            entry.team.append(
                EntryMember(position=position, name=name, state=MemberState.ASKED, nonce=_nonce(), **contact)
            )
            continue
        known.position = position
        if (known.phone, known.email) != (contact["phone"], contact["email"]):
            known.phone, known.email = contact["phone"], contact["email"]
            known.state, known.nonce = MemberState.ASKED, _nonce()
            known.asked = known.answered = known.user_id = None


def ask(entry: Entry, *, actor: Any) -> int:
    """Write to everybody who was not asked yet; returns to how many."""
    asked = [row for row in entry.team if row.state is MemberState.ASKED and row.asked is None and row.reachable]
    for row in asked:
        _ask(row, actor=actor)
    return len(asked)


def ask_again(member: EntryMember, *, actor: Any) -> None:
    """Send the link once more; the older one stops working."""
    if not access.owns(actor, member.entry):
        raise NotPermitted("只有报名人和同单位的同事可以办理")
    if member.entry.state not in ASKING:
        raise Conflict("项目提交后会自动请成员确认")
    if member.state is not MemberState.ASKED:
        raise Conflict("对方已经答复")
    if not member.reachable:
        raise Conflict("没有这位成员的手机号或邮箱，请修改报名表补上")
    check_ask_again(member.asked, now=clock.now())
    member.nonce = _nonce()
    _ask(member, actor=actor)
    db.session.flush()


def find(token: str) -> EntryMember:
    """The member of a link. Raises Missing when it is not ours, was replaced, or is too old."""
    read = gateways.read_member_token(token)
    row = db.session.get(EntryMember, read[0]) if read else None
    if read is None or row is None or row.nonce != read[1]:
        raise Missing("链接不完整或已失效，请打开最近一次收到的链接，或联系报名人重新发送")
    if clock.now().timestamp() > read[2]:
        raise Missing("链接已过期，请联系报名人重新发送")
    return row


def link_of(member: EntryMember) -> str:
    """Where a member answers; the link lasts two weeks from when it was sent."""
    until = (member.asked or clock.now()) + LINK_LASTS
    return f"/contests/m/{gateways.member_token(member.id, member.nonce, until=until)}"


def answer(member: EntryMember, *, taking_part: bool, viewer: Any) -> None:
    """A person says whether they take part; it may be changed until judging begins."""
    entry = member.entry
    one_at_a_time(entry.contest_id)
    db.session.refresh(member)
    check_answerable(entry.contest.state, entry.state)
    target = MemberState.CONFIRMED if taking_part else MemberState.DECLINED
    if member.state is target:
        return
    if taking_part:
        limit = rules_of(entry.contest).entries_per_person
        check_person_limit(len(queries.entries_of(member, besides=entry)), limit)
    member.state, member.answered = target, clock.now()
    if viewer.is_authenticated and queries.is_addressed(viewer, member):
        member.user_id = viewer.id
    activity.record(f"competition.member_{target.value}", subject=entry, actor=None, name=member.name)
    db.session.flush()
    if entry.state in (EntryState.SUBMITTED, EntryState.SCREENING):
        checks.refresh(entry)
    if not taking_part:
        notifications.enqueue(
            "competition/mail/member_declined",
            to=entry.user,
            about=entry,
            url=f"/contests/entries/{entry.id}",
            entry=entry,
            member=member,
        )
    db.session.flush()


def one_at_a_time(contest_id: int) -> None:
    """Whoever counts the entries of a person waits until others who count in this contest are through.

    Taken before anything is written, so nobody waits for somebody who waits. SQLite has one writer anyway.
    """
    row = sa.select(Contest.id).where(Contest.id == contest_id)
    db.session.execute(row.with_for_update(key_share=True))


def check_leader(entry: Entry) -> None:
    """Whoever leads an entry is in no more entries than the rules allow."""
    limit = rules_of(entry.contest).entries_per_person
    check_person_limit(len(queries.entries_led_or_confirmed(entry)), limit)


def forget(user: Any) -> None:
    """A person who leaves is nobody in the teams they were in."""
    statement = sa.select(EntryMember).where(queries.addressed_to(user))
    for row in db.session.execute(statement).unique().scalars():
        row.name = f"已注销 {row.id}"
        row.phone = row.email = ""
        row.user_id = None
    db.session.flush()


def _ask(member: EntryMember, *, actor: Any) -> None:
    member.asked = clock.now()
    db.session.flush()
    entry = member.entry
    notifications.enqueue(
        "competition/mail/member_asked",
        email=member.email or None,
        phone=None if member.email else member.phone,
        to_name=member.name,
        about=entry,
        entry=entry,
        member=member,
        asker=actor.name,
        contest=entry.contest,
        link=notifications.base_url() + link_of(member),
    )


def _nonce() -> str:
    return secrets.token_hex(8)
