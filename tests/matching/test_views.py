"""Pages of matching: the way through, refusals, links, and what must never be shown."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import sqlalchemy as sa

from matchmaker.accounts.rules import Permission, Role
from matchmaker.core import clock
from matchmaker.core.db import db, transaction
from matchmaker.matching import queries
from matchmaker.matching.models import HelpRequest, Need
from matchmaker.matching.rules import NeedState, RequestState, Secrecy
from matchmaker.matching.services import requests
from matchmaker.notifications.models import Message
from tests.cast import OTHER_REGION, a_token, a_user, sign_in
from tests.factories.directory import an_organisation
from tests.factories.matching import EXPERTISE, TEXT, TITLE, a_need, a_request
from tests.factories.rosters import a_helper

pytestmark = pytest.mark.usefixtures("now")
FIRM = "冰川安防科技有限公司"
HELPER_PHONE, HELPER_MAIL = "13000004321", "helper-canary@example.cn"
OWNER_MAIL, FIRM_PHONE, FIRM_MAIL = "owner-canary@example.cn", "13000008765", "firm-canary@example.cn"
CANARIES = (HELPER_PHONE, HELPER_MAIL, OWNER_MAIL, FIRM_PHONE, FIRM_MAIL)


@pytest.fixture
def firm(app):
    return an_organisation(name=FIRM, contact_phone=FIRM_PHONE, contact_email=FIRM_MAIL)


@pytest.fixture
def owner(firm):
    return a_user(organisation=firm, name="提需求的人", email=OWNER_MAIL)


@pytest.fixture
def mentor(app):
    user = a_user(name="秦志远", email=HELPER_MAIL)
    return user, a_helper(user=user, name="秦志远", expertise=EXPERTISE, phone=HELPER_PHONE, email=HELPER_MAIL)


def fresh(client, user):
    """Another person at the same browser."""
    with client.session_transaction() as session:
        session.clear()
    return sign_in(client, user) if user else client


def link():
    text = db.session.execute(sa.select(Message.text).order_by(Message.id)).scalars().first()
    return re.search(r"/r/\S+", text).group()


def only(model):
    return db.session.execute(sa.select(model)).unique().scalar_one()


def test_the_way_from_need_to_service(client, owner, mentor):
    fresh(client, owner)
    stated = client.post(
        "/needs/new",
        data={
            "organisation_id": str(next(iter(owner.organisation_ids))),
            "kind": "technical",
            "title": TITLE,
            "text": TEXT,
            "secrecy": "open",
            "budget": "40",
        },
    )
    assert stated.status_code == 303
    page = client.get(stated.location).text
    assert "秦志远" in page
    assert "匹配度" in page
    asked = client.post(stated.location, data={"people": [str(mentor[1].id)], "message": "先看录像"})
    assert asked.status_code == 303

    request = only(HelpRequest)
    fresh(client, mentor[0])
    assert TITLE in client.get("/desk").text
    assert TITLE in client.get("/requests/").text
    accepted = client.post(f"/requests/{request.id}/accept", data={})
    assert accepted.status_code == 303
    assert OWNER_MAIL in client.get(accepted.location).text

    fresh(client, owner)
    assert HELPER_PHONE in client.get(f"/requests/{request.id}").text
    served = client.post(
        f"/requests/{request.id}/service",
        data={
            "served": "2026-03-02",
            "minutes": "90",
            "place": "线上",
            "content": "看完录像",
            "rating": "5",
            "rating_note": "讲得很细",
        },
    )
    assert served.status_code == 303
    assert "看完录像" in client.get(served.location).text
    concluded = client.post(f"/requests/{request.id}/outcome", data={"result": "advice", "closes_need": "y"})

    assert concluded.status_code == 303
    assert (only(Need).state, only(HelpRequest).state) == (NeedState.CLOSED, RequestState.CLOSED)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [("", "请填写"), ("🙂🙂🙂", "请用文字"), ("长" * 200_000, "最多 5000"), ("电话 13800001234", "不要写电话")],
)
def test_a_bad_need_comes_back_with_one_sentence_and_nothing_is_stored(client, owner, text, sentence):
    fresh(client, owner)

    answer = client.post(
        "/needs/new",
        data={"organisation_id": "0", "kind": "technical", "title": TITLE, "text": text, "secrecy": "open"},
    )

    assert answer.status_code == 422
    assert sentence in answer.text
    assert db.session.execute(sa.select(sa.func.count(Need.id))).scalar_one() == 0


def test_markup_in_a_need_is_shown_as_text(client, owner, mentor):
    fresh(client, owner)
    need = a_need(actor=owner, text="<script>alert(1)</script> 摄像头误报 <img src=x onerror=alert(2)>")

    for path in (f"/needs/{need.id}", f"/needs/{need.id}/suggestions"):
        page = client.get(path).text
        assert "<script>alert(1)" not in page
        assert "<img src=x" not in page
        assert "&lt;script&gt;" in page


def pages_before_acceptance(client, owner, mentor, need, request):
    """Everything that any side can open while the answer is out, the letters included."""
    own = [f"/needs/{need.id}", f"/needs/{need.id}/suggestions", "/needs/", f"/requests/{request.id}", "/desk"]
    token = a_token(owner, Permission.NEEDS_OWN.value)
    yield from ((path, fresh(client, owner).get(path)) for path in own)
    staff = ["/needs/manage/", "/needs/manage/?format=csv", f"/needs/of-organisation/{need.organisation_id}", "/desk"]
    yield from ((path, fresh(client, a_user(Role.HANDLER)).get(path)) for path in staff)
    helpers = ["/requests/", f"/requests/{request.id}", "/desk", "/messages/"]
    yield from ((path, fresh(client, mentor[0]).get(path)) for path in helpers)
    yield "link", fresh(client, None).get(link())
    yield "api", client.get("/api/v1/needs", headers={"Authorization": f"Bearer {token}"})


def without_own_account(page, user_mail):
    """The frame of a page may name the signed-in person's own address; the other side's never."""
    return page.replace(user_mail, "")


def test_no_contact_is_shown_anywhere_before_acceptance(client, owner, mentor):
    need = a_need(actor=owner)
    request = a_request(need, mentor[1], actor=owner)

    for name, response in pages_before_acceptance(client, owner, mentor, need, request):
        assert response.status_code == 200, name
        shown = [canary for canary in CANARIES if canary in response.text]
        assert shown == [], name
    letters = db.session.execute(sa.select(Message.subject, Message.text, Message.html)).all()
    assert [c for letter in letters for c in CANARIES if c in " ".join(map(str, letter))] == []


def test_a_secret_firm_is_named_to_nobody_before_acceptance_and_in_no_list(client, owner, mentor):
    need = a_need(actor=owner, secrecy=Secrecy.ANONYMOUS)
    request = a_request(need, mentor[1], actor=owner)
    own = {f"/needs/{need.id}", f"/needs/{need.id}/suggestions", "/needs/", f"/requests/{request.id}", "/desk"}

    for name, response in pages_before_acceptance(client, owner, mentor, need, request):
        seen_by_owner = name in own and "提需求的人" in response.text
        assert seen_by_owner or FIRM not in response.text, name
    assert TITLE not in fresh(client, a_user(Role.HANDLER)).get(f"/needs/of-organisation/{need.organisation_id}").text
    assert TITLE not in client.get(f"/needs/manage/?q={FIRM}").text
    letters = db.session.execute(sa.select(Message.text)).scalars().all()
    assert all(FIRM not in letter for letter in letters)

    fresh(client, mentor[0]).post(f"/requests/{request.id}/accept", data={})

    assert FIRM in client.get(f"/requests/{request.id}").text
    assert FIRM in client.get("/requests/").text


def test_a_link_answers_on_one_press_and_looking_changes_nothing(client, owner, mentor):
    request = a_request(a_need(actor=owner), mentor[1], actor=owner)
    path = link()

    looked = client.get(path)
    assert (looked.status_code, looked.headers["Cache-Control"], only(HelpRequest).state) == (
        200,
        "no-store",
        RequestState.ASKED,
    )
    assert client.get(path + "/accept").status_code == 405
    answered = client.post(path + "/accept", data={})

    assert answered.status_code == 303
    assert OWNER_MAIL in client.get(path).text
    again = client.post(path + "/decline", data={"reason": "no_time"})
    assert (again.status_code, only(HelpRequest).state) == (422, RequestState.ACCEPTED)
    assert client.get(f"/requests/{request.id}").status_code == 303  # the link signs nobody in


def test_declining_by_the_link_needs_a_reason(client, owner, mentor):
    a_request(a_need(actor=owner), mentor[1], actor=owner)

    bare = client.post(link() + "/decline", data={})
    coded = client.post(link() + "/decline", data={"reason": "not_my_field"})

    assert (bare.status_code, coded.status_code) == (422, 303)
    assert "请选择一个原因" in bare.text
    assert "已婉拒" in client.get(link()).text
    assert "不是我的专长" in fresh(client, owner).get(f"/needs/{only(Need).id}").text


def test_an_expired_or_withdrawn_link_says_so_in_one_sentence(client, owner, mentor, now):
    request = a_request(a_need(actor=owner), mentor[1], actor=owner)
    path = link()
    with clock.frozen(now + timedelta(days=15)):
        late = client.get(path)
        pressed = client.post(path + "/accept", data={})
    assert "期限已过" in late.text
    assert TITLE in late.text
    assert (pressed.status_code, only(HelpRequest).state) == (422, RequestState.ASKED)

    fresh(client, owner).post(f"/requests/{request.id}/withdraw")

    assert "对方已撤回" in fresh(client, None).get(path).text


@pytest.mark.parametrize("token", ["x", "WzEsImEiXQ.abc", "..", "%00", "a" * 5000])
def test_a_forged_link_is_dead_for_reading_and_answering(client, owner, mentor, token):
    a_request(a_need(actor=owner), mentor[1], actor=owner)

    for response in (client.get(f"/r/{token}"), client.post(f"/r/{token}/accept", data={})):
        assert response.status_code == 404
    assert only(HelpRequest).state is RequestState.ASKED


def test_strangers_find_nothing(client, owner, mentor):
    need = a_need(actor=owner)
    request = a_request(need, mentor[1], actor=owner)
    paths = [
        f"/needs/{need.id}",
        f"/needs/{need.id}/edit",
        f"/needs/{need.id}/suggestions",
        f"/requests/{request.id}",
        f"/requests/{request.id}/service",
    ]
    assert [client.get(path).status_code for path in paths] == [303] * 5

    for user in (a_user(Role.MENTOR), a_user(Role.HANDLER, region=OTHER_REGION)):
        fresh(client, user)
        assert [client.get(path).status_code for path in paths] == [404] * 5
        assert client.post(f"/needs/{need.id}/withdraw").status_code == 404
    assert client.get("/needs/of-organisation/" + str(need.organisation_id)).text.count(TITLE) == 0


def test_a_helper_sees_the_request_but_not_the_need_s_own_page(client, owner, mentor):
    need = a_need(actor=owner)
    a_request(need, mentor[1], actor=owner)

    fresh(client, mentor[0])

    assert client.get(f"/needs/{need.id}").status_code == 404


@pytest.mark.parametrize("rows", [1, 3])
@pytest.mark.parametrize("path", ["/needs/manage/", "/needs/", "/requests/", "/needs/referrals/"])
def test_lists_run_the_same_queries_for_any_number_of_rows(client, owner, mentor, count_queries, path, rows):
    sample = a_helper(name="样例", expertise=EXPERTISE, phone=None, sample=True)
    needs = [a_need(actor=owner, title=f"第{n}个需求") for n in range(rows)]
    for need in needs:
        a_request(need, mentor[1], actor=owner)
        with transaction():
            requests.ask(need, actor=owner, person_ids=[sample.id])
    reader = {"/needs/": owner, "/requests/": mentor[0]}.get(path) or a_user(Role.HANDLER)
    fresh(client, reader).get(path)
    count_queries.clear()

    page = client.get(path).text

    assert len(count_queries) == {"/needs/manage/": 5, "/needs/": 4, "/requests/": 4, "/needs/referrals/": 5}[path]
    assert all(f"第{n}个需求" in page for n in range(rows))


def test_the_handler_resolves_a_wish(client, owner):
    handler = a_user(Role.HANDLER)
    sample = a_helper(name="样例研究者", expertise=EXPERTISE, phone=None, sample=True)
    need = a_need(actor=owner)
    page = fresh(client, owner).get(f"/needs/{need.id}/suggestions").text
    assert "没有联系方式" in page
    client.post(f"/needs/{need.id}/suggestions", data={"people": [str(sample.id)]})

    fresh(client, handler)
    assert "样例研究者" in client.get("/desk").text
    row = db.session.execute(queries.referrals_visible_to(handler)).unique().scalar_one()
    empty = client.post(f"/needs/referrals/{row.id}", data={"resolution": " "})
    done = client.post(f"/needs/referrals/{row.id}", data={"resolution": "已联系学校"})

    assert (empty.status_code, done.status_code) == (422, 303)
    assert "已联系学校" in client.get("/needs/referrals/").text


def test_the_api_lists_own_needs_with_the_token_s_scope(client, owner, mentor):
    a_need(actor=owner)
    a_need(actor=a_user())
    token = a_token(owner, Permission.NEEDS_OWN.value)

    body = client.get("/api/v1/needs", headers={"Authorization": f"Bearer {token}"}).json

    assert (body["total"], body["items"][0]["title"], body["items"][0]["who"]) == (1, TITLE, FIRM)
    bare = a_token(owner, Permission.EVENTS_READ.value)
    assert client.get("/api/v1/needs", headers={"Authorization": f"Bearer {bare}"}).status_code == 403
    assert client.get("/api/v1/needs").status_code == 401


def test_every_page_reads_in_english(client, owner, mentor):
    need = a_need(actor=owner)
    request = a_request(need, mentor[1], actor=owner)
    fresh(client, owner)

    assert "Recommended helpers" in client.get(f"/needs/{need.id}/suggestions?lang=en").text
    assert "Awaiting" in client.get(f"/requests/{request.id}?lang=en").text
