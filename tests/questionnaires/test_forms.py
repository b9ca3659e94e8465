"""The form made from a version: what it shows, what it carries back, and files that survive a refusal."""

from __future__ import annotations

import io
import re
from datetime import timedelta

import pytest
from flask import render_template_string

from matchmaker.core import clock
from matchmaker.core.db import db, transaction
from matchmaker.core.errors import Conflict
from matchmaker.core.forms import Form, TextField
from matchmaker.core.web import errors_on
from matchmaker.files.models import StoredFile
from matchmaker.files.services import content_of
from matchmaker.questionnaires import jobs, queries, services
from matchmaker.questionnaires.forms import form_for
from matchmaker.questionnaires.models import AnswerSheet, StagedUpload
from matchmaker.questionnaires.rules.answers import AnswersRefused
from matchmaker.questionnaires.rules.definition import Condition, Definition, FieldKind, Operator, Option, Section
from tests.cast import a_user, sign_in
from tests.factories.files import PDF, a_picture, an_upload
from tests.factories.questionnaires import a_definition, a_field, a_questionnaire, dinner

K = FieldKind
MACROS = """{% import "questionnaires/_fields.html" as answers with context %}"""
PAGE = MACROS + "{{ answers.answer_fields(form) }}"
READ = MACROS + "{{ answers.answers_shown(sheet, staff=staff) }}"
HTML = "<script>alert(1)</script>"


def sent(app, version, data=None, **values):
    """The form as it comes from a browser."""
    with app.test_request_context("/", method="POST", data={"answers_version": str(version.id), **(data or {})}):
        yield form_for(version, **values)


def page_of(app, version, language="zh", **values):
    with app.test_request_context(f"/?lang={language}"):
        return render_template_string(PAGE, form=form_for(version, **values))


def test_every_kind_has_a_labelled_control(app, firm, now):
    form = a_questionnaire(firm, a_definition(*(a_field(kind, label=f"问{kind.value}") for kind in FieldKind)))

    html = page_of(app, form.current)

    for kind in FieldKind:
        assert f"问{kind.value}" in html
        assert re.search(rf'name="q{kind.value}"', html)
    assert html.count("<optgroup") > 5


def test_labels_come_in_the_readers_language_and_fall_back_to_chinese(app, firm, now):
    form = a_questionnaire(
        firm, a_definition(a_field(K.TEXT, "q1", "姓名", label_en="Name"), a_field(K.TEXT, "q2", "职务"))
    )

    assert "姓名" in page_of(app, form.current)
    english = page_of(app, form.current, "en")
    assert "Name" in english and "姓名" not in english and "职务" in english


def test_what_organisers_typed_is_shown_as_text(app, firm, now):
    field = a_field(K.CHOICE, "q1", HTML, help=HTML, options=(Option("a", HTML), Option("b", "乙")))
    consent = a_field(K.CONSENT, "q2", HTML, help=HTML)
    asked = a_field(K.TEXT, "q3", HTML, show_if=Condition("q1", Operator.IS_NOT, ("a",)))
    section = Section("s1", HTML, help=HTML, fields=(field, consent, asked))
    form = a_questionnaire(firm, Definition((section,)), title=HTML)

    assert HTML not in page_of(app, form.current)
    with transaction():
        sheet = services.store(form.current, {"q1": "a", "q2": True}, subject=form)
    with app.test_request_context("/"):
        shown = render_template_string(READ, sheet=sheet, staff=True)
    assert HTML not in shown and "&lt;script&gt;" in shown


def test_organisers_fields_are_not_even_in_the_page(app, firm, now):
    form = a_questionnaire(firm)

    assert "桌号" not in page_of(app, form.current)
    assert "桌号" in page_of(app, form.current, staff=True)


def test_conditions_go_to_the_browser_as_data(app, firm, now):
    quoted = Condition("q1", Operator.IS, ("a", "'\"<b>"))
    form = a_questionnaire(firm)
    version = form.current
    version.__dict__["content"] = a_definition(a_field(K.CHOICE, "q1"), a_field(K.TEXT, "q2", show_if=quoted))

    html = page_of(app, version)

    assert 'data-show-field="q1"' in html
    assert "<b>" not in html


def test_full_options_cannot_be_picked_but_stay_with_who_has_them(app, firm, pools, now):
    field = a_field(K.CHOICE, "q1", options=(Option("a", "甲", places=3), Option("b", "乙", places=5)))
    form = a_questionnaire(firm, a_definition(field))
    pools.left = {1: 0, 2: 4}
    left = queries.left(form, form.definition)

    html = page_of(app, form.current, left=left)
    assert re.search(r'<input[^>]*disabled[^>]*value="a"', html) and "乙（余 4）" in html

    with transaction():
        sheet = services.store(form.current, {"q1": "a"}, subject=form)
    assert "disabled" not in page_of(app, form.current, left=left, sheet=sheet)


def test_what_is_known_about_a_person_is_filled_in(app, firm, now):
    form = a_questionnaire(firm, a_definition(a_field(K.PHONE, "q1"), a_field(K.PHONE, "q2")))

    html = page_of(app, form.current, known={K.PHONE: "13800000000", K.EMAIL: "a@example.cn"})

    assert html.count("13800000000") == 1


def test_refusals_stand_on_their_fields_and_what_was_typed_stays(app, firm, now):
    form = a_questionnaire(firm, a_definition(a_field(K.EMAIL, "q1"), a_field(K.DATE, "q2"), a_field(K.TEXT, "q3")))

    for page in sent(app, form.current, {"q1": "不是邮箱", "q2": "2026-02-30", "q3": HTML}):
        assert page.validate_on_submit()
        with errors_on(page):
            services.check(form.current, page.raw)
        assert set(page.errors) == {"q1", "q2"}
        html = render_template_string(PAGE, form=page)
        assert "不是邮箱" in html and HTML not in html


def test_the_fields_of_a_record_and_its_answers_share_a_form(app, firm, now):
    class Registration(Form):
        name = TextField("姓名")

    form = a_questionnaire(firm)

    for page in sent(app, form.current, {"name": "张三", "qstays": "no"}, base=Registration):
        assert page.values == {"name": "张三"}
        assert page.raw["qstays"] == "no"


def test_a_form_that_changed_meanwhile_comes_back_new_with_what_was_typed(app, firm, now):
    form = a_questionnaire(firm, a_definition(a_field(K.TEXT, "q1"), a_field(K.TEXT, "q2")))
    seen = form.current.id
    with transaction():
        newer = services.edit(
            form, actor=None, definition=a_definition(a_field(K.TEXT, "q1"), a_field(K.TEXT, "q9", "新问题"))
        )

    for page in sent(app, newer, {"answers_version": str(seen), "q1": "还在", "q2": "没有了"}):
        assert not page.validate_on_submit()
        assert len(page.form_errors) == 1
        html = render_template_string(PAGE, form=page)
        assert "还在" in html and "新问题" in html and "没有了" not in html
        assert f'value="{newer.id}"' in html
    for page in sent(app, newer, {"q1": "还在", "q9": "好"}):
        assert page.validate_on_submit()


def test_a_change_that_registrants_do_not_see_does_not_trouble_them(app, firm, now):
    form = a_questionnaire(firm)
    seen = form.current.id
    fields = dinner().fields
    with transaction():
        newer = services.edit(form, actor=None, definition=a_definition(*fields[:2]))

    for page in sent(app, newer, {"answers_version": str(seen), "qstays": "no"}):
        assert page.validate_on_submit()


@pytest.mark.parametrize("version_id", ["", "999999", "x", "٣"])
def test_a_version_that_never_was_counts_as_outdated(app, firm, now, version_id):
    form = a_questionnaire(firm)

    for page in sent(app, form.current, {"answers_version": version_id}):
        assert not page.validate_on_submit()


# --- files


@pytest.fixture
def papers(firm):
    fields = (a_field(K.FILE, "qfile"), a_field(K.PICTURE, "qpic"), a_field(K.EMAIL, "qmail"))
    return a_questionnaire(firm, a_definition(*fields, a_field(K.FILE, "qinside", staff_only=True)))


def stage(version, **files):
    with transaction():
        return services.stage(version, files)


def test_a_file_survives_the_refusal_of_another_answer(app, papers, now):
    version = papers.current
    data = {"qmail": "错", "answers_version": str(version.id), "qfile": (io.BytesIO(PDF), "计划.pdf")}
    with app.test_request_context("/", method="POST", data=data):
        page = form_for(version)
        with transaction():
            page.staged(services.stage(version, page.uploads))
        with errors_on(page):
            services.check(version, page.raw)
        assert set(page.errors) == {"qmail"}
        html = render_template_string(PAGE, form=page)
    token = re.search(r'name="qfile-token" value="([^"]+)"', html)[1]
    assert "计划.pdf" in html

    for page in sent(app, version, {"qfile-token": token, "qmail": ""}):
        with transaction():
            sheet = services.store(version, services.check(version, page.raw), subject=papers)
    file = db.session.get_one(StoredFile, sheet.answers["qfile"]["file"])
    assert (file.subject_kind, file.subject_id, file.name) == ("answer_sheets", sheet.id, "计划.pdf")
    assert db.session.query(StagedUpload).count() == 0
    assert content_of(file) == PDF


@pytest.mark.parametrize(
    ("field", "content", "name"),
    [
        ("qfile", b"", "空.pdf"),
        ("qfile", b"GIF89a/*" + HTML.encode() + b"*/", "a.gif"),
        ("qpic", b"GIF89a<html>" + HTML.encode(), "a.png"),
        ("qpic", PDF, "a.pdf"),
        ("qfile", b"%PDF-1.7\n<html>" + HTML.encode() + b"%%EOF", "a.pdf"),
        ("qfile", PDF, "a.docx"),
        ("qfile", PDF + b"\0" * (21 * 1024**2), "大.pdf"),
        ("qpic", b"\x89PNG\r\n\x1a\n" + b"x" * 100, "坏.png"),
        ("qfile", b"MZ" + b"\0" * 100, "a.exe"),
    ],
)
def test_files_that_will_not_do_are_refused_on_their_field(app, papers, now, field, content, name):
    outcome = stage(papers.current, **{field: an_upload(name, content)})[field]

    for page in sent(app, papers.current):
        page.staged({field: outcome})
        with errors_on(page):
            services.check(papers.current, page.raw)
        assert list(page.errors) == [field]
    assert (db.session.query(StoredFile).count(), db.session.query(StagedUpload).count()) == (0, 0)


def test_a_token_opens_only_its_own_field_of_its_own_form(app, papers, firm, now):
    other = a_questionnaire(firm, a_definition(a_field(K.FILE, "qfile")))
    token = stage(papers.current, qfile=an_upload("a.pdf", PDF))["qfile"]

    for version, raw in [
        (other.current, {"qfile": token}),
        (papers.current, {"qpic": token}),
        (papers.current, {"qfile": "x"}),
        (papers.current, {"qfile": "1"}),
    ]:
        with pytest.raises(AnswersRefused):
            services.check(version, raw)
    assert services.check(papers.current, {"qfile": "keep"}) == {}


def test_a_file_can_be_kept_replaced_and_removed(app, papers, now):
    version = papers.current
    tokens = [stage(version, qfile=an_upload(f"{n}.pdf", PDF))["qfile"] for n in (1, 2)]
    with transaction():
        sheet = services.store(version, services.check(version, {"qfile": tokens[0]}), subject=papers)
    first = sheet.answers["qfile"]["file"]

    for data, name in [({"qfile-token": "keep"}, "1.pdf"), ({"qfile-token": tokens[1]}, "2.pdf")]:
        for page in sent(app, version, data, sheet=sheet):
            with transaction():
                services.update(sheet, services.check(version, page.raw, sheet=sheet))
        assert sheet.answers["qfile"]["name"] == name
    assert db.session.get(StoredFile, first) is None

    for page in sent(app, version, {"qfile-token": "keep", "qfile-remove": "yes"}, sheet=sheet):
        with transaction():
            services.update(sheet, services.check(version, page.raw, sheet=sheet))
    assert (sheet.answers, db.session.query(StoredFile).count()) == ({}, 0)


def test_a_form_sent_twice_gives_its_file_once(papers, now):
    version = papers.current
    token = stage(version, qfile=an_upload("a.pdf", PDF))["qfile"]
    first, second = (services.check(version, {"qfile": token}) for _each in range(2))
    with transaction():
        sheet = services.store(version, first, subject=papers)

    with pytest.raises(Conflict), transaction():
        services.store(version, second, subject=papers)

    file = db.session.get_one(StoredFile, sheet.answers["qfile"]["file"])
    assert (file.subject_kind, file.subject_id) == ("answer_sheets", sheet.id)
    assert db.session.query(AnswerSheet).count() == 1


def test_what_nobody_claims_is_cleared_after_a_day(papers, now):
    stage(papers.current, qfile=an_upload("a.pdf", PDF))

    with clock.frozen(now + timedelta(hours=23)):
        assert jobs.clear_staged() == 0
    with clock.frozen(now + timedelta(hours=25)):
        assert jobs.clear_staged() == 1
    assert (db.session.query(StoredFile).count(), db.session.query(StagedUpload).count()) == (0, 0)


def test_files_are_for_who_answered_and_who_the_owner_lets_in(app, papers, firm, now):
    author, member, stranger = a_user(), a_user(organisation=firm), a_user()
    version = papers.current
    tokens = stage(version, qfile=an_upload("a.pdf", PDF), qpic=an_upload("a.png", a_picture()))
    inside = stage(version, qinside=an_upload("内部.pdf", PDF))
    with transaction():
        sheet = services.store(version, services.check(version, tokens), subject=firm, actor=author)
    with transaction():
        raw = {**dict.fromkeys(tokens, "keep"), **inside}
        services.update(sheet, services.check(version, raw, staff=True, sheet=sheet))

    def codes(user):
        browser = sign_in(app.test_client(), user) if user else app.test_client()
        return [browser.get(f"/files/{sheet.answers[key]['file']}").status_code for key in ("qfile", "qpic", "qinside")]

    assert codes(author) == [200, 200, 404]
    assert codes(member) == [200, 200, 200]
    assert codes(stranger) == codes(None) == [404, 404, 404]


def test_removing_a_sheet_and_erasing_its_field_takes_the_files_along(papers, now):
    version = papers.current
    for _each in range(2):
        token = stage(version, qpic=an_upload("a.png", a_picture()))["qpic"]
        with transaction():
            services.store(version, services.check(version, {"qpic": token}), subject=papers)
    first, second = db.session.query(AnswerSheet).order_by(AnswerSheet.id)

    with transaction():
        services.remove(first)
    assert db.session.query(StoredFile).count() == 1
    with transaction():
        services.erase_field(papers, "qpic", now + timedelta(days=1))

    assert (second.answers, db.session.query(StoredFile).count()) == ({}, 0)
