"""The board of progress, reminders, duties, absences and trainees: counts without scores, nothing counted twice."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
import sqlalchemy as sa

from matchmaker.competition.models import Ballot, BallotMark
from matchmaker.competition.rules.ballots import BallotState
from matchmaker.competition.rules.progress import Pace, Progress
from matchmaker.competition.rules.stages import SeatDuty
from matchmaker.competition.services import assigning, ballots, chain, counting, duties, pacing, results
from matchmaker.core import clock
from matchmaker.core.db import db, transaction
from matchmaker.core.errors import Conflict, DomainError, NotPermitted
from matchmaker.notifications.models import Message
from tests.cast import sign_in
from tests.factories.competition import a_contest, a_judge, an_entry, ballots_of, in_judging, sign_ballot


@pytest.fixture
def running(organiser):
    """Four entries, three judges on each, one standing by; one judge has signed everything, one has begun."""
    contest = a_contest(owner=organiser, per_entry=3)
    entered = [an_entry(contest) for _ in range(4)]
    seats = [a_judge(contest, owner=organiser) for _ in range(4)]
    with transaction():
        duties.set_duty(contest.current, seats[3], actor=organiser, duty=SeatDuty.STANDBY)
    in_judging(contest, owner=organiser, entered=entered, seats=seats)
    for ballot in [b for b in ballots_of(contest) if b.seat_id == seats[0].id]:
        sign_ballot(ballot, tech="97.5", market="12.5")
    begun = next(b for b in ballots_of(contest) if b.seat_id == seats[1].id)
    with transaction():
        ballots.save(begun, actor=begun.seat.user, version=1, points={"tech": Decimal(50)})
    return contest, seats


def test_the_board_says_who_is_done_silent_and_late(running, organiser):
    contest, _seats = running

    found = pacing.of(contest.current, actor=organiser)
    assert [(line.pace, line.progress.done, line.progress.left) for line in found.judges] == [
        (Pace.DONE, 4, 0), (Pace.BEGUN, 0, 4), (Pace.SILENT, 0, 4), (Pace.NONE, 0, 0)
    ]  # fmt: skip
    assert {(line.progress.ballots, line.progress.done) for line in found.entries} == {(3, 1)}
    with clock.frozen(contest.judging_until + timedelta(minutes=1)):
        late = pacing.of(contest.current, actor=organiser)
    assert [line.pace for line in late.judges] == [Pace.DONE, Pace.LATE, Pace.LATE, Pace.NONE]


def test_pace_of_every_kind(now):
    until = now + timedelta(days=1)
    paces = [Progress(), Progress(2, 2, now), Progress(2, 1, now), Progress(2, 0, None)]

    assert [one.pace(until=until, now=now) for one in paces] == [Pace.NONE, Pace.DONE, Pace.BEGUN, Pace.SILENT]


def test_a_judge_among_the_staff_does_not_see_the_board(running, organiser):
    from matchmaker.accounts import services as accounts
    from matchmaker.accounts.rules import Role

    contest, seats = running
    with transaction():
        accounts.grant_role(seats[0].user, Role.ORGANISER, region="650105")

    with pytest.raises(NotPermitted):
        pacing.of(contest.current, actor=seats[0].user)


def test_reminders_go_to_those_with_ballots_left_once_a_day(running, organiser):
    contest, seats = running
    chosen = [seat.id for seat in seats]
    with transaction():
        assert pacing.remind(contest.current, actor=organiser, seats=chosen) == 2
    with pytest.raises(DomainError, match="今天已经提醒过"), transaction():
        pacing.remind(contest.current, actor=organiser, seats=chosen)
    with clock.frozen(clock.now() + timedelta(days=1)), transaction():
        assert pacing.remind(contest.current, actor=organiser, seats=chosen[:2]) == 1

    sent = db.session.execute(sa.select(Message.user_id).where(Message.dedupe.startswith("ballots-nudge"))).scalars()
    assert sorted(sent) == sorted([seats[1].user_id, seats[1].user_id, seats[2].user_id])


def test_pages_show_progress_and_no_score(client, running, organiser):
    contest, seats = running
    base = f"/contests/manage/{contest.id}/final"
    sign_in(client, organiser)

    pages = [client.get(f"{base}/{tail}") for tail in ("progress", "progress?pace=silent", "duties", "trainees")]
    preview = client.post(f"{base}/progress/remind", data={"seat": [seats[1].id, seats[2].id]})
    sent = client.post(f"{base}/progress/remind", data={"seat": [seats[1].id], "step": "send"})

    assert [page.status_code for page in pages] == [200] * 4
    assert [("97.5" in page.text, "63.5" in page.text) for page in (*pages, preview)] == [(False, False)] * 5
    assert seats[0].user.name not in pages[1].text
    assert "收件人（2 位）" in preview.text
    assert sent.status_code == 303
    assert "今天已提醒" in client.get(f"{base}/progress").text


def test_the_board_takes_constant_queries(client, organiser, count_queries):
    used = []
    for year, entries in ((2025, 2), (2026, 6)):
        contest = a_contest(owner=organiser, year=year)
        seats = [a_judge(contest, owner=organiser) for _ in range(entries)]
        in_judging(contest, owner=organiser, entered=[an_entry(contest) for _ in range(entries)], seats=seats)
        sign_in(client, organiser)
        url = f"/contests/manage/{contest.id}/final/progress"
        client.get(url)
        count_queries.clear()
        assert client.get(url).status_code == 200
        used.append(len(count_queries))

    assert used[0] == used[1]


def test_an_absent_judge_is_replaced_and_what_is_signed_stays(client, running, organiser):
    contest, seats = running
    stage = contest.current
    done = next(b for b in ballots_of(contest) if b.seat_id == seats[2].id)
    sign_ballot(done)
    base = f"/contests/manage/{contest.id}/final"
    sign_in(client, organiser)

    asked = client.get(f"{base}/duties/{seats[2].id}/absence")
    assert "未交的 3 份评分表" in asked.text
    assert client.post(f"{base}/duties/{seats[2].id}/absence", data={"reason": ""}).status_code == 422
    client.post(f"{base}/duties/{seats[2].id}/absence", data={"reason": "出国"})
    plan = assigning.propose(stage, actor=organiser)
    assert {seat for _entry, seat in plan.new} == {seats[3].id}
    with transaction():
        assigning.confirm(stage, actor=organiser, pairs=plan.pairs, dropped=plan.dropped)

    states = {seat.id: sorted(b.state.value for b in ballots_of(contest) if b.seat_id == seat.id) for seat in seats[2:]}
    assert states == {seats[2].id: ["submitted", "void", "void", "void"], seats[3].id: ["assigned"] * 3}
    assert chain.verify(stage) is None
    assert client.post(f"{base}/duties/{seats[2].id}/back").status_code == 303
    assert seats[2].duty_in(stage) is SeatDuty.JUDGING


def test_the_lock_does_not_wait_for_an_absent_judge_while_the_panel_is_large_enough(running, organiser):
    contest, seats = running
    stage, away = contest.current, seats[1]
    for ballot in ballots_of(contest):
        if ballot.seat_id == seats[2].id:
            sign_ballot(ballot)
    with pytest.raises(DomainError, match="还缺 1 位"):
        results.check_complete(stage)
    with transaction():
        duties.register_absence(stage, away, actor=organiser, reason="住院")
    with pytest.raises(DomainError, match="少于规定的"):
        results.check_complete(stage)

    with transaction():
        stage.minimum_panel = 2
    assert results.check_complete(stage) is None
    with transaction():
        duties.end_absence(stage, away, actor=organiser)
    with pytest.raises(DomainError, match="还缺 1 位"):
        results.check_complete(stage)


def test_duties_are_set_on_one_page_and_refused_by_name(client, running, organiser):
    contest, seats = running
    sign_in(client, organiser)
    url = f"/contests/manage/{contest.id}/final/duties"
    lines = {f"s{s.id}-duty": "judging" for s in seats} | {f"s{s.id}-least": 0 for s in seats}
    lines |= {f"s{s.id}-most": 20 for s in seats} | {f"s{seats[3].id}-duty": "standby"}

    trainee = client.post(url, data={**lines, f"s{seats[0].id}-duty": "shadow"})
    crossed = client.post(url, data={**lines, f"s{seats[1].id}-least": 30})
    good = client.post(url, data={**lines, f"s{seats[3].id}-duty": "shadow", f"s{seats[3].id}-most": 3})

    assert (trainee.status_code, "不能改为见习" in trainee.text) == (422, True)
    assert (crossed.status_code, "最少评审不能多于最多评审" in crossed.text) == (422, True)
    assert good.status_code == 303
    assert (seats[3].duty_in(contest.current), seats[3].bounds_in(contest.current)) == (SeatDuty.SHADOW, (0, 3))


def test_trainees_get_ballots_with_the_panel_and_with_everybody_who_joins_later(organiser):
    contest = a_contest(owner=organiser)
    entered = [an_entry(contest) for _ in range(3)]
    seats = [a_judge(contest, owner=organiser) for _ in range(3)]
    with transaction():
        duties.set_duty(contest.current, seats[2], actor=organiser, duty=SeatDuty.SHADOW, most=2)

    made = in_judging(contest, owner=organiser, entered=entered, seats=seats)

    assert [(b.seat_id, b.state) for b in made if b.shadow] == [(seats[2].id, BallotState.ASSIGNED)] * 2
    assert {b.seat_id for b in made if not b.shadow} == {seats[0].id, seats[1].id}


def test_trainees_score_and_never_count(client, running, organiser, approver):
    contest, seats = running
    stage = contest.current
    with transaction():
        duties.set_duty(stage, seats[3], actor=organiser, duty=SeatDuty.SHADOW, most=2)
    with transaction():
        assert duties.hand_to_trainees(stage, actor=organiser) == 2
    with transaction():
        assert duties.hand_to_trainees(stage, actor=organiser) == 0
    for ballot in [b for b in ballots_of(contest) if b.state is not BallotState.SUBMITTED and not b.shadow]:
        sign_ballot(ballot)
    before = [
        (line.entry.id, line.place.result.score, line.marks) for group in counting.count(stage) for line in group.lines
    ]
    with transaction():
        results.propose_lock(stage, actor=organiser, reason="评审完成")
    learned = next(b for b in ballots_of(contest) if b.shadow)
    sign_ballot(learned, tech="1", market="1")  # after the proposal: it changes nothing that was proposed

    with pytest.raises(Conflict, match="锁定以后"), transaction():
        duties.compare_trainees(stage, actor=organiser)
    with transaction():
        results.confirm_lock(stage, actor=approver)
    assert [
        (line.entry.id, line.place.result.score, line.marks) for group in counting.count(stage) for line in group.lines
    ] == before
    sign_in(client, organiser)
    page = client.get(f"/contests/manage/{contest.id}/final/trainees")
    assert (learned.seat.user.name in page.text, learned.entry.title in page.text) == (True, True)
    marks = sa.select(BallotMark.id).join(Ballot, Ballot.id == BallotMark.ballot_id).where(Ballot.shadow)
    assert len(db.session.execute(marks).all()) == 1
    assert chain.verify(stage) is None
