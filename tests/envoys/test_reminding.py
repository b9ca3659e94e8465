"""Envoys and mentors who are short of this year's number hear of it in time, once a step."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
import sqlalchemy as sa

from matchmaker.accounts.rules import Role
from matchmaker.core import clock
from matchmaker.core.db import db, transaction
from matchmaker.envoys import jobs
from matchmaker.envoys.services import reminding, visits
from matchmaker.mentoring import jobs as mentoring_jobs
from matchmaker.notifications.models import Message
from matchmaker.rosters.rules.reviews import step_of
from matchmaker.rosters.services import records
from tests.cast import OTHER_REGION, a_user, sign_in
from tests.factories.directory import a_person
from tests.factories.envoys import a_host_member, a_visit, account, an_envoy
from tests.factories.rosters import a_helper, an_appointment


def on(year, month, day):
    return clock.frozen(datetime(year, month, day, 4, tzinfo=UTC))


def subjects(user):
    rows = db.session.execute(sa.select(Message.subject).where(Message.user_id == user.id).order_by(Message.id))
    return list(rows.scalars())


@pytest.mark.parametrize(("days", "step"), [(120, None), (91, None), (90, 90), (31, 90), (30, 30), (0, 30), (-1, None)])
def test_the_step_of_a_day(days, step):
    last = date(2026, 12, 31)
    assert step_of(last - timedelta(days=days), last=last) == step


@pytest.fixture
def agreement(app, now):
    return an_envoy(starts=date(2026, 1, 1), ends=date(2027, 12, 31))


def test_an_envoy_hears_how_many_are_missing_and_by_when_once_a_step(agreement):
    user, host = account(agreement), a_host_member(agreement)
    row = a_visit(agreement)
    with transaction():
        visits.confirm(row, actor=host, name=host.name, unrelated=True, rating=5)
    told = []
    for moment in ((2026, 9, 1), (2026, 10, 2), (2026, 10, 3), (2026, 12, 5), (2026, 12, 20)):
        with on(*moment):
            told.append(jobs.remind_missing())

    assert told == [0, 1, 0, 1, 0]
    found = [subject for subject in subjects(user) if "还差" in subject]
    assert len(found) == 2
    assert all("还差 5 次" in subject for subject in found)  # 12 in two years: 6 this year, 1 done
    text = db.session.execute(sa.select(Message.text).where(Message.subject == found[0])).scalars().first()
    assert "今年应完成 6 次，企业已确认 1 次，还差 5 次，请在 12月31日" in text


def test_who_has_done_enough_or_has_left_hears_nothing(agreement):
    user, host = account(agreement), a_host_member(agreement)
    for days_ago in range(1, 7):
        row = a_visit(agreement, days_ago=days_ago)
        with transaction():
            visits.confirm(row, actor=host, name=host.name, unrelated=True, rating=5)
    with on(2026, 12, 5):
        assert reminding.short([agreement], today=clock.today()) == []
        assert jobs.remind_missing() == 0
    assert not any("还差" in subject for subject in subjects(user))


def test_an_agreement_that_ends_within_the_year_counts_to_its_last_day(app, now):
    agreement = an_envoy(starts=date(2024, 7, 1), ends=date(2026, 6, 30))
    with on(2026, 6, 5):
        (short,) = reminding.short([agreement], today=clock.today())
        assert (short.missing, short.last) == (3, date(2026, 6, 30))
        assert jobs.remind_missing() == 1


def test_handlers_see_the_same_list_of_their_regions(client, agreement):
    page = sign_in(client, a_user(Role.HANDLER)).get("/envoys/overview").text
    assert "2026 年还差的服务次数" in page
    assert agreement.host.name in page
    elsewhere = sign_in(client, a_user(Role.HANDLER, region=OTHER_REGION)).get("/envoys/overview").text
    assert agreement.host.name not in elsewhere


def test_a_mentor_below_ten_sessions_hears_of_it_and_short_ones_do_not_count(app, now):
    user = a_user(name="秦朗")
    person = a_helper(user=user, name=user.name)
    with transaction():
        for minutes in (30, 29, 60):
            row = records.record_service(
                person, actor=None, organisation_id=None, served=clock.today(), minutes=minutes, place="线上",
                content="看图纸", by_helper=True,
            )  # fmt: skip
            records.confirm(row, actor=None, by_helper=False)
    with on(2026, 11, 20):
        assert [mentoring_jobs.remind_missing(), mentoring_jobs.remind_missing()] == [1, 0]
    (subject,) = [subject for subject in subjects(user) if "辅导" in subject]
    assert "还差 6 次" in subject  # 305 of 365 days from 2 March: 8 are due, 2 of them done


def test_a_mentor_without_account_is_written_to_at_the_roster_s_address(app, now):
    an_appointment(a_person(name="周导师", email="zhou@example.cn"))
    with on(2026, 12, 10):
        assert mentoring_jobs.remind_missing() == 1
    address = db.session.execute(sa.select(Message.address).order_by(Message.id.desc())).scalars().first()
    assert address == "zhou@example.cn"
