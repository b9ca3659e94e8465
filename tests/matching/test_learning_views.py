"""The page of the learning switch: who reads and who changes, what it says, and what it refuses."""

from __future__ import annotations

import threading

import pytest
import sqlalchemy as sa

from matchmaker.accounts.models import User
from matchmaker.accounts.rules import Role
from matchmaker.core.db import db, transaction
from matchmaker.core.errors import Conflict
from matchmaker.matching import queries
from matchmaker.matching.models import HelpRequest, LearntWeights, WeightSwitch
from matchmaker.matching.rules import Secrecy
from matchmaker.matching.services import learning
from tests.cast import OTHER_REGION, REGION, a_user, sign_in
from tests.factories.directory import an_organisation
from tests.matching.answering import answers

pytestmark = pytest.mark.usefixtures("now")
PAGE, LEARN, BACK = (f"/needs/evaluation/learning/{end}" for end in ("", "learn", "back"))
FIRM = "白头鹎精密仪器有限公司"


@pytest.fixture
def owner(app):
    return a_user(Role.MEMBER, organisation=an_organisation(name=FIRM), name="鹎主人")


@pytest.fixture
def approver(app):
    return a_user(Role.APPROVER, name="审批员")


@pytest.fixture
def weights(owner, approver):
    """What 300 answers teach."""
    answers(300, owner=owner)
    found = learning.material()
    with transaction():
        return learning.keep(found, learning.learn(found), actor=approver)


def sent(client, path, **data):
    """The page after a form."""
    return client.get(client.post(path, data=data).headers["Location"]).text


def use(weights):
    return f"{PAGE}{weights.id}/use"


@pytest.mark.parametrize(
    ("role", "status"),
    [(Role.HANDLER, 200), (Role.APPROVER, 200), (Role.LEADER, 200), (Role.MEMBER, 403), (Role.DEPARTMENT, 403)],
)
def test_staff_read_it(client, weights, role, status):
    sign_in(client, a_user(role))

    assert client.get(PAGE).status_code == status
    assert client.get(f"{PAGE}{weights.id}").status_code == status


@pytest.mark.parametrize(
    ("role", "region", "learns", "switches"),
    [
        (Role.APPROVER, REGION, 303, 200),
        (Role.HANDLER, REGION, 303, 403),
        (Role.LEADER, REGION, 403, 403),
        (Role.APPROVER, OTHER_REGION, 404, 404),
        (Role.HANDLER, OTHER_REGION, 404, 403),
        (Role.MEMBER, REGION, 403, 403),
    ],
)
def test_who_learns_and_who_switches(client, weights, role, region, learns, switches):
    sign_in(client, a_user(role, region=region))

    assert client.post(LEARN).status_code == learns
    assert client.get(use(weights)).status_code == switches
    assert client.get(BACK).status_code == switches
    if switches != 200:
        assert client.post(use(weights), data={"reason": "更准", "seen": "0"}).status_code == switches
        assert queries.in_force() is None


def test_an_empty_platform_says_what_is_missing(client, approver):
    page = sign_in(client, approver).get(PAGE).text

    assert "现有 0 条" in page
    assert "还差 200 条" in page
    assert "现在按设定的权重排序" in page
    assert f'action="{LEARN}"' not in page
    assert sent(client, LEARN).count("答复满 200 条才能学习权重") == 2  # told, and still so


def test_one_sided_answers_say_what_is_missing(client, owner, approver):
    answers(220, owner=owner, weights={"text": 99.0, "field": 99.0})

    page = sign_in(client, approver).get(PAGE).text

    assert "接受和婉拒各满 20 条才能学习权重" in page


def test_from_the_answers_to_the_switch_and_back(client, owner, approver):
    answers(300, owner=owner)
    sign_in(client, approver)

    page = sent(client, LEARN)
    row = db.session.execute(queries.learnt()).unique().scalar_one()
    assert "推荐没有变化" in page
    assert "比设定的权重预测得准" in page
    assert f'href="{use(row)}"' in page

    before = client.get(use(row)).text
    assert "会发生什么" in before
    assert "已经显示过的推荐、发出的邀请和生成的方案不变" in before

    page = sent(client, use(row), reason="检验更准", seen="0")
    assert f"现在按学到的第 {row.id} 组权重排序" in page
    assert "检验更准" in page

    page = sent(client, BACK, reason="企业不习惯", seen="1")
    assert "现在按设定的权重排序" in page
    assert page.index("企业不习惯") < page.rindex("检验更准")
    assert [each.weights_id for each in db.session.execute(queries.switches()).unique().scalars()] == [None, row.id]


def test_without_a_reason_what_was_typed_stays_and_nothing_changes(client, approver, weights):
    sign_in(client, approver)

    empty = client.post(use(weights), data={"reason": "", "seen": "0"})
    signs = client.post(use(weights), data={"reason": "！！1234567", "seen": "0"})

    assert (empty.status_code, signs.status_code) == (422, 422)
    assert "请写明理由" in empty.text
    assert "！！1234567" in signs.text
    assert queries.in_force() is None


@pytest.mark.parametrize("seen", ["", "x", "-1", "7", "٣", "99999999999999999999"])
def test_a_page_that_somebody_made_up_switches_nothing(client, approver, weights, seen):
    answer = sign_in(client, approver).post(use(weights), data={"reason": "更准", "seen": seen})

    assert answer.status_code in {409, 422}
    assert "刷新页面" in answer.text
    assert queries.in_force() is None


@pytest.mark.parametrize("key", ["0", "99999", "99999999999999999999"])
def test_weights_that_nobody_learnt_are_not_found(client, approver, key):
    sign_in(client, approver)

    assert client.get(f"{PAGE}{key}").status_code == 404
    assert client.get(f"{PAGE}{key}/use").status_code == 404


def test_weights_that_forecast_no_better_offer_no_button(client, approver, weights):
    with transaction():
        db.session.execute(sa.update(LearntWeights).values(loss=LearntWeights.loss_by_hand))

    page = sign_in(client, approver).get(PAGE).text

    assert "没有比设定的权重预测得更准，不能启用" in page
    assert use(weights) not in page


def test_handlers_read_that_somebody_else_decides(client, weights):
    page = sign_in(client, a_user(Role.HANDLER)).get(PAGE).text

    assert "由审批人员决定是否启用" in page
    assert use(weights) not in page


def test_secret_needs_teach_and_nothing_of_them_is_told(client, owner, approver):
    answers(300, owner=owner, secrecy=Secrecy.ANONYMOUS)
    sign_in(client, approver)

    page = sent(client, LEARN) + client.get(PAGE).text

    assert "依据 300 条答复" in page
    for text in (FIRM, "鹎主人", "早先的需求", "答复人"):
        assert text not in page


def test_more_answers_and_more_weights_need_no_more_statements(client, owner, approver, count_queries):
    counts = []
    for n in (1, 3):
        for more in range(n):
            answers(220, owner=owner, seed=10 * n + more)
            found = learning.material()
            with transaction():
                learning.keep(found, learning.learn(found), actor=approver)
        sign_in(client, approver).get(PAGE)
        count_queries.clear()
        assert client.get(PAGE).status_code == 200
        counts.append(len(count_queries))

    assert counts[0] == counts[1]


def test_two_who_switch_in_the_same_second_switch_once(app, approver, weights):
    actor, key, barrier, seen = approver.id, weights.id, threading.Barrier(4), []

    def switch(number):
        with app.app_context():
            barrier.wait()
            try:
                with transaction() as session:
                    row = session.get_one(LearntWeights, key)
                    learning.use(row, actor=session.get_one(User, actor), seen=0, reason=f"第{number}人")
                seen.append("switched")
            except Conflict:
                seen.append("second")
            finally:
                db.session.remove()

    _together(switch, 4)

    db.session.rollback()
    assert sorted(seen) == ["second"] * 3 + ["switched"]
    assert db.session.execute(sa.select(sa.func.count(WeightSwitch.id))).scalar() == 1


def test_two_who_learn_in_the_same_second_learn_once(app, owner, approver):
    answers(240, owner=owner)
    actor, barrier, seen = approver.id, threading.Barrier(3), []

    def learn(_number):
        with app.app_context():
            try:
                found = learning.material()
                learnt = learning.learn(found)
                barrier.wait()
                with transaction() as session:
                    learning.keep(found, learnt, actor=session.get_one(User, actor))
                seen.append("kept")
            except Conflict:
                seen.append("known")
            finally:
                db.session.remove()

    _together(learn, 3)

    db.session.rollback()
    assert sorted(seen) == ["kept", "known", "known"]
    assert db.session.execute(sa.select(sa.func.count(LearntWeights.id))).scalar() == 1


def _together(work, n):
    threads = [threading.Thread(target=work, args=(number,)) for number in range(n)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_the_way_there(client, approver):
    assert f'href="{PAGE}"' in sign_in(client, approver).get("/needs/evaluation/").text


def test_staff_of_another_region_find_nothing(client, weights):
    sign_in(client, a_user(Role.HANDLER, Role.APPROVER, region=OTHER_REGION))

    assert client.get(PAGE).status_code == 404
    assert client.get(f"{PAGE}{weights.id}").status_code == 404
    assert f'href="{PAGE}"' not in client.get("/needs/evaluation/").text


def test_the_chances_shown_to_an_owner_are_called_chances(client, owner, approver, weights):
    """The foot of the suggestions says what a score means."""
    from tests.factories.matching import EXPERTISE, a_need
    from tests.factories.rosters import a_helper

    a_helper(user=a_user(Role.MENTOR), expertise=EXPERTISE)
    need = a_need(actor=owner)
    sign_in(client, owner)
    words = "分数是按以往的答复估计的接受可能性"
    assert words not in client.get(f"/needs/{need.id}/suggestions").text
    with transaction():
        learning.use(weights, actor=approver, seen=0, reason="更准")

    page = client.get(f"/needs/{need.id}/suggestions").text
    assert words in page
    assert "起点（按以往答复，未比较内容时的可能）" in page
    assert db.session.execute(sa.select(sa.func.count(HelpRequest.id))).scalar() == 300
