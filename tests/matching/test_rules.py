"""Which move follows which, and when a question to a helper runs out."""

from datetime import UTC, datetime, timedelta

import pytest

from matchmaker.core.errors import Conflict
from matchmaker.matching import rules
from matchmaker.matching.rules import NeedState, RequestState

ASKED = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
LAST_MOMENT = ASKED + rules.REQUEST_TERM


@pytest.mark.parametrize("to", list(RequestState))
@pytest.mark.parametrize("state", [RequestState.DECLINED, RequestState.EXPIRED, RequestState.CLOSED])
def test_a_finished_request_never_moves(state, to):
    with pytest.raises(Conflict):
        rules.check_request_move(state, to=to)


def test_an_accepted_request_is_closed_by_a_service_record():
    assert rules.check_request_move(RequestState.ACCEPTED, to=RequestState.CLOSED) is None


def test_a_need_opens_again_when_a_match_falls_through():
    assert rules.check_need_move(NeedState.MATCHED, to=NeedState.OPEN) is None


def test_a_refused_move_names_both_states():
    with pytest.raises(Conflict, match="当前状态是“已办结”，不能改为“征集中”"):
        rules.check_need_move(NeedState.CLOSED, to=NeedState.OPEN)


def test_every_state_has_its_moves():
    assert set(rules.NEED_MOVES) == set(NeedState)
    assert set(rules.REQUEST_MOVES) == set(RequestState)


@pytest.mark.parametrize(
    ("now", "expired"), [(LAST_MOMENT - timedelta(seconds=1), False), (LAST_MOMENT, True)], ids=["before", "at"]
)
def test_a_request_expires_at_the_end_of_its_term(now, expired):
    assert rules.is_expired(RequestState.ASKED, asked=ASKED, now=now) is expired


def test_a_request_expires_with_its_need():
    deadline = ASKED + timedelta(days=3)

    assert rules.expires(ASKED, need_deadline=deadline) == deadline


def test_an_accepted_request_never_expires():
    assert not rules.is_expired(RequestState.ACCEPTED, asked=ASKED, now=LAST_MOMENT + timedelta(days=99))


@pytest.mark.parametrize(
    ("state", "now", "words"),
    [(RequestState.ASKED, LAST_MOMENT, "答复期限已过"), (RequestState.WITHDRAWN, ASKED, "已撤回")],
)
def test_a_late_answer_is_refused(state, now, words):
    with pytest.raises(Conflict, match=words):
        rules.check_answerable(state, asked=ASKED, now=now)
