"""The guest's side: whoever holds the link opens it, accepts, declines, hands it on; and changes their mind."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import sqlalchemy as sa

from matchmaker.activity import services as activity
from matchmaker.core import clock
from matchmaker.core.db import claim, db
from matchmaker.core.errors import Conflict, DomainError
from matchmaker.events import queries as event_queries
from matchmaker.events.models import Registration
from matchmaker.events.rules import AttendeeLine, RegistrationState, Source, check_open
from matchmaker.events.services import registrations, telling
from matchmaker.events.services.answering import Filled
from matchmaker.invitations import gateways, queries, rules
from matchmaker.invitations.models import Invitation
from matchmaker.invitations.rules import ANSWERABLE, Guest, InvitationState
from matchmaker.invitations.services import inviting, sending

GIVEN_UP = (RegistrationState.WITHDRAWN, RegistrationState.LAPSED)  # the guest may come back to the invitation


def find(token: str) -> tuple[Invitation | None, bool]:
    """(the invitation of a link, whether that link is still the one in use); None when it was never one of ours."""
    read = gateways.read_token(token)
    if read is None:
        return None, False
    row = db.session.execute(queries.by_id(read[0])).unique().scalar_one_or_none()
    return row, row is not None and secrets.compare_digest(row.nonce, read[1])


def note_opened(invitation: Invitation) -> bool:
    """Somebody, or a mail scanner, opened the link: the only thing that a look changes. True the first time."""
    return claim(
        sa.update(Invitation)
        .where(
            Invitation.id == invitation.id,
            Invitation.state.in_((InvitationState.DRAFT, InvitationState.SENT)),
            Invitation.nonce == invitation.nonce,
        )
        .values(state=InvitationState.OPENED, opened=clock.now())
    )


def may_answer(invitation: Invitation) -> bool:
    """Is an answer still open: none given, declined, or taken back by the guest?"""
    if invitation.state in ANSWERABLE:
        return True
    row = invitation.registration
    return invitation.state is InvitationState.ACCEPTED and row is not None and row.state in GIVEN_UP


def check_answers(invitation: Invitation) -> None:
    """Refuse an answer that comes too early, too late, or to an event that was called off."""
    audience, event = invitation.audience, invitation.event
    check_open(state=event.state, deadline=audience.closes, now=clock.now(), opens=audience.opens)


def accept(
    invitation: Invitation,
    *,
    name: str = "",
    phone: str = "",
    email: str = "",
    organisation_name: str = "",
    position: str = "",
    companions: Sequence[AttendeeLine] = (),
    note: str = "",
    viewer: Any | None = None,
    filled: Filled | None = None,
) -> Registration:
    """The guest comes: one conditional UPDATE claims the invitation, so that one link makes one registration.

    The name stays the one that was invited; a company's invitation takes the name of who comes. `viewer`: an account
    that is signed in, so that the registration stands among its own. `filled`: what the group's own form asks.
    """
    check_answers(invitation)
    guest = _person(invitation, Guest(name, position, phone, email, organisation_name))
    people = [AttendeeLine(guest.name, guest.phone), *companions, *(filled.companions if filled else ())]
    if len(people) > invitation.party_most:
        raise DomainError("这份邀请最多 {most} 人参加，含您本人", field="companions", most=invitation.party_most)
    _claim(invitation)
    row = registrations.register_guest(
        invitation.event,
        audience=invitation.audience,
        actor=None,
        source=Source.INVITATION,
        name=guest.name,
        people=people,
        phone=guest.phone,
        email=guest.email,
        organisation_id=invitation.organisation_id,
        organisation_name=guest.organisation_name,
        note=note,
        filled=filled,
        silent=True,
    )
    row.attendees[0].position = guest.position
    _bind_account(row, viewer)
    telling.tell(row, "events/mail/registered")  # with the address of the account, or of the guest
    invitation.registration = row
    invitation.state, invitation.answered, invitation.decline_reason = InvitationState.ACCEPTED, clock.now(), ""
    invitation.opened = invitation.opened or invitation.answered
    activity.record("invitations.accepted", subject=invitation, actor=viewer, registration=row.id)
    db.session.flush()
    return row


def _person(invitation: Invitation, typed: Guest) -> Guest:
    """Who comes: what the link is bound to stays, the rest is as typed."""
    bound = {"name": invitation.name, "organisation_name": invitation.company}
    guest = replace(typed, position=typed.position or invitation.position, **{k: v for k, v in bound.items() if v})
    guest = rules.checked(guest)
    if not guest.name:
        raise DomainError("请填写姓名", field="name")
    return guest


def _claim(invitation: Invitation) -> None:
    """Take the invitation for one registration; whoever comes second finds it taken."""
    again = invitation.registration_id if may_answer(invitation) else None
    free = sa.or_(
        Invitation.state.in_(ANSWERABLE),
        sa.and_(Invitation.state == InvitationState.ACCEPTED, Invitation.registration_id == (again or 0)),
    )
    taken = claim(
        sa.update(Invitation)
        .where(Invitation.id == invitation.id, Invitation.nonce == invitation.nonce, free)
        .values(state=InvitationState.OPENED, registration_id=None, version=Invitation.version + 1)
    )
    if not taken:
        raise Conflict("这份邀请刚刚已经答复过，请刷新页面查看")
    db.session.refresh(invitation)


def _bind_account(row: Registration, viewer: Any | None) -> None:
    """A guest who is signed in finds the registration among their own, unless one stands there already."""
    if viewer is None or not viewer.is_authenticated:
        return
    standing = event_queries.live_registration(
        row.event_id, user_id=viewer.id, organisation_id=row.organisation_id, audience_id=row.audience_id
    )
    if db.session.execute(standing).unique().scalars().first() is None:
        row.user_id = viewer.id
        db.session.flush()


def decline(invitation: Invitation, *, reason: str = "") -> None:
    """The guest does not come; a registration made before is withdrawn and its seats are free."""
    check_answers(invitation)
    if invitation.state is InvitationState.DECLINED:
        return
    if invitation.state is InvitationState.ACCEPTED:
        _take_back(invitation)
    taken = claim(
        sa.update(Invitation)
        .where(Invitation.id == invitation.id, Invitation.nonce == invitation.nonce, Invitation.state.in_(ANSWERABLE))
        .values(
            state=InvitationState.DECLINED,
            decline_reason=rules.one_line(reason, 500),
            answered=clock.now(),
            opened=sa.func.coalesce(Invitation.opened, clock.now()),
            version=Invitation.version + 1,
        )
    )
    if not taken:
        raise Conflict("这份邀请刚刚已经答复过，请刷新页面查看")
    db.session.refresh(invitation)
    activity.record("invitations.declined", subject=invitation, actor=None)


def _take_back(invitation: Invitation) -> None:
    row = invitation.registration
    if row is not None and row.state not in GIVEN_UP:
        registrations.withdraw(row, actor=None)
    invitation.registration, invitation.state = None, InvitationState.OPENED
    db.session.flush()


def delegate(invitation: Invitation, *, name: str, phone: str = "", email: str = "", position: str = "") -> Invitation:
    """Hand the invitation to a colleague: this link ends, the colleague gets one of their own at once."""
    check_answers(invitation)
    if not invitation.delegable:
        raise Conflict("这份邀请不能转交；您不能来时请婉拒，主办方会另行联系")
    guest = rules.checked(
        Guest(name=name, position=position, phone=phone, email=email, organisation_name=invitation.organisation_name)
    )
    if not guest.name:
        raise DomainError("请填写姓名", field="name")
    taken = claim(
        sa.update(Invitation)
        .where(Invitation.id == invitation.id, Invitation.nonce == invitation.nonce, Invitation.state.in_(ANSWERABLE))
        .values(state=InvitationState.DELEGATED, answered=clock.now(), version=Invitation.version + 1)
    )
    if not taken:
        raise Conflict("这份邀请刚刚已经答复过，请刷新页面查看")
    db.session.refresh(invitation)
    inviting.check_alone(invitation.event_id, guest)
    colleague = inviting.new(invitation.event, invitation.audience, guest, party_most=invitation.party_most)
    colleague.organisation_id, colleague.delegated_from_id = invitation.organisation_id, invitation.id
    inviting.set_tags(colleague, [row.text for row in invitation.tags])
    db.session.add(colleague)
    db.session.flush()
    activity.record("invitations.delegated", subject=invitation, actor=None, to=colleague.id)
    sending.send_one(colleague)
    return colleague
