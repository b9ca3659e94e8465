"""Pages of rounds: who sees what, what comes back with what was typed, what is not told."""

from __future__ import annotations

import csv
import io

import pytest

from matchmaker.accounts.rules import Role
from matchmaker.core.db import db, transaction
from matchmaker.matching.rules import Secrecy
from matchmaker.matching.services import charge
from matchmaker.rounds import queries
from matchmaker.rounds.models import MatchRound
from matchmaker.rounds.rules import PairState, RoundState
from tests.cast import OTHER_REGION, a_user, sign_in
from tests.factories.directory import an_organisation
from tests.factories.matching import a_need
from tests.factories.rosters import a_helper
from tests.factories.rounds import a_round

pytestmark = pytest.mark.usefixtures("now")
SNOW, WINE = "下雪天的视频识别误报太多", "葡萄酒酿造工艺不稳定"
FIRM = "雪峰安防科技有限公司"


@pytest.fixture
def handler(app):
    return a_user(Role.HANDLER, name="经办甲")


@pytest.fixture
def owner(app):
    return a_user(organisation=an_organisation(name=FIRM), name="顾文静")


@pytest.fixture
def helper(app):
    return a_helper(user=a_user(name="秦志远"), name="秦志远", expertise="低光照和恶劣天气的视频识别，误报分析")


def wish(owner, text=SNOW, **values):
    return a_need(actor=owner, title=text, text=text, **values)


def the_round():
    return db.session.execute(db.select(MatchRound)).scalar_one()


def filled(needs, helpers, **values):
    given = {"title": "春季对接", "per_need": "1", "per_helper": "2", "floor": "0", "aim": "sum", "message": "请看看"}
    return given | {"needs": [str(n.id) for n in needs], "helpers": [str(p.id) for p in helpers]} | values


def test_from_the_form_to_the_answers(client, handler, owner, helper):
    need = wish(owner)
    sign_in(client, handler)
    form = client.get("/needs/rounds/new").text
    assert SNOW in form and "秦志远" in form

    made = client.post("/needs/rounds/new", data=filled([need], [helper]))

    assert made.status_code == 303
    shown = client.get(made.location).text
    assert "待发出" in shown and "秦志远" in shown
    row = the_round()
    send = f"/needs/rounds/{row.id}/send"
    assert "将向 1 位服务者发出 1 项邀请" in client.get(send).text
    assert queries.pairs_of(row.id)[0].state is PairState.PROPOSED
    assert client.post(send, data={"plan": row.plan}).status_code == 303
    assert the_round().state is RoundState.RUNNING
    assert "已发出 1 项邀请" in client.get(f"/needs/rounds/{row.id}").text
    assert "春季对接" in client.get("/needs/rounds/").text


def test_a_press_on_an_old_page_sends_nothing(client, handler, owner, helper):
    row = a_round([wish(owner)], [helper], actor=handler)
    sign_in(client, handler)

    client.post(f"/needs/rounds/{row.id}/send", data={"plan": row.plan - 1})

    assert "方案刚刚有变化" in client.get(f"/needs/rounds/{row.id}").text
    assert the_round().state is RoundState.DRAFT


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ({"needs": []}, "请至少勾选一项需求"),
        ({"helpers": []}, "请至少勾选一位服务者"),
        ({"per_need": "0"}, "应在 1 到 5 之间"),
        ({"floor": "101"}, "应在 0 到 100 之间"),
        ({"title": ""}, "请填写这一项"),
    ],
)
def test_what_was_typed_stays_when_it_is_refused(client, handler, owner, helper, typed, told):
    need = wish(owner)
    sign_in(client, handler)

    answer = client.post("/needs/rounds/new", data=filled([need], [helper], message="只此一句") | typed)

    assert answer.status_code == 422
    assert told in answer.text
    assert "只此一句" in answer.text
    assert db.session.execute(db.select(MatchRound)).first() is None


def test_editing_plans_anew(client, handler, owner, helper):
    row = a_round([wish(owner), wish(owner, WINE)], [helper], actor=handler, per_helper=1)
    sign_in(client, handler)
    assert "1 项需求没有人选" in client.get(f"/needs/rounds/{row.id}").text

    saved = client.post(f"/needs/rounds/{row.id}/edit", data=filled(queries.needs_of(row.id), [helper], per_helper="2"))

    assert saved.status_code == 303
    assert len(queries.pairs_of(row.id)) == 2


def test_other_regions_find_nothing_and_others_may_not(app, client, handler, owner, helper):
    row = a_round([wish(owner)], [helper], actor=handler)
    for path in ("", "/edit", "/send"):
        address = f"/needs/rounds/{row.id}{path}"
        assert client.get(address).status_code in (303, 401)
        assert sign_in(app.test_client(), owner).get(address).status_code == 403
        stranger = a_user(Role.HANDLER, region=OTHER_REGION)
        assert sign_in(app.test_client(), stranger).get(address).status_code == 404


def test_the_firm_of_a_secret_need_stands_nowhere(app, client, handler, owner, helper):
    need = wish(owner, secrecy=Secrecy.ANONYMOUS)
    with transaction():
        charge.take(need, actor=handler)
    row = a_round([need], [helper], actor=handler)
    colleague = sign_in(app.test_client(), a_user(Role.HANDLER, name="经办乙"))
    sign_in(client, handler)

    seen = [client.get(f"/needs/rounds/{row.id}{path}").text for path in ("", "/edit", "/send", "?format=csv")]
    seen += [colleague.get(f"/needs/rounds/{row.id}{path}").text for path in ("", "/edit", "/send", "?format=csv")]

    assert all(FIRM not in page for page in seen)


def test_the_plan_is_exported(client, handler, owner, helper):
    row = a_round([wish(owner)], [helper], actor=handler)
    sign_in(client, handler)

    answer = client.get(f"/needs/rounds/{row.id}?format=csv")

    assert answer.headers["Content-Disposition"].startswith("attachment")
    lines = list(csv.DictReader(io.StringIO(answer.get_data().decode("utf-8-sig"))))
    assert [(line["需求"], line["服务者"], line["单位"]) for line in lines] == [(SNOW, "秦志远", FIRM)]


def test_more_pairs_take_no_more_queries(client, handler, owner, helper, count_queries):
    sign_in(client, handler)
    few = a_round([wish(owner)], [helper], actor=handler)
    many = a_round([wish(owner, f"{SNOW}{n}") for n in range(3)], [helper], actor=handler, per_helper=3)

    taken = []
    for row in (few, few, many):  # the first visit warms what is kept
        count_queries.clear()
        assert client.get(f"/needs/rounds/{row.id}").status_code == 200
        taken.append(len(count_queries))

    assert taken[1] == taken[2]


def test_a_draft_is_deleted_and_a_round_ended_from_the_page(client, handler, owner, helper):
    row = a_round([wish(owner)], [helper], actor=handler)
    sign_in(client, handler)
    client.post(f"/needs/rounds/{row.id}/send", data={"plan": row.plan})
    client.post(f"/needs/rounds/{row.id}/delete")
    assert the_round().state is RoundState.RUNNING

    client.post(f"/needs/rounds/{row.id}/close")

    assert the_round().state is RoundState.CLOSED
    client.post(f"/needs/rounds/{row.id}/plan")
    assert "这一轮已经结束" in client.get(f"/needs/rounds/{row.id}").text
