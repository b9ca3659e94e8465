"""Within a track the nearest experts come first, and the page says why; where time runs out it says that, too."""

from __future__ import annotations

import random
from datetime import timedelta

import pytest

from matchmaker.competition.engine.assigning import plan as best
from matchmaker.competition.models import Entry
from matchmaker.competition.services import assigning, contests, entries
from matchmaker.core import clock
from matchmaker.core.db import db, transaction
from matchmaker.rosters.rules import AppointmentKind
from tests.cast import a_user, sign_in
from tests.factories.competition import a_contest, a_judge, a_recusal, an_entry, group_of
from tests.factories.rosters import a_helper


def an_expert(contest, owner, words, **values):
    seat = a_judge(contest, owner=owner, **values)
    a_helper(user=seat.user, expertise=words, kind=AppointmentKind.EXPERT)
    return seat


def screened(contest, organiser):
    """Entries are accepted and closed."""
    rows = contests_entries(contest)
    with transaction():
        for row in rows:
            entries.accept(row, actor=organiser, note="已核对")
    with clock.frozen(contest.deadline + timedelta(minutes=1)), transaction():
        contests.close_entries(contest, actor=organiser)


def contests_entries(contest):
    return list(db.session.execute(db.select(Entry).where(Entry.contest_id == contest.id)).unique().scalars())


@pytest.fixture
def contest(organiser):
    return a_contest(owner=organiser)


@pytest.fixture
def topics(contest):
    """Two entries about video, two about batteries, all of one track."""
    video = [an_entry(contest, summary=f"夜间低光照的视频智能识别终端，第 {n} 代，用于矿山巡检") for n in range(2)]
    cells = [an_entry(contest, summary=f"宽温域固态电池材料的中试生产线，第 {n} 期，用于储能电站") for n in range(2)]
    return video, cells


def test_the_nearest_of_a_track_judge_what_they_know(contest, topics, organiser):
    video, cells = topics
    eyes = [an_expert(contest, organiser, "视频识别，低光照") for _ in range(2)]
    chemists = [an_expert(contest, organiser, "固态电池；储能") for _ in range(2)]
    screened(contest, organiser)

    plan = assigning.propose(contest.current, actor=organiser)

    wanted = {(row.id, seat.id) for rows, seats in ((video, eyes), (cells, chemists)) for row in rows for seat in seats}
    assert plan.pairs == wanted
    assert plan.reason(video[0], eyes[0]) == (None, ("视频识别", "低光照"))
    assert plan.reason(cells[0], eyes[0]) == (None, ())
    assert plan.found.proved
    assert plan.met == 8


def test_a_track_weighs_more_than_any_words_and_a_recusal_more_than_both(contest, topics, organiser):
    video, _cells = topics
    other, own = contest.tracks[1].code, contest.tracks[0].code
    outside = [an_expert(contest, organiser, "视频识别，低光照，矿山巡检，终端", tracks=[other]) for _ in range(2)]
    inside = [a_judge(contest, owner=organiser, tracks=[own]) for _ in range(3)]
    blocked = an_expert(contest, organiser, "视频识别", tracks=[own])
    for row in contests_entries(contest):
        a_recusal(blocked, row, owner=organiser)
    screened(contest, organiser)

    task = assigning._task(assigning._facts(contest.current), seed=1, balance=assigning.Balance.LIMITS)
    found = {(int(entry), int(seat)) for entry, seat in best(task).pairs}
    assert {seat for _entry, seat in found} <= {seat.id for seat in inside}
    assert not {seat.id for seat in (*outside, blocked)} & {seat for _entry, seat in found}
    assert video[0].id in {entry for entry, _seat in found}


def test_without_stated_words_the_plan_is_as_before(contest, topics, organiser):
    for _ in range(3):
        a_judge(contest, owner=organiser)
    screened(contest, organiser)
    plan = assigning.propose(contest.current, actor=organiser)
    assert (plan.near, plan.found.floor, plan.found.total) == ({}, 2, 8)


def test_the_preview_says_why(client, contest, topics, organiser):
    an_expert(contest, organiser, "视频识别", tracks=[contest.tracks[0].code], name="甲专家")
    an_expert(contest, organiser, "新能源", tracks=[contest.tracks[1].code], name="乙专家")
    screened(contest, organiser)
    with clock.frozen(contest.deadline + timedelta(hours=1)):
        text = sign_in(client, organiser).get(f"/contests/manage/{contest.id}/final/assignment").text
    assert "甲专家：熟悉本赛道；专长相近：视频识别" in text
    assert "乙专家：其他赛道" in text
    assert "2 人次" in text


def test_the_page_says_so_when_the_best_plan_is_not_proved_in_time(client, organiser, monkeypatch):
    dice = random.Random(0)
    contest = a_contest(owner=organiser, per_entry=3)
    words = [["".join(chr(dice.randrange(0x4E00, 0x9000)) for _ in range(4)) for _ in range(4)] for _ in range(10)]
    wanted = [dice.random() ** 3 for _ in words]  # everybody wants the same few
    team = group_of(contest, "team")
    for n in range(30):
        known = [own[: min(4, int(6 * wanted[j] * dice.random()))] for j, own in enumerate(words)]
        summary = "。".join(term for terms in known for term in terms) + "。" + chr(0x9000 + n) * 30
        an_entry(contest, actor=a_user(), group_id=team.id, summary=summary)
    for own in words:
        an_expert(contest, organiser, "；".join(own))
    screened(contest, organiser)
    monkeypatch.setattr(assigning, "SECONDS", 1e-9)
    with clock.frozen(contest.deadline + timedelta(hours=1)):
        plan = assigning.propose(contest.current, actor=organiser)
        text = sign_in(client, organiser).get(f"/contests/manage/{contest.id}/final/assignment").text

    assert not plan.found.proved
    assert plan.found.floor < plan.found.ceiling
    assert "限时内没有证明" in text
    assert {len(plan.panel_of(entry.id)) for entry in plan.entries} == {3}  # every rule is kept all the same
