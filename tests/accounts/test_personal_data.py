"""One's own data: download, erasure, retention, id numbers, and the inventory."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from matchmaker.accounts import jobs
from matchmaker.accounts.models import (
    Allowance,
    ApiToken,
    ErasureRequest,
    IdempotencyKey,
    Membership,
    OneTimeCode,
    SignInAttempt,
    User,
    UserSession,
)
from matchmaker.accounts.rules import Purpose, RequestState, Role
from matchmaker.accounts.services import codes, erasure, identity, limits, passwords, sign_in
from matchmaker.activity.models import Activity
from matchmaker.core import clock
from matchmaker.core.db import db, transaction
from matchmaker.core.errors import Conflict
from matchmaker.directory.models import Person
from matchmaker.notifications.models import Message
from tests.cast import OTHER_REGION, PASSWORD, a_token, a_user
from tests.cast import sign_in as give_session
from tests.factories.directory import a_person, an_organisation

INVENTORY = Path(__file__).parents[2] / "docs" / "personal-data.md"
ID_NUMBER = "11010519491231002X"


def count(table, *where):
    return db.session.execute(sa.select(sa.func.count(table.id)).where(*where)).scalar_one()


@pytest.fixture
def someone(app):
    """A person with something in every corner."""
    user = a_user(Role.MENTOR, name="要走的人", email="leaving@example.cn", organisation=an_organisation())
    a_token(user, "events:event:read")
    person = a_person(name="要走的人", user_id=user.id, phone="13800000009")
    with transaction():
        sign_in.record_attempt(identifier=user.email, user=user, address="10.0.0.9", agent="x", outcome="signed_in")
        codes.issue(Purpose.RESET, user.email, user=user, link=True)
        passwords.set_password(user, password_hash=user.password_hash, keep=None)
        identity.set_id_number(db.session.get_one(Person, person.id), ID_NUMBER, actor=user)
    return user


def test_download_holds_everything_of_mine_and_no_secret(client, someone):
    a_user(name="别的人", email="other@example.cn")
    give_session(client, someone)

    response = client.post("/accounts/my-data/download")

    assert response.headers["Content-Disposition"].startswith("attachment")
    data = json.loads(response.text)
    assert data["accounts"]["user"]["email"] == "leaving@example.cn"
    assert [data["accounts"][k] != [] for k in ("roles", "memberships", "sessions", "sign_ins", "api_tokens")] == [
        True
    ] * 5
    assert data["accounts"]["directory"][0]["id_number_last4"] == "002X"
    assert data["notifications"]["messages"][0]["address"] == "leaving@example.cn"
    assert data["activity"]["activities"]
    for secret in ("password_hash", "token_hash", "totp_secret", "id_number_sealed", "argon2", ID_NUMBER, "别的人"):
        assert secret not in response.text


def ask(client, user):
    give_session(client, user)
    client.post("/accounts/my-data/erasure")
    return db.session.execute(sa.select(ErasureRequest).order_by(ErasureRequest.id.desc())).unique().scalars().first()


def test_asking_twice_makes_one_request(client, someone):
    ask(client, someone)
    client.post("/accounts/my-data/erasure")

    assert count(ErasureRequest) == 1


def test_request_can_be_withdrawn_by_its_person_only(client, app, someone):
    row = ask(client, someone)
    stranger = give_session(app.test_client(), a_user())

    assert stranger.post(f"/accounts/my-data/erasure/{row.id}/withdraw").status_code == 404
    client.post(f"/accounts/my-data/erasure/{row.id}/withdraw")

    assert db.session.get(ErasureRequest, row.id).state is RequestState.WITHDRAWN


def test_erased_person_is_nowhere_named(client, app, someone):
    row = ask(client, someone)
    admin = give_session(app.test_client(), a_user(Role.ADMINISTRATOR))
    assert "要走的人" in admin.get("/accounts/erasures/").text

    response = admin.post(f"/accounts/erasures/{row.id}")

    assert response.status_code == 303
    user = db.session.get(User, someone.id, populate_existing=True)
    assert (user.name, user.email, user.phone, user.is_active) == (
        "已注销用户",
        f"erased-{user.id}@invalid",
        None,
        False,
    )
    assert user.roles == {Role.INDIVIDUAL}
    assert count(Membership, Membership.user_id == user.id) == 0
    assert count(UserSession, UserSession.user_id == user.id) == 0
    assert count(Message, Message.user_id == user.id) == 0
    assert count(OneTimeCode, OneTimeCode.user_id == user.id) == 0
    assert count(ApiToken, ApiToken.revoked.is_(None)) == 0
    person = db.session.execute(sa.select(Person)).unique().scalar_one()
    assert (person.name, person.phone, person.email, person.id_number_hash) == ("已注销用户", None, None, None)
    assert client.get("/accounts/profile").status_code == 303
    assert (
        client.post("/accounts/sign-in", data={"identifier": "leaving@example.cn", "password": PASSWORD}).status_code
        == 422
    )


def test_address_of_an_erased_person_is_free_again(client, someone):
    row = ask(client, someone)
    admin = a_user(Role.ADMINISTRATOR)
    with transaction() as session:
        erasure.carry_out(session.get_one(ErasureRequest, row.id), actor=admin)

    again = a_user(email="leaving@example.cn")

    assert again.id != someone.id


@pytest.mark.parametrize("who", ["handler", "other region"])
def test_erasure_is_for_administrators_of_the_region(client, app, someone, who):
    row = ask(client, someone)
    actor = a_user(Role.HANDLER) if who == "handler" else a_user(Role.ADMINISTRATOR, region=OTHER_REGION)
    browser = give_session(app.test_client(), actor)

    response = browser.post(f"/accounts/erasures/{row.id}")

    assert response.status_code == (403 if who == "handler" else 404)
    assert db.session.get(User, someone.id).name == "要走的人"


def test_administrator_does_not_erase_themselves(client, app):
    admin = a_user(Role.ADMINISTRATOR)
    row = ask(client, admin)

    assert client.get(f"/accounts/erasures/{row.id}").status_code == 404


def test_retention_keeps_the_legal_time_and_no_longer(app, now):
    user = a_user(email="who@example.cn")
    with transaction() as session:
        for name in ("失败", "成功"):
            sign_in.record_attempt(identifier=name, user=user, address="1", agent="", outcome="failed")
        sign_in.open_session(user, address="1", agent="", days=14)
        codes.issue(Purpose.RESET, "who@example.cn", user=user, link=True)
        limits.spend("x", "y", limit=1, minutes=1)
        a = ApiToken(
            user_id=user.id,
            name="t",
            prefix="p",
            token_hash="h",
            scopes=[],
            created=now,
            expires=now + timedelta(days=1),
        )
        session.add(a)
        session.flush()
        session.add(IdempotencyKey(token_id=a.id, key="k", fingerprint="f", status=200, body={}, created=now))
    tables = (SignInAttempt, UserSession, OneTimeCode, Allowance, IdempotencyKey)

    def left_after(**later):
        with clock.frozen(now + timedelta(**later)):
            jobs.clean()
        db.session.rollback()
        return [count(table) for table in tables]

    assert left_after(minutes=1) == [2, 1, 1, 1, 1]
    assert left_after(days=2) == [2, 0, 1, 0, 1]
    assert left_after(days=8) == [2, 0, 0, 0, 0]
    assert left_after(days=189) == [2, 0, 0, 0, 0]
    assert left_after(days=191) == [0, 0, 0, 0, 0]


def test_retention_blanks_links_in_old_messages_and_names_in_old_lines(app, now):
    user, admin = a_user(name="要走的人"), a_user(Role.ADMINISTRATOR)
    with transaction():
        passwords.invite("new@example.cn", is_mail=True, address="1")
        erasure.erase(db.session.get_one(User, user.id), actor=admin)
    lines = sa.select(Activity.actor_name).where(Activity.actor_id == user.id)
    assert "要走的人" in db.session.execute(lines).scalars().all()

    with clock.frozen(now + timedelta(days=2)):
        jobs.clean()
    db.session.rollback()
    assert db.session.execute(sa.select(Message.text).where(Message.address == "new@example.cn")).scalar_one() == ""
    assert "要走的人" in db.session.execute(lines).scalars().all()
    with clock.frozen(now + timedelta(days=191)):
        jobs.clean()
    db.session.rollback()

    assert set(db.session.execute(lines).scalars()) == {"已注销用户"}


def test_id_number_is_sealed_with_four_signs_in_clear(app):
    actor, person = a_user(), a_person()
    with transaction() as session:
        identity.set_id_number(session.get_one(Person, person.id), "11010519491231002x", actor=actor)

    row = db.session.execute(sa.select(Person)).unique().scalar_one()
    assert row.id_number_last4 == "002X"
    assert ID_NUMBER not in f"{row.id_number_sealed}{row.id_number_hash}"
    assert ID_NUMBER not in str(db.session.execute(sa.select(Activity.data)).scalars().all())
    with transaction() as session:
        assert identity.id_number_of(session.get_one(Person, person.id), actor=actor) == ID_NUMBER
    assert count(Activity, Activity.kind == "accounts.id_number_read") == 1


def test_id_number_of_two_people_is_refused(app):
    one, two = a_person(), a_person(phone="13000000002")
    with transaction() as session:
        identity.set_id_number(session.get_one(Person, one.id), ID_NUMBER, actor=None)

    with pytest.raises(Conflict) as refusal, transaction() as session:
        identity.set_id_number(session.get_one(Person, two.id), ID_NUMBER, actor=None)

    assert refusal.value.field == "id_number"


PERSONAL = re.compile(
    r"email|phone|mobile|contact|address$|^agent$|id_number|actor_name|attendee|recipient|legal_representative|^target$|birth"
)
OF_PEOPLE = {"users", "people"}


def test_inventory_names_every_column_that_holds_personal_data(app):
    listed = set(re.findall(r"`(\w+\.\w+)`", INVENTORY.read_text(encoding="utf-8")))
    columns = {
        f"{table.name}.{column.name}"
        for table in db.metadata.tables.values()
        for column in table.columns
        if PERSONAL.search(column.name) or (table.name in OF_PEOPLE and column.name in {"name", "name_en"})
    }

    assert sorted(columns - listed) == [], "add them to docs/personal-data.md with purpose and term"


def test_inventory_names_no_column_that_is_gone(app):
    existing = {f"{t.name}.{c.name}" for t in db.metadata.tables.values() for c in t.columns}
    lines = [line for line in INVENTORY.read_text(encoding="utf-8").splitlines() if line.startswith("| `")]
    listed = set(re.findall(r"`(\w+\.\w+)`", "\n".join(lines)))

    assert sorted(listed - existing) == []
