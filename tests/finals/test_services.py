"""A live final: drawn once, one on stage at a time, shown when complete, fixed afterwards."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from threading import Thread

import pytest
import sqlalchemy as sa

from matchmaker.accounts.rules import Role
from matchmaker.competition.models import BallotMark, Recusal
from matchmaker.competition.rules.ballots import MarkKind, RecusalSource
from matchmaker.competition.rules.conflicts import RecusalReason, RecusalState
from matchmaker.competition.rules.stages import StageMode
from matchmaker.competition.rules.states import EntryState
from matchmaker.competition.services import ballots, recusals, results
from matchmaker.core import clock
from matchmaker.core.db import db, transaction
from matchmaker.core.errors import Conflict, DomainError, NotPermitted
from matchmaker.finals import queries, rules, services
from matchmaker.finals.models import Final
from matchmaker.finals.rules import Phase
from tests.cast import a_user
from tests.factories.competition import a_contest, a_judge, an_entry, ballots_of, in_judging, sign_ballot
from tests.factories.finals import a_final, a_live_contest


@pytest.fixture
def host(app, now):
    return a_user(Role.ORGANISER)


def to(row, phase, host):
    with transaction():
        services.step(row, phase, actor=host)


def on_stage(final, host):
    """The first entry, pitched and asked, waiting for its scores."""
    row = final.running[0]
    for phase in (Phase.PITCHING, Phase.QUESTIONS, Phase.SCORING):
        to(row, phase, host)
    return row


def sign_all(final, row, tech="80", market="70"):
    for ballot in ballots_of(final.stage.contest):
        if ballot.entry_id == row.entry_id:
            sign_ballot(ballot, tech=tech, market=market)


def test_an_online_stage_has_no_final(host, judged_online):
    with pytest.raises(Conflict, match="不是现场答辩"), transaction():
        services.prepare(judged_online.current, actor=host)


@pytest.fixture
def judged_online(host):
    return a_contest(owner=host)


def test_words_given_before_the_draw_decide_the_order(host):
    final = a_final(owner=host, drawn=False)
    first = final.appearances[0]
    with transaction():
        services.sign_in(first, actor=host, speaker="答辩人", word="春风")
    with transaction():
        services.draw(final, actor=host)

    order = [row.code for row in sorted(final.appearances, key=lambda r: r.position)]
    assert order == rules.drawn(final.secret, {row.code: row.word for row in final.appearances})
    assert [row.word for row in final.appearances].count("春风") == 1
    with pytest.raises(Conflict, match="不能再改"), transaction():
        services.sign_in(first, actor=host, speaker="答辩人", word="秋风")


def test_two_presses_draw_once(app, host):
    final = a_final(owner=host, drawn=False)
    final_id, host_id, outcomes = final.id, host.id, []

    def press():
        with app.app_context():
            from matchmaker.accounts.models import User

            try:
                with transaction():
                    services.draw(db.session.get(Final, final_id), actor=db.session.get(User, host_id))
                outcomes.append("drawn")
            except Conflict:
                outcomes.append("refused")

    threads = [Thread(target=press) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    db.session.rollback()
    db.session.expire_all()

    assert sorted(outcomes) == ["drawn", "refused"]
    assert sorted(row.position for row in db.session.get(Final, final_id).appearances) == [1, 2, 3]


def test_one_entry_is_on_stage_at_a_time(host):
    final = a_final(owner=host)
    first, second, _third = sorted(final.appearances, key=lambda r: r.position)
    to(first, Phase.PITCHING, host)

    with pytest.raises(Conflict, match="还在台上"):
        to(second, Phase.PITCHING, host)
    assert final.current_id == first.id


def test_score_is_shown_when_all_ballots_are_in_and_fixed_from_then_on(host):
    final = a_final(owner=host)
    row = on_stage(final, host)
    with pytest.raises(Conflict, match="还有 2 位评委"):
        to(row, Phase.SHOWN, host)
    sign_all(final, row)
    to(row, Phase.SHOWN, host)

    assert (row.phase, row.score) == (Phase.SHOWN, Decimal("76"))
    ballot = next(b for b in ballots_of(final.stage.contest) if b.entry_id == row.entry_id)
    with pytest.raises(Conflict, match="当场亮分"), transaction():
        ballots.reopen(ballot, actor=ballot.seat.user)
    other = next(b for b in ballots_of(final.stage.contest) if b.entry_id != row.entry_id)
    sign_ballot(other)


def test_fewer_ballots_than_the_smallest_panel_show_no_score(host):
    final = a_final(owner=host, judges=3, minimum_panel=3, auto_release=True)
    row = on_stage(final, host)
    own = [ballot for ballot in ballots_of(final.stage.contest) if ballot.entry_id == row.entry_id]
    with transaction():
        recusals.declare(own[0], actor=own[0].seat.user, reason=RecusalReason.RELATIVE)
    for ballot in own[1:]:
        sign_ballot(ballot)

    assert queries.panel_of(row) == (2, 2)  # everybody who may score has done so
    with pytest.raises(Conflict, match="只有 2 位评委评分，少于规定的 3 位"):
        to(row, Phase.SHOWN, host)
    with transaction():
        assert services.show_ready(final, actor=host) == 0
    assert (row.phase, row.score) == (Phase.SCORING, None)


def test_the_smallest_panel_is_enough_when_one_stays_away(host):
    final = a_final(owner=host, judges=3, minimum_panel=2)
    row = on_stage(final, host)
    own = [ballot for ballot in ballots_of(final.stage.contest) if ballot.entry_id == row.entry_id]
    with transaction():
        recusals.declare(own[0], actor=own[0].seat.user, reason=RecusalReason.RELATIVE)
    for ballot in own[1:]:
        sign_ballot(ballot)
    to(row, Phase.SHOWN, host)
    assert (row.phase, row.score) == (Phase.SHOWN, Decimal("76"))


def test_a_recusal_after_a_score_was_shown_is_a_matter_for_an_objection(host):
    final = a_final(owner=host)
    row = on_stage(final, host)
    sign_all(final, row)
    to(row, Phase.SHOWN, host)
    ballot = next(b for b in ballots_of(final.stage.contest) if b.entry_id == row.entry_id)
    with pytest.raises(Conflict, match="按异议程序"), transaction():
        recusals.declare(ballot, actor=ballot.seat.user, reason=RecusalReason.RELATIVE)
    values = {"reason": RecusalReason.SAME_NAME, "source": RecusalSource.DETECTED, "state": RecusalState.CANDIDATE}
    with transaction() as session:
        session.add(Recusal(seat=ballot.seat, entry=row.entry, values={}, grounds=[], created=clock.now(), **values))

    late = db.session.execute(sa.select(Recusal)).unique().scalar_one()
    with pytest.raises(Conflict, match="按异议程序"), transaction():
        recusals.settle(late, actor=host, state=RecusalState.CONFIRMED, note="核实")
    assert queries.panel_of(row) == (2, 2)  # the ballot behind the score still counts


def test_scores_appear_by_themselves_only_where_that_was_announced(host):
    final = a_final(owner=host)
    row = on_stage(final, host)
    sign_all(final, row)
    with transaction():
        assert services.show_ready(final, actor=host) == 0
    automatic = a_final(owner=host, contest=a_live_contest(owner=host, auto_release=True, title="另一届大赛"))
    own = on_stage(automatic, host)
    with transaction():
        assert services.show_ready(automatic, actor=host) == 0
    sign_all(automatic, own)
    with transaction():
        assert services.show_ready(automatic, actor=host) == 1
    assert own.score == Decimal("76")


def test_paper_ballot_is_typed_in_with_its_place_and_its_writer(host):
    final = a_final(owner=host)
    ballot = ballots_of(final.stage.contest)[0]
    points = {"tech": Decimal(90), "market": Decimal(80)}
    with pytest.raises(DomainError, match="编号和存放处"), transaction():
        services.type_in(ballot, actor=host, version=ballot.version, points=points, comment="", note=" ")
    with transaction():
        services.type_in(ballot, actor=host, version=ballot.version, points=points, comment="", note="3 号表，档案柜")

    mark = db.session.execute(sa.select(BallotMark).where(BallotMark.ballot_id == ballot.id)).scalar_one()
    assert (mark.what, mark.actor_id, ballot.total) == (MarkKind.PAPER, host.id, Decimal(86))


def test_who_has_a_part_in_an_entry_leads_nothing(host):
    final = a_final(owner=host)
    firm = final.appearances[0].entry.organisation
    conflicted = a_user(Role.ORGANISER, organisation=firm)

    with pytest.raises(NotPermitted):
        to(final.appearances[0], Phase.PITCHING, conflicted)


def test_groups_come_one_after_the_other_each_in_an_order_of_its_own(host):
    contest = a_contest(owner=host, mode=StageMode.LIVE)
    entered = [an_entry(contest, actor=a_user() if n % 2 else None) for n in range(6)]
    in_judging(contest, owner=host, entered=entered, seats=[a_judge(contest, owner=host) for _ in range(2)])
    with transaction():
        final = services.prepare(contest.current, actor=host, by_group=True)
    with transaction():
        services.draw(final, actor=host)

    groups = [row.entry.group_id for row in final.running]
    mixed = rules.drawn(final.secret, {row.code: row.word for row in final.appearances})
    within = {group: [row.code for row in final.running if row.entry.group_id == group] for group in groups}
    assert groups == sorted(groups)
    assert [row.position for row in final.running] == [1, 2, 3, 4, 5, 6]
    assert all([code for code in mixed if code in codes] == codes for codes in within.values())


def test_who_is_late_comes_last_with_a_reason_and_keeps_the_lot(host):
    final = a_final(owner=host)
    first, second, third = final.running
    with pytest.raises(DomainError, match="移到最后的原因"), transaction():
        services.postpone(first, actor=host, reason=" ")
    with transaction():
        services.postpone(first, actor=host, reason="高速封路，电话说明")

    assert [row.id for row in final.running] == [second.id, third.id, first.id]
    assert (first.position, first.note) == (1, "高速封路，电话说明")
    to(first, Phase.PITCHING, host)
    with pytest.raises(Conflict, match="还没有上台"), transaction():
        services.postpone(first, actor=host, reason="再来一次")


def test_who_leaves_on_the_day_does_not_hold_up_the_lock(host):
    final = a_final(owner=host)
    first, second, third = final.running
    with pytest.raises(DomainError, match="声明的编号"):
        to(first, Phase.WITHDRAWN, host)
    with transaction():
        services.withdraw(first, actor=host, reason="弃赛声明 1 号，负责人签字")
    for row in (second, third):
        sign_all(final, row)
    with transaction():
        results.propose_lock(final.stage, actor=host, reason="全部提交")

    assert first.entry.state is EntryState.WITHDRAWN
    assert first.entry.reason == "弃赛声明 1 号，负责人签字"
    with pytest.raises(Conflict):
        to(first, Phase.WAITING, host)


def test_a_stopped_clock_stands_and_a_minute_is_added(host, now):
    final = a_final(owner=host)
    row = final.running[0]
    with pytest.raises(Conflict, match="不计时"), transaction():
        services.pause(row, actor=host)
    to(row, Phase.PITCHING, host)
    whole = row.seconds_left(now)
    with clock.frozen(now + timedelta(seconds=100)), transaction():
        services.pause(row, actor=host)
    with pytest.raises(Conflict, match="已经暂停"), transaction():
        services.pause(row, actor=host)
    with clock.frozen(now + timedelta(seconds=400)), transaction():
        services.resume(row, actor=host)
    with transaction():
        services.extend(row, actor=host)

    assert whole == final.stage.pitch_minutes * 60
    assert row.seconds_left(now + timedelta(seconds=400)) == whole - 100 + 60
    assert row.seconds_left(now + timedelta(hours=1)) == 0


def test_a_step_taken_too_early_is_undone(host):
    final = a_final(owner=host)
    first, second, _third = final.running
    for phase in (Phase.PITCHING, Phase.QUESTIONS, Phase.SCORING):
        to(first, phase, host)
    to(second, Phase.PITCHING, host)
    with pytest.raises(Conflict, match="还在台上"):
        to(first, Phase.QUESTIONS, host)
    to(second, Phase.WAITING, host)

    assert (final.current, second.called) == (None, None)
    to(first, Phase.QUESTIONS, host)
    assert final.current_id == first.id


def test_positions_are_the_order_on_stage(host, now):
    final = a_final(owner=host)
    first, second, third = final.running
    with transaction():
        services.postpone(first, actor=host, reason="迟到")
    for minute, row in enumerate((second, third, first)):
        with clock.frozen(now + timedelta(minutes=minute)):
            for phase in (Phase.PITCHING, Phase.SCORING):
                to(row, phase, host)

    assert queries.positions(final.stage_id) == {second.entry_id: 1, third.entry_id: 2, first.entry_id: 3}
    assert queries.positions(final.stage_id + 1) == {}
