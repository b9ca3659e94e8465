"""Between lock and award: due diligence, who moves up, what officers may look at, feedback, files for the archive."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import timedelta
from decimal import Decimal

import pytest

from matchmaker.accounts.rules import Role
from matchmaker.activity import queries as activity
from matchmaker.competition.queries import standings
from matchmaker.competition.rules.aggregation import Aggregation
from matchmaker.competition.rules.results import CheckResult, Feedback
from matchmaker.competition.rules.states import EntryState
from matchmaker.competition.services import ballots, board, exports, feedback, judgefile, results, tallies
from matchmaker.core import clock
from matchmaker.core.db import db, transaction
from matchmaker.core.errors import Conflict, DomainError, NotPermitted
from matchmaker.core.tabular import read_table
from tests.cast import a_user, sign_in
from tests.competition.counted import a_scored_contest, lock
from tests.factories.competition import RUBRIC, ballots_of
from tests.factories.publicity import announced_years

ITEMS = [{"key": "信用记录", "label": "信用记录"}, {"key": "现场核查", "label": "现场核查"}]
GROUPS = [{"code": "growth", "prizes": "一等奖 1 5万元；二等奖 1 20000元", "criteria": RUBRIC}]


@pytest.fixture
def locked(organiser, approver):
    """A locked contest of four entries: two win."""
    announced_years()
    values = {"entered": 4, "judges": 4, "per_entry": 3, "groups": GROUPS}
    contest = a_scored_contest(organiser, diligence=ITEMS, feedback=Feedback.MEANS, comments=True, **values)
    lock(contest.current, organiser, approver)
    return contest


def rows_of(contest):
    return db.session.execute(standings.of_stage(contest.stages[-1].id)).unique().scalars().all()


def passed(rows, organiser):
    with transaction():
        for row in rows:
            for item in ITEMS:
                results.record_check(row, actor=organiser, item=item["key"], result=CheckResult.PASSED)


def removed(row, organiser, approver, reason="信用记录有严重失信"):
    with transaction():
        results.propose_removal(row, actor=organiser, reason=reason)
    with transaction():
        results.confirm_removal(row, actor=approver)


def test_release_waits_for_due_diligence_on_every_winner(locked, organiser):
    rows = rows_of(locked)
    with pytest.raises(DomainError, match="还有 2 项没有结论"), transaction():
        results.release(locked.current, actor=organiser)
    passed(rows[:2], organiser)

    with transaction():
        results.record_check(rows[0], actor=organiser, item="信用记录", result=CheckResult.FAILED, note="列入失信名单")
    with pytest.raises(DomainError, match="“信用记录”不符合要求"), transaction():
        results.release(locked.current, actor=organiser)
    with pytest.raises(DomainError, match="写明情况"), transaction():
        results.record_check(rows[1], actor=organiser, item="信用记录", result=CheckResult.NOTED, note=" ")
    with pytest.raises(DomainError, match="不在尽职调查清单"), transaction():
        results.record_check(rows[1], actor=organiser, item="别的", result=CheckResult.PASSED)


def test_next_moves_up_when_two_take_a_winner_out(client, locked, organiser, approver):
    rows = rows_of(locked)
    both = a_user(Role.ORGANISER, Role.APPROVER)
    with transaction():
        results.propose_removal(rows[0], actor=both, reason="信用记录有严重失信")
    with pytest.raises(NotPermitted, match="另一位"), transaction():
        results.confirm_removal(rows[0], actor=both)
    with pytest.raises(Conflict, match="等待复核"), transaction():
        passed_rows = rows[:2]
        for row in passed_rows:
            for item in ITEMS:
                results.record_check(row, actor=organiser, item=item["key"], result=CheckResult.PASSED)
        results.release(locked.current, actor=organiser)
    with transaction():
        results.confirm_removal(rows[0], actor=approver)
    out, first, second, last = rows[0].entry_id, *[row.entry_id for row in rows[1:]]
    db.session.expire_all()

    after = {row.entry_id: (row.rank, row.place, row.prize) for row in rows_of(locked)}

    assert after == {out: (1, None, None), first: (2, 1, "一等奖"), second: (3, 2, "二等奖"), last: (4, 3, None)}
    assert not tallies.differs(locked.current)  # what was counted has not changed
    passed([row for row in rows_of(locked) if row.prize], organiser)
    with transaction():
        notice = results.release(locked.current, actor=organiser)
    assert len(notice.items) == 2
    assert db.session.get(type(rows[0]), rows[0].id).entry.state is EntryState.DISQUALIFIED


def test_a_removal_after_the_release_is_announced_anew(locked, organiser, approver):
    passed(rows_of(locked)[:2], organiser)
    with transaction():
        first = results.release(locked.current, actor=organiser)
    removed(rows_of(locked)[1], organiser, approver)
    db.session.expire_all()

    again = results.notice_of(locked)

    assert (again.id != first.id, again.title[-4:]) == (True, "（更正）")
    assert "递补" in again.body
    assert [row.entry.state for row in rows_of(locked)[:2]] == [EntryState.PROPOSED] * 2


def test_board_shows_rules_judges_and_awards_and_writes_down_the_look(client, locked, organiser):
    sign_in(client, organiser)
    base = f"/contests/manage/{locked.id}/final"

    text = client.get(f"{base}/board").text

    assert all(word in text for word in ("各种计分方式", "校准分", "宽严", "如果"))
    looks = [line for line in activity.of(locked) if line.kind == "competition.scores_viewed"]
    assert looks[0].data["what"] == "board"
    assert client.get(f"{base}/pending").status_code == 200
    assert client.get(f"{base}/grey-zone").location.endswith("/results")
    with transaction():
        (group,) = board.board(locked.current, actor=organiser)
    assert set(group.what_if.stable) <= set(group.what_if.winners)
    assert {report.judge for report in group.judges} == {b.seat.code for b in ballots_of(locked)}


def test_the_board_of_a_scaled_stage_has_its_column_and_marks_it_as_announced(client, organiser, approver):
    contest = a_scored_contest(organiser, rule=Aggregation.SCALED, entered=8, judges=4, per_entry=3)
    lock(contest.current, organiser, approver)

    text = sign_in(client, organiser).get(f"/contests/manage/{contest.id}/final/board").text
    with transaction():
        (group,) = board.board(contest.current, actor=organiser)

    heads = re.findall(r"<th[^>]*>(.*?)</th>", text)
    announced = [head for head in heads if "公布的方式" in head]
    assert [head.startswith("校准分（含尺度）") for head in announced] == [True]
    assert group.rule == "scaled"
    kept = {row.code: row.rank for row in rows_of(contest)}
    assert {row.entry: row.lines["scaled"].rank for row in group.comparisons} == kept
    assert all(f"<b>{rank}</b>" in text for rank in kept.values())


def test_nobody_with_a_part_and_nobody_before_the_lock_sees_a_board(client, organiser, approver):
    contest = a_scored_contest(organiser, entered=2, judges=2, per_entry=2)
    stage = contest.current
    with pytest.raises(Conflict, match="锁定"), transaction():
        board.board(stage, actor=organiser)
    lock(stage, organiser, approver)
    conflicted = a_user(Role.ORGANISER, organisation=ballots_of(contest)[0].entry.organisation)
    sign_in(client, conflicted)

    pages = ("board", "pending", "simulate", "standings", "grey-zone")

    asked = [client.get(f"/contests/manage/{contest.id}/final/{name}").status_code for name in pages]
    assert set(asked) <= {403, 404}


def test_grey_zone_before_the_lock_tells_codes_alone(client, organiser):
    contest = a_scored_contest(organiser, entered=4, judges=4, per_entry=3, twins=4, groups=GROUPS)
    sign_in(client, organiser)

    text = client.get(f"/contests/manage/{contest.id}/final/grey-zone").text

    assert text.count("<li><span") or text.count("<li>") >= 4
    assert "68.4" not in text
    assert not any(b.entry.title in text for b in ballots_of(contest))
    assert any(line.kind == "competition.grey_zone_viewed" for line in activity.of(contest))


def test_simulation_leaves_the_locked_result_alone(client, locked, organiser):
    before = tallies.in_force(locked.current).sha256
    top = rows_of(locked)[0]
    with transaction():
        ((_group, moved),) = board.simulate(locked.current, actor=organiser, entry=top.code)
    ranks = {row.code: row.after.place.rank if row.after else None for row in moved}
    assert [ranks[row.code] for row in rows_of(locked)] == [None, 1, 2, 3]
    judge = ballots_of(locked)[0].seat.code
    sign_in(client, organiser)
    page = client.post(f"/contests/manage/{locked.id}/final/simulate", data={"judge": judge})

    assert "模拟得分" in page.text
    assert tallies.in_force(locked.current).sha256 == before
    assert [row.place for row in rows_of(locked)] == [1, 2, 3, 4]
    with pytest.raises(DomainError, match="请选择"), transaction():
        board.simulate(locked.current, actor=organiser)


def test_entrants_read_means_and_agreed_comments_after_the_release(client, organiser, approver):
    announced_years()
    values = {"entered": 2, "judges": 2, "per_entry": 2, "feedback": Feedback.MEANS, "comments": True}
    contest = a_scored_contest(organiser, **values)
    ballot, other = ballots_of(contest)[:2]
    for row, said in ((ballot, "样机扎实，市场测算还要细化。"), (other, "只给评委会看的话。")):
        with transaction():
            ballots.reopen(row, actor=row.seat.user)
        with transaction():
            points = {"tech": Decimal(80), "market": Decimal(70)}
            ballots.sign(row, actor=row.seat.user, version=row.version, points=points, comment=said)
    with transaction():
        feedback.agree(ballot, actor=ballot.seat.user, agreed=True)
    with pytest.raises(NotPermitted), transaction():
        feedback.agree(ballot, actor=other.seat.user, agreed=True)
    lock(contest.current, organiser, approver)
    assert feedback.of_entry(ballot.entry) == []
    with transaction():
        results.release(contest.current, actor=organiser)
    sign_in(client, ballot.entry.user)

    text = client.get(f"/contests/entries/{ballot.entry_id}").text

    assert "样机扎实" in text
    assert "只给评委会看的话" not in text
    assert ballot.seat.user.name not in text
    (part,) = feedback.of_entry(ballot.entry)
    assert [(row.key, mean) for row, mean in part.means] == [("tech", Decimal(80)), ("market", Decimal(70))]
    with pytest.raises(Conflict, match="已经发布"), transaction():
        feedback.agree(ballot, actor=ballot.seat.user, agreed=False)


def test_judge_file_shows_released_stages_alone(client, locked, organiser):
    assert judgefile.summaries(organiser) == []
    passed(rows_of(locked)[:2], organiser)
    with transaction():
        results.release(locked.current, actor=organiser)

    found = judgefile.summaries(organiser)

    assert sum(summary.ballots for summary in found) == 12
    assert {summary.user.id for summary in found} == {b.seat.user_id for b in ballots_of(locked)}
    sign_in(client, organiser)
    assert found[0].user.name in client.get("/contests/manage/judge-file").text


def test_archive_and_prize_money_follow_the_awards(client, locked, organiser, approver):
    passed(rows_of(locked)[:2], organiser)
    with transaction():
        results.release(locked.current, actor=organiser)
    with pytest.raises(Conflict, match="授奖以后"), transaction():
        exports.prize_money(locked, actor=organiser)
    with clock.frozen(clock.now() + timedelta(days=12)):
        with transaction():
            results.propose_awards(locked, actor=organiser, reason="公示无异议")
        with transaction():
            results.confirm_awards(locked, actor=approver)
        sign_in(client, organiser)
        bundle = zipfile.ZipFile(io.BytesIO(client.get(f"/contests/manage/{locked.id}/archive.zip").data))
        sheet = io.BytesIO(client.get(f"/contests/manage/{locked.id}/prize-money.xlsx").data)

    names = {"minutes.csv", "notice.pdf", "final/package.zip", "final/standings.xlsx", "final/signatures.pdf"}
    assert set(bundle.namelist()) == names
    assert bundle.read("notice.pdf").startswith(b"%PDF")
    assert bundle.read("minutes.csv").decode("utf-8-sig").count("已") >= 2
    money = [row.values["奖金（元）"] for row in read_table(sheet, "money.xlsx")]
    assert [Decimal(amount.replace(",", "")) for amount in money] == [50000, 20000]
    winner = rows_of(locked)[0].entry
    assert winner.title in client.application.test_client().get("/contests/archive").text


def test_rules_of_the_results_are_set_before_the_announcement(client, organiser):
    from tests.factories.competition import a_contest

    contest = a_contest(owner=organiser, announced=False)
    sign_in(client, organiser)
    path = f"/contests/manage/{contest.id}/results-rules"
    assert "营业执照" in client.get(path).text
    data = {"package": "public", "feedback": "means", "comments": "y", "diligence": "信用记录\n信用记录"}
    assert client.post(path, data=data).status_code == 422
    client.post(path, data={**data, "diligence": "信用记录"})

    db.session.refresh(contest)
    assert (contest.package.value, contest.feedback, contest.comments) == ("public", Feedback.MEANS, True)
    assert contest.diligence == [{"key": "信用记录", "label": "信用记录"}]
