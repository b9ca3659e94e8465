"""What people type and send all the same: other scripts, invisible signs, markup, one's own colleagues, forged ids."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from matchmaker.accounts.rules import Role
from matchmaker.core import clock
from matchmaker.core.db import db, transaction
from matchmaker.matching.models import HelpRequest, Need, Referral
from matchmaker.matching.rules import Secrecy, has_contact
from matchmaker.rosters.services import profiles
from tests.cast import a_user, sign_in
from tests.factories.directory import an_organisation
from tests.factories.matching import EXPERTISE, TEXT, TITLE, a_need
from tests.factories.rosters import a_helper

pytestmark = pytest.mark.usefixtures("now")
UYGHUR = "كامېرا قاردا خاتا سىگنال بېرىدۇ، مودېلنى ياخشىلاشقا ياردەم كېرەك"
ENGLISH = "Our cameras raise false alarms in heavy snow; we need help with low-light video recognition"
HIDDEN = "\u200b\u200d\u2060\ufeff"


@pytest.fixture
def firm(app):
    return an_organisation(name="冰川安防科技有限公司")


@pytest.fixture
def owner(firm, client):
    user = a_user(organisation=firm, name="提需求的人")
    sign_in(client, user)
    return user


@pytest.fixture
def mentor(app):
    return a_helper(user=a_user(Role.MENTOR, name="秦志远"), name="秦志远", expertise=EXPERTISE)


def sent(client, **values):
    return client.post(
        "/needs/new",
        data={
            "organisation_id": "0",
            "kind": "technical",
            "title": TITLE,
            "text": TEXT,
            "secrecy": "open",
            **values,
        },
    )


def stored(model):
    return db.session.execute(sa.select(sa.func.count(model.id))).scalar_one()


@pytest.mark.parametrize(
    "text",
    [
        UYGHUR,
        ENGLISH,
        f"{ENGLISH}；{TEXT}；{UYGHUR}",
        "ＡＩ　识别率太低，夜里　误报",
        HIDDEN.join(TEXT),
        "<b>摄像头</b><script>alert(1)</script> 误报 &amp; <img src=x onerror=alert(2)>",
        "摄像头误报 {{ 7*7 }} %s %(name)s ${x} ' OR 1=1 --",
        "\u202e摄像头误报\u202c 请帮忙",
        "摄像头误报𠮷𠮾👩‍🔬é",
        "摄像头\x00误报\x07太多",
    ],
    ids=[
        "uyghur",
        "english",
        "mixed",
        "full width",
        "zero width",
        "markup",
        "templates",
        "turned",
        "rare signs",
        "control signs",
    ],
)
def test_every_script_is_stored_and_answered(client, owner, mentor, text):
    answer = sent(client, text=text, title=text[:20])

    assert answer.status_code == 303
    page = client.get(answer.location)
    assert page.status_code == 200
    assert "<script>alert(1)" not in page.text
    assert client.get(answer.location.replace("/suggestions", "")).status_code == 200


def test_invisible_signs_change_no_score(client, owner, mentor):
    """The same words with signs nobody sees between them find the same helper."""
    page = client.get(sent(client, text=HIDDEN.join(TEXT), title=HIDDEN.join(TITLE)).location).text

    assert "秦志远" in page


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"text": HIDDEN}, "请"),
        ({"text": "　　　"}, "请用文字"),
        ({"text": "。。。，，，!!!"}, "请用文字"),
        ({"text": "12345 67890"}, "请用文字"),
        ({"title": "１３８００００１２３４ 请联系"}, "不要写电话"),
        ({"text": f"电话 138{HIDDEN}0000{HIDDEN}1234 联系"}, "不要写电话"),
        ({"text": "写信到 someone＠example．cn 谢谢"}, "不要写电话或邮箱"),
        ({"title": "长" * 61}, "最多 60"),
        ({"kind": "nothing"}, "请"),
        ({"secrecy": "top"}, "请"),
        ({"organisation_id": "999999"}, "请"),
        ({"organisation_id": "x"}, "请"),
        ({"budget": "NaN"}, "请"),
        ({"budget": "Infinity"}, "请"),
        ({"budget": "-1"}, "不能"),
        ({"budget": "1e400"}, "请"),
        ({"budget": "9" * 40}, "请"),
        ({"deadline": "2020-01-01"}, "已经过去"),
        ({"deadline": "2026-02-30"}, "请"),
        ({"trl_now": "10"}, "请"),
        ({"trl_now": "9", "trl_wanted": "1"}, "不能低于"),
        ({"fields_": "no such field"}, "请"),
    ],
)
def test_what_cannot_be_a_need_is_refused_in_a_sentence_and_stays_typed(client, owner, values, sentence):
    answer = sent(client, **values)

    assert answer.status_code == 422
    assert 'class="field-error' in answer.text or "flash-bad" in answer.text or "error-summary" in answer.text
    assert sentence in answer.text
    assert (TITLE in answer.text) or "title" in values
    assert stored(Need) == 0


@pytest.mark.parametrize(
    "text",
    [
        "138 0000 1234",
        "１３８－００００－１２３４",
        "138\u200b0000\u200b1234",
        "a@b\u200b.cn 或 someone@exa\u2060mple.cn",
        "0991-\u200b1234567",
    ],
)
def test_a_contact_is_found_however_it_is_spaced(text):
    assert has_contact(text)


def asked(client, need, *people):
    return client.post(f"/needs/{need.id}/suggestions", data={"people": list(people), "message": ""})


def untouched():
    return stored(HelpRequest) == 0 and stored(Referral) == 0


def test_a_colleague_of_ones_own_unit_is_neither_suggested_nor_asked(client, firm, owner):
    user = a_user(Role.MENTOR, name="本单位导师", organisation=firm)
    colleague = a_helper(user=user, name="本单位导师", expertise=EXPERTISE)
    need = a_need(actor=owner)

    page = client.get(f"/needs/{need.id}/suggestions").text
    answer = asked(client, need, colleague.id)

    assert f'value="{colleague.id}"' not in page
    assert answer.status_code in (409, 422)
    assert "不能邀请本单位导师" in answer.text
    assert untouched()


def test_a_mentor_whose_profile_names_the_unit_is_set_aside_without_an_account(client, firm, owner):
    colleague = a_helper(name="没有账号的同事", expertise=EXPERTISE, organisation_id=firm.id, phone="13000001111")
    need = a_need(actor=owner)

    answer = asked(client, need, colleague.id)

    assert answer.status_code in (409, 422)
    assert "属于提出需求的单位" in answer.text
    assert untouched()


def test_who_states_a_need_is_not_matched_with_themselves(client):
    user = a_user(Role.MENTOR, Role.INDIVIDUAL, name="自己")
    person = a_helper(user=user, name="自己", expertise=EXPERTISE)
    sign_in(client, user)
    need = a_need(actor=user)

    page = client.get(f"/needs/{need.id}/suggestions").text
    answer = asked(client, need, person.id)

    assert f'value="{person.id}"' not in page
    assert answer.status_code in (409, 422)
    assert "须回避" in answer.text
    assert untouched()


def test_a_term_that_ended_yesterday_is_over(client, owner, app):
    person = a_helper(name="届满导师", expertise=EXPERTISE, phone="13000001111")
    need = a_need(actor=owner)
    with clock.frozen(clock.now() + timedelta(days=366)):
        sign_in(client, owner)
        answer = asked(client, need, person.id)

        assert answer.status_code in (409, 422)
        assert "聘期已结束" in answer.text
    assert untouched()


def test_a_restricted_need_asks_nobody_without_clearance(client, owner, mentor):
    need = a_need(actor=owner, secrecy=Secrecy.RESTRICTED)

    refused = asked(client, need, mentor.id)
    with transaction():
        profiles.edit(mentor, actor=None, capacity=3, confidential=True)
    allowed = asked(client, need, mentor.id)

    assert refused.status_code in (409, 422)
    assert "不具备需求要求的保密等级" in refused.text
    assert allowed.status_code == 303


@pytest.mark.parametrize("people", [["999999"], ["x"], ["-1"], ["99999999999999999999"], ["1'--"], []])
def test_forged_people_are_refused_in_a_sentence(client, owner, mentor, people):
    need = a_need(actor=owner)

    answer = asked(client, need, *people)

    assert answer.status_code in (404, 409, 422)
    assert "请" in answer.text
    assert untouched()


def test_somebody_asked_twice_in_one_form_is_asked_once(client, owner, mentor):
    need = a_need(actor=owner)

    assert asked(client, need, mentor.id, mentor.id).status_code == 303
    assert stored(HelpRequest) == 1


def test_two_profiles_with_the_same_words_stand_side_by_side(client, owner, mentor):
    twin = a_helper(user=a_user(Role.MENTOR, name="孪生导师"), name="孪生导师", expertise=EXPERTISE)
    need = a_need(actor=owner)

    page = client.get(f"/needs/{need.id}/suggestions").text

    assert f'value="{mentor.id}"' in page
    assert f'value="{twin.id}"' in page


def test_a_profile_without_words_does_no_harm(client, owner, mentor):
    a_helper(user=a_user(Role.MENTOR, name="空白导师"), name="空白导师", expertise="")
    need = a_need(actor=owner)

    page = client.get(f"/needs/{need.id}/suggestions")

    assert page.status_code == 200
    assert f'value="{mentor.id}"' in page.text
