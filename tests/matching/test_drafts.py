"""Drafts and changes on the pages: deleting a draft, and a page that was left open while somebody else saved."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from matchmaker.accounts.rules import Role
from matchmaker.activity import queries as activity
from matchmaker.activity.models import Activity
from matchmaker.core import clock
from matchmaker.core.db import db, transaction
from matchmaker.matching.models import Dismissal, Need
from matchmaker.matching.rules import DismissReason, NeedState, Side
from matchmaker.matching.services import dismissals, needs
from tests.cast import a_user, sign_in
from tests.factories.directory import an_organisation
from tests.factories.matching import EXPERTISE, TEXT, TITLE, a_need
from tests.factories.rosters import a_helper

LEVELS = {"trl_now": "", "trl_wanted": ""}
pytestmark = pytest.mark.usefixtures("now")


@pytest.fixture
def owner(app):
    return a_user(organisation=an_organisation(), name="提需求的人")


def kept():
    db.session.rollback()
    return db.session.execute(sa.select(Need.id)).scalars().all()


def test_a_draft_goes_with_what_was_noted_for_it(client, owner):
    need_id, other = a_need(actor=owner, draft=True).id, a_need(actor=owner).id
    person = a_helper(expertise=EXPERTISE)
    with transaction():
        need = db.session.get_one(Need, need_id)
        dismissals.dismiss(need, person, actor=owner, side=Side.OWNER, reason=DismissReason.KNOWN)
    page = sign_in(client, owner).get(f"/needs/{need_id}").text
    assert "删除草稿" in page
    assert "删除后不能恢复" in page

    done = client.post(f"/needs/{need_id}/delete")

    assert (done.status_code, done.location) == (303, "/needs/")
    assert kept() == [other]
    assert db.session.execute(sa.select(sa.func.count(Dismissal.id))).scalar_one() == 0
    assert "草稿已删除" in client.get("/needs/").text
    assert client.get(f"/needs/{need_id}").status_code == 404
    kinds = db.session.execute(sa.select(Activity.kind).where(Activity.subject_id == need_id)).scalars().all()
    assert "matching.draft_deleted" in kinds


def test_what_was_published_is_not_deleted(client, owner):
    need_id = a_need(actor=owner).id
    page = sign_in(client, owner).get(f"/needs/{need_id}").text

    done = client.post(f"/needs/{need_id}/delete")

    assert "删除草稿" not in page
    assert done.location == f"/needs/{need_id}"
    assert "只有草稿可以删除" in client.get(done.location).text
    assert kept() == [need_id]


@pytest.mark.parametrize(("role", "status"), [(Role.HANDLER, 404), (Role.MEMBER, 404)])
def test_a_draft_is_deleted_by_its_own_people_alone(client, owner, role, status):
    need_id = a_need(actor=owner, draft=True).id

    assert sign_in(client, a_user(role)).post(f"/needs/{need_id}/delete").status_code == status
    assert kept() == [need_id]


def test_a_colleague_may_delete_it(client, owner):
    need_id = a_need(actor=owner, draft=True).id
    (organisation,) = [membership.organisation for membership in owner.memberships]

    assert sign_in(client, a_user(organisation=organisation)).post(f"/needs/{need_id}/delete").status_code == 303
    assert kept() == []


def test_a_need_under_the_number_of_a_deleted_draft_does_not_tell_its_story(client, owner, now):
    """SQLite gives the highest number again."""
    draft_id = a_need(actor=owner, draft=True).id
    with transaction():
        needs.delete(db.session.get_one(Need, draft_id), actor=owner)
    stranger = a_user(name="另一家的人")
    with clock.frozen(now + timedelta(minutes=1)):
        need = a_need(actor=stranger)
        page = sign_in(client, stranger).get(f"/needs/{need.id}").text

    assert "提需求的人" not in page
    assert "删除草稿" not in page
    assert "另一家的人" in page
    if need.id == draft_id:
        assert len(activity.of(need)) > 1


def test_a_page_left_open_does_not_write_over_what_somebody_saved(client, owner):
    need = a_need(actor=owner)
    typed = {"kind": "technical", "text": TEXT, "secrecy": "open", "version": str(need.version), **LEVELS}
    sign_in(client, owner)
    assert f'name="version" type="hidden" value="{need.version}"' in client.get(f"/needs/{need.id}/edit").text

    first = client.post(f"/needs/{need.id}/edit", data={**typed, "title": "先存的标题"})
    late = client.post(f"/needs/{need.id}/edit", data={**typed, "title": "后存的标题"})

    assert (first.status_code, late.status_code) == (303, 422)
    assert "刚刚有人修改了同一条内容" in late.text
    assert "后存的标题" in late.text
    db.session.rollback()
    assert db.session.execute(sa.select(Need.title)).scalar_one() == "先存的标题"


@pytest.mark.parametrize(("version", "status"), [("", 303), ("x", 303), ("9" * 5000, 422), ("٣", 422)])
def test_a_strange_version_does_no_harm(client, owner, version, status):
    need = a_need(actor=owner)
    typed = {"kind": "technical", "title": TITLE, "text": TEXT, "secrecy": "open", "version": version, **LEVELS}

    assert sign_in(client, owner).post(f"/needs/{need.id}/edit", data=typed).status_code == status
    db.session.rollback()
    assert db.session.execute(sa.select(Need.state)).scalar_one() is NeedState.OPEN
