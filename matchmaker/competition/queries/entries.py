"""Which entries exist for whom: a person who is party to an entry does not see it as staff."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import selectinload

from matchmaker.competition.models import Contest, Entry, EntryMember, JudgeSeat, Recusal
from matchmaker.competition.queries import teams
from matchmaker.competition.rules.conflicts import RecusalState
from matchmaker.competition.rules.states import EntryState
from matchmaker.core.db import db
from matchmaker.core.viewer import Viewer, in_regions


def own(viewer: Viewer) -> sa.Select[Entry]:
    """A person's and their firms' entries, the newest first."""
    return sa.select(Entry).where(_mine(viewer)).order_by(Entry.id.desc())


def own_listed(viewer: Viewer) -> sa.Select[Entry]:
    """The same with what a list of them says about each."""
    return own(viewer).options(selectinload(Entry.files))


def managed_by(viewer: Viewer) -> sa.Select[Entry]:
    """Handed-in entries of a staff member's regions, without those they are party to."""
    return (
        sa.select(Entry)
        .join(Contest, Contest.id == Entry.contest_id)
        .where(in_regions(Contest.region, viewer), Entry.state != EntryState.DRAFT, sa.not_(party(viewer)))
    )


def of_contest(viewer: Viewer, scope: Mapping[str, str]) -> sa.Select[Entry]:
    """The entries of one contest as its staff sees them."""
    text = scope.get("contest_id", "")
    own = managed_by(viewer).where(Entry.contest_id == (int(text) if text.isascii() and text.isdigit() else 0))
    return own.options(selectinload(Entry.team), selectinload(Entry.settlements))


def party(viewer: Viewer) -> sa.ColumnElement[bool]:
    """The entries in which this person has a part, or from which they have to stay away as a judge."""
    in_team = sa.select(EntryMember.entry_id).where(teams.addressed_to(viewer))
    return sa.or_(_mine(viewer), Entry.id.in_(recused_for(viewer.id)), Entry.id.in_(in_team))


def recused_for(user_id: int) -> sa.Select[int]:
    """The ids of entries from which a judge has to stay away."""
    return (
        sa.select(Recusal.entry_id)
        .join(JudgeSeat, JudgeSeat.id == Recusal.seat_id)
        .where(JudgeSeat.user_id == user_id, Recusal.state != RecusalState.IGNORED)
    )


def in_contest(contest_id: int, *states: EntryState) -> sa.Select[Entry]:
    """The entries of a contest in the given states, in order of their numbers."""
    return (
        sa.select(Entry)
        .where(Entry.contest_id == contest_id, Entry.state.in_(states))
        .options(selectinload(Entry.team))
        .order_by(Entry.group_id, Entry.id)
    )


def state_counts(viewer: Viewer, contest_id: int) -> sa.Select[EntryState, int]:
    """(state, entries) of one contest as this member of staff sees it."""
    shown = managed_by(viewer).where(Entry.contest_id == contest_id).with_only_columns(Entry.id)
    return sa.select(Entry.state, sa.func.count(Entry.id)).where(Entry.id.in_(shown)).group_by(Entry.state)


def _mine(viewer: Viewer) -> sa.ColumnElement[bool]:
    own_firms = sorted(viewer.organisation_ids)
    firms = Entry.organisation_id.in_(own_firms) if own_firms else sa.false()
    return sa.or_(Entry.user_id == viewer.id, sa.and_(Entry.organisation_id.is_not(None), firms))


def personal_data(user: Any) -> dict[str, Any]:
    """What the competition holds about a person: the entries they handed in, and where they sat as a judge."""
    statement = sa.select(Entry).where(Entry.user_id == user.id).order_by(Entry.id)
    seats = sa.select(JudgeSeat).where(JudgeSeat.user_id == user.id).order_by(JudgeSeat.id)
    return {
        "entries": [
            {
                "contest": row.contest.title,
                "title": row.title,
                "state": row.state.value,
                "leader": row.leader,
                "phone": row.phone,
                "email": row.email,
                "members": row.members,
                "created": row.created.isoformat(),
            }
            for row in db.session.execute(statement).unique().scalars()
        ],
        "entry_memberships": teams.personal_data(user),
        "judge_seats": [
            {"contest": row.contest.title, "unit": row.unit, "title": row.title, "since": row.created.isoformat()}
            for row in db.session.execute(seats).unique().scalars()
        ],
    }
