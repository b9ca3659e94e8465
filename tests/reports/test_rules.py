"""The funnel adds up whatever the parts, and every person is in one state."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matchmaker.events.rules import RegistrationState
from matchmaker.reports.rules import Counts, PersonState, Stage, gathered, person_state, summed

COUNTED = st.dictionaries(
    st.sampled_from(list(Stage)), st.dictionaries(st.sampled_from(["", "C", "I"]), st.integers(0, 500))
)


@given(COUNTED)
def test_the_parts_of_a_split_sum_to_each_stage(parts):
    total = summed(gathered(parts))

    assert {stage: total.at(stage) for stage in parts} == {stage: sum(n.values()) for stage, n in parts.items()}


@given(COUNTED)
def test_people_about_whom_nothing_is_known_stand_last(parts):
    keys = [line.key for line in gathered(parts)]

    assert "" not in keys[:-1]


def test_a_rate_is_of_the_stage_before_rounded_half_up():
    counts = Counts(invited=120, registered=160, approved=16, attended=1)

    assert counts.rate(Stage.ATTENDED) == Decimal("6.3")  # 6.25
    assert counts.rate(Stage.INVITED) is None
    assert Counts(registered=0).rate(Stage.APPROVED) is None


@pytest.mark.parametrize("state", [s for s in RegistrationState if s is not RegistrationState.DRAFT])
def test_every_state_of_a_registration_puts_a_person_into_one_state(state):
    assert person_state(state.value, attended=True) is PersonState.ATTENDED
    assert person_state(state.value, attended=False) is not PersonState.ATTENDED
