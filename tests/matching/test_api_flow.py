"""The whole way of a need by API token: changing, publishing, ending; other terms, passing on, sessions, outcomes."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa

from matchmaker.accounts.rules import Permission, Role
from matchmaker.core import clock
from matchmaker.core.db import db
from matchmaker.matching.models import HelpRequest, Need, Outcome, Proposal, RequestService
from matchmaker.matching.rules import RequestState, Secrecy
from matchmaker.rosters import queries as rosters
from tests.cast import OTHER_REGION, a_user
from tests.factories.matching import EXPERTISE, a_need, a_request
from tests.factories.rosters import a_helper
from tests.matching.test_api import FIRM, NEW, Program, count, firm, helper, mentor, owner

__all__ = ["firm", "helper", "mentor", "owner"]
pytestmark = pytest.mark.usefixtures("now")


@pytest.fixture
def asked(owner, mentor):  # noqa: F811
    return a_request(a_need(actor=owner), mentor[1], actor=owner)


@pytest.fixture
def accepted(asked, helper):  # noqa: F811
    assert helper.post(f"/requests/{asked.id}/accept").status_code == 200
    return asked


def a_session(program, request, **values):
    body = {"served": clock.today().isoformat(), "minutes": 60, "place": "线上", "content": "看了录像", **values}
    return program.post(f"/requests/{request.id}/sessions", body)


class TestNeeds:
    def test_a_draft_is_changed_published_and_met(self, firm):  # noqa: F811
        made = firm.post("/needs", {**NEW, "draft": True}).json
        path = f"/needs/{made['id']}"

        changed = firm.patch(path, {"title": "想让夜里少误报", "budget_fen": 300000, "version": made["version"]})
        emptied = firm.patch(path, {"budget_fen": None, "fields": ["1", "1"]})
        opened = firm.post(f"{path}/publish")
        closed = firm.post(f"{path}/close")

        assert (changed.status_code, changed.json["state"]) == (200, "draft")
        assert (changed.json["title"], changed.json["text"], changed.json["budget_fen"]) == (
            "想让夜里少误报",
            made["text"],
            300000,
        )
        assert (emptied.json["budget_fen"], emptied.json["fields"]) == (None, ["1"])
        assert (opened.json["state"], closed.json["state"]) == ("open", "closed")
        assert firm.post(f"{path}/publish").status_code == 409
        assert firm.patch(path, {"title": "再改"}).status_code == 409

    def test_what_somebody_changed_meanwhile_is_not_written_over(self, firm, owner):  # noqa: F811
        need = a_need(actor=owner)
        read = firm.get(f"/needs/{need.id}").json["version"]
        first = firm.patch(f"/needs/{need.id}", {"title": "先改的", "version": read})
        late = firm.patch(f"/needs/{need.id}", {"title": "后改的", "version": read})

        assert (first.status_code, first.json["version"]) == (200, read + 1)
        assert (late.status_code, firm.get(f"/needs/{need.id}").json["title"]) == (409, "先改的")

    @pytest.mark.parametrize(
        "changes",
        [
            {"title": ""},
            {"text": "打 13800001234"},
            {"trl_now": 8, "trl_wanted": 2},
            {"deadline": "2020-01-01"},
            {"kind": None},
            {"listed": "x"},
            {"fields": None},
            {"organisation_id": 1},
            {"version": 0},
        ],
    )
    def test_a_change_that_cannot_be_is_refused_and_nothing_changes(self, firm, owner, changes):  # noqa: F811
        need = a_need(actor=owner)
        before = firm.get(f"/needs/{need.id}").json

        assert firm.patch(f"/needs/{need.id}", changes).status_code == 422
        assert firm.get(f"/needs/{need.id}").json == before

    def test_a_draft_is_deleted_and_nothing_else(self, firm, owner):  # noqa: F811
        draft, opened = (a_need(actor=owner, draft=True).id, a_need(actor=owner).id)
        first, again = (firm.delete(f"/needs/{draft}", key="d") for _ in range(2))

        assert (first.status_code, first.data, again.status_code) == (204, b"", 204)
        assert firm.delete(f"/needs/{draft}").status_code == 404
        assert firm.delete(f"/needs/{opened}").status_code == 409
        assert count(Need) == 1

    def test_withdrawing_takes_the_questions_along_once(self, firm, asked):  # noqa: F811
        path = f"/needs/{asked.need_id}/withdraw"
        first, again = (firm.post(path, key="w") for _ in range(2))

        assert (first.json["state"], first.json["requests"][0]["state"]) == ("withdrawn", "withdrawn")
        assert (again.status_code, again.json, firm.post(path).status_code) == (200, first.json, 409)

    def test_a_handler_takes_charge_of_a_secret_need_and_gives_it_back(self, client, owner):  # noqa: F811
        need = a_need(actor=owner, secrecy=Secrecy.ANONYMOUS)
        handler = Program(client, a_user(Role.HANDLER), Permission.NEEDS_HANDLE)
        other = Program(client, a_user(Role.HANDLER), Permission.NEEDS_HANDLE)
        far = Program(client, a_user(Role.HANDLER, region=OTHER_REGION), Permission.NEEDS_HANDLE)

        assert handler.patch(f"/needs/{need.id}", {"title": "改"}).status_code == 403
        assert handler.post(f"/needs/{need.id}/take").status_code == 200
        assert other.post(f"/needs/{need.id}/take").status_code == 409
        assert handler.patch(f"/needs/{need.id}", {"secrecy": "open"}).status_code == 403
        assert handler.patch(f"/needs/{need.id}", {"title": "想少误报"}).status_code == 200
        assert handler.post(f"/needs/{need.id}/release").status_code == 200
        assert [far.post(f"/needs/{need.id}/{step}").status_code for step in ("take", "withdraw")] == [404, 404]


class TestRequests:
    def test_other_terms_are_agreed_to_and_that_is_the_yes(self, firm, helper, asked):  # noqa: F811
        moment = (clock.now() + timedelta(days=3)).isoformat()
        path = f"/requests/{asked.id}/proposals"
        made, again = (helper.post(path, {"moment": moment, "terms": "线上"}, key="p") for _ in range(2))
        seen = firm.get(f"/requests/{asked.id}").json["proposals"]
        agreed = firm.post(f"{path}/{made.json['id']}/agree", {"answer": "可以"})

        assert (made.status_code, again.json, count(Proposal)) == (201, made.json, 1)
        assert [(row["state"], row["terms"]) for row in seen] == [("waiting", "线上")]
        assert datetime.fromisoformat(seen[0]["moment"]) == datetime.fromisoformat(moment)
        assert (agreed.status_code, agreed.json["state"]) == (200, "accepted")
        assert firm.post(f"{path}/{made.json['id']}/refuse").status_code == 409

    def test_terms_not_agreed_to_leave_the_question_open(self, firm, helper, asked):  # noqa: F811
        made = helper.post(f"/requests/{asked.id}/proposals", {"terms": "下月再谈"}).json
        refused = firm.post(f"/requests/{asked.id}/proposals/{made['id']}/refuse", {"answer": "等不了"})

        assert (refused.status_code, refused.json["state"]) == (200, "asked")
        assert helper.get(f"/requests/{asked.id}").json["proposals"][0]["answer"] == "等不了"
        assert helper.post(f"/requests/{asked.id}/accept").status_code == 200

    @pytest.mark.parametrize(
        "body",
        [
            {},
            {"moment": "2020-01-01T08:00:00+08:00"},
            {"moment": "9999-12-31T23:59:59-12:00"},
            {"moment": "0001-01-01T00:00:00+14:00"},
            {"moment": "2027-01-01T08:00:00"},
            {"terms": "打 13800001234"},
        ],
    )
    def test_terms_that_cannot_be_are_refused(self, helper, asked, body):  # noqa: F811
        assert helper.post(f"/requests/{asked.id}/proposals", body).status_code == 422
        assert count(Proposal) == 0

    def test_passing_on_moves_the_question(self, helper, asked, client):  # noqa: F811
        user = a_user(Role.MENTOR, name="白同事")
        a_helper(user=user, name="白同事", expertise=EXPERTISE)
        passed = helper.post(f"/requests/{asked.id}/pass", {"colleague": "白同事", "note": "他更懂"})
        colleague = Program(client, user, Permission.REQUESTS_ANSWER)

        assert (passed.status_code, passed.json) == (200, {"id": asked.id, "passed_to": "白同事"})
        assert helper.get(f"/requests/{asked.id}").status_code == 404
        assert helper.post(f"/requests/{asked.id}/accept").status_code == 404
        assert [row["id"] for row in colleague.get("/requests").json["items"]] == [asked.id]

    def test_nobody_of_that_name_is_told_so(self, helper, asked):  # noqa: F811
        assert helper.post(f"/requests/{asked.id}/pass", {"colleague": "查无此人"}).status_code == 422

    def test_the_owner_reminds_and_takes_back(self, firm, asked):  # noqa: F811
        before = asked.link_hash
        assert firm.post(f"/requests/{asked.id}/remind").status_code == 200
        db.session.expire_all()
        assert db.session.get_one(HelpRequest, asked.id).link_hash != before
        assert firm.post(f"/requests/{asked.id}/withdraw").json["state"] == "withdrawn"
        assert firm.post(f"/requests/{asked.id}/withdraw").status_code == 409


class TestTalks:
    def test_a_session_is_recorded_confirmed_rated_and_concluded(self, firm, helper, accepted, mentor):  # noqa: F811
        made = a_session(firm, accepted, rating=5, rating_note="讲得清楚", note="下周再谈")
        path = f"/requests/{accepted.id}/sessions/{made.json['id']}"
        confirmed = helper.post(f"{path}/confirm", {"note": "已给方案"})
        rated = helper.post(f"{path}/rate", {"points": 4, "sentence": "材料齐全"})
        done = firm.put(f"/requests/{accepted.id}/outcome", {"result": "advice"})
        shown = firm.get(f"/requests/{accepted.id}").json

        assert (made.status_code, made.json["helper_confirmed"], made.json["rating"]) == (201, None, 5)
        assert (confirmed.status_code, confirmed.json["helper_note"]) == (200, "已给方案")
        assert rated.json["preparation"] == 4
        assert (done.status_code, shown["state"], shown["outcome"]["result"]) == (200, "closed", "advice")
        assert shown["sessions"][0]["owner_confirmed"] and shown["sessions"][0]["helper_confirmed"]
        assert rosters.profile_of(mentor[1].id).busy == 0
        assert helper.delete(path).status_code == 409

    def test_an_outcome_is_corrected_not_doubled(self, firm, accepted):  # noqa: F811
        path = f"/requests/{accepted.id}/outcome"
        first = firm.put(path, {"result": "contract", "contract": "service", "amount_fen": 500})
        second = firm.put(path, {"result": "nothing", "why": "terms"})

        assert (first.json["amount_fen"], second.json["amount_fen"], second.json["why"]) == (500, None, "terms")
        assert count(Outcome) == 1
        assert firm.put(path, {"result": "nothing"}).status_code == 422

    def test_a_session_is_taken_back_while_it_is_one_s_own_word(self, firm, helper, accepted):  # noqa: F811
        made = a_session(helper, accepted).json
        path = f"/requests/{accepted.id}/sessions/{made['id']}"

        assert firm.delete(path).status_code == 403
        assert helper.delete(path).status_code == 204
        assert count(RequestService) == 0

    @pytest.mark.parametrize(
        "wrong",
        [{"minutes": 0}, {"minutes": 1441}, {"served": "2030-01-01"}, {"content": " "}, {"rating": 5}, {"rating": 6}],
    )
    def test_a_session_that_cannot_be_is_refused(self, firm, accepted, wrong):  # noqa: F811
        assert a_session(firm, accepted, **wrong).status_code == 422
        assert count(RequestService) == 0

    def test_before_the_yes_nothing_was_held(self, firm, asked):  # noqa: F811
        assert a_session(firm, asked).status_code == 409


def test_what_is_anothers_is_not_found(client, asked):
    request_id, need_id = asked.id, asked.need_id
    scopes = (Permission.NEEDS_OWN, Permission.REQUESTS_ANSWER)
    other = Program(client, a_user(Role.MEMBER, Role.MENTOR), *scopes)
    answers = [
        other.patch(f"/needs/{need_id}", {"title": "改"}),
        other.delete(f"/needs/{need_id}"),
        *(other.post(f"/needs/{need_id}/{step}") for step in ("publish", "withdraw", "close")),
        other.get(f"/requests/{request_id}"),
        other.post(f"/requests/{request_id}/proposals", {"terms": "改期"}),
        other.post(f"/requests/{request_id}/proposals/1/agree"),
        other.post(f"/requests/{request_id}/pass", {"colleague": "某人"}),
        *(other.post(f"/requests/{request_id}/{step}") for step in ("withdraw", "remind")),
        a_session(other, asked),
        other.post(f"/requests/{request_id}/sessions/1/confirm"),
        other.put(f"/requests/{request_id}/outcome", {"result": "advice"}),
    ]

    assert {answer.status_code for answer in answers} == {404}
    assert db.session.execute(sa.select(HelpRequest.state)).scalar_one() is RequestState.ASKED


def test_a_scope_speaks_for_its_own_side_alone(client, owner, mentor, accepted):  # noqa: F811
    helper_as_owner = Program(client, mentor[0], Permission.NEEDS_OWN)
    owner_as_helper = Program(client, owner, Permission.REQUESTS_ANSWER)

    for program in (helper_as_owner, owner_as_helper):
        assert program.get(f"/requests/{accepted.id}").status_code in {403, 404}
        assert a_session(program, accepted).status_code in {403, 404}
    assert count(RequestService) == 0


def test_a_secret_firm_stays_secret_in_every_answer_before_the_yes(helper, owner, mentor):  # noqa: F811
    need = a_need(actor=owner, secrecy=Secrecy.ANONYMOUS)
    request = a_request(need, mentor[1], actor=owner)
    answers = [
        helper.get(f"/requests/{request.id}"),
        helper.post(f"/requests/{request.id}/proposals", {"terms": "线上谈"}),
        helper.post(f"/requests/{request.id}/pass", {"colleague": "查无此人"}),
    ]

    assert [answer.status_code for answer in answers] == [200, 201, 422]
    assert all(FIRM not in answer.text and owner.name not in answer.text for answer in answers)
    assert helper.post(f"/requests/{request.id}/accept").json["who"] == FIRM
