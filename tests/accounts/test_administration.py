"""Administrators manage accounts of their regions; auditors read the log; nobody else does."""

from __future__ import annotations

import csv
import io
from datetime import timedelta

import pytest
import sqlalchemy as sa

from matchmaker.accounts.models import RoleGrant, SignInAttempt, User, UserSession
from matchmaker.accounts.rules import Outcome, Role
from matchmaker.accounts.services import sign_in as signing
from matchmaker.accounts.services import users
from matchmaker.activity.models import Activity
from matchmaker.core import clock
from matchmaker.core.db import db, transaction
from matchmaker.core.errors import NotPermitted
from tests.cast import OTHER_REGION, PASSWORD, REGION, a_user, sign_in

ADMIN_PAGES = ["/accounts/users/", "/accounts/erasures/"]
LOG_PAGES = ["/accounts/log/", "/accounts/log/sign-ins"]


@pytest.fixture
def admin(app):
    return a_user(Role.ADMINISTRATOR, name="管理员")


def fresh(user):
    return db.session.get(User, user.id, populate_existing=True)


@pytest.mark.parametrize("url", ADMIN_PAGES + LOG_PAGES)
def test_access_trio(app, client, url):
    assert client.get(url).status_code == 303
    assert sign_in(app.test_client(), a_user(Role.HANDLER)).get(url).status_code == 403
    assert sign_in(app.test_client(), a_user(Role.ADMINISTRATOR)).get(url).status_code == 200


@pytest.mark.parametrize("url", LOG_PAGES)
def test_auditor_reads_the_log_but_manages_nobody(app, url):
    browser = sign_in(app.test_client(), a_user(Role.AUDITOR))

    assert browser.get(url).status_code == 200
    assert browser.get("/accounts/users/").status_code == 403


@pytest.mark.parametrize("url", ADMIN_PAGES + LOG_PAGES)
@pytest.mark.parametrize("rows", [1, 3])
def test_lists_ask_the_same_number_of_questions(client, admin, count_queries, url, rows):
    for _ in range(rows):
        user = a_user(Role.HANDLER)
        with transaction():
            signing.record_attempt(identifier="x", user=user, address="1", agent="", outcome=Outcome.FAILED)
    sign_in(client, admin)
    client.get(url)
    count_queries.clear()

    client.get(url)

    assert len(count_queries) == (7 if url == "/accounts/users/" else 5), "\n".join(count_queries)


def test_users_of_another_region_are_neither_listed_nor_found(client, admin):
    other = a_user(Role.HANDLER, name="邻区经办", region=OTHER_REGION)
    sign_in(client, admin)

    assert "邻区经办" not in client.get("/accounts/users/").text
    for path in ("", "/disable", "/enable", "/sign-out", "/second-factor/off", f"/grants/{other.grants[0].id}/end"):
        method = client.get if path == "" else client.post
        assert method(f"/accounts/users/{other.id}{path}").status_code == 404
    assert fresh(other).disabled is None


def test_users_filters(client, admin):
    a_user(Role.HANDLER, name="张经办")
    a_user(name="李个人")
    sign_in(client, admin)

    by_role = client.get("/accounts/users/?role=handler").text
    by_words = client.get("/accounts/users/?q=李个人").text
    by_nothing = client.get("/accounts/users/?role=emperor").text

    assert ("张经办" in by_role, "李个人" in by_role) == (True, False)
    assert ("张经办" in by_words, "李个人" in by_words) == (False, True)
    assert "张经办" not in by_nothing


def test_grant_and_end_of_a_role(client, admin):
    user = a_user()
    sign_in(client, admin)

    client.post(f"/accounts/users/{user.id}", data={"role": "judge", "region": REGION, "ends": ""})
    assert Role.JUDGE in fresh(user).roles
    grant = db.session.execute(sa.select(RoleGrant).where(RoleGrant.user_id == user.id)).scalar_one()
    assert grant.granted_by_id == admin.id
    client.post(f"/accounts/users/{user.id}/grants/{grant.id}/end")
    assert Role.JUDGE not in fresh(user).roles
    client.post(f"/accounts/users/{user.id}", data={"role": "judge", "region": REGION, "ends": "2099-01-01"})

    assert Role.JUDGE in fresh(user).roles
    assert (
        db.session.execute(sa.select(sa.func.count(RoleGrant.id)).where(RoleGrant.user_id == user.id)).scalar_one() == 1
    )


@pytest.mark.parametrize(
    "values",
    [
        {"role": "member"},
        {"role": "emperor"},
        {"region": OTHER_REGION},
        {"region": "650000"},
        {"ends": "2020-01-01"},
        {"ends": "never"},
    ],
)
def test_grant_refuses_bad_input(client, admin, values):
    user = a_user()
    sign_in(client, admin)

    response = client.post(f"/accounts/users/{user.id}", data={"role": "judge", "region": REGION, "ends": "", **values})

    assert response.status_code == 422
    assert fresh(user).grants == []


def test_administrator_changes_nothing_about_themselves(client, admin):
    sign_in(client, admin)

    granted = client.post(f"/accounts/users/{admin.id}", data={"role": "approver", "region": REGION, "ends": ""})
    disabled = client.post(f"/accounts/users/{admin.id}/disable")

    assert (granted.status_code, disabled.status_code) == (403, 403)
    assert Role.APPROVER not in fresh(admin).roles


def test_administrator_of_a_district_does_not_manage_the_citys_people(app, admin):
    above = a_user()
    with transaction():
        users.grant_role(above, Role.APPROVER, region="650100")

    with pytest.raises(NotPermitted), transaction():
        users.disable(above, actor=admin)


def test_disabled_account_is_out_at_once_and_back_when_enabled(app, client, admin):
    user = a_user(email="who@example.cn")
    theirs = sign_in(app.test_client(), user)
    sign_in(client, admin)

    client.post(f"/accounts/users/{user.id}/disable")
    assert theirs.get("/accounts/profile").status_code == 303
    refused = theirs.post("/accounts/sign-in", data={"identifier": "who@example.cn", "password": PASSWORD})
    assert refused.status_code == 422
    client.post(f"/accounts/users/{user.id}/enable")

    back = theirs.post("/accounts/sign-in", data={"identifier": "who@example.cn", "password": PASSWORD})
    assert back.status_code == 303


def test_bulk_disable_with_undo(client, admin):
    one, two = a_user(), a_user()
    sign_in(client, admin)
    form = {"action": "disable", "ids": [one.id, two.id, admin.id], "back": "/accounts/users/"}

    client.post("/lists/users/bulk", data={**form, "confirmed": "1"})
    assert [fresh(u).disabled is not None for u in (one, two, admin)] == [True, True, False]
    client.post("/lists/runs/1/undo", data={"back": "/accounts/users/"})

    assert [fresh(u).disabled for u in (one, two)] == [None, None]


def test_sign_out_everywhere(app, client, admin):
    user = a_user()
    theirs = sign_in(app.test_client(), user)
    sign_in(client, admin)

    client.post(f"/accounts/users/{user.id}/sign-out")

    assert theirs.get("/accounts/profile").status_code == 303
    assert db.session.execute(sa.select(sa.func.count(UserSession.id))).scalar_one() == 1
    assert "accounts.signed_out_everywhere" in db.session.execute(sa.select(Activity.kind)).scalars().all()


def test_log_shows_ones_regions_and_exports_what_is_shown(client):
    a_user(name="=cmd|' /C calc'!A0")
    a_user(name="邻区的人", region=OTHER_REGION)
    sign_in(client, a_user(Role.AUDITOR))

    page = client.get("/accounts/log/?kind=accounts.created").text
    body = client.get("/accounts/log/?kind=accounts.created&format=csv").data.decode("utf-8-sig")

    assert "cmd|" in page
    assert "邻区的人" not in page
    assert "邻区的人" not in body
    rows = list(csv.reader(io.StringIO(body)))
    assert not any(cell.startswith("=") for row in rows for cell in row)


def test_log_by_day(client, now):
    a_user(name="昨天的人")
    with clock.frozen(now + timedelta(days=1)):
        auditor = a_user(Role.AUDITOR, name="今天的人")
        sign_in(client, auditor)
        page = client.get("/accounts/log/?since=2026-03-03").text

    assert ("昨天的人" in page.split("<tbody", 1)[1], "今天的人" in page.split("<tbody", 1)[1]) == (False, True)


def test_sign_ins_tell_outcomes(client, app):
    user = a_user(email="who@example.cn", name="登录的人")
    for password in ("wrong wrong wrong", PASSWORD):
        app.test_client().post("/accounts/sign-in", data={"identifier": user.email, "password": password})
    sign_in(client, a_user(Role.AUDITOR))

    page = client.get("/accounts/log/sign-ins?q=登录的人").text

    assert ("成功" in page, "失败" in page) == (True, True)
    assert db.session.execute(sa.select(SignInAttempt.outcome).order_by(SignInAttempt.id)).scalars().all() == [
        "failed",
        "signed_in",
    ]


def test_regions_are_named(client, admin):
    user = a_user(Role.HANDLER)
    sign_in(client, admin)

    page, english = (client.get(f"/accounts/users/{user.id}{lang}").text for lang in ("", "?lang=en"))

    assert '<option value="650105">水磨沟区 650105</option>' in page
    assert '<option value="650105">Shuimogou District 650105</option>' in english
    assert "水磨沟区" in rows_of(client.get("/accounts/users/?lang=zh").text)


def rows_of(page):
    return page[page.index("<tbody") :]


def test_administrator_of_a_city_is_offered_its_districts_and_no_others(client):
    sign_in(client, a_user(Role.ADMINISTRATOR, region="650100"))

    page = client.get(f"/accounts/users/{a_user(Role.HANDLER).id}").text

    assert [code in page for code in ('value="650100"', 'value="650104"', 'value="650105"', 'value="652300"')] == [
        True,
        True,
        True,
        False,
    ]
