"""The whole examination of an entry: the entry rules, and what only the platform can see around it.

Every finding says where it comes from. What cannot be known from records asks for a person.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from matchmaker.competition.rules.eligibility import Applicant, EligibilityRules, Finding, Group, Verdict, examine

SME_SHAPE = re.compile(r"\d{10}[0AB]\d{7}")  # character 11 tells how the firm came into the base
HNTE_SHAPE = re.compile(r"GR\d{12}")

SOURCES = {
    "registration": "主体库登记的成立日期",
    "group": "主体库登记的成立日期和本届规则",
    "revenue": "报名表填写的营业收入",
    "listing": "主体库的证券代码和报名表",
    "number": "报名表填写的编号",
    "wins": "本平台历届大赛和导入的往届获奖名单",
    "unregistered": "报名表选择的代表身份",
    "members": "报名表填写的成员",
    "district": "主体库登记的所属区域",
    "ip": "报名表的承诺",
    "record": "报名表的承诺",
    "team": "成员本人的答复",
    "people": "本届各项目的人员名单",
    "copies": "与历届项目文字的比对",
}
REGISTER = "认定台账"


@dataclass(frozen=True, slots=True)
class Around:
    """What the platform knows around an entry; `None` means not known."""

    in_district: bool | None = None
    ip_clear: bool | None = None
    good_record: bool | None = None
    closed: bool = False  # are entries closed: from then on silence is a finding
    waiting: tuple[str, ...] = ()
    declined: tuple[str, ...] = ()
    crowded: tuple[str, ...] = ()  # people in more entries than the rules allow
    entries_per_person: int | None = None
    alike: tuple[str, ...] = ()  # earlier entries with nearly the same words
    number_of_other: bool = False  # the number stands in the register under another firm
    number_in_register: bool = False


def examine_all(
    applicant: Applicant, around: Around, rules: EligibilityRules, *, deadline: date
) -> tuple[Finding, ...]:
    """Every check of an entry, each with its source."""
    found = [_register(finding, applicant, around) for finding in examine(applicant, rules, deadline=deadline)]
    if applicant.group is not Group.TEAM:
        found.append(_district(around))
    found += [_ip(around), _record(around), _team(around), _people(around), _copies(around)]
    return tuple(_with_source(finding, applicant) for finding in found)


def effective(finding: Mapping[str, Any], settlements: Mapping[str, tuple[Mapping[str, Any], Verdict]]) -> Verdict:
    """A kept finding's verdict after a person settled it; a settlement of another sentence no longer counts."""
    settled = settlements.get(finding["check"])
    if settled is None or about(finding) != settled[0]:
        return Verdict(finding["verdict"])
    return settled[1]


def about(finding: Mapping[str, Any]) -> dict[str, Any]:
    """What a settlement is about: the verdict and the sentence as they stood."""
    return {key: finding[key] for key in ("verdict", "evidence", "values")} | {
        "details": list(finding.get("details") or ())
    }


def _with_source(finding: Finding, applicant: Applicant) -> Finding:
    details = tuple(win.what for win in applicant.wins or () if win.what) if finding.check == "wins" else ()
    return replace(finding, source=finding.source or SOURCES[finding.check], details=(*finding.details, *details))


def _register(finding: Finding, applicant: Applicant, around: Around) -> Finding:
    """A typed certificate number is looked at: its shape, and whose it is in the register."""
    if finding.check != "number" or finding.verdict is not Verdict.PASS or "number" not in finding.values:
        return finding
    number = str(finding.values["number"]).strip().upper()
    values: dict[str, object] = {"number": number}
    if around.number_of_other:
        return Finding("number", Verdict.FAIL, "编号 {number} 在认定台账中属于其他单位", values, REGISTER)
    if around.number_in_register:
        return replace(finding, source=REGISTER)
    shape = SME_SHAPE if applicant.sme_number.strip() else HNTE_SHAPE
    if not shape.fullmatch(number):
        return Finding("number", Verdict.NEEDS_PERSON, "编号 {number} 不符合通常的编号格式，请核对证书原件", values)
    return finding


def _district(around: Around) -> Finding:
    if around.in_district is None:
        return Finding("district", Verdict.NEEDS_PERSON, "主体库没有登记所属区域，请核对注册地")
    if around.in_district:
        return Finding("district", Verdict.PASS, "单位登记在本届大赛的区域内")
    return Finding("district", Verdict.NEEDS_PERSON, "单位登记在其他区域，请核对是否符合本届的参赛范围")


def _ip(around: Around) -> Finding:
    if around.ip_clear:
        return Finding("ip", Verdict.PASS, "参赛者承诺拥有自主知识产权，没有权属纠纷")
    return Finding("ip", Verdict.NEEDS_PERSON, "没有承诺知识产权无纠纷，请要求补充说明")


def _record(around: Around) -> Finding:
    if around.good_record:
        return Finding("record", Verdict.PASS, "参赛者承诺近三年没有重大违法和失信记录")
    return Finding("record", Verdict.NEEDS_PERSON, "没有承诺信用良好，请查询信用公示信息")


def _team(around: Around) -> Finding:
    if around.declined:
        names: dict[str, object] = {"names": "、".join(around.declined)}
        return Finding("team", Verdict.NEEDS_PERSON, "成员表示没有参加：{names}，请核实团队", names)
    if around.waiting and around.closed:
        names = {"names": "、".join(around.waiting)}
        return Finding("team", Verdict.NEEDS_PERSON, "报名截止时成员还没有确认：{names}", names)
    if around.waiting:
        return Finding("team", Verdict.PASS, "还有 {n} 位成员待确认，截止后再核对", {"n": len(around.waiting)})
    return Finding("team", Verdict.PASS, "成员都已确认，或没有其他成员")


def _people(around: Around) -> Finding:
    if around.crowded:
        values: dict[str, object] = {"names": "、".join(around.crowded), "limit": around.entries_per_person}
        return Finding("people", Verdict.NEEDS_PERSON, "每人最多参加 {limit} 个项目，超过的有：{names}", values)
    return Finding("people", Verdict.PASS, "没有人超过每人可参加的项目数")


def _copies(around: Around) -> Finding:
    if around.alike:
        return Finding(
            "copies",
            Verdict.NEEDS_PERSON,
            "与 {n} 个已提交的项目文字相近，请核实是否重复申报",
            {"n": len(around.alike)},
            details=around.alike,
        )
    return Finding("copies", Verdict.PASS, "没有与已提交项目相近的文字")
