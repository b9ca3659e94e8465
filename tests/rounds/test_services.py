"""Rounds from plan to answers: who gets whom, what is sent, what is replaced, who may."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from matchmaker.accounts.rules import Role
from matchmaker.core.db import db, transaction
from matchmaker.core.errors import Conflict, DomainError, Missing, NotPermitted
from matchmaker.matching.models import HelpRequest
from matchmaker.matching.rules import Barrier, DeclineReason, RequestState, Secrecy
from matchmaker.matching.services import charge, requests
from matchmaker.rosters.services import profiles
from matchmaker.rounds import queries
from matchmaker.rounds.rules import Gap, PairState, RoundState
from matchmaker.rounds.services import planning, reporting, rounds
from tests.cast import OTHER_REGION, a_user
from tests.factories.directory import an_organisation
from tests.factories.matching import a_need
from tests.factories.rosters import a_helper
from tests.factories.rounds import a_round

pytestmark = pytest.mark.usefixtures("now")
SNOW, WINE = "下雪天的视频识别误报太多", "葡萄酒酿造工艺不稳定"
SEES, BREWS = "低光照和恶劣天气的视频识别，误报分析", "葡萄种植与葡萄酒酿造工艺"


@pytest.fixture
def handler(app):
    return a_user(Role.HANDLER, name="经办甲")


@pytest.fixture
def owner(app):
    return a_user(organisation=an_organisation(name="雪峰安防科技有限公司"), name="顾文静")


def a_mentor(name, expertise, **values):
    return a_helper(user=a_user(name=name), name=name, expertise=expertise, **values)


def wish(owner, text, **values):
    return a_need(actor=owner, title=text, text=text, **values)


def pairs_of(row):
    return {(pair.need.title, pair.person.name): pair for pair in queries.pairs_of(row.id)}


def publish(row, handler):
    with transaction():
        return rounds.publish(row, actor=handler, plan=row.plan)


def answer(row, names, state, handler=None):
    pair = pairs_of(row)[names]
    with transaction():
        actor = db.session.get(type(handler), pair.person.user_id)
        if state is RequestState.ACCEPTED:
            requests.accept(pair.request, actor=actor)
        else:
            requests.decline(pair.request, actor=actor, reason=DeclineReason.NO_TIME)


def test_everybody_gets_somebody_though_all_would_choose_the_same(handler, owner):
    first, second = a_mentor("甲", SEES + WINE), a_mentor("乙", BREWS)
    needs = [wish(owner, SNOW), wish(owner, WINE)]

    row = a_round(needs, [first, second], actor=handler)

    assert set(pairs_of(row)) == {(SNOW, "甲"), (WINE, "乙")}
    told = reporting.told(row, queries.pairs_of(row.id))
    assert (told.served, told.needs, told.unserved) == (2, 2, [])
    assert told.worst == min(round(100 * pair.score) for pair in queries.pairs_of(row.id))
    assert db.session.scalar(sa.select(sa.func.count(HelpRequest.id))) == 0


def test_the_same_round_gives_the_same_plan(handler, owner):
    people = [a_mentor(name, SEES) for name in "甲乙丙丁"]
    row = a_round([wish(owner, SNOW), wish(owner, SNOW + "！")], people, actor=handler)
    before = set(pairs_of(row))

    with transaction():
        planning.plan(row, actor=handler)

    assert set(pairs_of(row)) == before


def test_hard_rules_are_kept_and_told(handler, owner):
    own = a_helper(user=owner, name="自己人", expertise=SEES)
    away = a_mentor("不接受", SEES)
    with transaction():
        profiles.ensure(away).opted_out = True

    row = a_round([wish(owner, SNOW)], [own, away], actor=handler)

    assert pairs_of(row) == {}
    (unserved,) = reporting.told(row, []).unserved
    assert dict(unserved.reasons) == {Barrier.RECUSED.label: 1, Barrier.OPTED_OUT.label: 1}


def test_too_few_places_are_proved_by_name(handler, owner):
    needs = [wish(owner, SNOW), wish(owner, SNOW + "，夜里")]

    row = a_round(needs, [a_mentor("甲", SEES)], actor=handler)

    told = reporting.told(row, queries.pairs_of(row.id))
    assert told.served == 1
    assert [dict(item.reasons) for item in told.unserved] == [{Gap.FULL.label: 1}]
    assert "甲" in told.proofs[0] and "还差 1 人次" in told.proofs[0]


def test_below_the_floor_nobody_is_better(handler, owner):
    row = a_round([wish(owner, SNOW)], [a_mentor("甲", "财务报表与税务筹划")], actor=handler, floor=60)

    assert pairs_of(row) == {}
    assert dict(reporting.told(row, []).unserved[0].reasons) == {Gap.BELOW_FLOOR.label: 1}


def test_sending_asks_by_the_usual_way_and_once(handler, owner):
    row = a_round([wish(owner, SNOW)], [a_mentor("甲", SEES)], actor=handler)

    assert publish(row, handler) == rounds.Sent(asked=1, lapsed=0)

    pair = pairs_of(row)[SNOW, "甲"]
    assert (pair.state, pair.request.state) == (PairState.ASKED, RequestState.ASKED)
    assert pair.request.message == row.message
    assert pair.request.explanation["shares"]
    assert row.state is RoundState.RUNNING
    with pytest.raises(DomainError, match="没有待发出"):
        publish(row, handler)


def test_only_the_plan_that_was_looked_at_is_sent(handler, owner):
    row = a_round([wish(owner, SNOW)], [a_mentor("甲", SEES)], actor=handler)
    seen = row.plan
    with transaction():
        planning.plan(row, actor=handler)

    with pytest.raises(Conflict, match="方案刚刚有变化"), transaction():
        rounds.publish(row, actor=handler, plan=seen)
    assert db.session.scalar(sa.select(sa.func.count(HelpRequest.id))) == 0


def test_a_place_taken_meanwhile_keeps_that_pair_back_alone(handler, owner):
    full, free = a_mentor("甲", SEES, capacity=1), a_mentor("乙", BREWS)
    row = a_round([wish(owner, SNOW), wish(owner, WINE)], [full, free], actor=handler)
    with transaction():
        profiles.take_place(full)

    assert publish(row, handler) == rounds.Sent(asked=1, lapsed=1)

    pair = pairs_of(row)[SNOW, "甲"]
    assert (pair.state, pair.reason, pair.request) == (PairState.LAPSED, Barrier.NO_CAPACITY.label, None)


def test_a_decline_is_replaced_and_the_others_stay(handler, owner):
    people = [a_mentor("甲", SEES), a_mentor("乙", BREWS), a_mentor("丙", "园区监控设备的安装、维护和巡检，处理过误报")]
    row = a_round([wish(owner, SNOW), wish(owner, WINE)], people, actor=handler)
    publish(row, handler)
    assert set(pairs_of(row)) == {(SNOW, "甲"), (WINE, "乙")}
    answer(row, (SNOW, "甲"), RequestState.DECLINED, handler)
    answer(row, (WINE, "乙"), RequestState.ACCEPTED, handler)

    with transaction():
        assert planning.plan(row, actor=handler) == 1

    found = pairs_of(row)
    assert found[SNOW, "丙"].state is PairState.PROPOSED
    assert found[WINE, "乙"].request.state is RequestState.ACCEPTED
    assert found[SNOW, "甲"].request.state is RequestState.DECLINED
    assert publish(row, handler) == rounds.Sent(asked=1, lapsed=0)
    with pytest.raises(DomainError, match="没有需要补人"), transaction():
        planning.plan(row, actor=handler)


def test_a_round_holds_only_needs_in_the_handlers_charge(handler, owner):
    secret = wish(owner, SNOW, secrecy=Secrecy.ANONYMOUS)
    helper = a_mentor("甲", SEES)

    with pytest.raises(Missing, match="不在征集中"):
        a_round([secret], [helper], actor=handler)

    with transaction():
        charge.take(secret, actor=handler)
    assert set(pairs_of(a_round([secret], [helper], actor=handler))) == {(SNOW, "甲")}


def test_handlers_of_other_regions_may_not(handler, owner):
    row = a_round([wish(owner, SNOW)], [a_mentor("甲", SEES)], actor=handler)
    stranger = a_user(Role.HANDLER, region=OTHER_REGION)

    for attempt in (
        lambda: planning.plan(row, actor=stranger),
        lambda: rounds.publish(row, actor=stranger, plan=row.plan),
        lambda: rounds.close(row, actor=stranger),
        lambda: rounds.delete(row, actor=stranger),
    ):
        with pytest.raises(NotPermitted), transaction():
            attempt()


@pytest.mark.parametrize(
    ("values", "field"),
    [({"per_need": 0}, "per_need"), ({"per_helper": 99}, "per_helper"), ({"floor": 101}, "floor")],
)
def test_numbers_that_make_no_sense_are_refused(handler, owner, values, field):
    with pytest.raises(DomainError) as refused:
        a_round([wish(owner, SNOW)], [a_mentor("甲", SEES)], actor=handler, **values)

    assert refused.value.field == field


def test_a_round_needs_both_sides(handler, owner):
    for needs, helpers, field in (([], [a_mentor("甲", SEES)], "needs"), ([wish(owner, SNOW)], [], "helpers")):
        with pytest.raises(DomainError) as refused:
            a_round(needs, helpers, actor=handler)
        assert refused.value.field == field


def test_a_draft_is_deleted_and_a_sent_round_closed(handler, owner):
    row = a_round([wish(owner, SNOW)], [a_mentor("甲", SEES)], actor=handler)
    round_id = row.id
    with transaction():
        rounds.delete(row, actor=handler)
    assert db.session.get(type(row), round_id) is None

    other = a_round([wish(owner, WINE)], [a_mentor("乙", BREWS)], actor=handler)
    publish(other, handler)
    with pytest.raises(Conflict, match="不能删除"), transaction():
        rounds.delete(other, actor=handler)
    with transaction():
        rounds.close(other, actor=handler)
    with pytest.raises(Conflict, match="已经结束"), transaction():
        planning.plan(other, actor=handler)


def test_planning_more_takes_no_more_queries(handler, owner, count_queries):
    people = [a_mentor(name, SEES) for name in "甲乙丙"]
    taken = []
    for size in (1, 1, 3):  # the first one fits the index
        needs = [wish(owner, f"{SNOW}{'，夜里' * n}") for n in range(size)]
        row = a_round(needs, people, actor=handler)
        count_queries.clear()
        with transaction():
            planning.plan(row, actor=handler)
        taken.append(len([statement for statement in count_queries if statement.startswith("SELECT")]))

    assert taken[2] <= taken[1] + 2  # a refresh of what was written
