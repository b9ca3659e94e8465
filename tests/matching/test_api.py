"""Matching by API token: the rows, rules and refusals of the pages."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from matchmaker.accounts.rules import Permission, Role
from matchmaker.core.db import db
from matchmaker.matching.models import HelpRequest, Impression, Need
from matchmaker.matching.rules import Secrecy
from tests.cast import a_token, a_user
from tests.factories.directory import an_organisation
from tests.factories.matching import EXPERTISE, TEXT, TITLE, a_need, a_request
from tests.factories.rosters import a_helper

pytestmark = pytest.mark.usefixtures("now")
NEW = {"kind": "technical", "title": TITLE, "text": TEXT}
FIRM = "白头鹎精密仪器有限公司"


@pytest.fixture
def owner(app):
    return a_user(organisation=an_organisation(name=FIRM), name="提需求的人")


@pytest.fixture
def mentor(app):
    user = a_user(Role.MENTOR, name="秦志远", email="helper-canary@example.cn")
    return user, a_helper(user=user, name="秦志远", expertise=EXPERTISE, phone="13000004321")


class Program:
    """Calls with one person's token."""

    def __init__(self, client, user, *scopes):
        self.client, self.headers = client, {"Authorization": f"Bearer {a_token(user, *scopes)}"}

    def get(self, path):
        return self.client.get(f"/api/v1{path}", headers=self.headers)

    def post(self, path, body=None, *, key=None):
        return self._send("POST", path, json=body or {}, key=key)

    def patch(self, path, body, *, key=None):
        return self._send("PATCH", path, json=body, key=key)

    def put(self, path, body, *, key=None):
        return self._send("PUT", path, json=body, key=key)

    def delete(self, path, *, key=None):
        return self._send("DELETE", path, key=key)

    def _send(self, method, path, *, key, **body):
        more = {"Idempotency-Key": key} if key else {}
        return self.client.open(f"/api/v1{path}", method=method, headers={**self.headers, **more}, **body)


@pytest.fixture
def firm(client, owner):
    return Program(client, owner, Permission.NEEDS_OWN)


@pytest.fixture
def helper(client, mentor):
    return Program(client, mentor[0], Permission.REQUESTS_ANSWER)


def count(model):
    return db.session.execute(sa.select(sa.func.count(model.id))).scalar_one()


def test_the_way_from_need_to_yes(firm, helper, owner, mentor):
    made = firm.post("/needs", {**NEW, "organisation_id": next(iter(owner.organisation_ids)), "budget_fen": 4000000})
    need_id = made.json["id"]
    best = firm.get(f"/needs/{need_id}/suggestions").json["items"]
    asked = firm.post(f"/needs/{need_id}/requests", {"people": [best[0]["person_id"]], "message": "先看录像"})
    waiting = helper.get("/requests").json["items"]
    accepted = helper.post(f"/requests/{waiting[0]['id']}/accept", {"note": "周二可以"})
    shown = firm.get(f"/needs/{need_id}").json

    assert (made.status_code, made.json["state"], made.json["who"]) == (201, "open", FIRM)
    assert (best[0]["name"], best[0]["reachable"]) == ("秦志远", True)
    assert sum(float(share["points"]) for share in best[0]["shares"]) == pytest.approx(float(best[0]["score"]))
    assert (asked.status_code, asked.json["referred"]) == (201, [])
    assert (waiting[0]["state"], waiting[0]["message"]) == ("asked", "先看录像")
    assert (accepted.status_code, accepted.json["state"]) == (200, "accepted")
    assert (shown["state"], shown["requests"][0]["note"]) == ("matched", "周二可以")
    assert count(Impression) == len(best)


def test_no_answer_holds_a_contact(firm, helper, owner, mentor):
    need = a_need(actor=owner)
    request = a_request(need, mentor[1], actor=owner)
    answers = [
        firm.get(f"/needs/{need.id}"),
        firm.get(f"/needs/{need.id}/suggestions"),
        helper.get("/requests"),
        helper.post(f"/requests/{request.id}/accept"),
    ]

    for answer in answers:
        assert answer.status_code == 200
        assert "13000004321" not in answer.text
        assert "helper-canary@example.cn" not in answer.text


def test_a_secret_need_names_its_firm_after_the_yes_alone(firm, helper, owner, mentor, client):
    need = a_need(actor=owner, secrecy=Secrecy.ANONYMOUS)
    request = a_request(need, mentor[1], actor=owner)
    handler = Program(client, a_user(Role.HANDLER), Permission.NEEDS_HANDLE)

    before = helper.get("/requests").json["items"][0]["who"]
    by_handler = handler.get(f"/needs/{need.id}")
    after = helper.post(f"/requests/{request.id}/accept").json["who"]

    assert (before, after) == (None, FIRM)
    assert by_handler.json["requests"] == []
    assert FIRM not in by_handler.text
    assert handler.get(f"/needs/{need.id}/suggestions").status_code == 403


def test_declining_gives_a_reason(helper, owner, mentor):
    request = a_request(a_need(actor=owner), mentor[1], actor=owner)

    bare = helper.post(f"/requests/{request.id}/decline")
    unexplained = helper.post(f"/requests/{request.id}/decline", {"reason": "other"})
    done = helper.post(f"/requests/{request.id}/decline", {"reason": "no_time", "note": "下月再说"})
    again = helper.post(f"/requests/{request.id}/accept")

    assert (bare.status_code, unexplained.status_code, again.status_code) == (422, 422, 409)
    assert (done.json["state"], done.json["reason"]) == ("declined", "no_time")


def test_the_same_key_takes_effect_once(firm, owner, mentor):
    first, again = (firm.post("/needs", NEW, key="k1") for _ in range(2))
    path, body = f"/needs/{first.json['id']}/requests", {"people": [mentor[1].id]}
    asked, repeated = (firm.post(path, body, key="k2") for _ in range(2))

    assert (first.status_code, again.json, count(Need)) == (201, first.json, 1)
    assert (asked.status_code, repeated.json, count(HelpRequest)) == (201, asked.json, 1)
    assert firm.post(path, body).status_code == 409


@pytest.mark.parametrize(
    "body",
    [
        {},
        {**NEW, "title": ""},
        {**NEW, "text": "🙂🙂"},
        {**NEW, "text": "长" * 5001},
        {**NEW, "text": "电话 138\u200b0000\u200d1234 联系"},
        {**NEW, "kind": "nothing"},
        {**NEW, "budget_fen": -1},
        {**NEW, "budget_fen": 1.5},
        {**NEW, "budget_fen": 10**30},
        {**NEW, "deadline": "2020-01-01"},
        {**NEW, "deadline": "soon"},
        {**NEW, "trl_now": 9, "trl_wanted": 1},
        {**NEW, "fields": ["no such field"]},
        {**NEW, "organisation_id": "x"},
        {**NEW, "unknown": 1},
    ],
)
def test_what_cannot_be_a_need_is_refused_and_nothing_is_kept(firm, body):
    answer = firm.post("/needs", body)

    assert (answer.status_code, answer.mimetype) == (422, "application/problem+json")
    assert count(Need) == 0


def test_nobody_states_a_need_for_a_firm_that_is_not_theirs(firm):
    stranger = an_organisation(name="别家公司")

    assert firm.post("/needs", {**NEW, "organisation_id": stranger.id}).status_code == 403
    assert firm.post("/needs", {**NEW, "organisation_id": 2**31 - 1}).status_code == 403
    assert count(Need) == 0


@pytest.mark.parametrize("people", [[], ["x"], [0], [2**31], list(range(1, 12)), None])
def test_whom_nobody_can_ask_is_refused(firm, owner, people):
    need = a_need(actor=owner)

    assert firm.post(f"/needs/{need.id}/requests", {"people": people}).status_code == 422


def test_what_is_anothers_is_not_found(client, owner, mentor):
    need = a_need(actor=owner)
    request = a_request(need, mentor[1], actor=owner)
    other = Program(client, a_user(Role.MEMBER, Role.MENTOR), Permission.NEEDS_OWN, Permission.REQUESTS_ANSWER)

    assert other.get(f"/needs/{need.id}").status_code == 404
    assert other.get(f"/needs/{need.id}/suggestions").status_code == 404
    assert other.post(f"/needs/{need.id}/requests", {"people": [mentor[1].id]}).status_code == 404
    assert other.post(f"/requests/{request.id}/accept").status_code == 404
    assert other.get("/requests").json["items"] == []


def test_a_token_opens_what_its_scope_says(client, owner, mentor):
    answers_only = Program(client, mentor[0], Permission.REQUESTS_ANSWER)
    needs_only = Program(client, owner, Permission.NEEDS_OWN)

    assert answers_only.post("/needs", NEW).status_code == 403
    assert needs_only.get("/requests").status_code == 403
    assert client.post("/api/v1/needs", json=NEW).status_code == 401
