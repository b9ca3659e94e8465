"""Planning, sending in portions, calling off, late and killed senders, copies."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from matchmaker.activity.models import Activity
from matchmaker.campaigns import jobs, queries
from matchmaker.campaigns.models import Campaign
from matchmaker.campaigns.rules import CampaignState, Timing
from matchmaker.campaigns.services import sending, writing
from matchmaker.core import clock
from matchmaker.core.db import db, transaction
from matchmaker.core.errors import Conflict, DomainError
from matchmaker.events.models import Event
from matchmaker.events.rules import EventState
from matchmaker.events.services import registrations
from matchmaker.notifications import services as notifications
from matchmaker.notifications.rules import Channel, MessageState
from tests.factories.campaigns import a_campaign, campaign_values, change, fresh, guests, messages
from tests.factories.events import a_guest, an_event


def test_everybody_gets_their_own_words_once(event, organiser):
    one, two = guests(event, 2)
    change(two, email="two@example.cn")
    campaign = a_campaign(event, actor=organiser, planned=True, body="{姓名} {签到码} {报名链接} {候补位置}")

    jobs.send()
    jobs.send()

    first, second = messages(campaign)
    assert (first.channel, first.address, second.channel, second.address) == (
        Channel.SMS,
        one.phone,
        Channel.MAIL,
        "two@example.cn",
    )
    assert one.attendees[0].code in first.text
    assert two.attendees[0].code in second.text
    assert "/events/r/" in first.text
    assert first.text.strip().endswith("—")
    row = fresh(campaign)
    assert (row.state, row.queued, row.unreachable, row.progress) == (CampaignState.SENT, 2, 0, 100)


def test_values_are_escaped_and_headers_stay_one_line(event, organiser):
    change(event, title="招商\r\nBcc: all@example.cn <b>会</b>")
    change(a_guest(event, name="<script>x</script>"), email="a@example.cn")
    campaign = a_campaign(event, actor=organiser, planned=True, subject="{活动}", body="{姓名}{{姓名}}")

    jobs.send()

    [message] = messages(campaign)
    assert "\n" not in message.subject
    assert "<script>" not in message.html
    assert "&lt;script&gt;" in message.html


def test_one_address_gets_one_message_unless_each_is_wanted(event, organiser):
    for name in ("甲", "乙", "丙"):
        a_guest(event, name=name, phone="13900000001")
    once = a_campaign(event, actor=organiser, planned=True)
    each = a_campaign(event, actor=organiser, planned=True, each=True)

    jobs.send()

    assert len(messages(once)) == 1
    assert len(messages(each)) == 3
    assert (fresh(once).queued, fresh(once).shared) == (1, 2)


def test_a_shared_address_is_found_over_portions(event, organiser, monkeypatch):
    monkeypatch.setattr(sending, "PORTION", 1)
    for name in ("甲", "乙", "丙"):
        a_guest(event, name=name, phone="13900000001")
    campaign = a_campaign(event, actor=organiser, planned=True)

    jobs.send()

    assert len(messages(campaign)) == 1
    assert fresh(campaign).shared == 2


def test_a_relative_campaign_moves_with_the_event_and_finds_who_is_there_then(event, organiser):
    campaign = a_campaign(event, actor=organiser, planned=True, timing=Timing.BEFORE_START, minutes=60)
    with clock.frozen(event.starts - timedelta(minutes=60)):
        change(event, starts=event.starts + timedelta(days=1), ends=event.ends + timedelta(days=1))
        jobs.send()
        assert fresh(campaign).state is CampaignState.PLANNED
    a_guest(event)
    with clock.frozen(event.starts - timedelta(minutes=59)):
        jobs.send()

    assert fresh(campaign).state is CampaignState.SENT
    assert len(messages(campaign)) == 1


@pytest.mark.parametrize(("hours", "state"), [(5, CampaignState.SENT), (7, CampaignState.MISSED)])
def test_after_an_outage_it_is_sent_or_marked(event, organiser, hours, state):
    guests(event, 1)
    moment = clock.now() + timedelta(days=1)
    campaign = a_campaign(event, actor=organiser, planned=True, timing=Timing.MOMENT, moment=moment)

    with clock.frozen(moment + timedelta(hours=hours)):
        jobs.send()
        assert fresh(campaign).state is state
        missed = db.session.execute(queries.missed_for(organiser, clock.now() - timedelta(days=1)))

    assert len(missed.unique().all()) == (state is CampaignState.MISSED)
    assert len(messages(campaign)) == (state is CampaignState.SENT)


def test_a_plan_of_a_cancelled_event_is_not_sent(event, organiser):
    guests(event, 1)
    campaign = a_campaign(event, actor=organiser, planned=True, timing=Timing.BEFORE_START, minutes=60)
    change(event, state=EventState.CANCELLED)

    with clock.frozen(event.starts - timedelta(minutes=60)):
        jobs.send()

    assert fresh(campaign).state is CampaignState.MISSED
    assert fresh(campaign).missed_for == sending.NOT_HELD


def test_a_killed_sender_serves_nobody_twice_and_loses_nobody(event, organiser, monkeypatch):
    monkeypatch.setattr(sending, "PORTION", 2)
    guests(event, 7)
    campaign = a_campaign(event, actor=organiser, planned=True)
    with transaction():
        assert sending.begin(fresh_in(campaign))
    with transaction():
        assert sending.serve(fresh_in(campaign))
    written = []

    def dies(*args, **kwargs):
        written.append(args)
        raise KeyboardInterrupt

    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(sending.notifications, "enqueue_text", dies)
        jobs.send()
    assert written
    assert len(messages(campaign)) == 2
    assert fresh(campaign).queued == 2

    jobs.send()

    keys = [m.dedupe for m in messages(campaign)]
    assert len(keys) == len(set(keys)) == 7
    assert fresh(campaign).queued == 7


def fresh_in(campaign):
    return db.session.execute(queries.one(campaign.id)).unique().scalar_one()


def test_two_senders_begin_and_serve_a_portion_once(event, organiser):
    guests(event, 3)
    campaign = a_campaign(event, actor=organiser, planned=True)
    with transaction():
        row = fresh_in(campaign)
        assert sending.begin(row)
        assert not sending.begin(row)
    with transaction():
        row = fresh_in(campaign)
        assert sending.serve(row)
    with transaction() as session:
        row = fresh_in(campaign)
        session.execute(sa.update(Campaign).where(Campaign.id == row.id).values(cursor=0))
        session.refresh(row)
        elsewhere = sa.update(Campaign).where(Campaign.id == row.id).values(cursor=2)
        session.execute(elsewhere.execution_options(synchronize_session=False))
        assert not sending.serve(row)

    assert len(messages(campaign)) == 3


def test_a_plan_and_the_rest_of_a_sending_can_be_called_off(event, organiser, monkeypatch):
    monkeypatch.setattr(sending, "PORTION", 2)
    guests(event, 5)
    plan = a_campaign(event, actor=organiser, planned=True, timing=Timing.BEFORE_START, minutes=60)
    running = a_campaign(event, actor=organiser, planned=True)
    notifications.deliver()  # what they were told on registering
    with transaction():
        sending.begin(fresh_in(running))
        sending.serve(fresh_in(running))
    notifications.deliver(limit=1)

    with transaction():
        assert writing.cancel(fresh_in(plan), actor=organiser) == 0
    with transaction():
        assert writing.cancel(fresh_in(running), actor=organiser) == 1
    jobs.send()

    assert fresh(plan).state is fresh(running).state is CampaignState.CANCELLED
    assert [m.state for m in messages(running)] == [MessageState.SENT, MessageState.CANCELLED]


def test_what_was_sent_cannot_be_changed_or_planned_again(event, organiser):
    guests(event, 1)
    campaign = a_campaign(event, actor=organiser, planned=True)
    jobs.send()

    with pytest.raises(Conflict), transaction():
        writing.edit(fresh_in(campaign), actor=organiser, **campaign_values())
    with pytest.raises(Conflict), transaction():
        writing.plan(fresh_in(campaign), actor=organiser)


@pytest.mark.parametrize(
    "values",
    [
        {"timing": Timing.BEFORE_START, "minutes": 60 * 24 * 30},
        {"timing": Timing.MOMENT, "moment": None},
        {"body": "{电话}"},
        {"subject_en": "{phone}"},
        {"group_id": 99_999},
    ],
)
def test_a_plan_that_cannot_be_is_refused(event, organiser, values):
    with pytest.raises(DomainError):
        a_campaign(event, actor=organiser, planned=True, **values)


def test_an_edited_plan_is_a_draft_again(event, organiser):
    campaign = a_campaign(event, actor=organiser, planned=True, timing=Timing.BEFORE_START, minutes=60)

    with transaction():
        writing.edit(fresh_in(campaign), actor=organiser, **campaign_values(name="改过"))

    assert fresh(campaign).state is CampaignState.DRAFT
    with clock.frozen(event.starts - timedelta(minutes=60)):
        jobs.send()
    assert messages(campaign) == []


def test_a_campaign_stands_for_the_default_reminder_only_while_it_is_planned(event, organiser):
    guests(event, 2)
    campaign = a_campaign(
        event, actor=organiser, planned=True, timing=Timing.BEFORE_START, minutes=60, replaces_reminder=True
    )

    with clock.frozen(event.starts - timedelta(hours=23)):
        with transaction():
            assert registrations.remind() == 0
        with transaction():
            writing.cancel(fresh_in(campaign), actor=organiser)
        with transaction():
            assert registrations.remind() == 2


def test_copies_bring_relative_plans_along_as_drafts(event, organiser):
    a_campaign(event, actor=organiser, planned=True, name="带走", timing=Timing.BEFORE_START, minutes=60)
    a_campaign(
        event, actor=organiser, planned=True, name="人群", timing=Timing.AFTER_END, group_id=event.audiences[0].id
    )
    a_campaign(event, actor=organiser, name="马上", timing=Timing.NOW)
    a_campaign(event, actor=organiser, name="名单", timing=Timing.BEFORE_START, filters={"ids": [1]})
    copied = an_event(owner=organiser, title="下一届")

    with transaction() as session:
        writing.copy(session.get_one(Event, event.id), session.get_one(Event, copied.id), timedelta(days=30))

    rows = db.session.execute(sa.select(Campaign).where(Campaign.event_id == copied.id).order_by(Campaign.id))
    found = [(row.name, row.state, row.group_id) for row in rows.unique().scalars()]
    assert found == [
        ("带走", CampaignState.DRAFT, None),
        ("人群", CampaignState.DRAFT, copied.audiences[0].id),
    ]


def test_every_step_is_in_the_activity_log(event, organiser):
    guests(event, 1)
    campaign = a_campaign(event, actor=organiser, planned=True)
    jobs.send()

    kinds = db.session.execute(
        sa.select(Activity.kind)
        .where(Activity.subject_kind == "campaigns", Activity.subject_id == campaign.id)
        .order_by(Activity.id)
    )
    assert list(kinds.scalars()) == ["campaigns.drafted", "campaigns.planned", "campaigns.sent"]


def test_queries_of_a_portion_do_not_grow_with_it(event, organiser, count_queries):
    def cost(count):
        campaign = a_campaign(event, actor=organiser, planned=True)
        with transaction():
            sending.begin(fresh_in(campaign))
        count_queries.clear()
        with transaction():
            sending.serve(fresh_in(campaign))
        assert len(messages(campaign)) == count
        return sum(not statement.startswith("INSERT INTO messages") for statement in count_queries)

    guests(event, 3)
    few = cost(3)
    for n in range(3, 40):
        a_guest(event, name=f"来宾{n}", phone=f"139{n:08d}")

    assert cost(40) <= few
