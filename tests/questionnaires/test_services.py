"""Versions of forms, and answers over their life."""

from __future__ import annotations

from datetime import timedelta

import pytest

from matchmaker.activity.models import Activity
from matchmaker.core import clock
from matchmaker.core.db import db, transaction
from matchmaker.core.errors import Conflict, DomainError, NotPermitted
from matchmaker.questionnaires import queries, services
from matchmaker.questionnaires.models import AnswerSheet, QuestionnaireVersion
from matchmaker.questionnaires.rules.answers import AnswersRefused
from matchmaker.questionnaires.rules.definition import FieldKind, Option
from tests.cast import a_user
from tests.factories.questionnaires import a_definition, a_field, a_questionnaire, dinner

K = FieldKind
GOOD = {"qstays": "yes", "qmeal": "rice"}


def answered(form, raw=None, *, actor=None, subject=None):
    with transaction():
        version = form.current
        subject = subject or form
        return services.store(version, services.check(version, raw or GOOD), subject=subject, actor=actor)


def test_a_new_wording_is_a_new_version_and_an_unchanged_one_is_none(firm, now):
    form = a_questionnaire(firm)
    first = form.current

    with transaction():
        same = services.edit(form, actor=None, definition=dinner())
    assert same is not None and same.id == first.id

    with transaction():
        second = services.edit(form, actor=None, definition=a_definition(a_field(K.TEXT)))
    assert (first.number, second.number) == (1, 2)
    assert first.content == dinner()
    assert form.definition == a_definition(a_field(K.TEXT))


def test_a_draft_is_seen_by_nobody_until_it_is_published(firm, now):
    form = a_questionnaire(firm)
    changed = a_definition(a_field(K.TEXT))

    with transaction():
        services.redraft(form, actor=None, definition=changed)
    assert (form.definition, form.edited) == (dinner(), changed)

    with transaction():
        services.publish(form, actor=None)
    assert (form.definition, form.draft) == (changed, None)


def test_a_draft_that_came_back_to_what_is_in_use_is_none(firm, now):
    form = a_questionnaire(firm)

    with transaction():
        services.redraft(form, actor=None, definition=dinner())

    assert form.draft is None


def test_two_organisers_do_not_overwrite_each_other(firm, now):
    form = a_questionnaire(firm)
    before_them = form.revision
    with transaction():
        services.redraft(form, actor=None, definition=a_definition(a_field(K.TEXT)), revision=before_them)

    with pytest.raises(Conflict), transaction():
        services.redraft(form, actor=None, definition=a_definition(a_field(K.DATE)), revision=before_them)


def test_only_who_the_owner_lets_in_edits(firm, now):
    form = a_questionnaire(firm)
    stranger, member = a_user(), a_user(organisation=firm)

    with pytest.raises(NotPermitted), transaction():
        services.edit(form, actor=stranger, definition=a_definition(a_field(K.TEXT)))
    with transaction():
        services.edit(form, actor=member, definition=a_definition(a_field(K.TEXT)))

    assert form.current.author_id == member.id


def test_old_answers_render_by_their_own_version(firm, now):
    form = a_questionnaire(firm)
    sheet = answered(form)

    with transaction():
        services.edit(form, actor=None, definition=a_definition(a_field(K.TEXT)))

    rows = [row for _section, rows in queries.shown(sheet) for row in rows]
    assert [(row.label, row.text) for row in rows] == [("是否用餐", "用餐"), ("餐食", "米饭")]


def test_lists_show_the_fields_of_every_version(firm, now):
    form = a_questionnaire(firm)
    sheet = answered(form)
    with transaction():
        services.edit(form, actor=None, definition=a_definition(a_field(K.TEXT, "qnew", "新"), dinner().fields[0]))

    assert [key for key, _label in queries.all_columns(form)] == ["qnew", "qstays", "qmeal", "qtable"]
    assert [key for key, _label in queries.all_columns(form, staff=False)] == ["qnew", "qstays", "qmeal"]
    assert queries.plain_answers(sheet) == {"qstays": "用餐", "qmeal": "米饭", "qtable": ""}
    assert queries.sheets_for("questionnaires", [form.id, 99]) == {form.id: sheet}
    assert queries.answered_counts(form) == {sheet.version_id: 1}


def test_the_log_says_what_a_new_version_changed(firm, now):
    form = a_questionnaire(firm)
    with transaction():
        services.edit(form, actor=None, definition=a_definition(*dinner().fields[:2], a_field(K.TEXT, "q9", "新字段")))

    last = db.session.query(Activity).filter_by(kind="questionnaires.published").order_by(Activity.id.desc()).first()

    assert last.data == {"version": 2, "added": ["新字段"], "removed": ["桌号"]}


def test_answers_keep_their_version_until_given_again_on_the_new_one(firm, now):
    form = a_questionnaire(firm)
    sheet = answered(form)
    first = sheet.version_id
    with transaction():
        newer = services.edit(form, actor=None, definition=a_definition(a_field(K.TEXT, "qnote")))

    with transaction():
        services.update(sheet, services.check(sheet.version, {"qstays": "no"}, sheet=sheet))
    assert (sheet.version_id, sheet.answers) == (first, {"qstays": "no"})

    with transaction():
        changed = services.update(sheet, services.check(newer, {"qnote": "你好"}, sheet=sheet), version=newer)
    assert (sheet.version_id, sheet.answers) == (newer.id, {"qnote": "你好"})
    assert changed == {"qstays": ("no", None), "qnote": (None, "你好")}


def test_a_registrants_edit_leaves_what_organisers_noted(firm, now):
    form = a_questionnaire(firm)
    sheet = answered(form)
    with transaction():
        services.update(sheet, services.check(form.current, {**GOOD, "qtable": "3"}, staff=True, sheet=sheet))

    with transaction():
        raw = {"qstays": "no", "qtable": "主桌"}
        services.update(sheet, services.check(form.current, raw, sheet=sheet))

    assert sheet.answers == {"qstays": "no", "qtable": "3"}
    assert "桌号" not in [row.label for _s, rows in queries.shown(sheet) for row in rows]
    assert "桌号" in [row.label for _s, rows in queries.shown(sheet, staff=True) for row in rows]


def test_staff_set_one_answer_in_words(firm, now):
    form = a_questionnaire(firm)
    sheet = answered(form)

    with transaction():
        assert services.change_one(sheet, "qmeal", "面条") == "rice"
        assert services.change_one(sheet, "qtable", "3") is None
        services.change_one(sheet, "qstays", "不用餐")

    assert sheet.answers == {"qstays": "no", "qtable": "3"}
    for field_id, text in [("qstays", ""), ("qstays", "也许"), ("qmeal", "面条"), ("gone", "x")]:
        with pytest.raises(DomainError) as refused, transaction():
            services.change_one(sheet, field_id, text)
        assert refused.value.field == field_id


def test_a_draft_keeps_what_is_no_answer_yet(firm, now):
    form = a_questionnaire(firm, a_definition(a_field(K.EMAIL, required=True), a_field(K.NUMBER), a_field(K.TEXT)))
    with transaction():
        raw = {"qemail": "没写完@", "qnumber": "12", "qtext": ""}
        sheet = services.save_draft(form.current, raw, subject=form)
    assert (sheet.draft, sheet.answers, sheet.typed) == (True, {"qnumber": "12"}, {"qemail": "没写完@"})

    with transaction():
        services.update(sheet, services.check(form.current, {"qemail": "a@example.cn"}, sheet=sheet))
    assert (sheet.draft, sheet.typed) == (False, {})


def test_every_wrong_answer_has_its_sentence(firm, now):
    form = a_questionnaire(firm, a_definition(a_field(K.EMAIL, required=True), a_field(K.NUMBER), a_field(K.TEXT)))

    with pytest.raises(AnswersRefused) as refused:
        services.check(form.current, {"qnumber": "十二", "qtext": "好"})

    assert set(refused.value.errors) == {"qemail", "qnumber"}


def test_industries_and_regions_come_from_the_reference_tables(firm, now):
    form = a_questionnaire(firm, a_definition(a_field(K.INDUSTRY), a_field(K.REGION)))

    assert services.check(form.current, {"qindustry": "c39", "qregion": "６５０１０５"}) == {
        "qindustry": "C39",
        "qregion": "650105",
    }
    with pytest.raises(AnswersRefused):
        services.check(form.current, {"qindustry": "C99", "qregion": "650105"})


def test_options_with_places_get_pools_that_stay_theirs(firm, pools, now):
    limited = a_field(K.CHOICE, options=(Option("a", "甲", places=3), Option("b", "乙")))
    form = a_questionnaire(firm, a_definition(limited))
    assert [option.pool for option in form.definition.fields[0].options] == [1, None]

    wider = a_field(K.CHOICE, label="车次", options=(Option("a", "甲", places=9, pool=1), Option("b", "乙")))
    with transaction():
        services.edit(form, actor=None, definition=a_definition(wider))

    assert pools.kept == {1: ("车次·甲", 9)}
    assert queries.left(form, form.definition) == {1: 9}


def test_places_need_an_owner_that_counts_them(app, now):
    limited = a_field(K.CHOICE, options=(Option("a", "甲", places=3), Option("b", "乙")))

    with pytest.raises(DomainError):
        a_questionnaire(a_user(), a_definition(limited))


def test_a_copy_has_pools_of_its_own(firm, pools, now):
    limited = a_field(K.CHOICE, options=(Option("a", "甲", places=3), Option("b", "乙")))
    form = a_questionnaire(firm, a_definition(limited))

    with transaction():
        copied = services.copy(form, owner=firm, actor=None)

    assert copied.id != form.id
    assert [o.pool for o in copied.definition.fields[0].options] == [2, None]


def test_one_field_can_be_erased_everywhere_before_a_day(firm, now):
    contact = a_field(K.PHONE, "qphone", required=True)
    form = a_questionnaire(firm, a_definition(contact, a_field(K.TEXT, "qnote"), a_field(K.TEXT, "qid", personal=True)))
    old = answered(form, {"qphone": "13800000000", "qnote": "好"})
    with clock.frozen(now + timedelta(days=10)):
        new = answered(form, {"qphone": "13800000001"})
    assert [field.id for field in services.fields_with_personal_data(form)] == ["qphone", "qid"]

    with transaction():
        count = services.erase_field(form, "qphone", now + timedelta(days=1))

    assert count == 1
    assert (old.answers, old.erased) == ({"qnote": "好"}, ["qphone"])
    assert new.answers == {"qphone": "13800000001"}
    assert db.session.query(Activity).filter_by(kind="questionnaires.erased").count() == 1


def test_what_i_answered_is_in_my_download_and_goes_with_me(firm, now):
    someone = a_user()
    form = a_questionnaire(firm, a_definition(a_field(K.PHONE), a_field(K.CHOICE)))
    sheet = answered(form, {"qphone": "13800000000", "qchoice": "a"}, actor=someone)
    with transaction():
        services.save_draft(form.current, {"qchoice": "b"}, subject=form, actor=someone)
    assert queries.personal_data(someone)["answers"][0]["answers"] == {"电话": "13800000000", "单选": "甲"}

    with transaction():
        services.forget(someone)

    assert [(s.id, s.user_id, s.answers) for s in db.session.query(AnswerSheet)] == [(sheet.id, None, {"qchoice": "a"})]
    assert db.session.query(QuestionnaireVersion).count() == 1
