"""Who was shown whom, who offers and who looks: the other direction, and what staff may not read of secret needs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

import sqlalchemy as sa

from matchmaker.accounts.models import Membership
from matchmaker.activity.models import Activity
from matchmaker.core import clock
from matchmaker.core.db import db
from matchmaker.core.viewer import Viewer
from matchmaker.directory.models import Person
from matchmaker.matching.models import (
    DigestChoice,
    Dismissal,
    HelpRequest,
    Impression,
    Need,
    NeedOffer,
    Referral,
    RequestPass,
    RequestService,
)
from matchmaker.matching.queries.flow import LIVE, charged, visible_to
from matchmaker.matching.rules import NeedState, OfferState, RequestState, Side
from matchmaker.notifications.models import Message
from matchmaker.rosters import queries as rosters
from matchmaker.rosters.models import Appointment, HelperProfile
from matchmaker.rosters.rules import HELPER_KINDS

MOST_OPEN = 400  # of the newest needs that are ranked for one helper
# What stands in the log about a secret need without telling whose it is.
NAMELESS = ("matching.looked", "matching.taken", "matching.released", "matching.expired")


def helper_of(viewer: Viewer) -> sa.Select[Person]:
    """The person of the directory behind this account."""
    return sa.select(Person).where(Person.user_id == (viewer.id or -1))


def open_to(person: Person, *, only: int | None = None) -> sa.Select[Need]:
    """Needs whose owners let helpers find them, and about which this helper has said or been asked nothing yet."""
    asked = sa.select(HelpRequest.need_id).where(
        HelpRequest.person_id == person.id, HelpRequest.state.in_((*LIVE, RequestState.DECLINED))
    )
    passed = (
        sa.select(HelpRequest.need_id)
        .join(RequestPass, RequestPass.request_id == HelpRequest.id)
        .where(RequestPass.from_person_id == person.id)
    )
    offered = sa.select(NeedOffer.need_id).where(
        NeedOffer.person_id == person.id, NeedOffer.state.in_((OfferState.WAITING, OfferState.REFUSED))
    )
    dismissed = sa.select(Dismissal.need_id).where(
        Dismissal.person_id == person.id, Dismissal.side == Side.HELPER, Dismissal.undone.is_(None)
    )
    statement = sa.select(Need).where(
        Need.listed.is_(True),
        Need.state.in_((NeedState.OPEN, NeedState.MATCHED)),
        sa.or_(Need.deadline.is_(None), Need.deadline >= clock.today()),
        *(Need.id.not_in(known) for known in (asked, passed, offered, dismissed)),
    )
    if only is not None:
        return statement.where(Need.id == only)
    return statement.order_by(Need.id.desc()).limit(MOST_OPEN)


def listed_needs() -> sa.Select[Need]:
    """Needs that helpers may find today."""
    return (
        sa.select(Need)
        .where(
            Need.listed.is_(True),
            Need.state.in_((NeedState.OPEN, NeedState.MATCHED)),
            sa.or_(Need.deadline.is_(None), Need.deadline >= clock.today()),
        )
        .order_by(Need.id.desc())
        .limit(MOST_OPEN)
    )


def written_in(week: date) -> frozenset[int]:
    """Helpers whose letter of that week was queued."""
    return frozenset(
        db.session.execute(sa.select(DigestChoice.person_id).where(DigestChoice.last_week == week)).scalars()
    )


def recused_needs(person: Person) -> Callable[[Need], bool]:
    """Whether a need is this helper's own or their unit's."""
    member = sa.select(Membership.organisation_id).where(Membership.user_id == (person.user_id or -1))
    units = set(db.session.execute(member).scalars()) | {person.organisation_id}

    def own(need: Need) -> bool:
        stated = person.user_id is not None and need.user_id == person.user_id
        return stated or (need.organisation_id is not None and need.organisation_id in units)

    return own


def seen_on(day: date, pairs: Sequence[tuple[int, int]], *, side: Side) -> set[tuple[int, int]]:
    """Which of these (need, person) pairs were written down that day."""
    needs, people = {need for need, _person in pairs}, {person for _need, person in pairs}
    statement = sa.select(Impression.need_id, Impression.person_id).where(
        Impression.day == day,
        Impression.side == side,
        Impression.need_id.in_(needs),
        Impression.person_id.in_(people),
    )
    return {(need, person) for need, person in db.session.execute(statement)}


def dismissal(need_id: int, person_id: int, side: Side) -> sa.Select[Dismissal]:
    """What was said to one pair from one side, undone or not."""
    return sa.select(Dismissal).where(
        Dismissal.need_id == need_id, Dismissal.person_id == person_id, Dismissal.side == side
    )


def dismissed_for(need_id: int) -> frozenset[int]:
    """Helpers whom the owner does not want to see for this need."""
    statement = sa.select(Dismissal.person_id).where(
        Dismissal.need_id == need_id, Dismissal.side == Side.OWNER, Dismissal.undone.is_(None)
    )
    return frozenset(db.session.execute(statement).scalars())


def dismissed_by(person: Person) -> Any:
    """What a helper does not want to see, the newest first, with the needs."""
    return (
        sa.select(Dismissal, Need)
        .join(Need, Need.id == Dismissal.need_id)
        .where(Dismissal.person_id == person.id, Dismissal.side == Side.HELPER, Dismissal.undone.is_(None))
        .order_by(Dismissal.created.desc(), Dismissal.id)
    )


def waiting_offers(person_id: int) -> int:
    """Offers of this helper that no owner has answered."""
    statement = sa.select(sa.func.count(NeedOffer.id)).where(
        NeedOffer.person_id == person_id, NeedOffer.state == OfferState.WAITING, NeedOffer.expires > clock.now()
    )
    return int(db.session.execute(statement).scalar_one())


def offers_by(viewer: Viewer) -> sa.Select[NeedOffer]:
    """One's own offers, the newest first."""
    mine = sa.select(Person.id).where(Person.user_id == (viewer.id or -1))
    return sa.select(NeedOffer).where(NeedOffer.person_id.in_(mine)).order_by(NeedOffer.id.desc())


def offers_to(viewer: Viewer) -> sa.Select[NeedOffer]:
    """Offers for needs this person may act on."""
    theirs = visible_to(viewer).where(
        sa.or_(charged(viewer), Need.organisation_id.in_(sorted(viewer.organisation_ids)), Need.user_id == viewer.id)
    )
    return sa.select(NeedOffer).where(NeedOffer.need_id.in_(theirs.with_only_columns(Need.id)))


def digest_readers() -> sa.Select[Person]:
    """Helpers in office with an account who take part and did not unsubscribe."""
    appointed = sa.select(Appointment.person_id).where(
        Appointment.kind.in_(HELPER_KINDS), rosters.live_on(clock.today())
    )
    out = sa.select(HelperProfile.person_id).where(HelperProfile.opted_out.is_(True))
    unsubscribed = sa.select(DigestChoice.person_id).where(DigestChoice.wanted.is_(False))
    return (
        sa.select(Person)
        .where(
            Person.id.in_(appointed),
            Person.id.not_in(out),
            Person.id.not_in(unsubscribed),
            Person.sample.is_(False),
            Person.user_id.is_not(None),
        )
        .order_by(Person.id)
    )


def digest_choice(person_id: int) -> sa.Select[DigestChoice]:
    """What a helper said about the weekly letter."""
    return sa.select(DigestChoice).where(DigestChoice.person_id == person_id)


def _hidden_needs(viewer: Viewer) -> sa.Select[int]:
    return sa.select(Need.id).where(sa.not_(charged(viewer)))


def hidden_activities(viewer: Viewer) -> sa.ColumnElement[bool]:
    """Lines that tell who is behind a secret need: for nobody but the handler in charge."""
    needs = _hidden_needs(viewer)
    requests = sa.select(HelpRequest.id).where(HelpRequest.need_id.in_(needs))
    records = sa.select(RequestService.record_id).where(RequestService.request_id.in_(requests))
    about = sa.or_(
        sa.and_(Activity.subject_kind == "needs", Activity.subject_id.in_(needs)),
        sa.and_(Activity.subject_kind == "help_requests", Activity.subject_id.in_(requests)),
        sa.and_(Activity.subject_kind == "service_records", Activity.subject_id.in_(records)),
        sa.and_(
            Activity.subject_kind == "referrals",
            Activity.subject_id.in_(sa.select(Referral.id).where(Referral.need_id.in_(needs))),
        ),
    )
    return sa.and_(about, Activity.kind.not_in(NAMELESS), Activity.actor_id.is_distinct_from(viewer.id))


def hidden_messages(viewer: Viewer) -> sa.ColumnElement[bool]:
    """Letters about secret needs: the delivery log names their readers."""
    needs = _hidden_needs(viewer)
    requests = sa.select(HelpRequest.id).where(HelpRequest.need_id.in_(needs))
    offers = sa.select(NeedOffer.id).where(NeedOffer.need_id.in_(needs))
    referrals = sa.select(Referral.id).where(Referral.need_id.in_(needs))
    about = sa.or_(
        *(
            sa.and_(Message.about_kind == kind, Message.about_id.in_(known))
            for kind, known in (
                ("needs", needs),
                ("help_requests", requests),
                ("need_offers", offers),
                ("referrals", referrals),
            )
        )
    )
    return sa.and_(about.is_(True), Message.user_id.is_distinct_from(viewer.id))
