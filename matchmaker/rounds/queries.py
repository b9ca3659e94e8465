"""Which rounds exist for whom, and who may take part."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

import sqlalchemy as sa

from matchmaker.core.db import db
from matchmaker.core.viewer import Viewer, in_regions
from matchmaker.directory.models import Person
from matchmaker.matching import queries as matching
from matchmaker.matching.models import HelpRequest, Need
from matchmaker.matching.rules import NeedState
from matchmaker.rosters import queries as rosters
from matchmaker.rosters.models import Appointment, HelperProfile
from matchmaker.rosters.rules import HELPER_KINDS
from matchmaker.rounds.models import MatchRound, RoundHelper, RoundNeed, RoundPair
from matchmaker.rounds.rules import PairState


def visible_to(viewer: Viewer) -> sa.Select[MatchRound]:
    """The rounds of one's regions."""
    return sa.select(MatchRound).where(in_regions(MatchRound.region, viewer))


def listed(viewer: Viewer, _scope: Mapping[str, str]) -> sa.Select[MatchRound]:
    """The list of rounds."""
    return visible_to(viewer)


def pairs_listed(viewer: Viewer, scope: Mapping[str, str]) -> sa.Select[RoundPair]:
    """The pairs of one round, with need and person joined."""
    own = visible_to(viewer).with_only_columns(MatchRound.id)
    return (
        sa.select(RoundPair)
        .join(Need, Need.id == RoundPair.need_id)
        .join(Person, Person.id == RoundPair.person_id)
        .where(RoundPair.round_id.in_(own), RoundPair.round_id == int(scope.get("round_id", 0)))
    )


def needs_to_choose(viewer: Viewer) -> sa.Select[Need]:
    """Open needs that this handler may act for, the oldest first: those wait longest."""
    return (
        sa.select(Need)
        .where(in_regions(Need.region, viewer), Need.state == NeedState.OPEN, matching.charged(viewer))
        .order_by(Need.created, Need.id)
    )


def helpers_to_choose(today: date) -> sa.Select[Person]:
    """Helpers in service who can be reached, by name."""
    live = sa.select(Appointment.person_id).where(Appointment.kind.in_(HELPER_KINDS), rosters.live_on(today))
    return (
        sa.select(Person)
        .where(Person.id.in_(live), Person.sample.is_(False))
        .where(sa.or_(Person.user_id.is_not(None), Person.phone.is_not(None), Person.email.is_not(None)))
        .order_by(Person.pinyin, Person.id)
    )


def kinds_of(people: Sequence[int], today: date) -> dict[int, set[str]]:
    """The live posts of people."""
    rows = db.session.execute(
        sa.select(Appointment.person_id, Appointment.kind).where(
            Appointment.person_id.in_(people), Appointment.kind.in_(HELPER_KINDS), rosters.live_on(today)
        )
    )
    found: dict[int, set[str]] = {}
    for person_id, kind in rows:
        found.setdefault(person_id, set()).add(kind.value)
    return found


def needs_of(round_id: int) -> list[Need]:
    """The needs that take part, in the order they were stated."""
    statement = (
        sa.select(Need)
        .join(RoundNeed, RoundNeed.need_id == Need.id)
        .where(RoundNeed.round_id == round_id)
        .order_by(Need.created, Need.id)
    )
    return list(db.session.execute(statement).unique().scalars())


def helpers_of(round_id: int) -> list[Person]:
    """The helpers who take part, by name."""
    statement = (
        sa.select(Person)
        .join(RoundHelper, RoundHelper.person_id == Person.id)
        .where(RoundHelper.round_id == round_id)
        .order_by(Person.pinyin, Person.id)
    )
    return list(db.session.execute(statement).unique().scalars())


def pairs_of(round_id: int) -> list[RoundPair]:
    """The pairs of a round, best first within a need."""
    statement = sa.select(RoundPair).where(RoundPair.round_id == round_id).order_by(RoundPair.need_id, RoundPair.id)
    return list(db.session.execute(statement).unique().scalars())


def proposed(round_id: int) -> list[RoundPair]:
    """The pairs that wait to be sent."""
    return [pair for pair in pairs_of(round_id) if pair.state is PairState.PROPOSED]


def places(people: Sequence[int]) -> dict[int, int]:
    """Free places of helpers; who never stated any is left out."""
    rows = db.session.execute(sa.select(HelperProfile).where(HelperProfile.person_id.in_(people))).unique().scalars()
    return {row.person_id: row.free for row in rows}


def waiting(people: Sequence[int]) -> dict[int, int]:
    """How many questions each helper has not answered."""
    rows = db.session.execute(
        sa.select(HelpRequest.person_id, sa.func.count())
        .where(HelpRequest.person_id.in_(people), HelpRequest.state == "asked")
        .group_by(HelpRequest.person_id)
    )
    return {person_id: int(count) for person_id, count in rows}


def standing(needs: Sequence[int]) -> set[tuple[int, int]]:
    """(need, person) of every question that waits or was accepted."""
    rows = db.session.execute(
        sa.select(HelpRequest.need_id, HelpRequest.person_id).where(
            HelpRequest.need_id.in_(needs), HelpRequest.state.in_(matching.LIVE)
        )
    )
    return {(need_id, person_id) for need_id, person_id in rows}
