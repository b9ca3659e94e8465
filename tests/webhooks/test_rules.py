"""Addresses that may not be told, signatures, pauses."""

from __future__ import annotations

import ipaddress
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matchmaker.core.errors import DomainError
from matchmaker.webhooks import rules

NOW = datetime(2026, 3, 2, tzinfo=UTC)
DOCS = Path(__file__).resolve().parents[2] / "docs" / "webhooks.md"


def verifier():
    """The sample of the documentation, as a developer copies it."""
    [sample] = re.findall(r"```python\n(.*?)```", DOCS.read_text(encoding="utf-8"), re.S)
    names = {}
    exec(compile(sample, str(DOCS), "exec"), names)
    return names["is_genuine"]


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "224.0.0.1",
        "255.255.255.255",
        "::1",
        "::",
        "fe80::1%eth0",
        "fd00::1",
        "ff02::1",
        "::ffff:10.0.0.1",
        "::10.0.0.1",
        "64:ff9b::a00:1",
        "2002:a00:1::",
        "not an address",
    ],
)
def test_no_way_into_the_house(address):
    assert not rules.is_public(address)


@pytest.mark.parametrize(
    "address", ["1.1.1.1", "114.114.114.114", "2400:3200::1", "::ffff:1.1.1.1", "64:ff9b::101:101"]
)
def test_the_open_internet_is_reached(address):
    assert rules.is_public(address)


@given(st.ip_addresses(v=4))
def test_a_private_address_stays_private_when_wrapped(address):
    number = int(address)
    wrapped = [f"::ffff:{address}", ipaddress.IPv6Address((0x64FF9B << 96) | number), f"::{address}"]

    if not rules.is_public(str(address)):
        assert not any(rules.is_public(str(shape)) for shape in wrapped)


@pytest.mark.parametrize(
    "url",
    [
        "http://oa.example.cn/",
        "ftp://oa.example.cn/",
        "https:///path",
        "https://user:word@oa.example.cn/",
        "https://oa.example.cn/#part",
        "https://oa.example.cn:99999/",
        "https://oa.example.cn:0/",
        "https://oa.example.cn/a b",
        "https://oa.example.cn/\r\nX: y",
        "https://oa.example.cn\\@evil.cn/",
        "https://科创.example.cn/",
        "https://[::1/",
        "javascript:alert(1)",
        "",
        "https://a.cn/" + "x" * 500,
    ],
)
def test_addresses_of_another_shape_are_refused(url):
    with pytest.raises(DomainError) as refusal:
        rules.check_url(url, http=False)

    assert refusal.value.field == "url"


def test_http_where_it_is_allowed():
    assert rules.check_url("http://oa.local:8080/a?b=c", http=True) == rules.Target(False, "oa.local", 8080, "/a?b=c")


@given(st.text(max_size=200))
def test_no_text_breaks_the_check(url):
    try:
        target = rules.check_url(url, http=True)
    except DomainError:
        return
    assert target.host
    assert target.path.startswith("/")
    assert target.path.isprintable()


@given(st.binary(max_size=200), st.text(min_size=1, max_size=40), st.lists(st.text(max_size=40), max_size=2))
def test_the_sample_of_the_documentation_accepts_what_is_signed_and_nothing_else(body, secret, others):
    is_genuine, stamp = verifier(), int(NOW.timestamp())
    header = rules.signature([*others, secret], stamp, body)

    assert is_genuine(header, body, secret, now=stamp + 299)
    assert not is_genuine(header, body, secret, now=stamp + 301)
    assert not is_genuine(header, body + b" ", secret, now=stamp)
    assert not is_genuine(rules.signature(others, stamp, body), body, secret, now=stamp) or secret in others
    assert not is_genuine("", body, secret, now=stamp)


def test_pauses_grow_and_end():
    tries = [rules.next_try(attempts, NOW) for attempts in range(1, len(rules.PAUSES) + 1)]

    assert tries == sorted(tries)
    assert tries[0] == NOW + timedelta(minutes=1)
    assert rules.next_try(len(rules.PAUSES) + 1, NOW) is None


@pytest.mark.parametrize(
    ("kinds", "heard"),
    [
        (["events."], True),
        (["events.registered"], True),
        (["events.published"], False),
        (["event"], False),
        ([], False),
    ],
)
def test_who_listens(kinds, heard):
    assert rules.matches(kinds, "events.registered") is heard


KNOWN = {"events.registered", "events.published", "accounts.signed_in"}


@pytest.mark.parametrize("kind", ["events", "events.unknown", "unknown.", ".", "accounts.", "accounts.signed_in", "*"])
def test_an_organiser_listens_to_what_exists_and_is_theirs(kind):
    with pytest.raises(DomainError):
        rules.check_kinds([kind], known=KNOWN, everything=False)


def test_an_administrator_listens_to_everything():
    assert rules.check_kinds(["accounts.", " events. ", "events."], known=KNOWN, everything=True) == [
        "accounts.",
        "events.",
    ]


@pytest.mark.parametrize(("days", "failures", "off"), [(3, 5, True), (2, 50, False), (30, 4, False)])
def test_when_it_is_switched_off(days, failures, off):
    assert rules.gives_up(NOW - timedelta(days=days), failures, NOW) is off
