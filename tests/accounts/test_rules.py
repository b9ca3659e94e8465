"""Names, passwords, addresses, id numbers and the matrix of roles."""

from __future__ import annotations

from datetime import date

import pytest

from matchmaker.accounts import rules
from matchmaker.accounts.rules import GRANTS, TITLES, Permission, Role
from matchmaker.core.errors import DomainError

TODAY = date(2026, 3, 2)


@pytest.mark.parametrize(
    ("typed", "folded"),
    [
        (" Who@Example.CN ", "who@example.cn"),
        ("ｗｈｏ＠example.cn", "who@example.cn"),
        ("+86 138-0000-0000", "13800000000"),
        ("8613800000000", "13800000000"),
        ("１３８００００００００", "13800000000"),
        ("", ""),
    ],
)
def test_fold_identifier_takes_what_people_type(typed, folded):
    assert rules.fold_identifier(typed) == folded


@pytest.mark.parametrize("password", ["short", "88888888888888", "aaaaaaaaaaaa", "iloveyou", "x" * 129])
def test_check_password_refuses_weak_ones(password):
    with pytest.raises(DomainError) as refusal:
        rules.check_password(password)

    assert refusal.value.field == "password"


@pytest.mark.parametrize(("name", "address"), [("王小明", ""), ("", "wangxm@example.cn")])
def test_check_password_refuses_ones_own_name_and_address(name, address):
    with pytest.raises(DomainError):
        rules.check_password("王小明wangxm2026!", name=name, address=address)


@pytest.mark.parametrize("number", ["11010519491231002X", "11010519491231002x", "110105 19491231 002X"])
def test_check_id_number_takes_a_right_one(number):
    assert rules.check_id_number(number, today=TODAY) == "11010519491231002X"


@pytest.mark.parametrize("number", ["110105194912310021", "11010519491331002X", "1101051949", "11010520991231002X", ""])
def test_check_id_number_refuses_a_wrong_one(number):
    with pytest.raises(DomainError) as refusal:
        rules.check_id_number(number, today=TODAY)

    assert refusal.value.field == "id_number"


@pytest.mark.parametrize("name", ["", "  ", "甲" * 51, "看 www.example.cn", "http://x"])
def test_check_name_refuses(name):
    with pytest.raises(DomainError):
        rules.check_name(name)


@pytest.mark.parametrize(
    ("role", "region", "ends", "field"),
    [
        (Role.MEMBER, None, None, "role"),
        (Role.HANDLER, None, None, "region"),
        (Role.HANDLER, "650105", date(2026, 3, 1), "ends"),
    ],
)
def test_check_grant_names_the_field(role, region, ends, field):
    with pytest.raises(DomainError) as refusal:
        rules.check_grant(role, region=region, ends=ends, today=TODAY)

    assert refusal.value.field == field


def test_every_permission_has_a_title_and_a_holder():
    assert set(TITLES) == set(Permission)
    assert set().union(*GRANTS.values()) == set(Permission)


def test_day_bounds_are_beijing_days():
    start, end = rules.day_bounds(TODAY)

    assert (start.isoformat(), end.isoformat()) == ("2026-03-02T00:00:00+08:00", "2026-03-03T00:00:00+08:00")


@pytest.mark.parametrize(
    ("agent", "device"),
    [
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/149.0 Safari/537.36 Edg/149.0",
            "Edge · Windows",
        ),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) Mobile/15E148 MicroMessenger/8.0", "微信 · iPhone"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:149.0) Gecko/20100101 Firefox/149.0", "Firefox · Linux"),
        ("curl/8.14.1", "curl/8.14.1"),
        ("", ""),
    ],
)
def test_device_of_says_browser_and_system(agent, device):
    assert rules.device_of(agent) == device


def test_only_staff_roles_open_a_region(app):
    from tests.cast import a_user

    mentor, handler = a_user(Role.MENTOR, Role.JUDGE, Role.INCUBATOR_MANAGER), a_user(Role.HANDLER)

    assert (mentor.region_codes, handler.region_codes) == (frozenset(), frozenset({"650105"}))
