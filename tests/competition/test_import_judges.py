"""Forty judges from one spreadsheet: who has no account is invited, becomes a judge by saying yes, sets a password."""

from __future__ import annotations

import io
import re

import pytest
import sqlalchemy as sa

from matchmaker.accounts import queries as accounts
from matchmaker.accounts.models import User
from matchmaker.accounts.rules import Permission, Role
from matchmaker.accounts.services import users
from matchmaker.competition.importers import judges as importer
from matchmaker.competition.models import JudgeSeat, Recusal
from matchmaker.competition.queries import judging
from matchmaker.competition.rules.invitations import Answer
from matchmaker.competition.services import assigning, calling, judges
from matchmaker.core.db import db, transaction
from matchmaker.core.errors import DomainError
from matchmaker.core.importing import ImportRun
from matchmaker.core.tabular import guess_mapping, read_table
from matchmaker.notifications.models import Message
from matchmaker.rosters.rules import AppointmentKind
from tests.cast import a_user
from tests.factories.competition import a_contest, a_judge, an_entry, followed
from tests.factories.directory import a_person
from tests.factories.imports import a_csv, messages, outcomes
from tests.factories.rosters import an_appointment

HEADERS = "姓名|工作单位|手机|邮箱|赛道"


@pytest.fixture
def contest(organiser):
    return a_contest(owner=organiser)


@pytest.fixture
def load(contest, organiser):
    def read(*lines):
        table = read_table(io.BytesIO(a_csv(HEADERS, *lines)), "评委.csv")
        mapping = guess_mapping(table.headers, importer.FIELDS)
        options = {"contest": contest.id}
        run = ImportRun(table, mapping, importer.FIELDS, region="650105", actor=organiser, options=options)
        with transaction():
            importer.load(run)
        return run

    return read


def seat_of(contest, name):
    statement = sa.select(JudgeSeat).join(User, User.id == JudgeSeat.user_id)
    found = statement.where(JudgeSeat.contest_id == contest.id, User.name == name)
    return db.session.execute(found).unique().scalar_one()


def link_in(name):
    text = db.session.execute(sa.select(Message.text, Message.url).where(Message.to_name == name)).first()
    return re.search(r"/contests/judge-invitations/\S+", f"{text[0]} {text[1]}")[0]


def test_a_spreadsheet_of_forty_works_on_the_first_try(contest, load):
    known = a_user(Role.JUDGE, name="有账号的评委", email="known@judges.example")
    lines = [f"待邀评委{n}|外地大学{n}|1380000{n:04d}||信息技术" for n in range(38)]

    run = load(f"有账号的评委|天山大学||{known.email}|", *lines, "一般账号|昆仑大学||plain@judges.example|")

    assert outcomes(run) == ["created"] * 40
    assert messages(run)[0] == ""
    assert set(messages(run)[1:]) == {"还不是评委，已发出邀请，同意后生效"}
    seats = db.session.execute(judging.seats_of(contest.id)).unique().scalars().all()
    assert [seat.user.name for seat in seats] == ["有账号的评委"]  # the others sit once they have said yes
    assert db.session.query(JudgeSeat).count() == 40
    assert outcomes(load(*lines[:2])) == ["updated"] * 2
    assert db.session.query(JudgeSeat).count() == 40


def test_an_account_from_a_list_opens_for_nobody_and_judges_nothing_before_the_yes(contest, load):
    load("新评委|外地大学||new@judges.example|")
    user = accounts.by_identifier("new@judges.example")

    assert (user.email_confirmed, user.consented, user.has(Permission.BALLOTS_OWN)) == (None, None, False)
    assert calling.newcomer(user)
    assert judges.invitation_of(seat_of(contest, "新评委")).answer is Answer.INVITED


def test_saying_yes_makes_a_judge_and_leads_to_a_password(client, contest, load):
    load("新评委|外地大学||new@judges.example|")
    url = link_in("新评委")
    page = client.get(url).text
    assert ("个人信息保护说明" in page, "设置密码" in page) == (True, False)

    answered = followed(client, url, data={"answer": "accepted"}).text

    user = accounts.by_identifier("new@judges.example")
    assert ("设置密码" in answered, "/accounts/forgot" in answered) == (True, True)
    assert (user.has(Permission.BALLOTS_OWN), user.consented is not None) == (True, True)
    assert [s.user_id for s in db.session.execute(judging.seats_of(contest.id)).unique().scalars()] == [user.id]
    client.post("/accounts/forgot", data={"identifier": "new@judges.example"})
    sent = db.session.execute(sa.select(Message.text).order_by(Message.id.desc()).limit(1)).scalar_one()
    secret = re.search(r"/accounts/forgot/(\S+)", sent)[0]
    secure = "一 个 很 长 的 口令 2026"
    client.post(secret, data={"password": secure})
    db.session.expire_all()
    assert not calling.newcomer(user)
    assert user.email_confirmed is not None


def test_saying_no_gives_no_role(client, load):
    load("新评委|外地大学||new@judges.example|")
    client.post(link_in("新评委"), data={"answer": "declined", "reason": "时间冲突"})
    assert not accounts.by_identifier("new@judges.example").has(Permission.BALLOTS_OWN)


def test_recusals_of_somebody_invited_are_found_at_once(contest, load):
    entry = an_entry(contest)
    load(f"新评委|{entry.organisation.name}||new@judges.example|")
    found = db.session.query(Recusal).where(Recusal.seat_id == seat_of(contest, "新评委").id)
    assert {row.entry_id for row in found} == {entry.id}


def test_an_appointed_expert_without_account_is_reached_by_the_roster(contest, load):
    person = a_person(name="在册专家", email="expert@judges.example", unit_text="天山大学")
    an_appointment(person, kind=AppointmentKind.EXPERT)

    assert outcomes(load("在册专家|天山大学|||")) == ["created"]

    user = accounts.by_identifier("expert@judges.example")
    assert (person.user_id, seat_of(contest, "在册专家").user_id) == (user.id, user.id)


def test_errors_stay_named_and_the_rest_is_taken(load):
    with transaction():
        users.create_user(name="别的名字", phone="13900000001", password_hash="!", region="650105")
    run = load(
        "甲|天山大学|||",
        "乙|天山大学|123||",
        "丙|天山大学|13900000001||",
        "丁|天山大学|13900000002||没有的赛道",
        "戊||13900000003||",
        "己|天山大学|13900000004||",
    )
    assert outcomes(run) == ["refused"] * 5 + ["created"]
    expected = ("请填写手机或邮箱", "手机号", "账号姓名不是", "没有赛道", "工作单位", "已发出邀请")
    assert [word in said for word, said in zip(expected, messages(run), strict=True)] == [True] * 6
    assert accounts.by_identifier("13900000002") is None  # a refused row leaves no account


def test_a_name_that_is_taken_is_invited_with_a_warning(contest, load, organiser):
    a_judge(contest, owner=organiser, name="同名评委")
    run = load("同名评委|另一大学||other@judges.example|")
    assert outcomes(run) == ["created"]
    assert "平台上已有叫“同名评委”的评委" in messages(run)[0]


def test_whoever_has_not_answered_gets_no_ballot(contest, load, organiser):
    an_entry(contest)
    a_judge(contest, owner=organiser)
    load("新评委|外地大学||new@judges.example|")
    stranger = a_user()
    with pytest.raises(DomainError), transaction():
        judges.seat(contest, actor=organiser, user=stranger, called=True)  # without an invitation the role is needed
    plan = assigning.propose(contest.current, actor=organiser)
    assert seat_of(contest, "新评委").id not in {seat for _entry, seat in plan.pairs}
