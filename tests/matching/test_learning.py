"""Learning from answers: which answers count, what is kept of them, and what they teach."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from matchmaker.accounts.rules import Role
from matchmaker.core import clock
from matchmaker.core.db import db, transaction
from matchmaker.core.errors import Conflict, DomainError
from matchmaker.matching import access, encoding, queries
from matchmaker.matching.models import HelpRequest, LearntWeights
from matchmaker.matching.rules import DeclineReason, DismissReason, Side
from matchmaker.matching.rules.learning import Lesson
from matchmaker.matching.services import dismissals, learning, requests
from tests.cast import a_user
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


def itself(request):
    return access.LinkBearer(request.id, "本人")


def learnt(approver):
    found = learning.material()
    taught = learning.learn(found)
    with transaction():
        return learning.keep(found, taught, actor=approver)


def test_what_was_known_is_kept_with_the_question_and_gives_the_score_again(app, owner, helpers):
    kept = a_request(a_need(actor=owner), helpers[0], actor=owner).explanation
    basis = kept["basis"]
    again = sum(weight * basis["parts"][part] for part, weight in basis["weights"].items())

    assert set(basis["weights"]) == {"text", "region"}
    assert basis["learnt"] == 0
    assert again == pytest.approx(kept["raw"], abs=1e-12)


def test_answers_by_the_page_are_counted_by_what_they_say_of_the_fit(app, owner, helpers):
    need = a_need(actor=owner, listed=True)
    asked = [a_request(need, person, actor=owner) for person in helpers]
    with transaction():
        requests.accept(asked[0], actor=itself(asked[0]))
        requests.decline(asked[1], actor=itself(asked[1]), reason=DeclineReason.NOT_MY_FIELD)
        requests.decline(asked[2], actor=itself(asked[2]), reason=DeclineReason.NO_TIME)
    found = learning.material()

    assert found.counts == {Lesson.ACCEPTED: 1, Lesson.DECLINED: 1, Lesson.OTHER_REASON: 1}
    assert [answer.accepted for answer in found.answers] == [True, False]
    assert found.answers[0].text == asked[0].explanation["basis"]["parts"]["text"]


def test_what_either_side_hid_counts_until_it_is_brought_back(app, owner, helpers):
    need = a_need(actor=owner, listed=True)
    with transaction():
        for person, reason in zip(helpers, (DismissReason.NOT_MY_FIELD, DismissReason.NO_TIME), strict=False):
            dismissals.dismiss(need, person, actor=owner, side=Side.OWNER, reason=reason)
    assert learning.material().counts == {Lesson.DISMISSED: 1, Lesson.OTHER_REASON: 1}

    with transaction():
        dismissals.undo(need, helpers[0], actor=owner, side=Side.OWNER)
    assert learning.material().refused == 0


def test_the_answer_to_a_question_counts_before_what_was_hidden_and_a_pair_once(app, owner, helpers):
    need = a_need(actor=owner)
    request = a_request(need, helpers[0], actor=owner)
    with transaction():
        requests.accept(request, actor=itself(request))
        dismissals.dismiss(need, helpers[0], actor=owner, side=Side.OWNER, reason=DismissReason.NOT_MY_FIELD)

    found = learning.material()

    assert found.counts == {Lesson.ACCEPTED: 1, Lesson.REPEATED: 1}
    assert [answer.accepted for answer in found.answers] == [True]


def test_who_waits_or_let_the_time_run_out_teaches_nothing(app, owner, helpers, now):
    need = a_need(actor=owner)
    for person in helpers[:2]:
        a_request(need, person, actor=owner)
    assert learning.material().counts == {}

    with clock.frozen(now + timedelta(days=20)), transaction():
        requests.expire_due()
    assert learning.material().counts == {Lesson.UNANSWERED: 2}
    assert learning.material().answers == []


@pytest.mark.parametrize(
    ("given", "lesson"),
    [
        ({"engine": "another model"}, Lesson.OTHER_ENGINE),
        ({"demo": True}, Lesson.DEMO),
        ({"reason": DeclineReason.UNCLEAR_NEED, "weights": {"text": -99.0}}, Lesson.OTHER_REASON),
    ],
)
def test_answers_of_another_kind_are_counted_apart(app, owner, given, lesson):
    answers(20, owner=owner, **given)

    found = learning.material()

    assert found.counts == {lesson: 20}
    assert found.answers == []


def test_answers_from_before_parts_were_kept_teach_nothing(app, owner):
    answers(5, owner=owner)
    with transaction():
        db.session.execute(sa.update(HelpRequest).values(explanation={"score": "50.0", "raw": 0.5}))

    assert learning.material().counts == {Lesson.UNRECORDED: 5}


def test_too_few_answers_say_how_many_there_are(app, owner, approver):
    answers(199, owner=owner)
    found = learning.material()

    assert "现有 199 条" in str(learning.lacking(found).filled(learning.lacking(found).message))
    with pytest.raises(DomainError, match="199"):
        learning.learn(found)
    assert db.session.execute(sa.select(LearntWeights)).first() is None


def test_what_is_kept_is_what_was_learnt(app, owner, approver):
    answers(300, owner=owner)
    taught = learning.learn(learning.material())

    row = learnt(approver)
    chances = encoding.chances(row)

    assert (row.answers, row.accepted) == (300, taught.accepted)
    assert row.is_better
    assert (chances.intercept, dict(chances.weights), dict(chances.typical)) == (
        taught.intercept,
        dict(taught.weights),
        dict(taught.typical),
    )
    assert float(row.loss) == pytest.approx(taught.loss, abs=1e-6)
    assert sum(n for n, _forecast, _accepted in row.bins) == 300
    assert row.until == clock.now() - timedelta(days=100) + timedelta(minutes=299)


def test_the_same_answers_are_not_learnt_from_twice(app, owner, approver):
    answers(240, owner=owner)
    learnt(approver)

    with pytest.raises(Conflict, match="没有新的答复"):
        learnt(approver)
    assert len(db.session.execute(queries.learnt()).unique().all()) == 1
