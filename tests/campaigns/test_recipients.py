"""Who gets a campaign: filters, people who cannot be reached."""

from __future__ import annotations

from datetime import timedelta

import pytest

from matchmaker.campaigns import jobs, queries
from matchmaker.campaigns.rules import Seen, Way
from matchmaker.core import clock
from matchmaker.core.db import transaction
from matchmaker.core.errors import DomainError
from matchmaker.events.models import Registration, RegistrationTag
from matchmaker.events.rules import AttendeeLine, RegistrationState
from matchmaker.events.rules import Source as Origin
from matchmaker.events.services import registrations
from matchmaker.invitations.rules import InvitationState
from matchmaker.notifications import services as notifications
from matchmaker.notifications.models import Suppression
from matchmaker.notifications.rules import Channel, MessageState, Source
from matchmaker.questionnaires.rules.definition import Definition, Field, FieldKind, Option, Section
from tests.factories.campaigns import a_campaign, change, fresh, guests, messages
from tests.factories.events import a_form, a_guest, an_event, filled
from tests.factories.invitations import an_invitation


def suppress(address, channel=Channel.MAIL):
    with transaction() as session:
        session.add(
            Suppression(
                region="650105",
                channel=channel,
                address=address,
                reason="550",
                source=Source.REFUSAL,
                since=clock.now(),
            )
        )


def test_who_cannot_be_reached_is_counted_before_and_logged_after(event, organiser):
    one, two, _three = guests(event, 3)
    change(one, email="dead@example.cn")
    change(two, email="fine@example.cn")
    suppress("dead@example.cn")
    campaign = a_campaign(event, actor=organiser, planned=True, way=Way.MAIL)

    overview = queries.overview(campaign, clock.now())
    jobs.send()
    notifications.deliver()

    assert (overview.total, overview.reached) == (3, 1)
    assert [m.reach.value for m in overview.missing] == ["suppressed", "unreachable"]
    assert [m.state for m in messages(campaign)] == [MessageState.SUPPRESSED, MessageState.SENT, MessageState.FAILED]
    assert (fresh(campaign).queued, fresh(campaign).unreachable) == (1, 2)


def names(event, organiser, **filters):
    group_id = filters.pop("group_id", None)
    campaign = a_campaign(event, actor=organiser, filters=filters, group_id=group_id)
    return [name for _person, name in queries.people(campaign, clock.now())]


def test_filters_find_whom_they_say(event, organiser):
    rows = guests(event, 5)
    change(rows[0], state=RegistrationState.WAITING)
    change(rows[1], state=RegistrationState.OFFERED, offered_until=clock.now() - timedelta(hours=1))
    change(rows[2], state=RegistrationState.OFFERED, offered_until=clock.now() + timedelta(hours=1))
    change(rows[3], handler_id=organiser.id)
    with transaction() as session:
        session.add(RegistrationTag(registration_id=rows[4].id, text="重点企业"))

    assert names(event, organiser, states=["waiting"]) == ["来宾0"]
    assert names(event, organiser, states=["lapsed"]) == ["来宾1"]
    assert names(event, organiser, states=["offered", "waiting"]) == ["来宾0", "来宾2"]
    assert names(event, organiser, handlers=[organiser.id]) == ["来宾3"]
    assert names(event, organiser, tags=["重点企业"]) == ["来宾4"]
    assert names(event, organiser, ids=[rows[1].id, rows[4].id, 999_999]) == ["来宾1", "来宾4"]
    assert names(event, organiser, sources=["walk_in"]) == []
    assert len(names(event, organiser, group_id=event.audiences[0].id)) == 5


def test_chosen_ids_never_reach_into_another_event(event, organiser):
    other = a_guest(an_event(owner=organiser, title="别的活动"), name="别的人")

    assert names(event, organiser, ids=[other.id]) == []


def test_attendance_counts_before_and_after_the_event_is_closed(event, organiser, now):
    rows = guests(event, 4)
    with transaction() as session:
        session.get_one(Registration, rows[0].id).attendees[0].attended_at = now
    change(rows[1], state=RegistrationState.ABSENT)
    change(rows[2], state=RegistrationState.ATTENDED)

    assert names(event, organiser, seen=Seen.ATTENDED.value) == ["来宾0", "来宾2"]
    assert names(event, organiser, seen=Seen.NOT_YET.value) == ["来宾3"]
    assert names(event, organiser, seen=Seen.ABSENT.value) == ["来宾1"]
    with clock.frozen(event.ends + timedelta(minutes=1)):
        assert names(event, organiser, seen=Seen.ABSENT.value) == ["来宾1", "来宾3"]


def test_an_answer_is_chosen_by_the_words_of_its_option(event, organiser):
    options = (Option("o1", "是否素食：是"), Option("o2", "否"))
    fields = (
        Field("q1", FieldKind.CHOICE, "素食", options=options),
        Field("q2", FieldKind.CHOICES, "领域", options=(Option("a", "安防"), Option("b", "材料"))),
    )
    form = a_form(event, Definition((Section("s1", "报名表", fields=fields),)))
    for name, answers in (("甲", {"q1": "o1", "q2": ["a", "b"]}), ("乙", {"q1": "o2", "q2": ["b"]})):
        with transaction():
            registrations.register_guest(
                event,
                audience=event.audiences[0],
                name=name,
                phone="13900000009",
                people=[AttendeeLine(name, "")],
                source=Origin.INVITATION,
                actor=None,
                filled=filled(form, answers),
            )

    assert names(event, organiser, question="q1", answer="否") == ["乙"]
    assert names(event, organiser, question="q2", answer="安防") == ["甲"]
    assert names(event, organiser, question="q2", answer="材料") == ["甲", "乙"]
    for chosen in ({"question": "q1", "answer": "也许"}, {"question": "q1"}, {"question": "gone", "answer": "x"}):
        with pytest.raises(DomainError):
            a_campaign(event, actor=organiser, filters=chosen)


def test_the_silent_are_the_invited_who_did_not_answer(event, organiser, now):
    invited = [an_invitation(event, actor=organiser, name=f"受邀{n}", phone=f"1380000000{n}") for n in range(4)]
    change(invited[0], state=InvitationState.SENT, sent=now)
    change(invited[1], state=InvitationState.OPENED, sent=now)
    change(invited[2], state=InvitationState.DECLINED, sent=now)
    campaign = a_campaign(event, actor=organiser, planned=True, invited=True, body="{姓名} {报名链接} {签到码}")
    over = a_campaign(event, actor=organiser, invited=True)

    jobs.send()

    assert [m.to_name for m in messages(campaign)] == ["受邀0", "受邀1"]
    assert all("/invitations/i/" in m.text and m.text.strip().endswith("—") for m in messages(campaign))
    assert (fresh(campaign).queued, fresh(campaign).expected) == (2, 2)
    with clock.frozen(event.deadline + timedelta(seconds=1)):
        assert queries.overview(over, clock.now()).total == 0
