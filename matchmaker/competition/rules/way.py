"""The way of an entry as its people see it: handed in, checked, judged, result."""

from __future__ import annotations

from matchmaker.competition.rules.states import EntryState

STEPS = ("提交项目", "资格审查", "专家评审", "结果")
_AT = {
    EntryState.DRAFT: 0,
    EntryState.SUBMITTED: 1,
    EntryState.SCREENING: 1,
    EntryState.RETURNED: 1,
    EntryState.REJECTED: 1,
    EntryState.GROUPED: 2,
    EntryState.PRELIMINARY: 2,
    EntryState.SEMIFINAL: 2,
    EntryState.FINAL: 2,
    EntryState.NOT_ADVANCED: 3,
    EntryState.PROPOSED: 3,
    EntryState.DISPUTED: 3,
    EntryState.AWARDED: 3,
    EntryState.PAID: 3,
    EntryState.FOLLOWED: 3,
}


def position(state: EntryState, *, handed_in: bool) -> int:
    """Where an entry stands on its way; one that left stands where it left, as far as that is known."""
    return _AT.get(state, 1 if handed_in else 0)
