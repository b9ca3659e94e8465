"""Deliberation only beside one's own signed ballot; looking again without anybody learning a score."""

from __future__ import annotations

import io
from decimal import Decimal

import pytest
import sqlalchemy as sa
from docx import Document
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pypdf import PdfReader

from matchmaker.accounts.rules import Role
from matchmaker.competition import documents
from matchmaker.competition.models import BallotMark, DeliberationNote, Reconsideration
from matchmaker.competition.rules.ballots import BallotState, MarkKind
from matchmaker.competition.rules.conflicts import RecusalReason
from matchmaker.competition.services import ballots, chain, deliberating, minuting, reconsidering, recusals
from matchmaker.core import clock
from matchmaker.core.db import db, transaction
from matchmaker.core.errors import Conflict, DomainError, NotPermitted
from tests.cast import a_user, sign_in
from tests.competition.counted import lock
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


def test_minutes_are_printed_once_locked_and_signed_by_who_still_counts(client, panel, organiser, approver):
    first, second = panel
    stage, base = first.stage, f"/contests/manage/{first.entry.contest_id}/final"
    office = sign_in(client, organiser)
    for ballot in panel:
        sign_ballot(ballot, tech="80", market="80")
    with transaction():
        deliberating.set_lead(stage, actor=organiser, entry_id=first.entry_id, seat=first.seat)
    note(first, "样机完整", conclusion=True)
    note(second, "市场不清楚")
    assert office.get(f"{base}/deliberation.pdf").status_code == 409  # nothing before the lock
    lock(stage, organiser, approver)

    sheet = office.get(f"{base}/deliberation.pdf")
    assert ("attachment" in sheet.headers["Content-Disposition"], sheet.data[:5]) == (True, b"%PDF-")
    text = PdfReader(io.BytesIO(sheet.data)).pages[0].extract_text().replace(" ", "")
    for words in ("样机完整", "市场不清楚", f"{first.seat.user.name}（主审）：", f"{second.seat.user.name}："):
        assert words in text
    table = Document(io.BytesIO(office.get(f"{base}/deliberation.docx").data)).tables[0]
    cells = [cell.text for row in table.rows for cell in row.cells]
    assert "【合议结论】样机完整" in cells
    assert any(cell.startswith(f"{first.seat.user.name}（主审）：＿") for cell in cells)
    assert "打印合议记录" in office.get(f"{base}/deliberation").text


def test_who_stays_away_by_now_signs_no_minutes(organiser, approver):
    contest = a_contest(owner=organiser, minimum_panel=1)
    seats = [a_judge(contest, owner=organiser) for _ in range(2)]
    first, second = in_judging(contest, owner=organiser, entered=[an_entry(contest)], seats=seats)
    for ballot in (first, second):
        sign_ballot(ballot)
    note(first, "样机完整")
    note(second, "市场不清楚")
    with transaction():
        recusals.declare(second, actor=second.seat.user, reason=RecusalReason.RELATIVE)
    stage = first.stage
    with transaction():
        stage.locked = clock.now()

    (row,) = minuting.of(stage, actor=organiser)

    assert ([seat.id for seat in row.panel], [seat.id for seat in row.away]) == ([first.seat_id], [second.seat_id])
    paper = documents.minutes_paper(stage, [row])["entries"][0]
    assert paper["signers"] == [first.seat.user.name]
    assert "已不在本项目评委中" in paper["notes"][1]["who"]
    assert paper["away"] == [f"{second.seat.user.name}回避或不再评审本项目，不签名。"]


def test_minutes_are_for_nobody_with_a_part_and_only_where_something_was_said(client, panel, organiser, approver):
    for ballot in panel:
        sign_ballot(ballot, tech="80", market="80")
    lock(panel[0].stage, organiser, approver)
    url = f"/contests/manage/{panel[0].entry.contest_id}/final/deliberation.pdf"
    assert sign_in(client, organiser).get(url).status_code == 409
    party = a_user(Role.ORGANISER, organisation=panel[0].entry.organisation)
    assert sign_in(client.application.test_client(), party).get(url).status_code == 403
    judge = sign_in(client.application.test_client(), panel[0].seat.user)
    assert judge.get(url).status_code == 403
