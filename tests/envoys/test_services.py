"""Visits against a real database: what is refused, who may confirm, what counts, how a year is scored."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from matchmaker.accounts.rules import Role
from matchmaker.candidacies import queries as candidacies
from matchmaker.candidacies.services import agreements
from matchmaker.core import clock
from matchmaker.core.db import db, transaction
from matchmaker.core.errors import Conflict, DomainError, Missing, NotPermitted
from matchmaker.envoys import queries
from matchmaker.envoys.models import EnvoyVisit
from matchmaker.envoys.rules import ResultKind, VisitState
from matchmaker.envoys.services import links, scoring, visits
from matchmaker.notifications.models import Message
from matchmaker.rosters import queries as rosters
from tests.cast import a_user
from tests.factories.envoys import CONTENT, a_host_member, a_photo, a_visit, account, an_envoy

YES = {"unrelated": True, "rating": 5}


@pytest.fixture
def agreement(app, now):
    return an_envoy()


def count_visits():
    return db.session.execute(sa.select(sa.func.count(EnvoyVisit.id))).scalar_one()


def test_a_visit_confirmed_by_the_host_counts_as_service(agreement):
    row, host = a_visit(agreement), a_host_member(agreement)
    assert rosters.service_minutes(agreement.person_id) == (0, 0)

    with transaction():
        visits.confirm(row, actor=host, name=host.name, **YES)

    assert (row.state, row.confirmer_name, row.by_link) == (VisitState.CONFIRMED, host.name, False)
    assert rosters.service_minutes(agreement.person_id) == (1, 240)


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"days_ago": 40}, "协议期"),
        ({"days_ago": 0}, "尚未结束"),
        ({"hours": 0}, "晚于开始"),
        ({"hours": 25, "days_ago": 3}, "24 小时"),
        ({"photo": None}, "照片"),
        ({"content": "修了"}, "10 个字"),
        ({"place": " "}, "地点"),
    ],
    ids=["before-the-agreement", "future", "empty", "more-than-a-day", "no-photo", "no-words", "no-place"],
)
def test_a_bad_visit_is_refused_in_words_and_nothing_is_kept(agreement, values, sentence):
    with pytest.raises(DomainError, match=sentence):
        a_visit(agreement, **values)

    assert count_visits() == 0


def test_a_visit_on_the_day_after_the_agreement_ended_is_refused(agreement):
    handler = a_user(Role.HANDLER)
    with transaction():
        agreements.terminate(agreement, actor=handler, reason="企业停产", day=clock.today() - timedelta(days=2))

    with pytest.raises(DomainError, match="协议期"):
        a_visit(agreement, days_ago=1)


def test_two_places_at_once_are_refused_until_the_first_is_taken_back(agreement):
    first = a_visit(agreement)
    starts = first.starts + timedelta(hours=1)
    twice = {"starts": starts, "ends": starts + timedelta(hours=4), "place": "另一家企业"}
    with pytest.raises(DomainError, match="企业二车间"):
        a_visit(agreement, **twice)

    user = account(agreement)
    with transaction():
        visits.retract(first, actor=user)

    assert a_visit(agreement, **twice).state is VisitState.WAITING


def test_more_than_a_day_in_sum_is_refused(agreement):
    early = clock.now().replace(hour=16, minute=0) - timedelta(days=3)  # midnight in Beijing
    a_visit(agreement, starts=early, ends=early + timedelta(hours=12))

    with pytest.raises(DomainError, match="24 小时"):
        a_visit(agreement, starts=early + timedelta(hours=12), ends=early + timedelta(hours=25))


def test_a_photo_proves_one_visit_whoever_made_it(agreement):
    a_visit(agreement, days_ago=3, photo=a_photo(9_001))
    with pytest.raises(DomainError, match="照片已用于"):
        a_visit(agreement, days_ago=2, photo=a_photo(9_001))
    with pytest.raises(DomainError, match="照片已用于"):
        a_visit(an_envoy(name="另一位"), days_ago=2, photo=a_photo(9_001))

    assert count_visits() == 1
    row = db.session.execute(sa.select(EnvoyVisit)).unique().scalar_one()
    with pytest.raises(IntegrityError), transaction() as session:
        values = {c.name: getattr(row, c.name) for c in EnvoyVisit.__table__.columns if c.name != "id"}
        session.add(EnvoyVisit(**values))


def test_the_envoy_confirms_nothing_even_as_a_member_of_the_host(agreement):
    row, user = a_visit(agreement), account(agreement)
    from matchmaker.accounts import services as accounts
    from matchmaker.accounts.rules import MembershipLevel

    with transaction():
        accounts.join(user, agreement.host, level=MembershipLevel.OWNER)
    with pytest.raises(NotPermitted, match="特派员不能确认"), transaction():
        visits.confirm(row, actor=user, name="换个名字", **YES)

    assert row.state is VisitState.WAITING


@pytest.mark.parametrize("by", ["name", "phone", "own-phone", "unsaid"])
def test_relatives_and_the_envoy_s_own_telephone_do_not_confirm(agreement, by):
    row, host, user = a_visit(agreement), a_host_member(agreement), account(agreement)
    with transaction():
        visits.declare(agreement.person, actor=user, name="沈二航", phone="13812340000", relation="兄弟")
    said = {
        "name": {"name": "沈二航"},
        "phone": {"name": host.name, "phone": "138 1234 0000"},
        "own-phone": {"name": host.name, "phone": agreement.person.phone},
        "unsaid": {"name": host.name, "unrelated": False},
    }[by]

    with pytest.raises(DomainError, match="亲属|特派员不能"), transaction():
        visits.confirm(row, actor=host, **{**YES, **said})

    assert row.state is VisitState.WAITING


def test_strangers_do_not_confirm(agreement):
    row, stranger = a_visit(agreement), a_user()
    with pytest.raises(NotPermitted, match="受援企业"), transaction():
        visits.confirm(row, actor=stranger, name="路人甲", **YES)


def test_the_host_without_account_confirms_by_a_link_that_ends(agreement):
    with transaction():
        agreement.host.contact_email = "host@example.cn"
        db.session.execute(sa.text("DELETE FROM memberships"))
    row = a_visit(agreement)
    mail = db.session.execute(sa.select(Message).where(Message.address == "host@example.cn")).scalars().one()
    token = mail.text.split("/v/")[1].split()[0]

    assert links.open_link(token).id == row.id
    with clock.frozen(clock.now() + timedelta(days=15)), pytest.raises(Conflict, match="过期"):
        links.open_link(token)
    with pytest.raises(Missing):
        links.open_link(token[:-2] + "xx")
    with transaction():
        visits.confirm(links.open_link(token), actor=None, name="企业王经理", **YES)
    with pytest.raises(Missing):
        links.open_link(token)
    assert (row.state, row.by_link, row.confirmer_id) == (VisitState.CONFIRMED, True, None)


def test_what_the_host_disputes_is_told_and_frees_photo_and_hours(agreement):
    row, host = a_visit(agreement, photo=a_photo(9_002)), a_host_member(agreement)
    with transaction():
        visits.dispute(row, actor=host, name=host.name, reason="当天没有来过")

    assert (row.state, row.reason) == (VisitState.DISPUTED, "当天没有来过")
    assert rosters.service_minutes(agreement.person_id) == (0, 0)
    again = a_visit(agreement, photo=a_photo(9_002))
    assert again.state is VisitState.WAITING


def test_nobody_confirms_twice(agreement):
    row, host = a_visit(agreement), a_host_member(agreement)
    with transaction():
        visits.confirm(row, actor=host, name=host.name, **YES)
    with pytest.raises(Conflict), transaction():
        visits.confirm(row, actor=host, name=host.name, **YES)


def test_missing_visits_are_listed_in_time(agreement):
    viewer = a_user(Role.HANDLER)
    begun = agreement.starts

    assert scoring.behind(viewer, today=begun + timedelta(days=30)) == []
    (row,) = scoring.behind(viewer, today=begun + timedelta(days=365))

    assert (row.agreement.id, row.done, row.due, row.missing) == (agreement.id, 0, 12, 6)


def test_a_short_visit_is_confirmed_but_does_not_count_for_the_year(agreement):
    host = a_host_member(agreement)
    for days_ago, hours in ((5, 4), (3, 2)):
        row = a_visit(agreement, days_ago=days_ago, hours=hours)
        with transaction():
            visits.confirm(row, actor=host, name=host.name, **YES)

    (progress,) = scoring.progress([agreement])
    assert progress.done == 1


def test_the_year_is_explained_line_by_line(agreement):
    handler, host, user = a_user(Role.HANDLER), a_host_member(agreement), account(agreement)
    post = db.session.execute(rosters.of_person(agreement.person_id)).scalars().one()
    with transaction():
        post.starts, post.ends = date(2026, 1, 1), date(2027, 12, 31)
    for days_ago, rating in ((3, 5), (2, 4)):
        row = a_visit(agreement, days_ago=days_ago)
        with transaction():
            visits.confirm(row, actor=host, name=host.name, unrelated=True, rating=rating)
    with transaction():
        result = scoring.add_result(
            agreement, actor=user, kind=ResultKind.CONTRACT, title="焊接工艺改进合同", day=clock.today()
        )
    with pytest.raises(NotPermitted), transaction():
        scoring.check_result(result, actor=user)
    with transaction():
        scoring.check_result(result, actor=handler)

    lines, _first, _last = scoring.lines_of(post, 2026)

    assert [(str(line.done), str(line.due), str(line.points)) for line in lines] == [
        ("2", "6", "20.00"),  # 12 visits in two years: 6 are due in one; 2 ÷ 6 × 60
        ("1", "2", "10.00"),
        ("4.50", "5", "18.00"),
    ]
    with clock.frozen(clock.now() + timedelta(days=300)), transaction():
        kept = scoring.review(post, actor=handler, year=2026, note="")
    assert (kept.total, kept.grade.value, kept.doc_no) == (48, "fail", "平台默认规则（2026）")


def test_who_has_no_live_agreement_does_not_count_that_day(agreement):
    from matchmaker.monitoring.queries import people

    today, region = clock.today(), agreement.region
    assert [line.name for line in people.envoys(region, today)] == ["沈一航"]

    handler = a_user(Role.HANDLER)
    with transaction():
        agreements.terminate(agreement, actor=handler, reason="企业停产", day=today - timedelta(days=1))

    assert people.envoys(region, today) == []
    assert candidacies.has_other_envoy(agreement.host_id, person_id=0, day=today) is False
    assert CONTENT
    assert queries.photo_used("x") is False
