"""Sending ballots: repeats, conflicts with what stands there, what a device may hold, comments at extreme totals."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
import sqlalchemy as sa

from matchmaker.competition.models import BallotMark
from matchmaker.competition.rules.ballots import BallotState
from matchmaker.competition.services import ballots, results
from matchmaker.core import clock
from matchmaker.core.db import db, transaction
from tests.cast import a_user, sign_in
from tests.factories.competition import ballots_of, sign_ballot

NONCE = "n" * 24


@pytest.fixture
def ballot(client, judged):
    row = ballots_of(judged)[0]
    sign_in(client, row.seat.user)
    return row


def sends(client, ballot, **form):
    given = {"version": "1", "tech": "80", "market": "70", "comment": "", "nonce": NONCE, "step": "save", **form}
    return client.post(f"/contests/ballots/{ballot.id}/autosave", data=given)


def test_a_repeat_is_answered_like_the_first_time(client, ballot):
    first = sends(client, ballot)
    again = sends(client, ballot)
    signed = sends(client, ballot, version="2", step="sign", nonce="s" * 24)
    repeated = sends(client, ballot, version="2", step="sign", nonce="s" * 24)

    assert [(r.status_code, r.json["version"]) for r in (first, again, signed, repeated)] == [
        (200, 2), (200, 2), (200, 3), (200, 3)
    ]  # fmt: skip
    assert signed.json["state"] == repeated.json["state"] == "submitted"
    assert signed.json["following"].startswith("/contests/ballots/")
    assert db.session.execute(sa.select(sa.func.count(BallotMark.id))).scalar_one() == 1


def test_a_conflict_shows_what_stands_there(client, ballot):
    sends(client, ballot, comment="别处写的")

    answer = sends(client, ballot, tech="10", nonce="o" * 24)

    assert answer.status_code == 409
    assert answer.json["current"] == {
        "version": 2, "state": "draft", "points": {"tech": "80", "market": "70"}, "comment": "别处写的"
    }  # fmt: skip


def test_a_signed_ballot_stands_against_a_late_draft(client, ballot):
    sign_ballot(ballot)

    answer = sends(client, ballot, version="2")

    assert (answer.status_code, answer.json["current"]["state"]) == (409, "submitted")


def test_after_the_deadline_nothing_is_taken_and_the_reason_is_told(client, judged, ballot):
    with clock.frozen(judged.judging_until + timedelta(minutes=1)):
        sign_in(client, ballot.seat.user)
        answer = sends(client, ballot)

    assert (answer.status_code, "评审时间已过" in answer.json["error"], "current" in answer.json) == (409, True, False)
    assert ballot.state is BallotState.ASSIGNED


@pytest.mark.parametrize(
    ("form", "field"), [({"tech": "x"}, "tech"), ({"market": ""}, "market"), ({"tech": "100.5"}, "tech")]
)
def test_a_refusal_names_the_field(client, ballot, form, field):
    answer = sends(client, ballot, step="sign", **form)

    assert (answer.status_code, answer.json["field"]) == (422, field)
    assert ballot.version == 1


@pytest.mark.parametrize(
    ("points", "comment", "asked"),
    [("30", "太短", True), ("95", "", True), ("30", "没有样机，市场数据也没有来源。", False), ("60", "", False)],
)
def test_an_extreme_total_needs_a_comment_on_the_page_too(client, judged, ballot, points, comment, asked):
    with transaction():
        judged.current.comment_below, judged.current.comment_above = Decimal(40), Decimal(90)

    page = client.post(
        f"/contests/ballots/{ballot.id}",
        data={"version": "1", "tech": points, "market": points, "comment": comment, "step": "sign"},
    )

    assert (page.status_code, "请在评语里说明理由" in page.text) == ((422, True) if asked else (303, False))
    if asked:
        assert 'id="comment-error"' in page.text
        assert comment in page.text


def test_a_device_holds_ones_own_ballots_while_they_are_judged(client, judged, ballot, organiser, approver):
    mine = {row.id for row in ballots_of(judged) if row.seat_id == ballot.seat_id}
    ballots_before = client.get("/contests/ballots/held").json

    assert {row["id"] for row in ballots_before["ballots"]} == mine
    assert ballots_before["person"] == ballot.seat.user_id
    for row in ballots_of(judged):
        sign_ballot(row)
    with transaction():
        results.propose_lock(judged.current, actor=organiser, reason="评审完成")
    with transaction():
        results.confirm_lock(judged.current, actor=approver)
    assert client.get("/contests/ballots/held").json["ballots"] == []
    late = sends(client, ballot, version=str(ballot.version), nonce="l" * 24)
    assert (late.status_code, late.json["wipe"]) == (409, True)


def test_a_repeat_of_what_arrived_is_told_so_even_after_the_lock(client, judged, ballot, organiser, approver):
    sends(client, ballot, step="sign")
    for row in ballots_of(judged)[1:]:
        sign_ballot(row)
    with transaction():
        results.propose_lock(judged.current, actor=organiser, reason="评审完成")
    with transaction():
        results.confirm_lock(judged.current, actor=approver)

    assert sends(client, ballot, step="sign").json["version"] == 2


def test_the_worker_comes_from_where_it_may_serve(client, app):
    answer = client.get("/contests/ballots/worker.js")

    assert (answer.status_code, answer.mimetype) == (200, "text/javascript")
    assert client.get("/contests/ballots/held").status_code in (302, 303)
    sign_in(client, a_user())
    assert client.get("/contests/ballots/held").status_code == 403


def test_a_save_knows_its_nonce_only_on_its_own_ballot(judged):
    first, second = [b for b in ballots_of(judged) if b.seat_id == ballots_of(judged)[0].seat_id]
    with transaction():
        ballots.save(first, actor=first.seat.user, version=1, points={"tech": Decimal(80)}, nonce=NONCE)

    assert (ballots.version_of(first, NONCE), ballots.version_of(second, NONCE)) == (2, None)
