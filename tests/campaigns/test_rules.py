"""Placeholders, short messages, ways to people, and moments, as plain values."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matchmaker.campaigns import rules
from matchmaker.campaigns.rules import Occasion, Person, Reach, Timing, Unit, Way, placeholders
from matchmaker.campaigns.rules.texts import READY
from matchmaker.core.errors import DomainError

STARTS = datetime(2026, 3, 16, 2, 0, tzinfo=UTC)
ENDS = STARTS + timedelta(hours=3)
names = st.sampled_from(sorted(placeholders.NAMES))


@pytest.mark.parametrize("text", ["{电话}", "你好｛ 姓氏 ｝", "{姓名.__class__}", "{0}", "{}", "{{姓名}{x}}"])
def test_an_unknown_placeholder_is_refused_with_its_name_and_the_list(text):
    with pytest.raises(DomainError) as refusal:
        placeholders.check(text, field="body")

    assert refusal.value.field == "body"
    assert "{签到码}" in str(refusal.value)
    assert str(refusal.value.values["name"]).startswith("{")


@pytest.mark.parametrize("text", ["{姓名}", "｛姓名｝", "{ 姓名 }", "没有", "一个 { 括号", "} 反的 {"])
def test_known_placeholders_and_lone_braces_are_taken(text):
    assert placeholders.check(text, field="body") == text


@given(
    st.lists(st.one_of(st.text(alphabet="普通文字%$<>&\n", max_size=20), names.map(lambda n: "{" + n + "}"))), st.data()
)
def test_every_placeholder_is_replaced_once_and_values_stay_as_they_are(parts, data):
    values = {
        name: data.draw(st.text(alphabet="{}姓名签到码%s<b>", min_size=1, max_size=8)) for name in placeholders.NAMES
    }

    filled = placeholders.fill("".join(parts), values)

    assert filled == "".join(values[p[1:-1]] if p[1:-1] in values and p.startswith("{") else p for p in parts)


def test_what_has_no_value_is_a_dash():
    assert placeholders.fill("候补第{候补位置}位", {"候补位置": ""}) == "候补第—位"


@pytest.mark.parametrize(
    ("text", "signs", "parts"),
    [
        ("", 0, 1),
        ("字" * 70, 70, 1),
        ("字" * 71, 71, 2),
        ("字" * 134, 134, 2),
        ("字" * 135, 135, 3),
        ("😀" * 36, 72, 2),
    ],
)
def test_a_short_message_is_counted_as_it_travels(text, signs, parts):
    assert placeholders.measure(text) == placeholders.ShortMessage(signs, parts)


@pytest.mark.parametrize("occasion", list(Occasion))
def test_ready_texts_use_known_placeholders_and_speak_both_languages(occasion):
    ready = READY[occasion]

    for text in (ready.subject, ready.body, ready.subject_en, ready.body_en):
        placeholders.check(text, field="body")
    assert bool(ready.body) == bool(ready.body_en) == (occasion is not Occasion.OTHER)
    assert placeholders.used_in(ready.body) == placeholders.used_in(ready.body_en) or "单位" in ready.body


@pytest.mark.parametrize(
    ("timing", "minutes", "expected"),
    [
        (Timing.BEFORE_START, 60, STARTS - timedelta(hours=1)),
        (Timing.AFTER_START, 30, STARTS + timedelta(minutes=30)),
        (Timing.BEFORE_END, 0, ENDS),
        (Timing.AFTER_END, 1440, ENDS + timedelta(days=1)),
    ],
)
def test_a_relative_moment_follows_the_event(timing, minutes, expected):
    def at(shift):
        return rules.moment_of(
            timing, minutes=minutes, moment=None, starts=STARTS + shift, ends=ENDS + shift, asked=None
        )

    assert at(timedelta()) == expected
    assert at(timedelta(days=3)) == expected + timedelta(days=3)


@pytest.mark.parametrize(
    ("after", "late"), [(timedelta(minutes=5), False), (rules.LATE, False), (rules.LATE + timedelta(seconds=1), True)]
)
def test_after_a_long_outage_it_is_too_late(after, late):
    assert rules.is_late(Timing.MOMENT, planned=STARTS, now=STARTS + after, starts=STARTS, ends=ENDS) is late


def test_a_reminder_is_too_late_once_the_event_has_begun():
    planned = STARTS - timedelta(hours=1)

    assert rules.is_late(Timing.BEFORE_START, planned=planned, now=STARTS, starts=STARTS, ends=ENDS)
    assert not rules.is_late(Timing.AFTER_START, planned=STARTS, now=STARTS, starts=STARTS, ends=ENDS)


@given(st.integers(0, 129_600))
def test_a_distance_is_typed_and_shown_in_the_same_minutes(minutes):
    number, unit = rules.best_unit(minutes)

    assert rules.in_minutes(number, unit) == minutes


@pytest.mark.parametrize(("number", "unit"), [(91, Unit.DAYS), (-1, Unit.MINUTES)])
def test_an_absurd_distance_is_refused(number, unit):
    with pytest.raises(DomainError):
        rules.in_minutes(number, unit)


addresses = st.sampled_from(["", "a@x.cn", "b@x.cn"])
people = st.builds(
    Person, st.integers(1, 99), st.sampled_from([None, 1, 2]), addresses, st.sampled_from(["", "13000000001"])
)


@given(st.lists(people, max_size=12), st.sampled_from(list(Way)), st.booleans(), st.sets(addresses))
def test_nobody_is_lost_and_no_address_served_twice(persons, way, each, stopped):
    pairs = {("mail", address) for address in stopped if address}

    found = rules.routes(persons, way, stopped=pairs, each=each)

    assert len(found) == len(persons)
    reached = [(route.channel, route.address) for route in found if route.reach is Reach.REACHED]
    assert not set(reached) & pairs
    assert each or len(reached) == len(set(reached))
    for person, route in zip(persons, found, strict=True):
        nothing = not (person.email or person.phone or person.user_id)
        assert (route.reach is Reach.UNREACHABLE) or not nothing
        assert way is Way.REACHABLE or route.channel in {"", way.value}


def test_a_stopped_mail_address_falls_back_to_the_phone():
    person = Person(1, None, "a@x.cn", "13000000001")

    assert rules.route(person, Way.REACHABLE, {("mail", "a@x.cn")}).channel == "sms"
    assert rules.route(person, Way.MAIL, {("mail", "a@x.cn")}).reach is Reach.SUPPRESSED


@pytest.mark.parametrize(
    ("text", "ids"), [("", []), ("3,1,3", [3, 1]), ("1;drop,2,x,-4,９", [2]), ("9" * 30, []), (" 7 ,", [7])]
)
def test_ids_from_an_address_are_numbers_once(text, ids):
    assert rules.read_ids(text) == ids
