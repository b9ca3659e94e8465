"""Which needs and requests exist for whom, and what the index is built from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import selectinload

from matchmaker.accounts.models import Membership
from matchmaker.accounts.rules import Permission
from matchmaker.core import clock
from matchmaker.core.calendar import china_today
from matchmaker.core.db import db
from matchmaker.core.viewer import Viewer, in_regions
from matchmaker.directory.models import Person, PersonDocument
from matchmaker.matching.models import (
    Dismissal,
    HelpRequest,
    Need,
    NeedOffer,
    Outcome,
    ProfileChange,
    ProfileStamp,
    Proposal,
    Referral,
    RequestPass,
    RequestService,
    WeightSwitch,
)
from matchmaker.matching.rules import NeedState, OfferState, ProposalState, ReferralState, RequestState, Secrecy, Side
from matchmaker.rosters import queries as rosters
from matchmaker.rosters.models import Appointment, HelperProfile, InvestorProfile
from matchmaker.rosters.rules import HELPER_KINDS

LIVE = (RequestState.ASKED, RequestState.ACCEPTED)


def _owned(viewer: Viewer) -> sa.ColumnElement[bool]:
    return sa.or_(
        sa.and_(Need.organisation_id.is_(None), Need.user_id == (viewer.id or -1)),
        Need.organisation_id.in_(sorted(viewer.organisation_ids)),
    )


def own(viewer: Viewer) -> sa.Select[Need]:
    """The needs of a person and their organisations, the newest first."""
    return sa.select(Need).where(_owned(viewer)).order_by(Need.id.desc())


def visible_to(viewer: Viewer) -> sa.Select[Need]:
    """One's own needs, and for handlers those of their regions, drafts of others excepted."""
    shown = _owned(viewer)
    if viewer.has(Permission.NEEDS_HANDLE):
        shown = sa.or_(shown, sa.and_(in_regions(Need.region, viewer), not_anothers_draft(viewer)))
    return sa.select(Need).where(shown)


def not_anothers_draft(viewer: Viewer) -> sa.ColumnElement[bool]:
    """A draft is its author's and their colleagues'."""
    return sa.or_(Need.state != NeedState.DRAFT, Need.user_id == (viewer.id or -1))


def charged(viewer: Viewer) -> sa.ColumnElement[bool]:
    """Needs in whose people and talks this handler has a part: open ones, and secret ones in their charge."""
    return sa.or_(Need.secrecy == Secrecy.OPEN, Need.handler_id == (viewer.id or -1))


def listed(viewer: Viewer, _scope: Mapping[str, str]) -> sa.Select[Need]:
    """The list of needs."""
    return visible_to(viewer)


def of_organisation(viewer: Viewer, organisation_id: int) -> sa.Select[Need]:
    """A firm's needs on its page; a secret one only for its own people."""
    statement = visible_to(viewer).where(Need.organisation_id == organisation_id).order_by(Need.id.desc())
    if organisation_id in viewer.organisation_ids:
        return statement
    return statement.where(Need.secrecy == "open", Need.state != NeedState.DRAFT)


def requests_visible_to(viewer: Viewer) -> sa.Select[HelpRequest]:
    """Requests of one's own needs, those put to oneself, and for handlers those of their regions."""
    shown = sa.or_(_owned(viewer), Person.user_id == (viewer.id or -1))
    if viewer.has(Permission.NEEDS_HANDLE):
        shown = sa.or_(shown, sa.and_(in_regions(HelpRequest.region, viewer), charged(viewer)))
    return (
        sa.select(HelpRequest)
        .join(Need, Need.id == HelpRequest.need_id)
        .join(Person, Person.id == HelpRequest.person_id)
        .where(shown)
    )


def put_to(viewer: Viewer) -> sa.Select[HelpRequest]:
    """Requests put to this helper, those that wait first."""
    return (
        sa.select(HelpRequest)
        .join(Person, Person.id == HelpRequest.person_id)
        .where(Person.user_id == (viewer.id or -1))
        .order_by((HelpRequest.state != RequestState.ASKED), HelpRequest.id.desc())
    )


def requests_of(need_id: int) -> sa.Select[HelpRequest]:
    """The requests of one need, in the order they were asked."""
    return sa.select(HelpRequest).where(HelpRequest.need_id == need_id).order_by(HelpRequest.id)


def live_count(need_id: int) -> int:
    """Requests that wait or were accepted."""
    statement = sa.select(sa.func.count(HelpRequest.id)).where(
        HelpRequest.need_id == need_id, HelpRequest.state.in_(LIVE)
    )
    return int(db.session.execute(statement).scalar_one())


def load_lock(person_id: int) -> sa.Select[int]:
    """Hold the helper's row until the end of the transaction: questions to one helper are counted one by one."""
    return sa.select(HelperProfile.id).where(HelperProfile.person_id == person_id).with_for_update()


def waiting_count(person_id: int) -> int:
    """Questions this helper has not answered yet."""
    statement = sa.select(sa.func.count(HelpRequest.id)).where(
        HelpRequest.person_id == person_id, HelpRequest.state == RequestState.ASKED
    )
    return int(db.session.execute(statement).scalar_one())


def waiting_proposal(request_id: int) -> sa.Select[Proposal]:
    """The other terms that wait for the owner's answer."""
    return sa.select(Proposal).where(Proposal.request_id == request_id, Proposal.state == ProposalState.WAITING)


def proposals_of(request_id: int) -> sa.Select[Proposal]:
    """All terms ever proposed for a request."""
    return sa.select(Proposal).where(Proposal.request_id == request_id).order_by(Proposal.id)


def pass_count(request_id: int) -> int:
    """How often a request was passed on."""
    statement = sa.select(sa.func.count(RequestPass.id)).where(RequestPass.request_id == request_id)
    return int(db.session.execute(statement).scalar_one())


def passed_by(viewer: Viewer) -> sa.Select[RequestPass]:
    """What this helper has handed to colleagues, the newest first."""
    mine = sa.select(Person.id).where(Person.user_id == (viewer.id or -1))
    return sa.select(RequestPass).where(RequestPass.from_person_id.in_(mine)).order_by(RequestPass.id.desc())


def _appointed_today() -> sa.Select[int]:
    return sa.select(Appointment.person_id).where(Appointment.kind.in_(HELPER_KINDS), rosters.live_on(clock.today()))


def helpers_named(folded: str) -> sa.Select[Person]:
    """Helpers in office of exactly that name."""
    return sa.select(Person).where(Person.folded_name == folded, Person.id.in_(_appointed_today())).order_by(Person.id)


def colleagues_of(person: Person) -> sa.Select[Person]:
    """Helpers in office of the same unit who can be reached."""
    same = Person.organisation_id == person.organisation_id if person.organisation_id else sa.false()
    if person.unit_text:
        same = sa.or_(same, Person.unit_text == person.unit_text)
    reachable = sa.or_(Person.user_id.is_not(None), Person.phone.is_not(None), Person.email.is_not(None))
    return (
        sa.select(Person)
        .where(same, Person.id != person.id, Person.sample.is_(False), reachable, Person.id.in_(_appointed_today()))
        .order_by(Person.name, Person.id)
        .limit(30)
    )


def due_to_expire(now: datetime) -> sa.Select[HelpRequest]:
    """Unanswered requests whose term is over."""
    return sa.select(HelpRequest).where(HelpRequest.state == RequestState.ASKED, HelpRequest.expires <= now)


def records_of(request_id: int) -> sa.Select[RequestService]:
    """Services given for a request."""
    return sa.select(RequestService).where(RequestService.request_id == request_id).order_by(RequestService.id)


def referrals_visible_to(viewer: Viewer) -> sa.Select[Referral]:
    """Wishes for people out of reach, of a handler's regions."""
    return sa.select(Referral).where(in_regions(Referral.region, viewer))


def referrals_listed(viewer: Viewer, _scope: Mapping[str, str]) -> sa.Select[Referral]:
    """The list of referrals, with need and person joined."""
    return (
        referrals_visible_to(viewer)
        .join(Need, Need.id == Referral.need_id)
        .join(Person, Person.id == Referral.person_id)
    )


def referrals_of(need_id: int) -> sa.Select[Referral]:
    """The wishes of one need that still wait."""
    return sa.select(Referral).where(Referral.need_id == need_id, Referral.state == ReferralState.WAITING)


def people_who_declined(need_id: int) -> frozenset[int]:
    """Helpers who have said no to this need: when asked, by handing it on, or by "not for me"."""
    return who_declined([need_id]).get(need_id, frozenset())


def who_declined(need_ids: Sequence[int]) -> dict[int, frozenset[int]]:
    """`people_who_declined` of each of many needs."""
    declined = sa.select(HelpRequest.need_id, HelpRequest.person_id).where(
        HelpRequest.need_id.in_(need_ids), HelpRequest.state == RequestState.DECLINED
    )
    passed = (
        sa.select(HelpRequest.need_id, RequestPass.from_person_id)
        .join(HelpRequest, HelpRequest.id == RequestPass.request_id)
        .where(HelpRequest.need_id.in_(need_ids))
    )
    dismissed = sa.select(Dismissal.need_id, Dismissal.person_id).where(
        Dismissal.need_id.in_(need_ids), Dismissal.side == Side.HELPER, Dismissal.undone.is_(None)
    )
    found: dict[int, set[int]] = {}
    for need_id, person_id in db.session.execute(sa.union(declined, passed, dismissed)):
        found.setdefault(need_id, set()).add(person_id)
    return {need_id: frozenset(people) for need_id, people in found.items()}


def people_of_unit(need: Need) -> frozenset[int]:
    """Helpers whose account belongs to the need's organisation, or who stated it themselves."""
    return own_people([need])[0]


def own_people(needs: Sequence[Need]) -> list[frozenset[int]]:
    """`people_of_unit` of each of many needs."""
    members = (
        sa.select(Membership.organisation_id, Person.id)
        .join(Person, Person.user_id == Membership.user_id)
        .where(Membership.organisation_id.in_({need.organisation_id for need in needs if need.organisation_id}))
    )
    askers = sa.select(Person.user_id, Person.id).where(Person.user_id.in_({need.user_id for need in needs}))
    by_unit: dict[int, set[int]] = {}
    for unit_id, person_id in db.session.execute(members):
        by_unit.setdefault(unit_id, set()).add(person_id)
    by_user = {user_id: {person_id} for user_id, person_id in db.session.execute(askers)}
    return [
        frozenset(by_unit.get(need.organisation_id or -1, set()) | by_user.get(need.user_id, set())) for need in needs
    ]


def stamp() -> tuple[str, int, int]:
    """(epoch, version) of the profiles in this database, and the number of the latest switch of weights; 0: none."""
    switch = sa.select(sa.func.max(WeightSwitch.number)).scalar_subquery()
    parts = (sa.select(part).scalar_subquery() for part in (ProfileStamp.epoch, ProfileStamp.version))
    epoch, version, number = db.session.execute(sa.select(*parts, switch)).one()
    return epoch or "", version or 0, number or 0


def changed_since(version: int, *, until: int) -> set[int] | None:
    """The people whose profile changed between two versions; None: too much, or no longer known."""
    statement = sa.select(ProfileChange.version, ProfileChange.person_id).where(
        ProfileChange.version > version, ProfileChange.version <= until
    )
    rows = db.session.execute(statement).all()
    if len({row[0] for row in rows}) != until - version or any(row[1] is None for row in rows):
        return None
    return {row[1] for row in rows}


def helpers(ids: Sequence[int] | None = None) -> list[Person]:
    """Everybody who could help: with a helper's appointment or a document; those of `ids` only, when given."""
    appointed = sa.select(Appointment.person_id).where(Appointment.kind.in_(HELPER_KINDS))
    wrote = sa.select(PersonDocument.person_id)
    statement = (
        sa.select(Person)
        .where(sa.or_(Person.id.in_(appointed), Person.id.in_(wrote)))
        .options(selectinload(Person.documents))
        .order_by(Person.id)
    )
    if ids is not None:
        statement = statement.where(Person.id.in_(ids))
    return list(db.session.execute(statement).unique().scalars())


def offers(ids: Sequence[int] | None, today: date) -> dict[int, dict[str, Any]]:
    """What the rosters say of each person: `kinds` by whether live today, `profile`, `investor`."""
    found: dict[int, dict[str, Any]] = {}

    def of(person_id: int) -> dict[str, Any]:
        return found.setdefault(person_id, {"live": set(), "past": set(), "profile": None, "investor": None})

    def narrowed(statement: Any, column: Any) -> Any:
        return statement if ids is None else statement.where(column.in_(ids))

    appointments = sa.select(Appointment).where(Appointment.kind.in_(HELPER_KINDS))
    for row in db.session.execute(narrowed(appointments, Appointment.person_id)).scalars():
        of(row.person_id)["live" if row.live_on(today) else "past"].add(row.kind)
    for profile in db.session.execute(narrowed(sa.select(HelperProfile), HelperProfile.person_id)).scalars():
        of(profile.person_id)["profile"] = profile
    for investor in db.session.execute(narrowed(sa.select(InvestorProfile), InvestorProfile.person_id)).scalars():
        of(investor.person_id)["investor"] = investor
    return found


def people(ids: Sequence[int]) -> dict[int, Person]:
    """People by id."""
    rows = db.session.execute(sa.select(Person).where(Person.id.in_(ids))).unique().scalars()
    return {row.id: row for row in rows}


def help_given(people: Sequence[int]) -> list[tuple[int, int, int | None, int | None]]:
    """(person, year, organisation, account) of every request that these people accepted: what keeps a judge away."""
    accepted = (RequestState.ACCEPTED, RequestState.CLOSED)
    statement = (
        sa.select(HelpRequest.person_id, HelpRequest.asked, Need.organisation_id, Need.user_id)
        .join(Need, Need.id == HelpRequest.need_id)
        .where(HelpRequest.person_id.in_(people), HelpRequest.state.in_(accepted))
        .order_by(HelpRequest.id)
    )
    return [
        (person, china_today(asked).year, organisation, account)
        for person, asked, organisation, account in db.session.execute(statement)
    ]


def outcome_of(request_id: int) -> sa.Select[Outcome]:
    """What came of a request, if that was written down."""
    return sa.select(Outcome).where(Outcome.request_id == request_id)


def offers_of(need_id: int) -> sa.Select[NeedOffer]:
    """Helpers' own offers for a need that wait for the owner."""
    return (
        sa.select(NeedOffer)
        .where(NeedOffer.need_id == need_id, NeedOffer.state == OfferState.WAITING, NeedOffer.expires > clock.now())
        .order_by(NeedOffer.id)
    )


def person(person_id: int) -> sa.Select[Person]:
    """One person of the directory."""
    return sa.select(Person).where(Person.id == person_id)
