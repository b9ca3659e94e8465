"""States of contests and entries, and when scores may be seen."""

from datetime import UTC, datetime, timedelta

import pytest

from matchmaker.competition.rules import states
from matchmaker.competition.rules.states import ContestState, EntryState, Stage
from matchmaker.core.errors import Conflict, DomainError, NotPermitted
from matchmaker.core.transitions import reachable

DEADLINE = datetime(2026, 5, 31, 15, 59, tzinfo=UTC)
LATER = DEADLINE + timedelta(minutes=1)


@pytest.mark.parametrize(
    ("steps", "start"), [(states.CONTEST_STEPS, ContestState.PREPARING), (states.ENTRY_STEPS, EntryState.DRAFT)]
)
def test_every_state_is_in_the_table_and_can_be_reached(steps, start):
    assert set(steps) == set(type(start)) == reachable(steps, start)


def test_a_contest_goes_through_its_states_in_order():
    order = list(ContestState)

    for current, following in zip(order, order[1:], strict=False):
        states.check_transition(current, following)
    with pytest.raises(Conflict):
        states.check_transition(ContestState.PREPARING, ContestState.JUDGING)


def test_an_entry_is_turned_back_only_with_a_reason():
    states.check_entry_transition(EntryState.SCREENING, EntryState.GROUPED)
    states.check_entry_transition(EntryState.SCREENING, EntryState.RETURNED, reason="缺营业执照")

    with pytest.raises(DomainError) as refused:
        states.check_entry_transition(EntryState.SCREENING, EntryState.RETURNED)
    assert refused.value.field == "reason"


def test_entry_is_open_until_its_deadline():
    states.check_entry_open(ContestState.REGISTRATION, EntryState.DRAFT, deadline=DEADLINE, now=DEADLINE)

    with pytest.raises(Conflict):
        states.check_entry_open(ContestState.REGISTRATION, EntryState.DRAFT, deadline=DEADLINE, now=LATER)


def test_returned_entry_may_be_mended_after_the_deadline_while_entries_are_screened():
    states.check_entry_open(ContestState.SCREENING, EntryState.RETURNED, deadline=DEADLINE, now=LATER)

    with pytest.raises(Conflict):
        states.check_entry_open(ContestState.SCREENING, EntryState.DRAFT, deadline=DEADLINE, now=DEADLINE)


def test_submitted_entry_is_closed():
    with pytest.raises(Conflict, match="已提交"):
        states.check_entry_open(ContestState.REGISTRATION, EntryState.SUBMITTED, deadline=DEADLINE, now=DEADLINE)


def test_ballots_are_taken_in_the_entrys_own_stage_until_the_lock():
    states.check_scoring_open(ContestState.JUDGING, EntryState.FINAL, Stage.FINAL, locked=None)

    for contest, entry, locked in [
        (ContestState.PUBLICITY, EntryState.FINAL, None),
        (ContestState.JUDGING, EntryState.PRELIMINARY, None),
        (ContestState.JUDGING, EntryState.GROUPED, None),
        (ContestState.JUDGING, EntryState.FINAL, DEADLINE),
    ]:
        with pytest.raises(Conflict):
            states.check_scoring_open(contest, entry, Stage.FINAL, locked=locked)


def test_nobody_sees_a_score_before_its_release():
    states.check_scores_visible(released=None, now=LATER, own_ballot=True)
    states.check_scores_visible(released=DEADLINE, now=DEADLINE)

    for released in (None, LATER):
        with pytest.raises(NotPermitted):
            states.check_scores_visible(released=released, now=DEADLINE)


def test_results_are_released_once_and_complete():
    states.check_release(released=None, unfinished=0)

    with pytest.raises(Conflict):
        states.check_release(released=DEADLINE, unfinished=0)
    with pytest.raises(DomainError, match="3 个项目"):
        states.check_release(released=None, unfinished=3)
