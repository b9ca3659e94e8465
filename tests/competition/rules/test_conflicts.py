"""Recusal: whom it keeps away, and how it is settled."""

import pytest

from matchmaker.competition.rules import conflicts
from matchmaker.competition.rules.conflicts import (
    RecusalReason,
    RecusalState,
    blocks,
    check_declaration,
    check_may_score,
    check_transition,
)
from matchmaker.core.errors import Conflict, DomainError, NotPermitted
from matchmaker.core.transitions import reachable

R, S = RecusalReason, RecusalState


def test_unverified_recusal_blocks_until_ignored():
    assert blocks([S.IGNORED, S.CANDIDATE])
    assert blocks([S.DECLARED])
    assert not blocks([S.IGNORED])
    assert not blocks([])
    check_may_score([S.IGNORED])
    with pytest.raises(NotPermitted):
        check_may_score([S.CONFIRMED])


def test_every_state_is_in_the_table():
    reached = reachable(conflicts.RECUSAL_STEPS, S.CANDIDATE) | reachable(conflicts.RECUSAL_STEPS, S.DECLARED)

    assert set(conflicts.RECUSAL_STEPS) == set(S) == reached


def test_recusal_is_settled_with_a_note():
    check_transition(S.CANDIDATE, S.IGNORED, reason=R.SAME_NAME, note="同名不同人，已核对证件")

    with pytest.raises(DomainError) as refused:
        check_transition(S.CANDIDATE, S.CONFIRMED, reason=R.SAME_NAME, note=" ")
    assert refused.value.field == "note"
    with pytest.raises(Conflict):
        check_transition(S.CONFIRMED, S.DECLARED, reason=R.SAME_NAME, note="回退")


@pytest.mark.parametrize("reason", sorted(conflicts.NEVER_IGNORED))
def test_judge_of_the_own_firm_is_never_waved_through(reason):
    with pytest.raises(DomainError, match=reason.label):
        check_transition(S.CANDIDATE, S.IGNORED, reason=reason, note="无妨")


def test_only_an_unnamed_relation_has_to_be_explained():
    check_declaration(R.RELATIVE, note="")
    check_declaration(R.OTHER, note="共同承担课题")

    with pytest.raises(DomainError):
        check_declaration(R.OTHER, note="")
