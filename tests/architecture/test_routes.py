"""Every route, by enumeration: who may not enter does not enter, and nobody reaches another region's records."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import pytest

from matchmaker.accounts.rules import GRANTS, STAFF, Permission, Role
from matchmaker.core.web import Access, access_of
from tests.architecture import records
from tests.cast import OTHER_REGION, a_token, a_user, sign_in

EVERYBODY = GRANTS[Role.INDIVIDUAL]
STAFF_ONLY = frozenset().union(*(GRANTS[role] for role in STAFF)) - GRANTS[Role.MEMBER]
# Published to all, whatever the region of who looks: the reason stands beside each.
OPEN_TO_ALL: dict[str, str] = {}
# An unknown word is answered otherwise than by 404.
OTHER_ANSWER = {
    "shell.language": 303,
    "accounts.reset_link": 410,
    "accounts.sign_up_link": 410,
    "accounts.address_link": 410,
}

FRAGMENT = {"HX-Request": "true"}
# What a program must send before its target is looked up.
BODIES: dict[str, Any] = {
    "api_events.decide": {"ids": [1]},
    "api_events.cancel": {"reason": "x"},
    "api_events.add": {"name": "x", "phone": "13900000001"},
    "api_matching.create": {"kind": "technical", "title": "求助", "text": "求助一件事"},
    "api_matching.ask": {"people": [1]},
    "api_matching.decline": {"reason": "no_time"},
    "api_matching.pass_on": {"colleague": "x"},
    "api_matching.record_session": {"served": "2026-09-01", "minutes": 60, "place": "x", "content": "x"},
    "api_matching.rate_session": {"points": 5, "sentence": "x"},
    "api_matching.put_outcome": {"result": "advice"},
}


def body(route):
    """The JSON of a call that needs one."""
    return {"json": BODIES[route.endpoint]} if route.endpoint in BODIES else {}


@dataclass(frozen=True)
class Route:
    """One address with one method."""

    endpoint: str
    rule: Any
    method: str
    access: Access

    @property
    def is_api(self) -> bool:
        return str(self.rule).startswith("/api/")

    @property
    def ids(self) -> list[str]:
        return sorted(name for name in self.rule.arguments if name not in {*records.WORDS, *self.choices})

    @property
    def choices(self) -> dict[str, str]:
        """For each parameter that the address limits to some words, the first of them."""
        return {name: words.split(",")[0] for words, name in re.findall(r"<any\(([^)]*)\):(\w+)>", str(self.rule))}

    def url(self, values: dict[str, Any] | None = None) -> str:
        """The address with these values, else with such as no record has."""
        unknown = {name: 99_999_999 if "int:" + name in str(self.rule) else "unknown" for name in self.ids}
        filled = unknown | {name: records.WORDS[name] for name in self.rule.arguments if name in records.WORDS}
        filled |= self.choices
        _subdomain, path = self.rule.build({**filled, **(values or {})}, append_unknown=False)
        return str(path)

    def __str__(self) -> str:
        return f"{self.method} {self.rule} ({self.endpoint})"


@pytest.fixture
def routes(app):
    found = []
    for rule in app.url_map.iter_rules():
        access = access_of(app, rule.endpoint)
        assert access is not None, f"{rule.endpoint} declares no access"
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            found.append(Route(rule.endpoint, rule, method, access))
    return found


@pytest.fixture
def panels(app):
    """Parts of another feature's page; about a record out of sight they show what they show about none."""
    return {panel.endpoint for panel in app.extensions["matchmaker.features"].each("panels")}


def check(routes, expected, ask):
    """Every answer is the expected one; what came instead is told route by route."""
    wrong = []
    for route in routes:
        answer = ask(route)
        if answer != expected:
            wrong.append(f"{route}: {answer} instead of {expected}")
    assert wrong == [], "\n".join(wrong)


def test_every_permission_named_by_a_route_exists(routes):
    named = {permission for route in routes for permission in route.access.permissions}

    assert named - {permission.value for permission in Permission} == set()


def test_nobody_is_asked_to_sign_in(client, routes):
    guarded = [route for route in routes if route.access.kind != "public" and not route.is_api]

    def ask(route):
        answer = client.open(route.url(), method=route.method)
        target = quote(route.url() if route.method == "GET" else "/", safe="/")
        right = answer.headers.get("Location", "").endswith(f"/accounts/sign-in?next={target}")
        return answer.status_code if right else (answer.status_code, answer.headers.get("Location"))

    check(guarded, 303, ask)


def test_a_program_without_a_token_is_told_so(client, routes):
    guarded = [route for route in routes if route.access.kind != "public" and route.is_api]

    def ask(route):
        answer = client.open(route.url(), method=route.method)
        return answer.status_code, answer.mimetype

    assert guarded
    check(guarded, (401, "application/problem+json"), ask)


def test_who_lacks_the_permission_is_refused(app, routes):
    guarded = [r for r in routes if r.access.kind == "permission" and not r.is_api]
    stranger = sign_in(app.test_client(), a_user())  # an individual, who holds what everybody holds
    judge = sign_in(app.test_client(), a_user(Role.JUDGE))
    lacking = [r for r in guarded if not set(r.access.permissions) & EVERYBODY]

    check(lacking, 403, lambda r: stranger.open(r.url(), method=r.method).status_code)
    still = [r for r in lacking if not set(r.access.permissions) & GRANTS[Role.JUDGE]]
    check(still, 403, lambda r: judge.open(r.url(), method=r.method).status_code)


def test_a_token_without_the_scope_is_refused(client, routes):
    guarded = [r for r in routes if r.access.kind == "permission" and r.is_api]
    bearer = {"Authorization": f"Bearer {a_token(a_user(*STAFF))}"}

    def ask(route):
        answer = client.open(route.url(), method=route.method, headers=bearer)
        return answer.status_code, answer.mimetype

    check(guarded, (403, "application/problem+json"), ask)


def test_an_unknown_record_is_not_found(app, client, routes, panels):
    everything = a_user(*Role)
    holder = sign_in(app.test_client(), everything)
    bearer = {"Authorization": f"Bearer {a_token(everything, *Permission)}"}

    def ask(route):
        if route.is_api:
            return client.open(route.url(), method=route.method, headers=bearer, **body(route)).status_code
        return holder.open(route.url(), method=route.method).status_code

    asked = [
        route for route in routes if route.ids and route.endpoint not in OTHER_ANSWER and route.endpoint not in panels
    ]
    check(asked, 404, ask)
    for route in (route for route in routes if route.endpoint in OTHER_ANSWER):
        browser = holder if route.access.kind == "signed_in" else client
        assert browser.open(route.url(), method=route.method).status_code == OTHER_ANSWER[route.endpoint], route


def test_staff_of_another_region_find_nothing(app, client, now, routes, panels):
    """Every staff route with the ids of region 650105, asked by somebody with every staff role in 650104."""
    world = records.World()
    neighbour = a_user(*STAFF, region=OTHER_REGION)
    browser = sign_in(app.test_client(), neighbour)
    bearer = {"Authorization": f"Bearer {a_token(neighbour, *Permission)}"}
    staff = [r for r in routes if r.ids and set(r.access.permissions) & STAFF_ONLY and r.endpoint not in OPEN_TO_ALL]
    homeless = sorted({f"{r.endpoint}: {n}" for r in staff for n in r.ids if records.factory(r.endpoint, n) is None})
    assert homeless == [], f"{homeless}: say in tests/architecture/records.py how to make such a record"
    made: dict[Any, int] = {}

    def ask(route):
        values = {}
        for name in route.ids:
            make = records.factory(route.endpoint, name)
            assert make is not None
            if make not in made:
                made[make] = make(world)
            values[name] = made[make]
        if route.is_api:
            return client.open(route.url(values), method=route.method, headers=bearer, **body(route)).status_code
        answer = browser.open(route.url(values), method=route.method, headers=FRAGMENT)
        if route.endpoint in panels and answer.text == browser.open(route.url(), headers=FRAGMENT).text:
            return 404
        return answer.status_code

    assert len(staff) > 40
    check(staff, 404, ask)


def test_links_panels_and_lists_lead_somewhere(app):
    from matchmaker.core.feature import features

    named = {link.endpoint for link in features().each("links")} | {
        panel.endpoint for panel in features().each("panels")
    }

    assert named - set(app.view_functions) == set()
