"""Switching learnt weights on and back: everything ranks by them, what was shown stays, and who may not, is refused."""

from __future__ import annotations

import json
import math
from decimal import Decimal

import pytest
import sqlalchemy as sa
from click.testing import CliRunner

from matchmaker.accounts.rules import Permission, Role
from matchmaker.activity.models import Activity
from matchmaker.cli import cli
from matchmaker.core.db import db, transaction
from matchmaker.core.errors import Conflict, DomainError, NotPermitted
from matchmaker.matching import encoding, gateways, queries
from matchmaker.matching.engine.features import Feature
from matchmaker.matching.models import HelpRequest, Impression, LearntWeights
from matchmaker.matching.services import browsing, digest, learning, many, suggesting
from tests.cast import OTHER_REGION, REGION, a_token, a_user, sign_in
from tests.factories.directory import an_organisation
from tests.factories.matching import EXPERTISE, a_need, a_request
from tests.factories.rosters import a_helper
from tests.matching.answering import answers

pytestmark = pytest.mark.usefixtures("now")


@pytest.fixture
def owner(app):
    return a_user(Role.MEMBER, organisation=an_organisation())


@pytest.fixture
def approver(app):
    return a_user(Role.APPROVER)


@pytest.fixture
def helpers(app):
    words = (EXPERTISE, "视频识别与模型压缩", "识别误报分析，夜里的摄像头", "财务报表与税务筹划")
    return [a_helper(user=a_user(Role.MENTOR), name=f"导师{n}", expertise=text) for n, text in enumerate(words)]


def learnt(approver):
    found = learning.material()
    taught = learning.learn(found)
    with transaction():
        return learning.keep(found, taught, actor=approver)


def switched_on(approver, row, *, seen=0, reason="检验过，预测更准"):
    with transaction():
        return learning.use(row, actor=approver, seen=seen, reason=reason)


def figures(need):
    return [(item.person.id, item.explanation) for item in suggesting.suggest(need).best]


def test_learning_changes_no_suggestion_and_switching_back_gives_the_same_scores(app, owner, approver, helpers):
    need, listed = a_need(actor=owner), a_need(actor=owner, listed=True)
    answers(300, owner=owner)
    before = figures(need)
    browsed = [(each.need.id, each.explanation) for each in browsing.for_helper(helpers[0]).found]
    table = many.score_table([need, listed], [person.id for person in helpers]).scores
    row = learnt(approver)
    assert figures(need) == before

    switched_on(approver, row)
    assert figures(need) != before
    with transaction():
        learning.restore(actor=approver, seen=1, reason="先看一看")

    assert figures(need) == before
    assert [(each.need.id, each.explanation) for each in browsing.for_helper(helpers[0]).found] == browsed
    assert (many.score_table([need, listed], [person.id for person in helpers]).scores == table).all()


def test_switched_on_every_score_is_the_learnt_chance(app, owner, approver, helpers):
    """Suggestions, single pairs, many needs, a helper's needs and rounds: one pair, one score."""
    answers(300, owner=owner)
    row = learnt(approver)
    switched_on(approver, row)
    chances, need = encoding.chances(row), a_need(actor=owner, listed=True)
    ids = [person.id for person in helpers]

    found = dict(figures(need))
    pairs = {key: kept for key, (kept, _barrier) in suggesting.explain_pairs(need, ids).items()}
    table = many.score_table([need], ids)
    ranked = dict(many.rank_many([need])[0])
    browsed = browsing.for_helper(helpers[0]).found[0].explanation

    for key, kept in found.items():
        parts = kept["basis"]["parts"]
        odds = chances.intercept + sum(
            weight * parts.get(part, chances.typical[part]) for part, weight in chances.weights.items()
        )
        assert kept["raw"] == pytest.approx(1 / (1 + math.exp(-odds)), abs=1e-12)
        assert kept["basis"]["learnt"] == row.id
        assert kept == pairs[key]
        assert kept["raw"] == ranked[key] == table.scores[0, ids.index(key)]
    assert browsed == found[helpers[0].id]


def test_the_shares_of_a_chance_add_up_to_it(app, owner, approver, helpers):
    answers(300, owner=owner)
    switched_on(approver, learnt(approver))

    for _person, kept in figures(a_need(actor=owner)):
        shares = [Decimal(share["points"]) for share in kept["shares"]]
        assert sum(shares) == Decimal(kept["score"])
        assert min(shares) > 0
        assert [share.get("base") for share in kept["shares"]].count(True) == 1


def test_the_order_is_that_of_the_chances(app, owner, approver, helpers):
    answers(300, owner=owner)
    switched_on(approver, learnt(approver))
    scores = [kept["raw"] for _person, kept in figures(a_need(actor=owner))]

    assert scores == sorted(scores, reverse=True)
    assert len(set(scores)) > 1


def test_an_impression_says_what_ranked_it(app, owner, approver, helpers, client):
    first, second = a_need(actor=owner), a_need(actor=owner)
    answers(300, owner=owner)
    row = learnt(approver)
    sign_in(client, owner).get(f"/needs/{first.id}/suggestions")
    switched_on(approver, row)
    client.get(f"/needs/{second.id}/suggestions")

    by_need = {}
    for each in db.session.execute(sa.select(Impression)).scalars():
        by_need.setdefault(each.need_id, []).append(each)
    chances = encoding.chances(row)
    assert {each.weights_id for each in by_need[first.id]} == {None}
    assert {each.weights_id for each in by_need[second.id]} == {row.id}
    for each in by_need[first.id]:
        parts, weights = each.basis["parts"], each.basis["weights"]
        assert float(each.score) == pytest.approx(sum(weights[part] * parts[part] for part in weights), abs=1e-6)
    for each in by_need[second.id]:
        features = {Feature(part): value for part, value in each.basis["parts"].items() if part in set(Feature)}
        assert float(each.score) == pytest.approx(chances.chance(each.basis["parts"]["text"], features), abs=1e-6)


def test_a_question_asked_before_the_switch_keeps_its_score(app, owner, approver, helpers):
    request = a_request(a_need(actor=owner), helpers[0], actor=owner)
    answers(300, owner=owner)
    kept = (request.score, dict(request.explanation))
    switched_on(approver, learnt(approver))

    db.session.expire_all()
    assert (request.score, request.explanation) == kept


def test_weights_that_forecast_no_better_do_not_rank(app, owner, approver):
    answers(400, owner=owner, weights={"text": 0.0, "field": 6.0})
    with transaction():
        db.session.execute(sa.update(HelpRequest).values(explanation=_shuffled()))
    row = learnt(approver)

    assert not row.is_better
    with pytest.raises(Conflict, match="没有比设定的权重预测得更准"):
        switched_on(approver, row)
    assert queries.in_force() is None


def _shuffled():
    return {"basis": {"parts": {"text": 0.5, "field": 1.0}, "engine": "", "weights": {}, "learnt": 0}}


def test_weights_of_another_way_to_compare_texts_neither_start_nor_rank(app, owner, approver, helpers):
    need = a_need(actor=owner)
    answers(300, owner=owner)
    row, before = learnt(approver), figures(need)
    switched_on(approver, row)
    with transaction():
        db.session.execute(sa.update(LearntWeights).values(engine="another model"))
    gateways.holder_of(app).switch = -1  # as in a process that has read nothing yet

    assert figures(need) == before
    with transaction():
        learning.restore(actor=approver, seen=1, reason="换了模型")
    with pytest.raises(Conflict, match="请重新学习"):
        switched_on(approver, row, seen=2)


@pytest.mark.parametrize("reason", ["", "  ", "123", "。。"])
def test_a_switch_says_why(app, owner, approver, reason):
    answers(300, owner=owner)
    row = learnt(approver)

    with pytest.raises(DomainError, match="理由"):
        switched_on(approver, row, reason=reason)
    assert queries.in_force() is None


def test_each_step_is_written_down(app, owner, approver):
    answers(300, owner=owner)
    row = learnt(approver)
    switched_on(approver, row, reason="预测更准")
    with transaction():
        learning.restore(actor=approver, seen=1, reason="企业不习惯")

    kinds = [each.kind for each in db.session.execute(sa.select(Activity).order_by(Activity.id)).scalars()]
    assert kinds[-3:] == ["matching.weights_learnt", "matching.weights_used", "matching.weights_restored"]
    assert [
        (each.number, each.weights_id, each.reason) for each in db.session.execute(queries.switches()).scalars()
    ] == [
        (2, None, "企业不习惯"),
        (1, row.id, "预测更准"),
    ]


def test_a_page_of_yesterday_switches_nothing(app, owner, approver):
    answers(300, owner=owner)
    row = learnt(approver)
    switched_on(approver, row)

    for seen in (0, 2, 99, -1):
        with pytest.raises(Conflict, match="刷新页面"), transaction():
            learning.restore(actor=approver, seen=seen, reason="先看一看")
    assert queries.in_force().weights_id == row.id


def test_switching_to_what_ranks_already_is_refused(app, owner, approver):
    answers(300, owner=owner)
    row = learnt(approver)
    with pytest.raises(Conflict, match="现在用的就是设定的权重"), transaction():
        learning.restore(actor=approver, seen=0, reason="先看一看")
    switched_on(approver, row)

    with pytest.raises(Conflict, match="已经在用"):
        switched_on(approver, row, seen=1)


@pytest.mark.parametrize(
    ("role", "region"), [(Role.HANDLER, REGION), (Role.LEADER, REGION), (Role.APPROVER, OTHER_REGION)]
)
def test_only_those_who_approve_at_the_bureau_switch(app, owner, approver, role, region):
    answers(300, owner=owner)
    row, other = learnt(approver), a_user(role, region=region)

    with pytest.raises(NotPermitted):
        switched_on(other, row)
    with pytest.raises(NotPermitted), transaction():
        learning.restore(actor=other, seen=0, reason="先看一看")


def test_another_process_finds_the_switch_at_its_next_query_without_a_statement_more(
    app, owner, approver, helpers, count_queries
):
    need = a_need(actor=owner)
    answers(300, owner=owner)
    row, before = learnt(approver), figures(need)
    there = gateways.IndexHolder()  # what another process has in memory
    here, app.extensions[gateways.KEY] = app.extensions[gateways.KEY], there
    assert figures(need) == before
    count_queries.clear()
    figures(need)
    usual = len(count_queries)

    app.extensions[gateways.KEY] = here
    switched_on(approver, row)
    app.extensions[gateways.KEY] = there
    db.session.expire_all()
    count_queries.clear()
    assert figures(need)[0][1]["basis"]["learnt"] == row.id
    first = len(count_queries)
    count_queries.clear()
    figures(need)

    assert len(count_queries) == usual
    assert first <= usual + 3  # the switch is read once, and what the test itself forgot
    app.extensions[gateways.KEY] = here


def test_the_weekly_letter_and_programs_use_the_same_scores(app, client, owner, approver, helpers):
    answers(300, owner=owner)
    need = a_need(actor=owner, listed=True)
    row = learnt(approver)
    before = {key: [each.need.id for each in found] for key, found in digest.plan().items()}
    switched_on(approver, row)
    found = dict(figures(need))

    letters = digest.plan()
    bearer = {"Authorization": f"Bearer {a_token(owner, Permission.NEEDS_OWN)}"}
    told = client.get(f"/api/v1/needs/{need.id}/suggestions", headers=bearer).get_json()["items"]

    assert {key: [each.need.id for each in letter] for key, letter in letters.items()} == before  # who gets one stays
    assert letters
    for key, letter in letters.items():
        assert letter[0].explanation == found[key]
    assert {each["person_id"]: each["score"] for each in told} == {key: kept["score"] for key, kept in found.items()}


def test_files_are_ranked_by_the_weights_set_by_hand_alone(app, owner, approver, tmp_path):
    for name, text in (("profiles", EXPERTISE), ("needs", "低光照识别")):
        line = json.dumps({"id": name, "texts": [text]}, ensure_ascii=False)
        (tmp_path / f"{name}.jsonl").write_text(line, encoding="utf-8")
    wanted = [f"--{name}={tmp_path / name}.jsonl" for name in ("profiles", "needs")]
    before = CliRunner().invoke(cli, ["match", "rank", *wanted]).output
    answers(300, owner=owner)
    switched_on(approver, learnt(approver))

    assert CliRunner().invoke(cli, ["match", "rank", *wanted]).output == before
    assert "needs,profiles" in before


def test_what_a_helper_was_shown_says_what_ranked_it(app, client, owner, approver, helpers):
    user = a_user(Role.MENTOR)
    person = a_helper(user=user, expertise=EXPERTISE)
    answers(300, owner=owner)
    a_need(actor=owner, listed=True)
    row = learnt(approver)
    switched_on(approver, row)

    sign_in(client, user).get("/needs/open/")

    shown = db.session.execute(sa.select(Impression).where(Impression.person_id == person.id)).scalars().all()
    assert [each.weights_id for each in shown] == [row.id]
