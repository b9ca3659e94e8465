"""What differs between two versions of the rules, and what may no longer change."""

from __future__ import annotations

import copy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matchmaker.competition.rules.amending import check_amendment, differences
from matchmaker.core.errors import Conflict, DomainError

RULES = {
    "working_days": 5,
    "stages": [
        {"code": "preliminary", "aggregation": "plain", "judging_until": "a", "criteria": []},
        {"code": "final", "aggregation": "trimmed", "judging_until": "b", "criteria": []},
    ],
    "groups": [
        {"code": "team", "prizes": [{"title": "一等奖", "places": 1}], "criteria": [{"key": "t", "weight": "60"}]}
    ],
}


def changed(path, value):
    rules = copy.deepcopy(RULES)
    target = rules
    for part in path[:-1]:
        target = target[part]
    target[path[-1]] = value
    return rules


def test_differences_are_named_by_stage_group_and_criterion():
    after = changed(("groups", 0, "criteria", 0, "weight"), "50")
    after["stages"][1]["aggregation"] = "plain"

    found = [(change.path, change.before, change.after) for change in differences(RULES, after)]

    assert found == [
        (("stages", "final", "aggregation"), "trimmed", "plain"),
        (("groups", "team", "criteria", "t", "weight"), "60", "50"),
    ]


def test_an_amendment_without_a_change_is_refused():
    with pytest.raises(DomainError, match="没有变化"):
        check_amendment(RULES, copy.deepcopy(RULES), begun=frozenset())


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("stages", 0, "aggregation"), "trimmed"),
        (("stages", 0, "criteria"), [{"group": "team", "key": "x", "weight": "100"}]),
        (("groups", 0, "criteria", 0, "weight"), "50"),
        (("groups", 0, "criteria"), []),
    ],
)
def test_what_scores_a_stage_with_ballots_stays(path, value):
    with pytest.raises(Conflict, match="已有评分表"):
        check_amendment(RULES, changed(path, value), begun=frozenset({"preliminary"}))


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("stages", 0, "judging_until"), "c"),
        (("stages", 1, "aggregation"), "plain"),
        (("working_days",), 7),
        (("groups", 0, "prizes"), []),
    ],
)
def test_ends_later_stages_and_prizes_may_still_change(path, value):
    changes = check_amendment(RULES, changed(path, value), begun=frozenset({"preliminary"}))

    assert len(changes) == 1


plain = st.recursive(
    st.none() | st.integers(0, 3) | st.text("ab", max_size=2),
    lambda inner: st.dictionaries(st.sampled_from("xyz"), inner, max_size=3) | st.lists(inner, max_size=3),
    max_leaves=8,
)


@pytest.mark.parametrize(
    ("part", "late"), [("eligibility", {"closed": True}), ("doc_no", {"closed": True}), ("results", {"locked": True})]
)
def test_entry_rules_stay_once_entries_closed_and_rules_of_results_once_scores_were_locked(part, late):
    before = {**RULES, "eligibility": {"wins_max": 2}, "doc_no": "一", "results": {"package": "public"}}
    new = {"eligibility": {"wins_max": 3}, "doc_no": "二", "results": {"package": "supervisor"}}
    after = {**before, part: new[part]}

    assert len(check_amendment(before, after, begun=frozenset())) == 1
    with pytest.raises(Conflict, match="不能再改"):
        check_amendment(before, after, begun=frozenset(), **late)


@given(st.dictionaries(st.sampled_from("xyz"), plain), st.dictionaries(st.sampled_from("xyz"), plain))
def test_there_are_differences_exactly_when_documents_differ(before, after):
    assert bool(differences(before, after)) == (before != after)
