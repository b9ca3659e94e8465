"""Deliberation only beside one's own signed ballot; looking again without anybody learning a score."""

from __future__ import annotations

from decimal import Decimal

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from matchmaker.competition.models import BallotMark, DeliberationNote, Reconsideration
from matchmaker.competition.rules.ballots import BallotState, MarkKind
from matchmaker.competition.rules.conflicts import RecusalReason
from matchmaker.competition.services import ballots, chain, deliberating, reconsidering, recusals
from matchmaker.core.db import db, transaction
from matchmaker.core.errors import Conflict, DomainError, NotPermitted
from tests.cast import sign_in
from tests.factories.competition import a_contest, a_judge, an_entry, followed, in_judging, sign_ballot


@pytest.fixture
def panel(organiser):
    """Two ballots of one entry whose totals may lie at most ten apart."""
    contest = a_contest(owner=organiser, range_limit=Decimal(10))
    seats = [a_judge(contest, owner=organiser), a_judge(contest, owner=organiser)]
    return in_judging(contest, owner=organiser, entered=[an_entry(contest)], seats=seats)


def note(ballot, text="技术扎实", **values):
    with transaction():
        return deliberating.write(ballot, actor=ballot.seat.user, text=text, **values)


def seen(ballot):
    return [row.text for row in deliberating.notes_beside(ballot, actor=ballot.seat.user)]


def test_notes_are_read_and_written_only_beside_a_signed_ballot(panel):
    first, second = panel
    sign_ballot(first)
    note(first)
    with pytest.raises(NotPermitted, match="提交本人的评分表以后"):
        note(second)

    assert (seen(first), seen(second)) == (["技术扎实"], [])
    sign_ballot(second)
    assert seen(second) == ["技术扎实"]
    with transaction():
        ballots.reopen(second, actor=second.seat.user)
    assert seen(second) == []


def test_who_has_to_stay_away_reads_nothing_any_more(panel):
    first, second = panel
    sign_ballot(first)
    sign_ballot(second)
    note(first)
    with transaction():
        recusals.declare(second, actor=second.seat.user, reason=RecusalReason.RELATIVE)

    assert seen(second) == []


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from(["sign-0", "sign-1", "open-0", "open-1", "note-0", "note-1"]), max_size=8))
def test_nobody_ever_peeks_before_the_own_signature(panel, steps):
    for step in steps:
        what, ballot = step[:4], panel[int(step[-1])]
        try:
            if what == "sign":
                sign_ballot(ballot)
            elif what == "open":
                with transaction():
                    ballots.reopen(ballot, actor=ballot.seat.user)
            else:
                note(ballot)
        except (Conflict, NotPermitted):
            db.session.rollback()
        for one in panel:
            if one.state is not BallotState.SUBMITTED:
                assert seen(one) == []


def test_the_lead_judge_concludes(panel, organiser):
    first, second = panel
    sign_ballot(first)
    sign_ballot(second)
    with transaction():
        deliberating.set_lead(first.stage, actor=organiser, entry_id=first.entry_id, seat=first.seat)

    with pytest.raises(NotPermitted, match="主审评委"):
        note(second, conclusion=True)
    assert note(first, "建议晋级", conclusion=True).conclusion
    with pytest.raises(DomainError, match="请填写合议意见"):
        note(first, "  ")


def test_notes_are_only_appended(panel):
    sign_ballot(panel[0])
    note(panel[0])

    with pytest.raises(RuntimeError, match="appended"), transaction():
        db.session.execute(sa.select(DeliberationNote)).scalar_one().text = "改过"


def test_a_wide_range_is_noticed_asked_and_answered(panel, organiser):
    first, second = panel
    sign_ballot(first, tech="90", market="90")
    sign_ballot(second, tech="60", market="60")
    row = db.session.execute(sa.select(Reconsideration)).scalar_one()
    assert (row.entry_id, row.asked, row.closed) == (first.entry_id, None, None)
    with transaction():
        assert reconsidering.ask(first.stage, actor=organiser, entry_id=first.entry_id) == 2
    with pytest.raises(Conflict, match="已经请评委复议"), transaction():
        reconsidering.ask(first.stage, actor=organiser, entry_id=first.entry_id)

    with transaction():
        reconsidering.uphold(first, actor=first.seat.user)
    assert (reconsidering.asked_of(first), reconsidering.asked_of(second)) == (False, True)
    with transaction():
        ballots.reopen(second, actor=second.seat.user)
    sign_ballot(second, tech="85", market="85")

    db.session.refresh(row)
    kinds = db.session.execute(sa.select(BallotMark.what).order_by(BallotMark.id)).scalars().all()
    assert row.closed is not None
    assert kinds.count(MarkKind.UPHELD) == 1
    assert chain.verify(first.stage) is None


def test_close_totals_and_stages_without_a_limit_ask_nobody(panel):
    sign_ballot(panel[0], tech="80", market="80")
    sign_ballot(panel[1], tech="75", market="75")

    assert db.session.execute(sa.select(Reconsideration)).first() is None


def test_pages_lead_from_the_board_to_the_answer(client, panel, organiser):
    first, second = panel
    sign_ballot(first, tech="95", market="95")
    sign_ballot(second, tech="55", market="55")
    base = f"/contests/manage/{first.entry.contest_id}/final"
    office = sign_in(client.application.test_client(), organiser)
    board = office.get(f"{base}/deliberation").text
    asked = followed(office, f"{base}/reconsider", data={"entry_id": first.entry_id})
    led = followed(office, f"{base}/deliberation", data={"entry_id": first.entry_id, "seat_id": first.seat_id})
    judge = sign_in(client, first.seat.user)
    page = judge.get(f"/contests/ballots/{first.id}/deliberation").text
    upheld = followed(judge, f"/contests/ballots/{first.id}/uphold")
    judge.post(f"/contests/ballots/{first.id}/deliberation", data={"text": "<b>样机</b>", "conclusion": "y"})

    assert ("需要复议" in board, ">95<" in board, "已请评委复议" in asked.text, "已保存" in led.text) == (
        True, False, True, True,
    )  # fmt: skip
    assert ("请复议" in page, "作为合议结论" in page, "已维持原分" in upheld.text) == (True, True, True)
    assert "&lt;b&gt;样机" in judge.get(f"/contests/ballots/{first.id}/deliberation").text
    assert judge.get(f"/contests/ballots/{second.id}/deliberation").status_code == 404
    assert judge.post(f"/contests/ballots/{first.id}/deliberation", data={"text": ""}).status_code == 422
