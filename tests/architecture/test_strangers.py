"""Every route behind a sign-in, with ids of other people's records, asked by somebody who has no part in them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from matchmaker.accounts import services as accounts
from matchmaker.accounts.models import ApiToken, Identity, UserSession
from matchmaker.accounts.rules import STAFF, MembershipLevel, Role
from matchmaker.competition.models import Ballot
from matchmaker.competition.rules.ballots import BallotState
from matchmaker.core import clock
from matchmaker.core.db import transaction
from matchmaker.lists.models import SavedView
from matchmaker.matching.services import offering
from matchmaker.notifications.models import Message
from matchmaker.notifications.rules import Channel, MessageState
from tests.architecture import records
from tests.architecture.test_routes import FRAGMENT, OTHER_ANSWER, STAFF_ONLY, check, panels, routes  # noqa: F401
from tests.cast import a_user, sign_in
from tests.factories import candidacies, competition, directory, envoys, matching, mentoring, rosters

# Open to everybody signed in, because the record is published or public by nature; the reason stands beside each.
OPEN = {
    "events.register": "anybody may register for a published event",
    "competition.enter": "anybody may enter an announced contest",
    "accounts.ask_to_join": "anybody may ask to join an organisation they found by name",
    "incubation.apply": "anybody may apply to a carrier that is open",
}


def _member(world: records.World) -> Any:
    return a_user(organisation=world.organisation)


def _entry_member(world: records.World) -> int:
    return competition.an_entry(world.contest).team[0].id


def _ballot(world: records.World) -> int:
    entry = competition.an_entry(world.contest)
    seat = competition.a_judge(world.contest, owner=world.owner)
    now = clock.now()
    row = Ballot(
        stage_id=world.contest.current.id,
        seat_id=seat.id,
        entry_id=entry.id,
        state=next(iter(BallotState)),
        created=now,
        updated=now,
    )
    return int(world.added(row).id)


def _token(world: records.World) -> int:
    now = clock.now()
    row = ApiToken(user_id=world.owner.id, name="t", prefix="p", token_hash="h", scopes=[], created=now, expires=now)
    return int(world.added(row).id)


def _session(world: records.World) -> int:
    now = clock.now()
    times = {"created": now, "last_seen": now, "expires": now + timedelta(days=1)}
    return int(world.added(UserSession(token_hash="s", user_id=world.owner.id, address="x", agent="x", **times)).id)


def _view(world: records.World) -> int:
    row = SavedView(user_id=world.owner.id, list_name="events", name="v", path="/", query="", created=clock.now())
    return int(world.added(row).id)


def _message(world: records.World) -> int:
    now = clock.now()
    values: dict[str, Any] = {"channel": Channel.SITE, "state": MessageState.SENT, "address": "", "subject": "私信"}
    return int(world.added(Message(user_id=world.owner.id, text="私信", due=now, created=now, **values)).id)


def _identity(world: records.World) -> int:
    row = Identity(issuer="i", subject="s", user_id=world.owner.id, created=clock.now())
    return int(world.added(row).id)


def _request(world: records.World) -> int:
    asker = _member(world)
    helper = rosters.a_helper(name="受邀人", email="helper@example.cn", expertise=matching.EXPERTISE)
    return int(matching.a_request(matching.a_need(actor=asker), helper, actor=asker).id)


def _offer(world: records.World) -> int:
    need = matching.a_need(actor=_member(world), listed=True)
    user = a_user(Role.MENTOR, name="自荐人")
    person = rosters.a_helper(user=user, name="自荐人", expertise=matching.EXPERTISE)
    with transaction():
        return int(offering.offer(need, person, actor=user, message="做过两个类似的项目").id)


PERSONAL: dict[str, Callable[[records.World], int]] = {
    "accounts.membership_id": lambda w: _member(w).memberships[0].id,
    "accounts.token_id": _token,
    "accounts.session_id": _session,
    "accounts.identity_id": _identity,
    "alliances.member_id": lambda _w: 1,  # the alliance is looked up first
    "alliances.project_id": lambda _w: 1,
    "competition.ballot_id": _ballot,
    "competition.wish_id": lambda w: competition.a_wish(competition.an_entry(w.contest)).id,
    "competition.file_id": lambda _w: 1,  # the entry is looked up first
    "competition.entry_member_id": _entry_member,
    "lists.view_id": _view,
    "matching.need_id": lambda w: matching.a_need(actor=_member(w)).id,
    "matching.offer_id": _offer,
    "matching.proposal_id": lambda _w: 1,  # the request is looked up first
    "matching.request_id": _request,
    "api_matching.request_id": _request,
    "candidacies.candidacy_id": lambda _w: candidacies.a_candidacy().id,
    "candidacies.choice_id": lambda _w: 1,
    "mentoring.person_id": lambda _w: 1,  # nobody in office of that number
    "mentoring.session_id": lambda _w: mentoring.a_session().id,
    "mentoring.window_id": lambda _w: 1,
    "rosters.work_id": lambda _w: 1,
    "rosters.deal_id": lambda _w: 1,
    "envoys.agreement_id": lambda _w: envoys.an_envoy().id,
    "envoys.visit_id": lambda _w: envoys.a_visit().id,
    "matching.service_id": lambda _w: 1,  # the request is looked up first
    "notifications.message_id": _message,
}


def factory(endpoint: str, parameter: str) -> Callable[[records.World], int] | None:
    """What makes somebody else's record for a parameter of a route."""
    return PERSONAL.get(f"{endpoint.split('.')[0]}.{parameter}") or records.factory(endpoint, parameter)


def test_a_stranger_finds_nothing_of_others(app, now, routes, panels):  # noqa: F811
    world = records.World()
    stranger = a_user(*(role for role in Role if role not in STAFF | {Role.MEMBER, Role.INDIVIDUAL}))
    firm = directory.an_organisation(name="不相干的公司")
    with transaction():
        accounts.join(stranger, firm, level=MembershipLevel.OWNER)
    browser = sign_in(app.test_client(), stranger)
    guarded = [r for r in routes if r.ids and r.access.kind != "public" and not r.is_api]
    asked = [
        r for r in guarded if not set(r.access.permissions) & STAFF_ONLY and r.endpoint not in {*OPEN, *OTHER_ANSWER}
    ]
    homeless = sorted({f"{r.endpoint}: {n}" for r in asked for n in r.ids if factory(r.endpoint, n) is None})
    assert homeless == [], "say in PERSONAL how to make such a record"
    made: dict[Any, int] = {}

    def ask(route):
        values = {}
        for name in route.ids:
            make = factory(route.endpoint, name)
            if make not in made:
                made[make] = make(world)
            values[name] = made[make]
        answer = browser.open(route.url(values), method=route.method, headers=FRAGMENT)
        if route.endpoint in panels and answer.text == browser.open(route.url(), headers=FRAGMENT).text:
            return 404
        return answer.status_code

    assert len(asked) > 40
    check(asked, 404, ask)
