"""The advanced filter against a plain reading of the same conditions, and against addresses that make no sense."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from matchmaker.core import clock
from matchmaker.core.conditions import (
    MOST,
    OPPOSITES,
    VALUELESS,
    ConditionField,
    Conditions,
    Match,
    Operator,
    on_choice,
    on_moment,
    on_number,
    on_text,
)

TABLE = sa.Table(
    "things",
    sa.MetaData(),
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("text", sa.String),
    sa.Column("word", sa.String),
    sa.Column("number", sa.Integer),
    sa.Column("moment", sa.DateTime(timezone=True)),
)
FIELDS = [
    ConditionField("text", "文字", on_text(TABLE.c.text)),
    ConditionField("word", "选项", on_choice(TABLE.c.word), [("a", "甲"), ("b", "乙")]),
    ConditionField("number", "数字", on_number(TABLE.c.number)),
    ConditionField("moment", "时间", on_moment(TABLE.c.moment)),
]
TEXTS = ["", "甲公司", "乙公司", "50%", "a_b", "ABC", "abc"]
MOMENTS = [datetime(2026, 3, 1, 15, 59, tzinfo=UTC), datetime(2026, 3, 1, 16, 0, tzinfo=UTC)]
ROWS = [
    {"id": n, "text": text, "word": word, "number": number, "moment": moment}
    for n, (text, word, number, moment) in enumerate(
        [
            (t, w, i, m)
            for t in [*TEXTS, None]
            for w in ("a", "b", None)
            for i in (-1, 3, None)
            for m in (*MOMENTS, None)
        ]
    )
]


@pytest.fixture(scope="module")
def held():
    """`held(clause)`: the ids of the rows for which it holds."""
    engine = sa.create_engine("sqlite://", poolclass=sa.pool.StaticPool)
    TABLE.metadata.create_all(engine)
    with engine.begin() as connection:
        connection.execute(sa.insert(TABLE), ROWS)

    def ids(clause):
        statement = sa.select(TABLE.c.id)
        with engine.connect() as connection:
            return set(connection.execute(statement if clause is None else statement.where(clause)).scalars())

    yield ids
    engine.dispose()


def number_of(value):
    try:
        number = Decimal(value)
    except InvalidOperation:
        return None
    return number if number.is_finite() and abs(number) <= 10**12 else None


def positive(row, field, operator, value):
    """Does a positive operator hold, None when the field cannot be asked like that; in plain Python."""
    have = row[field]
    if operator is Operator.FILLED:
        return have not in (None, "") if field == "text" else have is not None
    if field == "text":
        have = have or ""
        return {Operator.IS: have == value, Operator.CONTAINS: value.lower() in have.lower()}.get(operator)
    if field == "word":
        return have == {"甲": "a", "乙": "b"}.get(value, value) if operator is Operator.IS else None
    if field == "number":
        wanted = number_of(value)
        compare = {Operator.IS: lambda: have == wanted}
        compare |= {Operator.AT_LEAST: lambda: have >= wanted, Operator.AT_MOST: lambda: have <= wanted}
    else:
        try:
            wanted = datetime.fromisoformat(value).date()
        except ValueError:
            wanted = None
        day = (have or MOMENTS[0]).astimezone(clock.CHINA).date()
        compare = {Operator.IS: lambda: day == wanted}
        compare |= {Operator.AT_LEAST: lambda: day >= wanted, Operator.AT_MOST: lambda: day <= wanted}
    if operator not in compare or wanted is None:
        return None
    return have is not None and compare[operator]()


def holds(row, match, lines):
    """The whole filter for one row, in plain Python."""
    said = []
    for field, operator, value in lines:
        found = positive(row, field, OPPOSITES.get(operator, operator), value)
        said.append(False if found is None else found != (operator in OPPOSITES))
    return {Match.ALL: all(said), Match.ANY: any(said), Match.NONE: not any(said)}[match]


VALUES = st.sampled_from(
    [*TEXTS[1:], "a", "甲", "b", "公司", "%", "_", "3", "-1", "2.5", "1e3", "2026-03-01", "2026-03-02"]
)
LINES = st.lists(
    st.tuples(st.sampled_from([f.key for f in FIELDS]), st.sampled_from(list(Operator)), VALUES), min_size=1, max_size=4
)


def address(match, lines):
    found = {"if": match.value}
    for n, (field, operator, value) in enumerate(lines, start=1):
        found |= {f"f{n}": field, f"o{n}": operator.value, f"v{n}": value}
    return found


@given(match=st.sampled_from(list(Match)), lines=LINES)
def test_a_filter_keeps_the_rows_that_a_plain_reading_keeps(held, match, lines):
    clause = Conditions.read(address(match, lines), FIELDS).clause()

    assert held(clause) == {row["id"] for row in ROWS if holds(row, match, lines)}


@given(match=st.sampled_from(list(Match)), lines=LINES)
def test_what_stands_in_the_address_reads_back_the_same(match, lines):
    read = Conditions.read(address(match, lines), FIELDS)

    assert Conditions.read(read.address(), FIELDS) == read


JUNK = st.dictionaries(
    st.sampled_from(["if", *(f"{part}{n}" for part in "fov" for n in range(MOST + 2))]),
    st.one_of(st.text(max_size=30), st.sampled_from([*(f.key for f in FIELDS), *(o.value for o in Operator), "all"])),
)


@given(args=JUNK)
def test_any_address_is_read_or_ignored_and_never_fails(held, args):
    read = Conditions.read(args, FIELDS)

    assert held(read.clause()) <= {row["id"] for row in ROWS}
    assert len(read.rows) <= MOST


@pytest.mark.parametrize(
    "args",
    [
        {},
        {"if": "all"},
        {"f1": "nothing", "o1": "is", "v1": "x"},
        {"f1": "text", "o1": "like", "v1": "x"},
        {"f1": "text", "o1": "is", "v1": ""},
        {f"f{MOST + 1}": "text", f"o{MOST + 1}": "is", f"v{MOST + 1}": "甲公司"},
    ],
)
def test_a_line_that_asks_nothing_leaves_every_row(held, args):
    assert held(Conditions.read(args, FIELDS).clause()) == {row["id"] for row in ROWS}


@pytest.mark.parametrize(
    ("field", "operator", "value"),
    [("number", "is", "viele"), ("number", "from", "NaN"), ("number", "to", "1e99"), ("moment", "is", "31.02.2026")],
)
def test_a_value_of_the_wrong_kind_narrows_to_nothing(held, field, operator, value):
    assert held(Conditions.read({"f1": field, "o1": operator, "v1": value}, FIELDS).clause()) == set()


def test_what_needs_no_value_needs_none(held):
    for operator in VALUELESS:
        read = Conditions.read({"f1": "number", "o1": operator.value}, FIELDS)
        wanted = {row["id"] for row in ROWS if (row["number"] is None) == (operator is Operator.EMPTY)}
        assert held(read.clause()) == wanted


def test_a_day_in_beijing_begins_eight_hours_before_the_day_in_greenwich(held):
    read = Conditions.read({"f1": "moment", "o1": "is", "v1": "2026-03-02"}, FIELDS)

    assert held(read.clause()) == {row["id"] for row in ROWS if row["moment"] == MOMENTS[1]}
    assert MOMENTS[1] - MOMENTS[0] < timedelta(hours=1)
