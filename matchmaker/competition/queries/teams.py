"""The people of entries: which rows are addressed to whom, and in how many entries somebody is."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import sqlalchemy as sa

from matchmaker.competition.models import Contest, Entry, EntryMember
from matchmaker.competition.rules.states import ContestState, EntryState
from matchmaker.competition.rules.teams import ASKING, GONE, MemberState
from matchmaker.core.db import db

COUNTED = tuple(state for state in EntryState if state not in (*GONE, EntryState.DRAFT, EntryState.REJECTED))


def addressed_to(viewer: Any) -> sa.ColumnElement[bool]:
    """Rows that bear a mail address or number that this person proved to be theirs."""
    own = [EntryMember.user_id == viewer.id]
    if getattr(viewer, "email", None) and getattr(viewer, "email_confirmed", None):
        own.append(EntryMember.email == viewer.email.lower())
    if getattr(viewer, "phone", None) and getattr(viewer, "phone_confirmed", None):
        own.append(EntryMember.phone == viewer.phone)
    return sa.or_(*own)


def of_entry(entry_id: int) -> sa.Select[EntryMember]:
    """The people of one entry."""
    return sa.select(EntryMember).where(EntryMember.entry_id == entry_id).order_by(EntryMember.position, EntryMember.id)


def is_addressed(viewer: Any, member: EntryMember) -> bool:
    """Is this row about this person?"""
    mail = bool(viewer.email and viewer.email_confirmed and member.email == viewer.email.lower())
    return mail or bool(viewer.phone and viewer.phone_confirmed and member.phone == viewer.phone)


def memberships_of(viewer: Any) -> sa.Select[EntryMember]:
    """The entries that name this person as a member, handed in ones only, the newest first."""
    return (
        sa.select(EntryMember)
        .join(Entry, Entry.id == EntryMember.entry_id)
        .where(addressed_to(viewer), Entry.state.not_in((EntryState.DRAFT, *GONE)))
        .order_by(EntryMember.id.desc())
    )


def waiting_for(viewer: Any) -> sa.Select[EntryMember]:
    """The rows this person has not answered yet, and still may."""
    return (
        memberships_of(viewer)
        .join(Contest, Contest.id == Entry.contest_id)
        .where(EntryMember.state == MemberState.ASKED, Entry.state.in_(ASKING))
        .where(Contest.state.in_((ContestState.REGISTRATION, ContestState.SCREENING)))
    )


def entries_of(member: EntryMember, *, besides: Entry) -> list[int]:
    """Other entries of the contest that this person leads or has confirmed."""
    return _taking_part(besides, phones=_some(member.phone), mails=_some(member.email))


def entries_led_or_confirmed(entry: Entry) -> list[int]:
    """Other entries of the contest that the leader of this one leads or has confirmed."""
    return _taking_part(entry, phones=_some(entry.phone), mails=_some(entry.email.lower()))


def crowded(entry: Entry, limit: int | None) -> list[str]:
    """The people of an entry who are in more entries than the rules allow, by name."""
    if limit is None:
        return []
    people = [(entry.leader, entry.phone, entry.email.lower())]
    people += [(m.name, m.phone, m.email) for m in entry.team if m.state is MemberState.CONFIRMED]
    return [
        name
        for name, phone, mail in people
        if len(_taking_part(entry, phones=_some(phone), mails=_some(mail))) + 1 > limit
    ]


def personal_data(user: Any) -> list[dict[str, Any]]:
    """Where a person is named as a member."""
    rows = db.session.execute(sa.select(EntryMember).where(addressed_to(user)).order_by(EntryMember.id)).scalars()
    return [
        {
            "entry": row.entry.title,
            "contest": row.entry.contest.title,
            "name": row.name,
            "phone": row.phone,
            "email": row.email,
            "state": row.state.value,
            "answered": row.answered.isoformat() if row.answered else None,
        }
        for row in rows
    ]


def _some(text: str) -> tuple[str, ...]:
    return (text,) if text else ()


def _taking_part(entry: Entry, *, phones: Collection[str], mails: Collection[str]) -> list[int]:
    if not phones and not mails:
        return []
    leads = sa.or_(Entry.phone.in_(phones), sa.func.lower(Entry.email).in_(mails))
    member = (
        sa.select(EntryMember.id)
        .where(EntryMember.entry_id == Entry.id, EntryMember.state == MemberState.CONFIRMED)
        .where(sa.or_(EntryMember.phone.in_(phones), EntryMember.email.in_(mails)))
        .exists()
    )
    statement = sa.select(Entry.id).where(
        Entry.contest_id == entry.contest_id, Entry.id != entry.id, Entry.state.in_(COUNTED), sa.or_(leads, member)
    )
    return list(db.session.execute(statement).scalars())
