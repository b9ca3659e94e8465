"""Asking to join, answering, founding, leaving, merging."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from matchmaker.accounts.models import JoinRequest, Membership, User
from matchmaker.accounts.rules import MembershipLevel, RequestState, Role
from matchmaker.accounts.services import members
from matchmaker.core.db import db, transaction
from matchmaker.core.errors import Conflict, NotPermitted
from matchmaker.directory.models import Organisation
from matchmaker.directory.rules import OrganisationKind, OrganisationState, demo_uscc
from matchmaker.notifications.models import Message
from tests.accounts.test_sign_in import parallel
from tests.cast import OTHER_REGION, a_user, sign_in
from tests.factories.directory import an_organisation


@pytest.fixture
def firm(app):
    return an_organisation(name="红山精工装备有限公司")


@pytest.fixture
def owner(firm):
    return a_user(organisation=firm, name="负责人")


def a_request(firm, user=None):
    user = user or a_user(name="申请人")
    with transaction():
        return members.ask_to_join(firm, actor=user, note="行政部")


def state_of(request):
    return db.session.get(JoinRequest, request.id, populate_existing=True).state


def level_of(user, firm):
    statement = sa.select(Membership.level).where(Membership.user_id == user.id, Membership.organisation_id == firm.id)
    return db.session.execute(statement).scalar_one_or_none()


@pytest.mark.parametrize("words", ["精工装备", "{uscc}", "红山精工装备有限公司"])
def test_organisation_is_found_by_name_or_code(client, firm, words):
    sign_in(client, a_user())

    page = client.get("/accounts/organisations", query_string={"q": words.format(uscc=firm.uscc)}).text

    assert f"/accounts/organisations/{firm.id}/join" in page


@pytest.mark.parametrize("words", ["%", "_", "司", "' or 1=1 --", "🚀"])
def test_odd_words_find_nothing(client, firm, words):
    sign_in(client, a_user())

    page = client.get("/accounts/organisations", query_string={"q": words})

    assert page.status_code == 200
    assert firm.name not in page.text


def test_asking_tells_the_owners(client, firm, owner):
    user = a_user(name="申请人")
    sign_in(client, user)

    response = client.post(f"/accounts/organisations/{firm.id}/join", data={"note": "行政部"})

    assert response.status_code == 303
    row = db.session.execute(sa.select(JoinRequest)).unique().scalar_one()
    assert (row.user_id, row.note, row.state) == (user.id, "行政部", RequestState.WAITING)
    assert db.session.execute(sa.select(Message.user_id)).scalars().all() == [owner.id]


def test_asking_twice_is_a_conflict_on_the_page(client, firm):
    sign_in(client, a_user())
    client.post(f"/accounts/organisations/{firm.id}/join", data={})

    response = client.post(f"/accounts/organisations/{firm.id}/join", data={})

    assert response.status_code == 422
    assert "已经提交过申请" in response.text


def test_owner_accepts_and_the_person_wears_the_hat(client, firm, owner):
    request = a_request(firm)
    sign_in(client, owner)
    assert "申请人" in client.get("/accounts/join-requests/").text

    client.post(f"/accounts/join-requests/{request.id}/accept", data={"level": "staff"})

    assert state_of(request) is RequestState.ACCEPTED
    assert level_of(request.user, firm) is MembershipLevel.STAFF


def test_handler_makes_the_first_member_the_owner(client, firm):
    request = a_request(firm)
    sign_in(client, a_user(Role.HANDLER))

    client.post(f"/accounts/join-requests/{request.id}/accept", data={"level": "owner"})

    assert level_of(request.user, firm) is MembershipLevel.OWNER


def test_decline_needs_a_reason(client, firm, owner):
    request = a_request(firm)
    sign_in(client, owner)

    assert client.post(f"/accounts/join-requests/{request.id}", data={"reason": " "}).status_code == 422
    assert state_of(request) is RequestState.WAITING
    client.post(f"/accounts/join-requests/{request.id}", data={"reason": "不是本单位人员"})

    assert state_of(request) is RequestState.DECLINED
    assert level_of(request.user, firm) is None


def strangers(firm):
    return [
        a_user(),
        a_user(Role.ORGANISER),
        a_user(Role.HANDLER, region=OTHER_REGION),
        a_user(organisation=an_organisation()),
    ]


@pytest.mark.parametrize("who", range(4))
def test_stranger_sees_and_answers_nothing(client, firm, owner, who):
    request = a_request(firm)
    sign_in(client, strangers(firm)[who])

    assert "申请人" not in client.get("/accounts/join-requests/?q=").text.split("<tbody", 1)[-1]
    assert client.get(f"/accounts/join-requests/{request.id}").status_code == 404
    assert client.post(f"/accounts/join-requests/{request.id}/accept").status_code == 404
    assert state_of(request) is RequestState.WAITING


def test_staff_member_may_not_accept(firm, owner):
    clerk = a_user()
    with transaction():
        members.join(clerk, firm, level=MembershipLevel.STAFF)
    request = a_request(firm)

    with pytest.raises(NotPermitted), transaction():
        members.accept(request, actor=clerk)


def test_parallel_answers_count_once(app, firm, owner):
    request_id, owner_id = a_request(firm).id, owner.id
    db.session.remove()

    def answer():
        try:
            with transaction() as session:
                actor = session.get_one(User, owner_id)
                members.accept(session.get_one(JoinRequest, request_id), actor=actor)
            return 1
        except Conflict:
            return 0

    assert sum(parallel(app, answer, 6)) == 1


FIRM = {"name": "天山新材料科技有限公司", "kind": "enterprise", "contact_phone": "09911234567"}


def test_founder_owns_and_the_bureau_has_yet_to_check(client):
    user = a_user()
    sign_in(client, user)

    response = client.post("/accounts/organisations/new", data={**FIRM, "uscc": demo_uscc(4321).lower()})

    assert response.status_code == 303
    firm = db.session.execute(sa.select(Organisation)).scalar_one()
    assert (firm.state, firm.kind, firm.uscc) == (
        OrganisationState.PENDING,
        OrganisationKind.ENTERPRISE,
        demo_uscc(4321),
    )
    assert level_of(user, firm) is MembershipLevel.OWNER


@pytest.mark.parametrize(
    "values", [{"uscc": "91650105DEM0000000"}, {"uscc": ""}, {"name": "三字"}, {"kind": "palace"}, {"name": ""}]
)
def test_founding_refuses_bad_input(client, values):
    sign_in(client, a_user())

    response = client.post("/accounts/organisations/new", data={**FIRM, "uscc": demo_uscc(4321), **values})

    assert response.status_code == 422
    assert db.session.execute(sa.select(sa.func.count(Organisation.id))).scalar_one() == 0


def test_founding_a_known_firm_leads_to_joining(client, firm):
    sign_in(client, a_user())

    response = client.post("/accounts/organisations/new", data={**FIRM, "uscc": firm.uscc})

    assert response.status_code == 422
    assert "申请加入" in response.text


def membership(user, firm):
    return (
        db.session.execute(
            sa.select(Membership).where(Membership.user_id == user.id, Membership.organisation_id == firm.id)
        )
        .unique()
        .scalar_one()
    )


def test_last_owner_stays_while_others_remain(client, firm, owner):
    clerk = a_user()
    with transaction():
        members.join(clerk, firm, level=MembershipLevel.STAFF)
    sign_in(client, owner)

    client.post(f"/accounts/memberships/{membership(owner, firm).id}/leave")
    assert level_of(owner, firm) is MembershipLevel.OWNER
    client.post(f"/accounts/memberships/{membership(clerk, firm).id}/level", data={"level": "owner"})
    client.post(f"/accounts/memberships/{membership(owner, firm).id}/leave")

    assert level_of(owner, firm) is None
    assert level_of(clerk, firm) is MembershipLevel.OWNER


def test_clerk_removes_nobody(client, firm, owner):
    clerk = a_user()
    with transaction():
        members.join(clerk, firm, level=MembershipLevel.STAFF)
    sign_in(client, clerk)

    assert client.post(f"/accounts/memberships/{membership(owner, firm).id}/leave").status_code == 403
    assert level_of(owner, firm) is MembershipLevel.OWNER


def test_members_of_another_organisation_are_not_found(client, firm, owner):
    sign_in(client, a_user())

    assert client.get(f"/accounts/organisations/{firm.id}/members").status_code == 404
    assert client.post(f"/accounts/memberships/{membership(owner, firm).id}/leave").status_code == 404


def test_merging_keeps_each_person_once_and_the_higher_level(firm):
    dropped = an_organisation()
    both, asker = a_user(organisation=dropped), a_user()
    with transaction():
        members.join(both, firm, level=MembershipLevel.STAFF)
    kept_request, dropped_request = a_request(firm, asker), a_request(dropped, asker)

    with transaction():
        members.merge(firm.id, dropped.id)

    assert level_of(both, firm) is MembershipLevel.OWNER
    assert level_of(both, dropped) is None
    assert (state_of(kept_request), state_of(dropped_request)) == (RequestState.WAITING, RequestState.WITHDRAWN)
