"""Names are text, texts have no loose placeholders, printings have a size."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matchmaker.badges import rules
from matchmaker.core.errors import Conflict, DomainError


@given(st.text())
def test_what_is_printed_is_one_line_that_a_font_can_draw(text):
    shown = rules.printable(text)

    assert shown == " ".join(shown.split())
    assert rules.printable(shown) == shown
    assert not any(0x1F000 <= ord(char) < 0x20000 or char in "\u202e\u2066\n\x00" for char in shown)


@pytest.mark.parametrize(
    "name", ["李明", "阿卜杜热依木·买买提明", "𠮷野", "ئابدۇرېھىم", "O'Neill-Smith", "<b>*#x*</b>"]
)
def test_names_of_all_kinds_stay_as_they_are(name):
    assert rules.printable(name) == name


@given(st.text(), st.text(), st.text())
def test_what_is_filled_in_is_never_read_as_a_placeholder(event, hours, organisation):
    text = rules.filled(
        "a{活动}b{学时}c{organisation}", event=event, day="今天", hours=hours, organisation=organisation
    )

    assert text == f"a{event}b{hours}c{organisation}"


@given(st.text(alphabet="{}活动x日期 "))
def test_filling_in_never_raises(text):
    assert isinstance(rules.filled(text, event="e", day="d", hours="", organisation=""), str)


WORDS = {"title": "证书", "title_en": "C", "text": "参加{活动}", "text_en": "attended {event}", "hours": ""}


@pytest.mark.parametrize(
    ("changed", "field"),
    [({"text": "参加{会议}"}, "text"), ({"text_en": "{event"}, "text_en"), ({"text": "共{学时}学时"}, "hours")],
)
def test_words_that_would_not_fit_are_refused(changed, field):
    with pytest.raises(DomainError) as caught:
        rules.check_words({**WORDS, **changed})

    assert caught.value.field == field


def test_words_that_fit_are_taken():
    rules.check_words({**WORDS, "text": "共{学时}学时，{单位}", "hours": "6"})
    assert rules.english_day(date(2026, 3, 1)) == "1 March 2026"


@pytest.mark.parametrize(("people", "blanks"), [(0, 0), (2001, 0), (1, 501), (1, -1)])
def test_printings_of_nothing_or_too_much_are_refused(people, blanks):
    with pytest.raises(DomainError):
        rules.check_print(people=people, blanks=blanks)


@pytest.mark.parametrize(("people", "blanks"), [(2000, 0), (0, 1), (1, 500)])
def test_other_printings_are_taken(people, blanks):
    rules.check_print(people=people, blanks=blanks)
    assert people + blanks


@pytest.mark.parametrize("name", ["", " ", "李明", "x" * 61, "\u202e"])
def test_a_correction_is_another_name(name):
    with pytest.raises(DomainError):
        rules.check_correction(before="李明", after=name)


def test_nothing_is_proposed_before_the_end_or_for_nobody():
    with pytest.raises(Conflict):
        rules.check_over(over=False)
    with pytest.raises(Conflict):
        rules.check_somebody(0)
