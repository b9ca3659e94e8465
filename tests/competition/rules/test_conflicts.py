"""Recusal: what is found, with which evidence, and how it is settled."""

from dataclasses import replace

import pytest

from matchmaker.competition.rules import conflicts
from matchmaker.competition.rules.conflicts import (
    Entrant,
    Individual,
    Judge,
    RecusalReason,
    RecusalState,
    Unit,
    blocks,
    check_declaration,
    check_may_score,
    check_transition,
    detect,
)
from matchmaker.core.errors import Conflict, DomainError, NotPermitted
from matchmaker.core.transitions import reachable

R, S = RecusalReason, RecusalState
FIRM = Unit("样例智能科技有限公司", organisation=7, uscc="91650105MA10004200")
STRANGER = Judge(Individual("评委甲", person=1, phone="13800000001", mail="a@institute.example"))
ENTRANT = Entrant(FIRM, (Individual("成员乙", person=2, phone="13800000002", mail="b@firm.example"),))


def reasons(judge, entrant=ENTRANT):
    return [candidate.reason for candidate in detect(judge, entrant)]


def with_person(**changes):
    return replace(STRANGER, individual=replace(STRANGER.individual, **changes))


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
        (replace(STRANGER, employers=(Unit("旧名", uscc="91650105ma10004200"),)), [R.SAME_USCC]),
        (replace(STRANGER, employers=(Unit("旧名", organisation=7),)), [R.SAME_EMPLOYER]),
        (replace(STRANGER, employers=(Unit(" 样例智能科技有限公司"),)), [R.SAME_EMPLOYER]),
        (replace(STRANGER, employers=(Unit("别家公司", organisation=8, uscc="9165"),)), []),
        (replace(STRANGER, mentored=frozenset({7})), [R.MENTORED]),
    ],
)
def test_each_reason_is_detected(judge, expected):
    assert reasons(judge) == expected


def test_empty_fields_never_match():
    nobody = Individual("", person=None)

    assert detect(Judge(nobody, employers=(Unit(""),)), Entrant(Unit(""), (nobody,))) == []


@pytest.mark.parametrize("domain", ["qq.com", "163.com", "foxmail.com", "GMAIL.com"])
def test_free_mail_proves_nothing(domain):
    entrant = Entrant(None, (Individual("成员乙", mail=f"b@{domain}"),))

    assert reasons(with_person(mail=f"a@{domain}"), entrant) == []


@pytest.mark.parametrize("address", ["", "no-address", "a@", "firm.example"])
def test_text_that_is_no_address_has_no_domain(address):
    assert conflicts.mail_domain(address) == ""


def test_evidence_names_what_was_found():
    found = detect(with_person(mail="c@firm.example"), ENTRANT)

    assert [str(candidate) for candidate in found] == ["评委与参赛人员成员乙的邮箱同属 firm.example"]


def test_unverified_recusal_blocks_until_ignored():
    assert blocks([S.IGNORED, S.CANDIDATE])
    assert blocks([S.DECLARED])
    assert not blocks([S.IGNORED])
    assert not blocks([])
    check_may_score([S.IGNORED])
    with pytest.raises(NotPermitted):
        check_may_score([S.CONFIRMED])


def test_every_state_is_in_the_table():
    reached = reachable(conflicts.RECUSAL_STEPS, S.CANDIDATE) | reachable(conflicts.RECUSAL_STEPS, S.DECLARED)

    assert set(conflicts.RECUSAL_STEPS) == set(S) == reached


def test_recusal_is_settled_with_a_note():
    check_transition(S.CANDIDATE, S.IGNORED, reason=R.SAME_NAME, note="同名不同人，已核对证件")

    with pytest.raises(DomainError) as refused:
        check_transition(S.CANDIDATE, S.CONFIRMED, reason=R.SAME_NAME, note=" ")
    assert refused.value.field == "note"
    with pytest.raises(Conflict):
        check_transition(S.CONFIRMED, S.DECLARED, reason=R.SAME_NAME, note="回退")


@pytest.mark.parametrize("reason", sorted(conflicts.NEVER_IGNORED))
def test_judge_of_the_own_firm_is_never_waved_through(reason):
    with pytest.raises(DomainError, match=reason.label):
        check_transition(S.CANDIDATE, S.IGNORED, reason=reason, note="无妨")


def test_only_an_unnamed_relation_has_to_be_explained():
    check_declaration(R.RELATIVE, note="")
    check_declaration(R.OTHER, note="共同承担课题")

    with pytest.raises(DomainError):
        check_declaration(R.OTHER, note="")
