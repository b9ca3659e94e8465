"""Which public votes exist for whom, and what one voter has done. Nothing here counts votes before the check."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from matchmaker.accounts.models import User
from matchmaker.competition.models import Contest, ContestStage, Entry, EntryMember, StageEntry
from matchmaker.competition.queries import contests, entries
from matchmaker.competition.rules.states import EntryState, Stage
from matchmaker.core.db import db
from matchmaker.core.viewer import Viewer
from matchmaker.voting.models import Candidate, CastVote, PublicVote, Voter
from matchmaker.voting.rules import Cast


def managed_by(viewer: Viewer) -> sa.Select[PublicVote]:
    """The votes of a staff member's regions."""
    shown = contests.managed_by(viewer).with_only_columns(Contest.id)
    return (
        sa.select(PublicVote)
        .join(ContestStage, ContestStage.id == PublicVote.stage_id)
        .where(ContestStage.contest_id.in_(shown))
    )


def stage_managed_by(viewer: Viewer, contest_id: int, code: str) -> sa.Select[ContestStage]:
    """A stage of a contest of a staff member's regions."""
    shown = contests.managed_by(viewer).where(Contest.id == contest_id).with_only_columns(Contest.id)
    return sa.select(ContestStage).where(ContestStage.contest_id.in_(shown), ContestStage.code == Stage(code))


def announced(vote_id: int) -> sa.Select[PublicVote]:
    """A vote of an announced contest: everybody may read its page."""
    shown = contests.public().order_by(None).with_only_columns(Contest.id)
    return (
        sa.select(PublicVote)
        .join(ContestStage, ContestStage.id == PublicVote.stage_id)
        .where(PublicVote.id == vote_id, ContestStage.contest_id.in_(shown))
    )


def of_stage(stage_id: int) -> PublicVote | None:
    """The vote of a stage that stands: the one that is not cancelled, if there is one."""
    statement = sa.select(PublicVote).where(PublicVote.stage_id == stage_id, PublicVote.cancelled.is_(None))
    found: PublicVote | None = db.session.execute(statement).unique().scalar_one_or_none()
    return found


def all_of_stage(stage_id: int) -> Sequence[PublicVote]:
    """Every vote that was planned for a stage, cancelled ones too, the newest first."""
    statement = sa.select(PublicVote).where(PublicVote.stage_id == stage_id).order_by(PublicVote.id.desc())
    return db.session.execute(statement).unique().scalars().all()


def of_contest(contest_id: int) -> sa.Select[PublicVote]:
    """The votes of a contest in the order of its stages, cancelled ones before the one that stands."""
    return (
        sa.select(PublicVote)
        .join(ContestStage, ContestStage.id == PublicVote.stage_id)
        .where(ContestStage.contest_id == contest_id)
        .order_by(ContestStage.position, PublicVote.id)
    )


def entries_of(stage_id: int) -> Sequence[Entry]:
    """The entries that compete in a stage and have not left, in the order of their numbers."""
    own = sa.select(StageEntry.entry_id).where(StageEntry.stage_id == stage_id)
    gone = (EntryState.WITHDRAWN, EntryState.DISQUALIFIED, EntryState.REJECTED)
    statement = sa.select(Entry).where(Entry.id.in_(own), Entry.state.not_in(gone)).order_by(Entry.number, Entry.id)
    return db.session.execute(statement).unique().scalars().all()


def voter(vote_id: int, key_hash: str) -> Voter | None:
    """Who has this key in a vote, once they have voted."""
    statement = sa.select(Voter).where(Voter.vote_id == vote_id, Voter.key_hash == key_hash)
    return db.session.execute(statement).scalar_one_or_none()


def has_cast(voter_id: int, candidate_id: int, slot: str) -> bool:
    """Was this very vote given before?"""
    statement = sa.select(CastVote.id).where(
        CastVote.voter_id == voter_id, CastVote.candidate_id == candidate_id, CastVote.slot == slot
    )
    return db.session.execute(statement).first() is not None


def own_choices(voter_id: int, slots: Sequence[str]) -> set[int]:
    """The candidates that a voter has voted for in these slots."""
    statement = sa.select(CastVote.candidate_id).where(CastVote.voter_id == voter_id, CastVote.slot.in_(slots))
    return set(db.session.execute(statement).scalars())


def own_entries(viewer: Viewer, vote: PublicVote) -> set[int]:
    """The entries on the ballot in which a signed-in person has a part."""
    ids = [row.entry_id for row in vote.candidates]
    return set(db.session.execute(sa.select(Entry.id).where(Entry.id.in_(ids), entries.party(viewer))).scalars())


def contacts_of(entry_id: int) -> set[str]:
    """Numbers and mail addresses of the people in an entry, as they are stored."""
    entry = sa.select(Entry.phone, Entry.email).where(Entry.id == entry_id)
    members = sa.select(EntryMember.phone, EntryMember.email).where(EntryMember.entry_id == entry_id)
    rows = [*db.session.execute(entry), *db.session.execute(members)]
    return {contact.strip().lower() for row in rows for contact in row if contact}


def seen(vote_id: int) -> list[Cast]:
    """Every vote as the check sees it; for closed votes only."""
    statement = (
        sa.select(
            CastVote.id,
            CastVote.voter_id,
            CastVote.candidate_id,
            CastVote.moment,
            CastVote.address_hash,
            CastVote.device_hash,
            Voter.account_made,
        )
        .join(Voter, Voter.id == CastVote.voter_id)
        .where(CastVote.vote_id == vote_id)
        .order_by(CastVote.id)
    )
    return [Cast(*row) for row in db.session.execute(statement)]


def struck(vote_id: int, ids: Sequence[int]) -> dict[int, CastVote]:
    """Those of these votes that are struck out, by id."""
    statement = sa.select(CastVote).where(
        CastVote.vote_id == vote_id, CastVote.id.in_(ids), CastVote.struck.is_not(None)
    )
    return {row.id: row for row in db.session.execute(statement).scalars()}


def all_struck(vote_id: int) -> set[int]:
    """The ids of all votes of a vote that are struck out."""
    statement = sa.select(CastVote.id).where(CastVote.vote_id == vote_id, CastVote.struck.is_not(None))
    return set(db.session.execute(statement).scalars())


def strikers(vote_id: int) -> set[int]:
    """Who has struck out a vote."""
    statement = sa.select(CastVote.struck_by_id).where(CastVote.vote_id == vote_id, CastVote.struck.is_not(None))
    return {user for user in db.session.execute(statement.distinct()).scalars() if user is not None}


def tally(vote_id: int) -> list[tuple[int, int, int]]:
    """(candidate, votes that count, votes struck out); only the confirmed check asks."""
    counted = sa.func.count(CastVote.id).filter(CastVote.struck.is_(None))
    out = sa.func.count(CastVote.id).filter(CastVote.struck.is_not(None))
    statement = (
        sa.select(Candidate.id, counted, out)
        .outerjoin(CastVote, CastVote.candidate_id == Candidate.id)
        .where(Candidate.vote_id == vote_id)
        .group_by(Candidate.id)
    )
    return [(candidate, votes, struck) for candidate, votes, struck in db.session.execute(statement)]


def size(vote_id: int) -> int:
    """How many votes there are; what a check was proposed about."""
    statement = sa.select(sa.func.count(CastVote.id)).where(CastVote.vote_id == vote_id)
    return int(db.session.execute(statement).scalar_one())


def personal_data(user: Any) -> dict[str, Any]:
    """What votes hold about a person: what they voted for, until the result is released."""
    statement = (
        sa.select(CastVote.moment, Entry.title)
        .join(Voter, Voter.id == CastVote.voter_id)
        .join(Candidate, Candidate.id == CastVote.candidate_id)
        .join(Entry, Entry.id == Candidate.entry_id)
        .where(Voter.user_id == user.id)
        .order_by(CastVote.id)
    )
    return {
        "votes": [{"entry": title, "moment": moment.isoformat()} for moment, title in db.session.execute(statement)]
    }


def account_made(user_id: int) -> Any:
    """When an account was made."""
    return db.session.execute(sa.select(User.created).where(User.id == user_id)).scalar_one()
