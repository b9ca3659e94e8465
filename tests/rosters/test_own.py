"""What helpers show of themselves, the pool of experts, and who reads a telephone number."""

from __future__ import annotations

import pytest

from matchmaker.accounts.models import User
from matchmaker.accounts.rules import Role
from matchmaker.competition.queries import judging
from matchmaker.core import clock
from matchmaker.core.db import db, transaction
from matchmaker.core.errors import Conflict, DomainError, NotPermitted
from matchmaker.core.viewer import Nobody
from matchmaker.directory.rules import DocumentKind
from matchmaker.rosters import access, queries
from matchmaker.rosters.rules import AppointmentKind
from matchmaker.rosters.services import works
from tests.cast import OTHER_REGION, a_user, sign_in
from tests.factories import competition
from tests.factories.directory import a_person
from tests.factories.rosters import a_helper, an_appointment

PHONE = "13912345678"


@pytest.fixture
def researcher(app, now):
    return a_helper(user=a_user(), kind=AppointmentKind.RESEARCHER, name="沈若琳")


def test_a_researcher_lists_adds_and_drops_works(client, researcher):
    sign_in(client, db.session.get_one(User, researcher.user_id))
    form = {"kind": "paper", "title": "大雪场景识别", "year": "2024", "text": "夜间和大雪", "keywords": "雪,夜"}
    assert client.post("/rosters/own/works", data=form).status_code == 303
    again = client.post("/rosters/own/works", data=form)
    assert again.status_code == 422
    assert "已经登记过" in again.text
    (row,) = db.session.execute(queries.works_of(researcher.id)).scalars().all()
    assert (row.keywords, row.year, row.kind) == (["雪", "夜"], 2024, DocumentKind.PAPER)

    other = a_helper(user=a_user(), kind=AppointmentKind.RESEARCHER)
    sign_in(client, db.session.get_one(User, other.user_id))
    assert client.post(f"/rosters/own/works/{row.id}/drop").status_code == 404
    sign_in(client, db.session.get_one(User, researcher.user_id))
    client.post(f"/rosters/own/works/{row.id}/drop")
    assert "还没有论文和成果" in client.get("/rosters/own/works").text


def test_a_year_to_come_and_another_s_record_are_refused(researcher):
    with pytest.raises(DomainError, match="年份"), transaction():
        works.add_work(researcher, actor=None, kind=DocumentKind.PAPER, title="未来", year=2999)
    stranger = a_user()
    with pytest.raises(NotPermitted), transaction():
        works.add_work(researcher, actor=stranger, kind=DocumentKind.PAPER, title="冒充")
    with transaction():
        works.add_work(researcher, actor=None, kind=DocumentKind.PAPER, title="Snow ＡＢＣ")
    with pytest.raises(Conflict), transaction():
        works.add_work(researcher, actor=None, kind=DocumentKind.PAPER, title="snow abc")


def test_an_investor_tells_of_past_deals(client, app, now):
    user = a_user()
    person = a_helper(user=user, kind=AppointmentKind.INVESTOR)
    sign_in(client, user)
    form = {"company": "某传感器公司", "year": "2024", "stage": "angel", "amount_fen": "300"}
    assert client.post("/rosters/own/deals", data=form).status_code == 303

    (row,) = db.session.execute(queries.deals_of(person.id)).scalars().all()
    assert (row.company, row.amount_fen, row.stage.value) == ("某传感器公司", 300 * 1_000_000, "angel")
    assert "某传感器公司" in client.get("/rosters/own/deals").text
    assert client.post("/rosters/own/deals", data={**form, "year": "1066"}).status_code == 422


def test_an_appointed_expert_can_be_seated_as_a_judge(app, now):
    user = a_user(name="评审专家甲")
    an_appointment(a_person(user_id=user.id, name="评审专家甲"), kind=AppointmentKind.EXPERT)
    contest = competition.a_contest(owner=a_user(Role.ORGANISER))

    assert Role.JUDGE in user.roles
    assert judging.candidates(contest)[0][0] == user.id


def test_one_person_with_several_hats_counts_once_in_each(app, now):
    person = a_helper(kind=AppointmentKind.MENTOR)
    an_appointment(person, kind=AppointmentKind.ENVOY)
    an_appointment(person, kind=AppointmentKind.EXPERT)

    today = clock.today()
    for kind in (AppointmentKind.MENTOR, AppointmentKind.ENVOY, AppointmentKind.EXPERT):
        assert queries.count_live(kind, "650105", today) == 1


def test_who_reads_a_telephone_number_is_one_rule(app, now):
    owner = a_user()
    person = a_person(user_id=owner.id, phone=PHONE)
    full = [owner, a_user(Role.HANDLER)]
    masked = [
        a_user(),
        a_user(Role.AUDITOR),
        a_user(Role.APPROVER),
        a_user(Role.ORGANISER),
        a_user(Role.LEADER),
        a_user(Role.HANDLER, region=OTHER_REGION),
        Nobody(),
    ]

    assert [queries.phone_for(viewer, person) for viewer in full] == [PHONE] * 2
    assert {queries.phone_for(viewer, person) for viewer in masked} == {"139****5678"}
    assert not any(access.may_see_phone(viewer, person) for viewer in masked)


def test_what_waits_for_a_review_or_ends_soon_is_on_one_page(client, app, now):
    a_helper(name="待考核导师")
    sign_in(client, a_user(Role.HANDLER))
    page = client.get("/rosters/todo")
    assert page.status_code == 200
    assert "2025" in page.text
