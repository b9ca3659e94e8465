"""What a form may be, what of it is asked and kept: on small forms and on random ones."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matchmaker.core.errors import Conflict, DomainError
from matchmaker.questionnaires.rules import building
from matchmaker.questionnaires.rules.answers import AnswersRefused, check, claims_of, companions_of, shown, weigh
from matchmaker.questionnaires.rules.building import Step
from matchmaker.questionnaires.rules.changes import Aspect, ChangeKind, differences
from matchmaker.questionnaires.rules.checking import checked
from matchmaker.questionnaires.rules.conditions import asked, holds
from matchmaker.questionnaires.rules.definition import (
    Condition,
    Definition,
    Field,
    FieldKind,
    Operator,
    Option,
    Section,
)
from matchmaker.questionnaires.rules.ready import Ready, ready
from matchmaker.questionnaires.rules.values import typed_of
from tests.factories.questionnaires import a_definition, a_field, dinner

K = FieldKind

# --- conditions


def test_hidden_answers_are_dropped_along_the_whole_chain():
    one = a_field(K.CHOICE, "q1")
    two = a_field(K.TEXT, "q2", show_if=Condition("q1", Operator.IS, ("a",)))
    three = a_field(K.TEXT, "q3", required=True, show_if=Condition("q2", Operator.ANSWERED))
    form = a_definition(one, two, three)

    assert check(form, {"q1": "b", "q2": "x", "q3": "y"}) == {"q1": "b"}
    assert check(form, {"q1": "a", "q2": "x", "q3": "y"}) == {"q1": "a", "q2": "x", "q3": "y"}
    with pytest.raises(AnswersRefused):
        check(form, {"q1": "a", "q2": "x"})


def test_a_hidden_section_hides_its_fields():
    first = Section("s1", fields=(a_field(K.CHOICE, "q1"),))
    second = Section("s2", fields=(a_field(K.TEXT, "q2", required=True),), show_if=Condition("q1", Operator.IS, ("a",)))

    assert check(Definition((first, second)), {"q1": "b", "q2": "x"}) == {"q1": "b"}


@pytest.mark.parametrize(
    ("operator", "value", "met"),
    [
        (Operator.IS, "a", True),
        (Operator.IS, ["a", "b"], True),
        (Operator.IS, "b", False),
        (Operator.IS_NOT, "b", True),
        (Operator.IS_NOT, ["a", "b"], False),
        (Operator.IS_NOT, None, False),
        (Operator.ANY_OF, "c", True),
        (Operator.ANSWERED, 0, True),
        (Operator.ANSWERED, "", False),
        (Operator.ANSWERED, False, False),
    ],
)
def test_operators(operator, value, met):
    assert holds(Condition("q", operator, ("a", "c")), {"q": value}) is met


@pytest.mark.parametrize(
    ("fields", "part"),
    [
        ([a_field(K.TEXT, "q1", show_if=Condition("q1"))], "绕回"),
        ([a_field(K.TEXT, "q1", show_if=Condition("q2")), a_field(K.TEXT, "q2", show_if=Condition("q1"))], "绕回"),
        ([a_field(K.TEXT, "q1", show_if=Condition("q2")), a_field(K.TEXT, "q2")], "前面"),
        ([a_field(K.TEXT, "q1", show_if=Condition("gone"))], "删除"),
        ([a_field(K.TEXT, "q1", staff_only=True), a_field(K.TEXT, "q2", show_if=Condition("q1"))], "仅主办方"),
        ([a_field(K.CHOICE, "q1"), a_field(K.TEXT, "q2", show_if=Condition("q1", Operator.IS))], "选出"),
        (
            [a_field(K.CHOICE, "q1"), a_field(K.TEXT, "q2", show_if=Condition("q1", Operator.IS, ("z",)))],
            "选项已经删除",
        ),
        ([a_field(K.TEXT, "q1", label=" ")], "名称"),
        ([a_field(K.CHOICE, "q1", options=(Option("a", "甲"),))], "选项"),
        ([a_field(K.CHOICE, "q1", options=(Option("a", "甲"), Option("b", " 甲")))], "两次"),
        ([a_field(K.NUMBER, "q1", minimum=Decimal(2), maximum=Decimal(1))], "最小值"),
        ([a_field(K.TEXT, "q1"), a_field(K.TEXT, "q1")], "相同"),
        ([a_field(K.TEXT, f"q{n}") for n in range(101)], "拆成"),
        ([a_field(K.TEXT, "q1", label="字" * 201)], "最多"),
    ],
)
def test_a_form_that_cannot_work_is_refused_with_a_sentence(fields, part):
    with pytest.raises(DomainError) as refused:
        checked(a_definition(*fields))

    assert part in str(refused.value)


def test_a_section_cannot_wait_for_its_own_field():
    section = Section("s1", "一", fields=(a_field(K.TEXT, "q1"),), show_if=Condition("q1"))

    with pytest.raises(DomainError):
        checked(Definition((section,)))


# --- random forms

names = st.text("甲乙丙丁abc<>&\"'", min_size=1, max_size=8)


@st.composite
def definitions(draw):
    """Forms that may be saved: conditions look back."""
    count = draw(st.integers(1, 8))
    fields: list[Field] = []
    for n in range(count):
        kind = draw(st.sampled_from([K.TEXT, K.CHOICE, K.CHOICES, K.RATING, K.NUMBER, K.CONSENT, K.COMPANIONS]))
        show_if = None
        public = [field for field in fields if not field.staff_only]
        if public and draw(st.booleans()):
            source = draw(st.sampled_from(public))
            choices = {K.CHOICE: ["a", "b"], K.CHOICES: ["a", "b"], K.RATING: ["1", "5"]}.get(source.kind)
            operator = draw(st.sampled_from(list(Operator))) if choices else Operator.ANSWERED
            values = (draw(st.sampled_from(choices)),) if choices and operator is not Operator.ANSWERED else ()
            show_if = Condition(source.id, operator, values)
        options = (
            Option("a", "甲", pool=n + 1, per_person=draw(st.booleans())),
            Option("b", "乙", places=draw(st.integers(0, 9))),
        )
        fields.append(
            Field(
                id=f"q{n}",
                kind=kind,
                label=draw(names),
                required=draw(st.booleans()),
                staff_only=draw(st.booleans()),
                show_if=show_if,
                options=options if kind in (K.CHOICE, K.CHOICES) else (),
            )
        )
    cut = draw(st.integers(0, count))
    return checked(
        Definition((Section("s1", "一", fields=tuple(fields[:cut])), Section("s2", fields=tuple(fields[cut:]))))
    )


values = st.one_of(
    st.sampled_from(["a", "b", "c", "1", "5", "", "张三，13800000000", "yes", True, None]),
    st.lists(st.sampled_from(["a", "b"]), max_size=3),
)
answers = st.dictionaries(st.sampled_from([f"q{n}" for n in range(9)]), values)


@given(definitions())
def test_a_definition_survives_json(form):
    assert Definition.read(form.to_json()) == form


@given(definitions(), answers)
def test_what_is_kept_holds_no_hidden_answer_and_nothing_of_the_organisers(form, raw):
    kept = weigh(form, raw).answers

    visible = {field.id for field in asked(form, kept)}
    assert set(kept) <= visible
    assert not any(form.field(key).staff_only for key in kept)


@given(definitions(), answers)
def test_checking_what_was_kept_changes_nothing(form, raw):
    kept = weigh(form, raw, staff=True)

    again = weigh(form, {key: typed_of(form.field(key), value) for key, value in kept.answers.items()}, staff=True)

    assert again.answers == kept.answers
    assert set(again.errors) <= set(kept.errors)


@given(definitions(), answers)
def test_a_sentence_for_exactly_the_fields_that_are_asked(form, raw):
    found = weigh(form, raw)

    assert set(found.errors) & set(found.answers) == set()
    if found.errors:
        with pytest.raises(AnswersRefused) as refused:
            check(form, raw)
        assert set(refused.value.errors) == set(found.errors)
    else:
        assert check(form, raw) == found.answers


@given(definitions(), answers, st.integers(1, 50))
def test_claims_are_the_chosen_places(form, raw, party):
    kept = weigh(form, raw, staff=True).answers

    expected = {}
    for field in form.fields:
        for option in field.options:
            if option.pool and option.id in (kept.get(field.id) or []):
                expected[option.pool] = party if option.per_person else 1
    assert claims_of(form, kept, party) == expected


@given(definitions(), answers)
def test_whoever_reads_sees_what_was_kept(form, raw):
    kept = weigh(form, raw, staff=True).answers

    texts = {row.field.id: row.text for _section, rows in shown(form, kept, staff=True) for row in rows}
    assert all(texts[key] for key in kept)


@given(definitions())
def test_new_ids_change_nothing_else(form):
    renewed = checked(building.with_new_ids(form))

    assert [(f.kind, f.label, f.show_if is None) for f in renewed.fields] == [
        (f.kind, f.label, f.show_if is None) for f in form.fields
    ]
    assert {f.id for f in renewed.fields} & {f.id for f in form.fields} == set()


@given(definitions(), st.data())
def test_any_step_keeps_every_other_field(form, data):
    part = data.draw(st.sampled_from([f.id for f in form.fields]))
    step = data.draw(st.sampled_from(list(Step)))
    needed = any(field.show_if and field.show_if.field == part for field in form.fields)

    if step is Step.DELETE and needed:
        with pytest.raises(Conflict):
            building.change(form, part, step)
        return
    ids = [field.id for field in building.change(form, part, step).fields]

    gone = {part} if step is Step.DELETE else set()
    assert set(ids) >= {field.id for field in form.fields} - gone
    assert len(ids) == len(form.fields) + {Step.DELETE: -1, Step.DUPLICATE: 1}.get(step, 0)


@given(definitions(), definitions())
def test_no_difference_means_the_same_form(old, new):
    found = differences(old, new)

    assert differences(old, old) == []
    if not found:
        assert [f.id for f in old.fields] == [f.id for f in new.fields]


anything = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text()),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(st.text(), inner, max_size=3)),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from([f"q{kind.value}" for kind in FieldKind]), anything))
def test_whatever_a_program_sends_is_judged_and_can_be_kept(raw):
    found = weigh(a_definition(), raw, staff=True)

    assert json.loads(json.dumps(found.answers)) == found.answers
    assert shown(a_definition(), found.answers, staff=True)


# --- places, people, organisers


def test_companions_that_count():
    counted, only_named = a_field(K.COMPANIONS, "q1", counts=True), a_field(K.COMPANIONS, "q2")
    form = a_definition(counted, only_named)

    kept = check(form, {"q1": "张三", "q2": "李四\n王五"})

    assert [person["name"] for person in companions_of(form, kept)] == ["张三"]


def test_registrants_never_see_what_is_for_organisers():
    form = dinner()

    assert [field.id for field in form.for_registrants().fields] == ["qstays", "qmeal"]
    assert check(form, {"qstays": "no", "qtable": "1"}) == {"qstays": "no"}
    assert check(form, {"qstays": "no", "qtable": "1"}, staff=True) == {"qstays": "no", "qtable": "1"}


# --- changes and ready forms


def test_changes_are_told_by_what_changed():
    old = a_definition(a_field(K.TEXT, "q1", "甲"), a_field(K.TEXT, "q2", "乙"))
    new = a_definition(a_field(K.TEXT, "q1", "甲甲", required=True), a_field(K.DATE, "q4", "丁"))

    found = {(change.kind, change.label, change.aspects, change.before) for change in differences(old, new)}

    assert found == {
        (ChangeKind.CHANGED, "甲甲", (Aspect.LABEL, Aspect.REQUIRED), "甲"),
        (ChangeKind.ADDED, "丁", (), ""),
        (ChangeKind.REMOVED, "乙", (), ""),
    }


def test_only_what_was_moved_counts_as_moved():
    fields = [a_field(K.TEXT, f"q{n}", label) for n, label in enumerate("甲乙丙丁")]
    first, *others = fields

    found = differences(a_definition(*fields), a_definition(*others, first))

    assert [(change.kind, change.label) for change in found] == [(ChangeKind.MOVED, "甲")]


@pytest.mark.parametrize("which", Ready)
def test_ready_forms_can_be_used_as_they_are(which):
    form = checked(ready(which))

    assert all(field.label_en for field in form.fields)
    assert ready(which) != form  # ids are new each time


def test_a_field_moves_over_the_border_of_its_section():
    form = Definition((Section("s1", fields=(a_field(K.TEXT, "q1"),)), Section("s2", fields=(a_field(K.TEXT, "q2"),))))

    moved = building.change(form, "q2", Step.UP)

    assert [[field.id for field in section.fields] for section in moved.sections] == [["q1", "q2"], []]


def test_put_field_replaces_or_moves():
    form = Definition((Section("s1", fields=(a_field(K.TEXT, "q1"),)), Section("s2")))
    renamed = replace(form.fields[0], label="新")

    assert building.put_field(form, renamed, section_id="s1").field("q1").label == "新"
    assert building.put_field(form, renamed, section_id="s2").section("s2").fields == (renamed,)


def test_options_are_pasted_one_a_line():
    options = building.options_of(["米饭 | Rice", "", " 面条｜Noodles ", "饺子"])

    assert [(o.label, o.label_en) for o in options] == [("米饭", "Rice"), ("面条", "Noodles"), ("饺子", "")]
