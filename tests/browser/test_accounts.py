"""Accounts: sign up from the mail's link, sign in, see one's devices and end them, set a new password."""

from __future__ import annotations

import re

import sqlalchemy as sa
from playwright.sync_api import expect

from matchmaker.accounts.rules import Role
from matchmaker.core.db import db
from matchmaker.notifications.models import Message

ADDRESS = "new.person@example.com"
PASSWORD = "hongguang shan dong tian 26"  # noqa: S105 - of the demo


def the_path_in_the_mail(house, address: str, pattern: str) -> str:
    with house.open():
        statement = sa.select(Message.text).where(Message.address == address).order_by(Message.id.desc())
        texts = list(db.session.execute(statement).scalars())
    return next(found.group() for found in (re.search(pattern, text) for text in texts) if found)


def sign_in(page, address: str, password: str) -> None:
    page.goto("/accounts/sign-in")
    page.get_by_label("邮箱或手机号").fill(address)
    page.get_by_label("密码", exact=True).fill(password)
    page.get_by_role("button", name="登录", exact=True).click()


def test_somebody_signs_up_and_ends_another_device(house, browse, look, axe):
    phone = browse(phone=True)
    phone.goto("/accounts/sign-in")
    phone.get_by_role("link", name="注册新账号").click()
    axe(phone)
    look(phone, "sign-up")
    phone.get_by_label("邮箱或手机号").fill(ADDRESS)
    phone.get_by_role("button", name="下一步").click()
    expect(phone.get_by_role("heading", name="请查收邮件")).to_be_visible()
    look(phone, "sign-up-sent", reload=False)
    phone.goto(the_path_in_the_mail(house, ADDRESS, r"/accounts/sign-up/\S+"))
    phone.get_by_label("姓名").fill("晨光")
    phone.get_by_label("密码").fill("12345678")
    phone.get_by_role("button", name="完成注册").click()
    expect(phone.get_by_role("alert").first).to_be_visible()
    look(phone, "sign-up-refused", reload=False)
    phone.get_by_label("密码").fill(PASSWORD)
    phone.get_by_label("我已阅读并同意").check()
    axe(phone)
    phone.get_by_role("button", name="完成注册").click()
    phone.wait_for_url(re.compile(r"^(?!.*sign-up/)"))
    phone.goto("/desk")
    axe(phone)
    look(phone, "desk-new-person")

    laptop = browse()
    sign_in(laptop, ADDRESS, "wrong password 1")
    expect(laptop.get_by_role("alert").first).to_be_visible()
    look(laptop, "sign-in-refused", reload=False)
    sign_in(laptop, ADDRESS, PASSWORD)
    laptop.goto("/accounts/profile")
    axe(laptop)
    look(laptop, "profile")
    laptop.get_by_role("main").get_by_role("link", name="登录设备").click()
    axe(laptop)
    look(laptop, "devices")
    laptop.get_by_role("button", name="让它退出").click()
    expect(laptop.get_by_text("本机")).to_be_visible()
    phone.goto("/accounts/profile")
    expect(phone).to_have_url(re.compile("/accounts/sign-in"))


def test_a_forgotten_password_is_set_anew(house, browse, look, axe):
    page = browse(phone=True)
    page.goto("/accounts/sign-in")
    page.get_by_role("link", name="忘记密码").click()
    axe(page)
    look(page, "forgot")
    page.get_by_label("邮箱或手机号").fill("owner@example.com")
    page.get_by_role("main").get_by_role("button").first.click()
    page.goto(the_path_in_the_mail(house, "owner@example.com", r"/accounts/forgot/\S+"))
    axe(page)
    page.get_by_label("新密码").fill(PASSWORD)
    page.get_by_role("button", name="保存新密码").click()
    sign_in(page, "owner@example.com", PASSWORD)
    page.goto("/desk")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    axe(page)
    look(page, "desk-member")
    page.goto("/accounts/organisations")
    axe(page)
    look(page, "memberships")


def test_the_demo_signs_in_with_one_press_and_the_administrator_sees_accounts(house, browse, look, axe):
    page = browse()
    page.goto("/accounts/sign-in")
    page.get_by_role("row", name=re.compile("admin@example.cn")).get_by_role("button", name="以此身份登录").click()
    page.wait_for_url(re.compile(r"^(?!.*sign-in)"))
    page.goto("/desk")
    axe(page)
    look(page, "desk-administrator")
    page.goto("/accounts/users")
    axe(page)
    look(page, "users")
    page.goto(f"/accounts/users/{house.demo_user(Role.HANDLER)}")
    axe(page)
    look(page, "user")
