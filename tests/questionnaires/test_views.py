"""The builder's pages: who gets in, what each press does, what is refused."""

from __future__ import annotations

import re

import pytest

from matchmaker.core.db import db, transaction
from matchmaker.questionnaires import services
from matchmaker.questionnaires.models import AnswerSheet, QuestionnaireVersion
from matchmaker.questionnaires.rules.definition import Condition, FieldKind, Operator
from matchmaker.questionnaires.rules.ready import Ready
from tests.cast import a_user, sign_in
from tests.factories.questionnaires import a_definition, a_field, a_questionnaire, dinner

K = FieldKind
HTML = "<script>alert(1)</script>"


@pytest.fixture
def form(firm, now):
    return a_questionnaire(firm)


@pytest.fixture
def organiser(app, firm, form):
    """The browser of a member of the owner."""
    return sign_in(app.test_client(), a_user(organisation=firm))


def url(form, page=""):
    return f"/questionnaires/{form.id}{page}"


def press(organiser, form, part, step, **data):
    return organiser.post(url(form, "/change"), data={"part": part, "step": step, "revision": form.revision, **data})


def edited(form):
    db.session.expire_all()
    return form.edited


PAGES = ["", "/title", "/section", "/section?part=s1", "/field?section=s1&kind=text", "/field?part=qmeal", "/preview"]


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("page", [*PAGES, "/preview?as=staff", "/preview?number=1", "/versions"])
def test_every_page_opens_for_the_organiser_and_nobody_else(app, client, organiser, form, page, language):
    address = url(form, page) + ("&" if "?" in page else "?") + f"lang={language}"

    assert organiser.get(address).status_code == 200
    assert sign_in(app.test_client(), a_user()).get(address).status_code == 404
    assert client.get(address).status_code == 303


@pytest.mark.parametrize("page", ["/change", "/ready", "/publish", "/discard"])
def test_a_stranger_changes_nothing(app, form, page):
    stranger = sign_in(app.test_client(), a_user())

    assert stranger.post(url(form, page), data={"part": "qmeal", "step": "delete"}).status_code == 404
    assert edited(form) == dinner()


@pytest.mark.parametrize(
    "page",
    ["/section?part=x", "/field?part=x", "/field?section=x&kind=text", "/field?section=s1&kind=x", "/preview?number=9"],
)
def test_what_is_not_there_is_not_found(organiser, form, page):
    assert organiser.get(url(form, page)).status_code == 404


@pytest.mark.parametrize("kind", FieldKind)
def test_a_field_of_every_kind_can_be_added(organiser, form, kind):
    page = url(form, f"/field?section=s1&kind={kind.value}")
    assert organiser.get(page).status_code == 200

    data = {"label": "新字段", "label_en": "New", "section": "s1", "required": "y"}
    data |= {"options-0-label": "甲", "options-1-label": "乙", "options-1-label_en": "B"}
    assert organiser.post(page, data=data).status_code == 303

    added = edited(form).fields[-1]
    assert (added.kind, added.label, added.label_en, added.required) == (kind, "新字段", "New", True)
    assert [option.label for option in added.options] == (["甲", "乙"] if kind in (K.CHOICE, K.CHOICES) else [])
    assert form.definition == dinner(), "people still see the version in use"


def test_a_field_is_changed_and_its_options_keep_their_ids(organiser, form, pools):
    page = organiser.get(url(form, "/field?part=qmeal")).text
    assert 'value="rice"' in page

    data = {"label": "吃什么", "section": "s1", "condition_field": "qstays", "condition_operator": "is_not"}
    data |= {"condition_values": ["qstays:no", "qmeal:rice"], "pasted": "饺子 | Dumplings"}
    data |= {"options-0-key": "rice", "options-0-label": "大米饭", "options-0-order": "2", "options-0-places": "30"}
    data |= {"options-0-per_person": "y", "options-1-key": "noodles", "options-1-label": "面条", "options-1-order": "1"}
    assert organiser.post(url(form, "/field?part=qmeal"), data=data).status_code == 303

    field = edited(form).field("qmeal")
    assert [(o.id, o.label) for o in field.options[:2]] == [("noodles", "面条"), ("rice", "大米饭")]
    assert (field.options[1].places, field.options[1].per_person, field.options[2].label_en) == (30, True, "Dumplings")
    assert field.show_if == Condition("qstays", Operator.IS_NOT, ("no",))

    organiser.post(url(form, "/publish"))
    db.session.expire_all()
    assert (form.current.number, pools.kept) == (2, {1: ("吃什么·大米饭", 30)})


@pytest.mark.parametrize(
    "data",
    [
        {"label": ""},
        {"label": "x", "options-0-label": "只有一个"},
        {"label": "x", "options-0-label": "甲", "options-1-label": "甲"},
        {"label": "x", "options-0-label": "甲", "options-1-label": "乙", "options-1-places": "-1"},
        {"label": "x", "options-0-label": "甲", "options-1-label": "乙", "options-1-places": "很多"},
        {"label": "字" * 201, "options-0-label": "甲", "options-1-label": "乙"},
    ],
)
def test_a_field_that_cannot_work_comes_back_with_what_was_typed(organiser, form, data):
    page = organiser.post(
        url(form, "/field?section=s1&kind=choice"), data={"section": "s1", "help": "提示在此", **data}
    )

    assert page.status_code == 422
    assert "提示在此" in page.text
    assert form.draft is None


def test_sections_are_added_and_changed_with_their_fields(organiser, form):
    assert organiser.post(url(form, "/section"), data={"label": "二", "condition_field": "qstays"}).status_code == 303
    added = edited(form).sections[1]
    assert (added.label, added.show_if) == ("二", Condition("qstays"))

    organiser.post(url(form, "/section?part=s1"), data={"label": "第一", "label_en": "First"})
    assert edited(form).sections[0].label_en == "First"
    assert edited(form).sections[0].fields == dinner().fields


def test_fields_move_multiply_and_go(organiser, form):
    for part, step, ids in [
        ("qtable", "up", ["qstays", "qtable", "qmeal"]),
        ("qtable", "delete", ["qstays", "qmeal"]),
    ]:
        assert press(organiser, form, part, step).status_code == 303
        assert [field.id for field in edited(form).fields] == ids
    press(organiser, form, "s1", "duplicate")
    assert len(edited(form).fields) == 4


@pytest.mark.parametrize(("part", "step"), [("qmeal", "up"), ("qstays", "delete"), ("qstays", "down"), ("gone", "up")])
def test_what_others_depend_on_stays_where_it_is(organiser, form, part, step):
    press(organiser, form, part, step)

    assert edited(form) == dinner()
    assert 'class="flash' in organiser.get(url(form)).text


def test_a_press_on_an_old_page_changes_nothing(organiser, form):
    press(organiser, form, "qtable", "up")
    before = edited(form)

    press(organiser, form, "qtable", "delete", revision=str(form.revision - 1))

    assert edited(form) == before


@pytest.mark.parametrize("which", Ready)
def test_a_ready_form_is_added_and_put_in_use(organiser, form, which):
    organiser.post(url(form, "/ready"), data={"which": which.value, "revision": form.revision})
    assert len(edited(form).fields) > 6

    organiser.post(url(form, "/publish"))

    db.session.expire_all()
    assert form.draft is None and len(form.definition.fields) > 6
    assert db.session.query(QuestionnaireVersion).count() == 2


def test_a_draft_can_be_thrown_away(organiser, form):
    press(organiser, form, "qtable", "delete")

    organiser.post(url(form, "/discard"))

    assert edited(form) == dinner()


@pytest.mark.parametrize("page", ["/change", "/ready"])
def test_unknown_words_are_not_found(organiser, form, page):
    assert organiser.post(url(form, page), data={"step": "x", "which": "x"}).status_code == 404


def test_the_title_is_changed(organiser, form):
    assert organiser.post(url(form, "/title"), data={"title": " "}).status_code == 422
    organiser.post(url(form, "/title"), data={"title": "新表", "title_en": "New form"})

    db.session.expire_all()
    assert (form.title, form.title_in("en")) == ("新表", "New form")
    assert "New form" in organiser.get(url(form, "?lang=en")).text


def test_preview_checks_and_keeps_nothing(organiser, form):
    page = url(form, "/preview")
    assert organiser.post(page, data={"qstays": "yes"}).status_code == 422

    tried = organiser.post(page, data={"qstays": "yes", "qmeal": "rice"})

    assert re.search(r"<dd>\s*米饭\s*</dd>", tried.text)
    assert db.session.query(AnswerSheet).count() == 0


def test_preview_shows_the_draft_and_any_version(organiser, form):
    press(organiser, form, "qmeal", "delete")

    assert 'name="qmeal"' not in organiser.get(url(form, "/preview")).text
    assert 'name="qmeal"' in organiser.get(url(form, "/preview?number=1")).text


def test_versions_say_what_changed(organiser, form):
    with transaction():
        services.edit(form, actor=None, definition=a_definition(*dinner().fields[:1], a_field(K.DATE, "q9", "到达日")))

    text = organiser.get(url(form, "/versions")).text

    assert "到达日" in text and "桌号" in text


def test_markup_in_every_text_is_only_text(organiser, form):
    data = {"label": HTML, "label_en": HTML, "help": HTML, "help_en": HTML, "section": "s1"}
    data |= {f"options-{n}-{key}": f"{HTML}{n}" for n in (0, 1) for key in ("label", "label_en")}
    organiser.post(url(form, "/field?section=s1&kind=choice"), data=data)
    organiser.post(url(form, "/section"), data=data)
    organiser.post(url(form, "/title"), data={"title": HTML, "title_en": HTML})
    organiser.post(url(form, "/publish"))

    part = edited(form).fields[-1].id
    for page in ["", "/versions", "/preview", "/preview?lang=en", f"/field?part={part}", "/title"]:
        text = organiser.get(url(form, page)).text
        assert HTML not in text
        assert "&lt;script&gt;" in text


def test_two_hundred_thousand_characters_are_refused(organiser, form):
    for page in ("/field?section=s1&kind=text", "/section", "/title"):
        data = dict.fromkeys(("label", "help", "title"), "x" * 200_000) | {"section": "s1"}
        assert organiser.post(url(form, page), data=data).status_code == 422
    assert form.draft is None
