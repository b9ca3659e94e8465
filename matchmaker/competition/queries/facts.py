"""What the records hold about judges and entries, as far as recusal compares them: read for many at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import selectinload

from matchmaker.accounts.models import User
from matchmaker.activity.models import Activity
from matchmaker.competition.models import Contest, Entry, EntryTie, JudgeSeat, RecusalWish
from matchmaker.competition.rules.detection import (
    Employment,
    Entrant,
    Help,
    Individual,
    Judge,
    Tie,
    TieKind,
    Unit,
    Wish,
)
from matchmaker.core.calendar import china_today
from matchmaker.core.db import db
from matchmaker.core.feature import features
from matchmaker.directory.models import FormerName, Organisation, Person
from matchmaker.rosters.models import ServiceRecord

CHUNK = 500


def judges_of(seats: Sequence[JudgeSeat]) -> dict[int, Judge]:
    """What is known about the people on these seats, by seat."""
    users = sorted({seat.user_id or seat.user.id for seat in seats})
    people = {row.user_id: row for row in _all(sa.select(Person), Person.user_id, users)}
    _with_memberships(users)
    left, sat, helped = _left(users), _sat(users), _helped(people)
    units = _Units()
    units.learn(
        [m.organisation for seat in seats for m in seat.user.memberships]
        + [seat.organisation for seat in seats]
        + [person.organisation for person in people.values()]
        + [organisation for rows in left.values() for organisation, _year in rows]
    )
    found: dict[int, Judge] = {}
    for seat in seats:
        user, person = seat.user, people.get(seat.user.id)
        own = Individual(
            name=user.name, person=user.id, phone=_first(user, person, "phone"), mail=_first(user, person, "email")
        )
        jobs = [*_jobs_now(seat, person, units)]
        jobs += [Employment(units.of(organisation), until=year) for organisation, year in left[user.id]]
        jobs += [Employment(Unit(name=str(row["unit"])), until=int(row["until"])) for row in seat.earlier_units]
        jobs += [
            Employment(Unit(name=name), until=year)
            for contest, name, year in sat[user.id]
            if contest != seat.contest_id
        ]
        found[seat.id] = Judge(individual=own, employers=tuple(jobs), helped=tuple(helped[user.id]))
    return found


def entrants_of(entries: Sequence[Entry]) -> dict[int, Entrant]:
    """Who stands behind these entries, by entry."""
    ids = sorted(entry.id for entry in entries)
    ties: dict[int, list[Tie]] = defaultdict(list)
    for tie in _all(sa.select(EntryTie).order_by(EntryTie.id), EntryTie.entry_id, ids):
        ties[tie.entry_id].append(Tie(tie.kind, tie.name, tie.unit))
    wishes: dict[int, list[Wish]] = defaultdict(list)
    standing = sa.select(RecusalWish).where(RecusalWish.withdrawn.is_(None)).order_by(RecusalWish.id)
    for wish in _all(standing, RecusalWish.entry_id, ids):
        wishes[wish.entry_id].append(Wish(wish.id, wish.name, wish.unit))
    units = _Units()
    units.learn([entry.organisation for entry in entries])
    return {
        entry.id: Entrant(
            unit=units.of(entry.organisation) if entry.organisation else None,
            people=tuple(_people(entry)),
            ties=(*_known_ties(entry.organisation), *ties[entry.id]),
            wishes=tuple(wishes[entry.id]),
        )
        for entry in entries
    }


class _Units:
    """Organisations with the names they had, read once."""

    def __init__(self) -> None:
        self._former: dict[int, list[str]] = defaultdict(list)

    def learn(self, organisations: Iterable[Organisation | None]) -> None:
        """Read the former names of these organisations."""
        ids = sorted({row.id for row in organisations if row is not None})
        for former in _all(sa.select(FormerName).order_by(FormerName.id), FormerName.organisation_id, ids):
            self._former[former.organisation_id].append(former.name)

    def of(self, organisation: Organisation) -> Unit:
        """An organisation as recusal sees it."""
        return Unit(
            name=organisation.name,
            organisation=organisation.id,
            uscc=organisation.uscc or "",
            former=tuple(self._former[organisation.id]),
        )


def _all(statement: sa.Select[Any], column: Any, ids: Sequence[int]) -> list[Any]:
    rows: list[Any] = []
    for start in range(0, len(ids), CHUNK):
        chunk = statement.where(column.in_(ids[start : start + CHUNK]))
        rows += db.session.execute(chunk).unique().scalars().all()
    return rows


def _with_memberships(users: Sequence[int]) -> None:
    """Load the memberships of all judges at once; they are read from the session afterwards."""
    _all(sa.select(User).options(selectinload(User.memberships)), User.id, users)


def _left(users: Sequence[int]) -> dict[int, list[tuple[Organisation, int]]]:
    """(organisation, year) of organisations that these people were members of on this platform."""
    who = Activity.data["user_id"].as_integer()
    lines = _all(sa.select(Activity).where(Activity.kind == "accounts.left").order_by(Activity.id), who, users)
    ids = sorted({line.subject_id for line in lines})
    firms = {row.id: row for row in _all(sa.select(Organisation), Organisation.id, ids)}
    found: dict[int, list[tuple[Organisation, int]]] = defaultdict(list)
    for line in lines:
        if line.subject_id in firms:
            found[line.data["user_id"]].append((firms[line.subject_id], china_today(line.moment).year))
    return found


def _sat(users: Sequence[int]) -> dict[int, list[tuple[int, str, int]]]:
    """(contest, unit, year): where these people worked when they sat in other contests."""
    found: dict[int, list[tuple[int, str, int]]] = defaultdict(list)
    statement = sa.select(JudgeSeat).join(Contest, Contest.id == JudgeSeat.contest_id).order_by(JudgeSeat.id)
    for seat in _all(statement, JudgeSeat.user_id, users):
        if seat.unit:
            found[seat.user_id].append((seat.contest_id, seat.unit, seat.contest.year))
    return found


def _helped(people: dict[int | None, Person]) -> dict[int, list[Help]]:
    """Whom these people served: from the records of service, and from what features above know of."""
    users = {person.id: user for user, person in people.items() if user is not None}
    found: dict[int, list[Help]] = defaultdict(list)
    ids = sorted(users)
    served = _all(sa.select(ServiceRecord).order_by(ServiceRecord.id), ServiceRecord.person_id, ids)
    for record in served:
        if record.organisation_id is not None:
            found[users[record.person_id]].append(Help(record.served.year, organisation=record.organisation_id))
    for feature in features().all:
        if feature.help_given is not None and ids:
            for person, year, organisation, account in feature.help_given(ids):
                found[users[person]].append(Help(year, organisation=organisation, person=account))
    return found


def _jobs_now(seat: JudgeSeat, person: Person | None, units: _Units) -> Iterable[Employment]:
    for organisation in (seat.organisation, person.organisation if person else None):
        if organisation is not None:
            yield Employment(units.of(organisation))
    for membership in seat.user.memberships:
        yield Employment(units.of(membership.organisation))
    for text in (seat.unit_text, person.unit_text if person else None):
        if text:
            yield Employment(Unit(name=text))


def _first(user: User, person: Person | None, key: str) -> str:
    return str(getattr(user, key) or (getattr(person, key) if person else None) or "")


def _people(entry: Entry) -> Iterable[Individual]:
    yield Individual(name=entry.leader, phone=entry.phone, mail=entry.email)
    for member in entry.members:
        yield Individual(
            name=member.get("name", ""),
            person=member.get("user_id"),
            phone=member.get("phone", ""),
            mail=member.get("email", ""),
        )
    if entry.user is not None:
        yield Individual(
            name=entry.user.name, person=entry.user.id, phone=entry.user.phone or "", mail=entry.user.email or ""
        )
    firm = entry.organisation
    if firm is not None and (firm.contact_name or firm.contact_phone or firm.contact_email):
        yield Individual(name=firm.contact_name or "", phone=firm.contact_phone or "", mail=firm.contact_email or "")


def _known_ties(firm: Organisation | None) -> tuple[Tie, ...]:
    """What the directory says: the legal representative counts as an officer."""
    if firm is None or not firm.legal_representative:
        return ()
    return (Tie(TieKind.OFFICER, firm.legal_representative),)
