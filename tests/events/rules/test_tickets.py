"""The text of a QR code is read back as the code it was made of, however it was typed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matchmaker.events.models import new_code
from matchmaker.events.models.registration import ALPHABET
from matchmaker.events.rules.tickets import code_of_ticket, ticket_text

CODES = st.text(alphabet=ALPHABET, min_size=12, max_size=12)


@given(CODES)
def test_a_ticket_is_read_back(code):
    assert code_of_ticket(ticket_text(code)) == code
    assert code_of_ticket(f" {code[:4].lower()}-{code[4:8]} {code[8:]}\r\n") == code


def test_new_codes_are_readable():
    assert all(code_of_ticket(ticket_text(code)) == code for code in (new_code() for _ in range(50)))


@pytest.mark.parametrize("text", ["", "ABC", "0" * 12, "https://example.cn/x", "I" * 12, "甲" * 12, "A" * 13])
def test_other_texts_are_none(text):
    assert code_of_ticket(text) is None
