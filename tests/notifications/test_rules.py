"""Headers hold what people typed without its line breaks; codes of refusals are judged once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matchmaker.core.errors import DomainError
from matchmaker.notifications import rules
from matchmaker.notifications.rules import Bounce

NOW = datetime(2026, 3, 2, tzinfo=UTC)


@given(st.text(), st.integers(0, 300))
def test_a_line_for_a_header_is_one_line(text, length):
    line = rules.one_line(text, length)

    assert len(line) <= length
    assert line.isprintable()
    assert len(line.splitlines()) <= 1


@given(st.integers(1, rules.ATTEMPTS - 1))
def test_pauses_grow(attempts):
    after = rules.next_try(attempts + 1, NOW)

    assert after is None or after > rules.next_try(attempts, NOW)


def test_it_ends():
    assert rules.next_try(rules.ATTEMPTS, NOW) is None
    assert rules.next_try(1, NOW) == NOW + timedelta(minutes=1)


@given(st.integers(400, 499), st.text(alphabet="abc 4.2", max_size=20))
def test_a_refusal_for_the_moment_never_stops_an_address_alone(code, text):
    assert not rules.stops(rules.judge_reply(code, text), soft_ones=1)


@pytest.mark.parametrize(
    ("code", "text", "expected"),
    [
        (550, "5.1.1 unknown", Bounce.HARD),
        (550, "Host 4.2.2.1 says no", Bounce.HARD),
        (550, "5.2.1 disabled", Bounce.HARD),
        (550, "5.1.8 your own domain does not exist", Bounce.POLICY),
        (530, "authentication needed", Bounce.POLICY),
        (552, "quota", Bounce.SOFT),
    ],
)
def test_codes(code, text, expected):
    assert rules.judge_reply(code, text) is expected


@given(st.binary(max_size=2000))
def test_no_file_breaks_the_reader_of_reports(raw):
    try:
        report = rules.read_report(raw)
    except DomainError:
        return
    assert report.mail_id
