"""Inviting, answering and writing to the invited against a real database."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from matchmaker.accounts.rules import Role
from matchmaker.core import clock
from matchmaker.core.db import db, transaction
from matchmaker.core.errors import Conflict, DomainError, NotPermitted
from matchmaker.events.models import Registration, SeatPool
from matchmaker.events.rules import AttendeeLine, EventDuty, RegistrationState, Source, WaitingPolicy
from matchmaker.events.services import registrations, team
from matchmaker.invitations import queries
from matchmaker.invitations.models import Invitation
from matchmaker.invitations.rules import MOST_REMINDERS, InvitationState
from matchmaker.invitations.services import answering, inviting, sending
from matchmaker.notifications.models import Message
from matchmaker.notifications.rules import Channel
from tests.cast import OTHER_REGION, a_user
from tests.factories.directory import an_organisation
from tests.factories.events import an_event
from tests.factories.invitations import an_invitation
from tests.factories.notifications import a_suppression


@pytest.fixture
def organiser(app, now):
    return a_user(Role.ORGANISER)


@pytest.fixture
def event(organiser):
    return an_event(owner=organiser, needs_approval=True)


def used(event):
    return db.session.execute(sa.select(SeatPool.used).where(SeatPool.event_id == event.id)).scalar_one()


def accepted(invitation, **values):
    with transaction():
        return answering.accept(invitation, **{"phone": invitation.phone, "email": invitation.email, **values})


def messages():
    return list(db.session.execute(sa.select(Message).order_by(Message.id)).scalars())


def test_who_is_invited_needs_no_approval_and_takes_a_seat(event, organiser):
    row = accepted(an_invitation(event, actor=organiser, position="总经理"))

    invitation = db.session.execute(sa.select(Invitation)).unique().scalar_one()
    assert (row.state, row.source, used(event)) == (RegistrationState.APPROVED, Source.INVITATION, 1)
    assert (invitation.state, invitation.registration_id) == (InvitationState.ACCEPTED, row.id)
    assert [(a.name, a.position) for a in row.attendees] == [("张三", "总经理")]


def test_one_link_makes_one_registration(event, organiser):
    invitation = an_invitation(event, actor=organiser)
    accepted(invitation)

    with pytest.raises(Conflict, match="已经答复"):
        accepted(invitation)

    assert used(event) == 1


def test_the_name_stays_the_one_that_was_invited(event, organiser):
    row = accepted(an_invitation(event, actor=organiser), name="李四")

    assert row.name == "张三"


def test_a_company_is_asked_and_a_person_of_it_comes(event, organiser):
    firm = an_organisation(name="红光软件有限公司")
    invitation = an_invitation(event, actor=organiser, name="", organisation_name="红光软件有限公司")

    with pytest.raises(DomainError) as refusal:
        accepted(invitation)
    row = accepted(invitation, name="王五")

    assert refusal.value.field == "name"
    assert (row.organisation_id, row.name, row.who) == (firm.id, "王五", firm.name)


def test_two_guests_of_one_company_both_come(event, organiser):
    an_organisation(name="红光软件有限公司")
    for name in ("张三", "李四"):
        accepted(an_invitation(event, actor=organiser, name=name, organisation_name="红光软件有限公司"))

    assert used(event) == 2


def test_more_companions_than_allowed_are_refused(event, organiser):
    invitation = an_invitation(event, actor=organiser, party_most=2)

    with pytest.raises(DomainError, match="最多 2 人"):
        accepted(invitation, companions=[AttendeeLine("甲", ""), AttendeeLine("乙", "")])
    row = accepted(invitation, companions=[AttendeeLine("甲", "")])

    assert (row.party, used(event)) == (2, 2)


def test_a_full_event_leads_to_the_waiting_list_or_says_so(organiser):
    full = an_event(owner=organiser, capacity=1)
    waits = an_event(owner=organiser, capacity=1, waiting_policy=WaitingPolicy.FIRST_COME)
    for event in (full, waits):
        accepted(an_invitation(event, actor=organiser, name="先来"))

    late = an_invitation(full, actor=organiser)
    with pytest.raises(Conflict, match="名额已满"):
        accepted(late)
    row = accepted(an_invitation(waits, actor=organiser))

    db.session.refresh(late)
    assert (late.state, late.registration_id) == (InvitationState.DRAFT, None)
    assert row.state is RegistrationState.WAITING


def test_changes_of_mind_until_the_deadline(event, organiser):
    invitation = an_invitation(event, actor=organiser)
    with transaction():
        answering.decline(invitation, reason="出差\r\nBcc: x")
    assert (invitation.state, invitation.decline_reason) == (InvitationState.DECLINED, "出差 Bcc: x")
    first = accepted(invitation)
    with transaction():
        answering.decline(invitation)
    assert (first.state, used(event)) == (RegistrationState.WITHDRAWN, 0)
    second = accepted(invitation)

    assert (second.id != first.id, used(event)) == (True, 1)
    with clock.frozen(event.deadline + timedelta(seconds=1)), pytest.raises(Conflict, match="已截止"):
        answering.decline(invitation)


def test_who_withdrew_the_registration_may_accept_again(event, organiser):
    invitation = an_invitation(event, actor=organiser)
    row = accepted(invitation)
    with transaction():
        registrations.withdraw(row, actor=None)

    again = accepted(invitation)

    assert (again.id != row.id, invitation.registration_id, used(event)) == (True, again.id, 1)


def test_handing_on_ends_the_link_and_writes_to_the_colleague(event, organiser):
    invitation = an_invitation(event, actor=organiser, delegable=True, tags=["贵宾"])
    nonce = invitation.nonce
    with transaction():
        colleague = answering.delegate(invitation, name="李四", email="li@example.cn")

    assert (invitation.state, colleague.state) == (InvitationState.DELEGATED, InvitationState.SENT)
    assert (colleague.delegated_from_id, colleague.delegable, colleague.nonce != nonce) == (invitation.id, False, True)
    assert [tag.text for tag in colleague.tags] == ["贵宾"]
    assert [m.address for m in messages()] == ["li@example.cn"]
    with pytest.raises(Conflict):
        accepted(invitation)


def test_handing_on_to_somebody_invited_changes_nothing(event, organiser):
    invitation = an_invitation(event, actor=organiser, delegable=True)
    an_invitation(event, actor=organiser, name="李四", phone="13000000022")

    with pytest.raises(Conflict, match="已经在邀请名单里"), transaction():
        answering.delegate(invitation, name="李四", phone="13000000022")
    db.session.refresh(invitation)
    assert invitation.state is InvitationState.DRAFT

    fixed = an_invitation(event, actor=organiser, name="王五")
    with pytest.raises(Conflict, match="不能转交"), transaction():
        answering.delegate(fixed, name="赵六", phone="13000000033")


def test_nobody_is_invited_twice(event, organiser):
    an_invitation(event, actor=organiser, email="z@example.cn")

    with pytest.raises(Conflict, match="已经在邀请名单里"):
        an_invitation(event, actor=organiser, name="张 三")
    with pytest.raises(sa.exc.IntegrityError), transaction() as session:
        twin = db.session.execute(sa.select(Invitation)).unique().scalars().first()
        session.execute(
            sa.insert(Invitation).values(
                event_id=event.id,
                audience_id=twin.audience_id,
                key=twin.key,
                phone=twin.phone,
                state=InvitationState.DRAFT,
                created=clock.now(),
            )
        )


def test_a_withdrawn_invitation_may_be_made_anew_and_then_not_restored(event, organiser):
    invitation = an_invitation(event, actor=organiser)
    with transaction():
        before = inviting.withdraw(invitation, organiser)
    again = an_invitation(event, actor=organiser)

    with pytest.raises(Conflict, match="已经在邀请名单里"), transaction():
        inviting.restore(invitation, organiser, before)
    with transaction():
        inviting.withdraw(again, organiser)
        inviting.restore(invitation, organiser)
    assert invitation.state is InvitationState.DRAFT


def test_who_accepted_is_withdrawn_in_the_list_of_registrations(event, organiser):
    invitation = an_invitation(event, actor=organiser)
    accepted(invitation)

    with pytest.raises(Conflict, match="报名名单"):
        inviting.check_withdraw(invitation, organiser)


def sent(event, organiser, *, reminder=False, paragraph=""):
    statement = queries.of_event(organiser, {"event_id": str(event.id)})
    statement = queries.to_remind(statement, clock.now()) if reminder else queries.unsent(statement)
    ids = list(db.session.execute(statement.with_only_columns(Invitation.id)).scalars())
    with transaction() as session:
        rows = list(session.execute(sa.select(Invitation).where(Invitation.id.in_(ids))).unique().scalars())
        row = sending.begin(
            rows[0].event if rows else event,
            actor=organiser,
            reminder=reminder,
            paragraph=paragraph,
            expected=len(rows),
        )
        return sending.carry_on(row, rows, actor=organiser)


def test_each_guest_gets_one_message_with_a_link_of_their_own(event, organiser):
    an_invitation(event, actor=organiser, email="z@example.cn")
    an_invitation(event, actor=organiser, name="李四", phone="13000000022")

    assert sent(event, organiser, paragraph="请<b>准时</b>") == 2
    with pytest.raises(Conflict, match="没有可以发送"):
        sent(event, organiser)

    mail, sms = messages()
    assert (mail.channel, mail.address, sms.channel, sms.address) == (
        Channel.MAIL,
        "z@example.cn",
        Channel.SMS,
        "13000000022",
    )
    links = {m.text.split("/invitations/i/")[1].split()[0] for m in (mail, sms)}
    assert len(links) == 2
    assert "请<b>准时</b>" in mail.text
    assert "<b>" not in (mail.html or "")


def test_a_stopped_address_falls_back_to_the_number_or_is_told(event, organiser):
    a_suppression(address="z@example.cn")
    a_suppression(address="w@example.cn")
    both = an_invitation(event, actor=organiser, email="z@example.cn")
    lost = an_invitation(event, actor=organiser, name="王五", phone="", email="w@example.cn")

    found = sending.recipients([both, lost])
    assert (found.mail, found.sms, found.lost) == ([], [both], [lost])
    assert sent(event, organiser) == 1
    assert [m.channel for m in messages()] == [Channel.SMS]


def test_only_the_silent_are_reminded_a_few_times(event, organiser):
    silent = an_invitation(event, actor=organiser)
    declined = an_invitation(event, actor=organiser, name="李四")
    sent(event, organiser)
    with transaction():
        answering.decline(declined)

    with pytest.raises(Conflict):
        sent(event, organiser, reminder=True)  # written to a moment ago
    for day in range(1, MOST_REMINDERS + 2):
        with clock.frozen(clock.now() + timedelta(days=day, hours=1)):
            if day > MOST_REMINDERS:
                with pytest.raises(Conflict):
                    sent(event, organiser, reminder=True)
            else:
                assert sent(event, organiser, reminder=True) == 1
    assert silent.reminders == MOST_REMINDERS


def test_a_message_that_has_not_left_can_be_called_back(event, organiser):
    invitation = an_invitation(event, actor=organiser)
    with transaction():
        before = sending.bulk_send(invitation, organiser)
    assert invitation.state is InvitationState.SENT
    with transaction():
        sending.undo_send(invitation, organiser, before)

    assert (invitation.state, invitation.sent, messages()) == (InvitationState.DRAFT, None, [])


def test_a_new_link_may_be_sent_once_more(event, organiser):
    invitation = an_invitation(event, actor=organiser)
    sent(event, organiser)
    with transaction():
        inviting.rotate(invitation, actor=organiser)

    assert sent(event, organiser) == 1
    assert len(messages()) == 2


def test_a_duty_for_one_group_reaches_no_further(event, organiser):
    helper, stranger = a_user(), a_user(Role.ORGANISER, region=OTHER_REGION)
    with transaction():
        team.give(event, actor=organiser, user=helper, duty=EventDuty.REGISTRATIONS, audience=event.audiences[0])
    invitation = an_invitation(event, actor=organiser)

    assert db.session.execute(queries.visible_to(helper)).unique().scalars().all() == [invitation]
    assert db.session.execute(queries.visible_to(stranger)).unique().scalars().all() == []
    with pytest.raises(NotPermitted):
        inviting.check_withdraw(invitation, stranger)
    inviting.check_withdraw(invitation, helper)


def test_whoever_is_signed_in_finds_the_registration_among_their_own(event, organiser):
    guest = a_user()
    first = accepted(an_invitation(event, actor=organiser), viewer=guest)
    second = accepted(an_invitation(event, actor=organiser, name="李四"), viewer=guest)

    assert (first.user_id, second.user_id) == (guest.id, None)
    assert [message.url.rsplit("/", 1)[0] for message in messages()] == ["/events/registrations", "/events/r"]


def test_an_erased_person_leaves_no_name(event, organiser):
    guest = a_user(email="gone@example.cn")
    an_invitation(event, actor=organiser, email="gone@example.cn", organisation_name="某公司")
    assert queries.personal_data(guest)["invitations"][0]["name"] == "张三"
    with transaction():
        inviting.forget(guest)

    row = db.session.execute(sa.select(Invitation)).unique().scalar_one()
    assert (row.name, row.phone, row.email, row.state) == ("已注销", "", "", InvitationState.WITHDRAWN)
    assert queries.personal_data(guest) == {"invitations": []}


def test_opening_notes_only_the_first_time(event, organiser):
    invitation = an_invitation(event, actor=organiser)
    with transaction():
        assert answering.note_opened(invitation)
    db.session.refresh(invitation)
    with transaction():
        assert not answering.note_opened(invitation)

    assert (invitation.state, db.session.query(Registration).count()) == (InvitationState.OPENED, 0)
