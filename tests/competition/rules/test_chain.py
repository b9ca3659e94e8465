"""The chain of marks: whatever is changed, left out, added or put in another order is found."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from matchmaker.competition.rules import chain
from matchmaker.competition.rules.ballots import check_comment
from matchmaker.core.errors import DomainError

CONTENTS = st.lists(
    st.fixed_dictionaries(
        {
            "entry": st.sampled_from(["E001", "E002"]),
            "judge": st.sampled_from(["J07", "J12"]),
            "points": st.dictionaries(
                st.sampled_from(["tech", "market"]), st.integers(0, 200).map(lambda n: str(n / 2))
            ),
            "comment": st.text(max_size=8),
        }
    ),
    min_size=1,
    max_size=6,
)


def linked(contents):
    links, before = [], chain.BEGINNING
    for sequence, content in enumerate(contents, start=1):
        whole = {**content, "sequence": sequence}
        digest = chain.digest_of(whole, before)
        links.append(chain.Link(sequence, before, digest, whole))
        before = digest
    return links


@given(contents=CONTENTS)
def test_an_untouched_chain_holds(contents):
    links = linked(contents)

    assert chain.first_break(links, length=len(links), head=links[-1].digest) is None
    assert chain.first_break([], length=0, head="") is None


@given(contents=CONTENTS, data=st.data())
def test_a_changed_mark_is_named(contents, data):
    links = linked(contents)
    head = links[-1].digest
    at = data.draw(st.integers(0, len(links) - 1))
    key = data.draw(st.sampled_from(["entry", "judge", "comment"]))
    other = data.draw(st.text(max_size=8))
    assume(other != links[at].content[key])
    links[at] = replace(links[at], content={**links[at].content, key: other})

    found = chain.first_break(links, length=len(links), head=head)

    assert found is not None
    assert found.sequence == at + 1


@given(contents=CONTENTS, data=st.data())
def test_a_mark_written_anew_with_all_that_follow_is_found_by_the_head(contents, data):
    links = linked(contents)
    head = links[-1].digest
    at = data.draw(st.integers(0, len(contents) - 1))
    forged = [*contents[:at], {**contents[at], "comment": contents[at]["comment"] + "x"}, *contents[at + 1 :]]

    assert chain.first_break(linked(forged), length=len(links), head=head) is not None


@given(contents=CONTENTS, data=st.data())
def test_a_mark_taken_out_is_found(contents, data):
    links = linked(contents)
    head, length = links[-1].digest, len(links)
    del links[data.draw(st.integers(0, length - 1))]

    assert chain.first_break(links, length=length, head=head) is not None


@pytest.mark.parametrize(
    ("total", "comment", "asked"),
    [
        ("60", "", True),
        ("60.5", "", False),
        ("90", "短", True),
        ("89.5", "", False),
        ("95", "样机 扎实，现场 演示 稳定", False),
        ("20", "一二三四五 六七八九", True),
        ("20", "一二三四五六七八九十", False),
    ],
)
def test_extreme_totals_are_explained(total, comment, asked):
    limits = {"below": Decimal(60), "above": Decimal(90)}
    if not asked:
        check_comment(Decimal(total), comment, **limits)
        return
    with pytest.raises(DomainError, match="至少 10 个字") as refused:
        check_comment(Decimal(total), comment, **limits)
    assert refused.value.field == "comment"


def test_without_limits_no_comment_is_asked_for():
    check_comment(Decimal(0), "", below=None, above=None)
