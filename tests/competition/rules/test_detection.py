"""What is found between a judge and an entry, with which evidence, and what proves nothing."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matchmaker.competition.rules import detection
from matchmaker.competition.rules.conflicts import RecusalReason
from matchmaker.competition.rules.detection import (
    Employment,
    Entrant,
    Help,
    Individual,
    Judge,
    Tie,
    TieKind,
    Unit,
    Wish,
    detect,
)
from matchmaker.core.errors import DomainError

R = RecusalReason
FIRM = Unit("样例智能科技有限公司", organisation=7, uscc="91650105MA10004200", former=("样例软件有限公司",))
STRANGER = Judge(Individual("评委甲", person=1, phone="13800000001", mail="a@institute.example"))
ENTRANT = Entrant(FIRM, (Individual("成员乙", person=2, phone="13800000002", mail="b@firm.example"),))


def reasons(judge, entrant=ENTRANT, *, since=0):
    return [candidate.reason for candidate in detect(judge, entrant, since=since)]


def with_person(**changes):
    return replace(STRANGER, individual=replace(STRANGER.individual, **changes))


def working_at(*units, until=None):
    return replace(STRANGER, employers=tuple(Employment(unit, until) for unit in units))


def bound_to(kind, name, unit=""):
    return replace(ENTRANT, ties=(Tie(kind, name, unit),))


def asking(name="", unit=""):
    return replace(ENTRANT, wishes=(Wish(1, name, unit),))


def test_a_stranger_has_nothing_to_fear():
    assert detect(STRANGER, ENTRANT) == []
    assert detect(STRANGER, Entrant(None, ENTRANT.people)) == []


@pytest.mark.parametrize(
    ("judge", "expected"),
    [
        (with_person(person=2, name="成员乙"), [R.SAME_PERSON]),
        (with_person(name="成员 乙"), [R.SAME_NAME]),
        (with_person(phone="+86 138-0000-0002"), [R.SAME_PHONE]),
        (with_person(phone="０１３８００００００２"), []),
        (with_person(mail="C@FIRM.example "), [R.SAME_MAIL_DOMAIN]),
        (with_person(mail="B@firm.example"), [R.SAME_MAIL, R.SAME_MAIL_DOMAIN]),
        (working_at(Unit("旧名", uscc="91650105ma10004200")), [R.SAME_USCC]),
        (working_at(Unit("旧名", organisation=7)), [R.SAME_EMPLOYER]),
        (working_at(Unit(" 样例智能科技有限公司")), [R.SAME_EMPLOYER]),
        (working_at(Unit("样例软件有限公司")), [R.SAME_EMPLOYER]),  # the name the firm had
        (working_at(Unit("别家公司", organisation=8, uscc="9165")), []),
        (replace(STRANGER, helped=(Help(2025, organisation=7),)), [R.MENTORED]),
        (replace(STRANGER, helped=(Help(2025, person=2),)), [R.MENTORED]),
        (replace(STRANGER, helped=(Help(2025, organisation=8, person=3),)), []),
    ],
)
def test_each_reason_is_detected(judge, expected):
    assert reasons(judge) == expected


@pytest.mark.parametrize(("until", "expected"), [(2022, []), (2023, [R.FORMER_EMPLOYER]), (2026, [R.FORMER_EMPLOYER])])
def test_a_former_employer_counts_within_the_years_of_the_contest(until, expected):
    since = detection.first_year(2026, 3)

    assert reasons(working_at(FIRM, until=until), since=since) == expected
    assert reasons(working_at(FIRM), since=since) == [R.SAME_USCC]  # who still works there always does


@pytest.mark.parametrize(("year", "expected"), [(2022, []), (2023, [R.MENTORED])])
def test_help_of_long_ago_is_no_reason(year, expected):
    assert reasons(replace(STRANGER, helped=(Help(year, organisation=7),)), since=2023) == expected


@pytest.mark.parametrize(
    ("judge", "entrant", "expected"),
    [
        (STRANGER, bound_to(TieKind.SHAREHOLDER, "评委甲"), [R.INVESTED]),
        (STRANGER, bound_to(TieKind.OFFICER, "评 委 甲", "别家公司"), [R.OFFICER]),
        (STRANGER, bound_to(TieKind.COINVENTOR, "评委甲"), [R.WORKED_TOGETHER]),
        (STRANGER, bound_to(TieKind.COAUTHOR, "别人", "天山大学"), []),
        (working_at(Unit("天山创投有限公司")), bound_to(TieKind.INVESTOR, "天山创投有限公司"), [R.INVESTED]),
        (working_at(Unit("天山创投有限公司")), bound_to(TieKind.INVESTOR, "某人", "天山创投有限公司"), [R.INVESTED]),
        (working_at(Unit("天山大学")), bound_to(TieKind.COAUTHOR, "别人", "天山大学"), []),  # a colleague is no party
    ],
)
def test_shareholders_officers_and_fellow_authors_are_found(judge, entrant, expected):
    assert reasons(judge, entrant) == expected


@pytest.mark.parametrize(
    ("entrant", "expected"),
    [
        (asking(name="评委甲"), [R.ASKED]),
        (asking(name="评委甲", unit="写错的单位"), [R.ASKED]),
        (asking(unit="天山大学"), [R.ASKED]),
        (asking(name="别人", unit="天山大学"), []),  # who names a person means that person
        (asking(unit="昆仑大学"), []),
        (asking(), []),
    ],
)
def test_whom_the_entrant_asks_to_stay_away_is_found(entrant, expected):
    assert reasons(working_at(Unit("天山大学")), entrant) == expected


def test_empty_fields_never_match():
    nobody = Individual("", person=None)
    entrant = Entrant(Unit(""), (nobody,), (Tie(TieKind.INVESTOR, "", ""),), (Wish(1),))

    assert detect(Judge(nobody, employers=(Employment(Unit("")),)), entrant) == []


@pytest.mark.parametrize("domain", ["qq.com", "163.com", "foxmail.com", "GMAIL.com"])
def test_free_mail_proves_nothing_unless_it_is_the_same_address(domain):
    entrant = Entrant(None, (Individual("成员乙", mail=f"b@{domain}"),))

    assert reasons(with_person(mail=f"a@{domain}"), entrant) == []
    assert reasons(with_person(mail=f"b@{domain}"), entrant) == [R.SAME_MAIL]


@pytest.mark.parametrize("address", ["", "no-address", "a@", "firm.example"])
def test_text_that_is_no_address_has_no_domain(address):
    assert detection.mail_domain(address) == ""


def test_evidence_names_what_was_found():
    found = detect(with_person(mail="c@firm.example"), ENTRANT)

    assert [str(candidate) for candidate in found] == ["评委与参赛人员成员乙的邮箱同属 firm.example"]


def test_the_same_evidence_has_the_same_ground_and_other_evidence_another():
    twice = [detect(with_person(phone="13800000002"), ENTRANT)[0].ground for _ in range(2)]
    renamed = replace(ENTRANT, people=(replace(ENTRANT.people[0], name="成员丙"),))

    assert len({*twice}) == 1
    assert detect(with_person(phone="13800000002"), renamed)[0].ground not in twice


names = st.sampled_from(["", "评委甲", "成员乙", "别人"])
units = st.sampled_from(["", "天山大学", "样例智能科技有限公司", "别家公司"])
judges = st.builds(
    Judge,
    st.builds(Individual, names, st.sampled_from([None, 1, 2]), st.sampled_from(["", "13800000002"]), st.just("")),
    st.lists(st.builds(Employment, st.builds(Unit, units), st.sampled_from([None, 2010, 2025])), max_size=3).map(tuple),
)
entrants = st.builds(
    Entrant,
    st.one_of(st.none(), st.builds(Unit, units)),
    st.lists(st.builds(Individual, names, st.sampled_from([None, 2]), st.sampled_from(["", "13800000002"])), max_size=3)
    .map(tuple),
    st.lists(st.builds(Tie, st.sampled_from(list(TieKind)), names, units), max_size=3).map(tuple),
    st.lists(st.builds(Wish, st.integers(1, 3), names, units), max_size=3).map(tuple),
)  # fmt: skip


@given(judges, entrants, st.sampled_from([0, 2020, 2026]))
def test_looking_further_back_never_finds_less(judge, entrant, since):
    near = {candidate.ground for candidate in detect(judge, entrant, since=since)}
    far = [candidate.ground for candidate in detect(judge, entrant)]

    assert near <= set(far)
    assert len(far) == len(set(far))


@given(judges, entrants)
def test_more_said_never_hides_what_was_found(judge, entrant):
    bare = replace(entrant, ties=(), wishes=())

    assert {c.ground for c in detect(judge, bare)} <= {c.ground for c in detect(judge, entrant)}


def test_ties_are_read_one_a_line():
    text = "张三，60%\n天山创投有限公司；A 轮\n\n李四\t昆仑大学\t2024 年专利"

    assert detection.ties_of(text, TieKind.SHAREHOLDER) == [
        ("张三", "", "60%"),
        ("天山创投有限公司", "A 轮", ""),
        ("李四", "昆仑大学", "2024 年专利"),
    ]


@pytest.mark.parametrize("text", ["张", "张三，甲，乙，丙", "x" * 101])
def test_an_unreadable_tie_names_its_line(text):
    with pytest.raises(DomainError) as refused:
        detection.ties_of(f"李四\n{text}", TieKind.OFFICER)

    assert (refused.value.field, refused.value.values["n"]) == ("officer", 2)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("天山大学，2018-2022", ("天山大学", 2018, 2022)),
        ("天山大学 2018年—2022年", ("天山大学", 2018, 2022)),
        ("昆仑 研究所, -2021", ("昆仑 研究所", None, 2021)),
        ("天山大学，２０１８至２０２２", ("天山大学", 2018, 2022)),
    ],
)
def test_earlier_units_are_read_with_their_years(line, expected):
    [row] = detection.earlier_units_of(line, this_year=2026)

    assert (row["unit"], row["since"], row["until"]) == expected
    assert detection.earlier_units_of(detection.earlier_text([row]), this_year=2026) == [row]


@pytest.mark.parametrize("line", ["天山大学", "天山大学，2022-2018", "天山大学，2018-2030", "，2018-2022"])
def test_years_that_cannot_be_are_refused(line):
    with pytest.raises(DomainError) as refused:
        detection.earlier_units_of(line, this_year=2026)

    assert refused.value.field == "earlier_units"


@pytest.mark.parametrize("values", [("", "", "有竞争"), ("张三", "", " ")])
def test_a_wish_names_somebody_and_says_why(values):
    with pytest.raises(DomainError):
        detection.check_wish(name=values[0], unit=values[1], evidence=values[2])
    detection.check_wish(name="", unit="天山大学", evidence="正在诉讼")
