"""Terms, states of lines, and the chain of proofs."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matchmaker.core.errors import DomainError
from matchmaker.retention import rules, taxonomy
from matchmaker.retention.rules import Category, LineState, Term

NOW = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
TERM = Term(180, "用途", "依据")


def chain(counts):
    entries, last = [], ""
    for number, count in enumerate(counts, 1):
        entry = {"number": number, "count": count}
        own = rules.digest(last, entry)
        entries.append((entry, last, own))
        last = own
    return entries


@given(st.lists(st.integers(1, 9999), max_size=20))
def test_an_untouched_chain_is_whole(counts):
    assert rules.first_broken(chain(counts)) is None


@given(st.lists(st.integers(1, 9999), min_size=1, max_size=20), st.data())
def test_a_changed_entry_is_found_where_it_stands(counts, data):
    entries = chain(counts)
    place = data.draw(st.integers(0, len(entries) - 1))
    entry, previous, own = entries[place]
    entries[place] = ({**entry, "count": entry["count"] + 1}, previous, own)

    assert rules.first_broken(entries) == place + 1


@given(st.lists(st.integers(1, 9999), min_size=2, max_size=20), st.data())
def test_a_missing_entry_is_found(counts, data):
    entries = chain(counts)
    place = data.draw(st.integers(0, len(entries) - 2))
    del entries[place]

    assert rules.first_broken(entries) == place + 1


@given(st.integers(0, TERM.days))
def test_shorter_needs_no_reason(days):
    assert rules.check_days(days, term=TERM, reason="") is None


@given(st.integers(TERM.days + 1, rules.LONGEST))
def test_longer_needs_a_reason(days):
    with pytest.raises(DomainError) as refusal:
        rules.check_days(days, term=TERM, reason="  ")

    assert refusal.value.field == "reason"
    assert rules.check_days(days, term=TERM, reason="纪检核查") is None


@given(st.integers(0, 5), st.integers(-400, 400), st.booleans())
def test_a_line_is_due_only_with_something_left_and_its_time_over(left, days, deleted):
    state = rules.state_of(left=left, until=NOW + timedelta(days=days), now=NOW, deleted=deleted)

    assert (state is LineState.DUE) == (left > 0 and days <= 0)
    assert (state is LineState.DELETED) == (left == 0 and deleted)


def test_every_category_has_a_term_with_purpose_and_basis():
    terms = taxonomy.terms()

    assert set(terms) == set(Category)
    assert all(0 < term.days <= rules.LONGEST and term.purpose and "第十九条" in term.basis for term in terms.values())


def test_nothing_goes_before_the_gates_have_reported():
    with pytest.raises(DomainError):
        rules.check_over(ends=NOW, cancelled=False, now=NOW + timedelta(hours=23))

    assert rules.check_over(ends=NOW, cancelled=False, now=NOW + timedelta(hours=24)) is None
    assert rules.check_over(ends=NOW, cancelled=True, now=NOW - timedelta(days=9)) is None
