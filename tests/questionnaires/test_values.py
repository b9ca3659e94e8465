"""What one answer may be, for every kind of field."""

from __future__ import annotations

from decimal import Decimal

import pytest

from matchmaker.core.errors import DomainError
from matchmaker.directory.rules import demo_uscc
from matchmaker.questionnaires.rules.definition import UPLOADS, FieldKind, Option
from matchmaker.questionnaires.rules.values import Upload, parse, parse_text, plain_answer, typed_of
from tests.factories.questionnaires import a_field

K = FieldKind
GOOD = {
    K.TEXT: (" 水磨沟  区 ", "水磨沟 区"),
    K.LONG_TEXT: ("一\r\n二", "一\n二"),
    K.NUMBER: ("１，２３４.50", "1234.5"),
    K.MONEY: ("1,200.5", 1_200_500_000),
    K.CHOICE: ("a", "a"),
    K.CHOICES: (["b", "a"], ["a", "b"]),
    K.RATING: ("５", 5),
    K.DATE: ("２０２６年3月2日", "2026-03-02"),
    K.PHONE: ("+86 138-0000-0000", "13800000000"),
    K.EMAIL: ("ａ@example.cn", "a@example.cn"),
    K.URL: ("www.example.cn/a?b=1", "https://www.example.cn/a?b=1"),
    K.USCC: (demo_uscc(7).lower(), demo_uscc(7)),
    K.INDUSTRY: ("c39", "C39"),
    K.REGION: ("６５０１０５", "650105"),
    K.COMPANIONS: (
        "张三，13800000000\n李四 \n",
        [{"name": "张三", "phone": "13800000000"}, {"name": "李四", "phone": ""}],
    ),
    K.FILE: (Upload(3, "a.pdf"), {"file": 3, "name": "a.pdf"}),
    K.PICTURE: (Upload(4, "a.png"), {"file": 4, "name": "a.png"}),
    K.CONSENT: (True, True),
}
BAD = {
    K.TEXT: ["字" * 501, "x" * 200_000],
    K.LONG_TEXT: ["x" * 200_000],
    K.NUMBER: ["十二", "1e5", "--3", "1.234", "9" * 40, "NaN", "Infinity", "<b>1</b>", "+", "."],
    K.MONEY: ["很多", "-1", "1" * 50],
    K.CHOICE: ["c", "<script>"],
    K.CHOICES: [["a", "c"]],
    K.RATING: ["0", "6", "五", "1.5"],
    K.DATE: ["2026-02-30", "明天", "x" * 200_000],
    K.PHONE: ["123", "1380000000a", "call 13800000000 now please", "+1"],
    K.EMAIL: ["a@", "a b@example", "a@example.cn\nBcc: b@example.cn", "x" * 200_000],
    K.URL: ["javascript://alert(1)", "ftp://example.cn", "没有", "https://a.cn/<b>", "https://[", "x" * 200_000],
    K.USCC: ["123", demo_uscc(7)[:17] + "I", "x" * 200_000],
    K.INDUSTRY: ["Z", "制造业"],
    K.REGION: ["65", "xxxxxx"],
    K.COMPANIONS: [
        "张三，138",
        "13800000000",
        "张三\n张三",
        "\n".join(f"人{chr(0x4E00 + n)}" for n in range(51)),
        "x" * 9_999,
    ],
    K.FILE: ["12", Upload(error=DomainError("文件是空的，请重新选择"))],
    K.PICTURE: ["12"],
}


@pytest.mark.parametrize("kind", FieldKind)
def test_every_kind_reads_what_people_type(kind):
    raw, kept = GOOD[kind]

    assert parse(a_field(kind), raw) == kept


@pytest.mark.parametrize(("kind", "raw"), [(kind, raw) for kind, many in BAD.items() for raw in many])
def test_every_kind_refuses_what_is_no_answer(kind, raw):
    field = a_field(kind)

    with pytest.raises(DomainError) as refused:
        parse(field, raw)

    assert refused.value.field == field.id
    assert len(str(refused.value)) < 100


@pytest.mark.parametrize("kind", FieldKind)
def test_nothing_typed_is_no_answer(kind):
    assert [parse(a_field(kind), raw) for raw in (None, "", "  ", [], False)] == [None] * 5


@pytest.mark.parametrize("kind", sorted(set(FieldKind) - UPLOADS))
def test_what_is_kept_can_be_typed_again(kind):
    field, kept = a_field(kind), GOOD[kind][1]

    assert parse(field, typed_of(field, kept)) == kept


@pytest.mark.parametrize("kind", FieldKind)
def test_an_answer_has_one_text_for_lists(kind):
    text = plain_answer(a_field(kind), GOOD[kind][1])

    assert isinstance(text, str) and text
    assert plain_answer(a_field(kind), None) == ""


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("kind", sorted(set(FieldKind) - UPLOADS - {K.CONSENT}))
def test_what_an_export_says_can_be_imported(kind, language):
    tables = {"industry": {"C39": "计算机、通信"}, "region": {"650105": "水磨沟区"}}
    options = (Option("a", "甲；和乙", "A; and B"), Option("b", "丙", "C"))
    field = a_field(kind, options=options if kind in (K.CHOICE, K.CHOICES) else ())
    kept = GOOD[kind][1] if kind is not K.CHOICES else ["b"]

    text = plain_answer(field, kept, language=language, tables=tables)

    assert parse_text(field, text, tables=tables) == kept


def test_words_of_several_choices_are_taken_apart():
    field = a_field(K.CHOICES)

    assert parse_text(field, "乙、甲") == parse_text(field, "b;a") == ["a", "b"]
    assert parse_text(a_field(K.CONSENT), "是") is True
    for text in ("丁", "甲、丁"):
        with pytest.raises(DomainError):
            parse_text(field, text)


@pytest.mark.parametrize("kind", [K.TEXT, K.LONG_TEXT, K.COMPANIONS])
def test_markup_is_only_text(kind):
    typed = "<b onclick=x>甲</b>"

    assert typed in str(parse(a_field(kind), typed))


def test_a_program_may_send_people_as_rows():
    people = [{"name": "张三", "phone": "13800000000"}]

    assert parse(a_field(K.COMPANIONS), people) == people


def test_a_number_keeps_to_its_range_and_unit():
    field = a_field(K.NUMBER, unit="㎡", minimum=Decimal(10), maximum=Decimal("99.5"), places=1)

    assert parse(field, "50 ㎡") == "50"
    for raw in ("9", "99.6", "50.25"):
        with pytest.raises(DomainError):
            parse(field, raw)
