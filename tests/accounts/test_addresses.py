"""Changing one's own mail address or mobile number."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from matchmaker.accounts.models import User, UserSession
from matchmaker.accounts.rules import Purpose
from matchmaker.accounts.services import addresses, codes, passwords
from matchmaker.core import clock
from matchmaker.core.db import db, transaction
from matchmaker.core.errors import Conflict
from matchmaker.notifications.models import Message
from tests.accounts.test_registering import digits_in, link_in
from tests.cast import PASSWORD, a_user, sign_in

PHONE = "13811112222"


@pytest.fixture
def user(app):
    return a_user(name="王小明", email="old@example.cn")


@pytest.fixture
def browser(client, user):
    return sign_in(client, user)


def ask(browser, identifier, password=PASSWORD):
    return browser.post("/accounts/address", data={"identifier": identifier, "current": password})


def sent():
    rows = db.session.execute(sa.select(Message).order_by(Message.id)).scalars().all()
    return [(row.address, row.subject) for row in rows]


def last():
    return db.session.execute(sa.select(Message).order_by(Message.id.desc())).scalars().first()


def fresh(user):
    return db.session.get(User, user.id, populate_existing=True)


def test_mail_address_is_changed_by_the_link_and_the_old_one_told(browser, user):
    assert ask(browser, "New@Example.cn").location == "/accounts/address/sent"
    link = link_in(last())
    assert "new@example.cn" in browser.get(link).text
    assert fresh(user).email == "old@example.cn"  # opening the page changes nothing

    response = browser.post(link)

    assert response.location == "/accounts/profile"
    assert (fresh(user).email, fresh(user).email_confirmed is not None) == ("new@example.cn", True)
    assert sent() == [("new@example.cn", "确认新的登录邮箱"), ("old@example.cn", "登录的邮箱或手机号已更换")]
    assert browser.get("/accounts/profile").status_code == 200


def test_number_is_added_by_its_digits_and_the_mail_address_told(browser, user):
    assert ask(browser, PHONE).location == "/accounts/address/code"

    response = browser.post("/accounts/address/code", data={"code": digits_in(last())})

    assert response.location == "/accounts/profile"
    assert (fresh(user).email, fresh(user).phone) == ("old@example.cn", PHONE)
    assert [address for address, _subject in sent()] == [PHONE, "old@example.cn"]


def test_other_devices_are_signed_out_and_the_cookie_is_renewed(app, browser, user):
    other, copied = sign_in(app.test_client(), user), app.test_client()
    with browser.session_transaction() as session:
        token = session["token"]
    with copied.session_transaction() as session:
        session["token"] = token
    ask(browser, "new@example.cn")

    browser.post(link_in(last()))

    assert [c.get("/accounts/profile").status_code for c in (browser, other, copied)] == [200, 303, 303]
    assert len(db.session.execute(sa.select(UserSession)).unique().scalars().all()) == 1


def test_the_answer_is_the_same_for_a_taken_address_and_its_owner_is_told(browser, user):
    a_user(email="taken@example.cn")

    free, taken = ask(browser, "free@example.cn"), ask(browser, "taken@example.cn")

    assert (free.status_code, free.location) == (taken.status_code, taken.location)
    assert sent()[-1] == ("taken@example.cn", "这个邮箱已有账号")
    assert "/accounts/address/" not in last().text


def test_digits_of_a_taken_number_are_sent_to_nobody(browser, user):
    other = a_user()
    with transaction():
        db.session.get_one(User, other.id).phone = PHONE

    ask(browser, PHONE)

    assert "验证码" not in last().text
    assert fresh(user).phone is None


def test_address_taken_meanwhile_is_refused(browser, user):
    ask(browser, "new@example.cn")
    a_user(email="new@example.cn")

    response = browser.post(link_in(db.session.execute(sa.select(Message)).scalars().first()))

    assert response.status_code == 422
    assert "已被另一个账号使用" in response.text
    assert fresh(user).email == "old@example.cn"


def test_link_works_once_and_dies_after_two_hours(browser, user, now):
    ask(browser, "new@example.cn")
    link = link_in(last())
    with clock.frozen(now + timedelta(hours=2, seconds=1)):
        sign_in(browser, user)
        assert browser.post(link).status_code == 410
    sign_in(browser, user)
    browser.post(link)

    assert browser.get(link).status_code == 410
    assert browser.post(link).status_code == 410


def test_link_of_another_person_is_dead(app, browser, user):
    ask(browser, "new@example.cn")
    link, stranger = link_in(last()), a_user()
    thief = sign_in(app.test_client(), stranger)

    assert thief.get(link).status_code == 410
    assert thief.post(link).status_code == 410
    assert app.test_client().get(link).status_code == 303
    assert fresh(stranger).email != "new@example.cn"


def test_digits_of_another_person_change_nothing(user):
    other = a_user()
    with transaction():
        _row, secret = codes.issue(Purpose.ADDRESS, PHONE, user=user, link=False)
        code_id = codes.try_code(Purpose.ADDRESS, PHONE, secret)

    with pytest.raises(Conflict), transaction():
        addresses.change(code_id, actor=other, keep=0)

    assert (fresh(user).phone, fresh(other).phone) == (None, None)


def test_five_wrong_digits_end_the_code(browser, user):
    ask(browser, PHONE)
    digits = digits_in(last())
    wrong = "000000" if digits != "000000" else "111111"
    for _ in range(5):
        assert browser.post("/accounts/address/code", data={"code": wrong}).status_code == 422

    assert browser.post("/accounts/address/code", data={"code": digits}).status_code == 422
    assert fresh(user).phone is None


def test_reset_link_sent_to_the_old_address_is_dead(app, browser, user):
    with transaction():
        passwords.offer_reset("old@example.cn", is_mail=True, address="127.0.0.1")
    reset = link_in(last())
    ask(browser, "new@example.cn")

    browser.post(link_in(last()))

    assert app.test_client().get(reset).status_code == 410


@pytest.mark.parametrize(
    ("identifier", "password", "sentence"),
    [
        ("old@example.cn", PASSWORD, "这就是您现在的邮箱或手机号"),
        ("new@example.cn", "wrong", "密码不对"),
        ("nonsense", PASSWORD, "手机号应为 11 位数字"),
        ("a@b", PASSWORD, "邮箱地址格式不对"),
        ("", PASSWORD, "请填写邮箱或手机号"),
    ],
)
def test_bad_input_is_told_and_nothing_sent(browser, user, identifier, password, sentence):
    response = ask(browser, identifier, password)

    assert response.status_code == 422
    assert sentence in response.text
    assert sent() == []


def test_code_page_without_a_question_leads_back(browser):
    assert browser.get("/accounts/address/code").location == "/accounts/address"
