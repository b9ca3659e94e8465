"""Who may enter, and in which group: rule sets are values with a document number; each check gives its evidence.

A missing fact is never guessed: the check answers *needs_person* and says what to look up.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Self

from matchmaker.core.calendar import parse_day
from matchmaker.core.errors import DomainError
from matchmaker.core.labels import Labelled
from matchmaker.core.money import format_yuan
from matchmaker.core.sentences import fill


class Group(Labelled):
    STARTUP = "startup", "初创企业组"
    GROWTH = "growth", "成长企业组"
    TEAM = "team", "团队组"


class Verdict(Labelled):
    PASS = "pass", "符合", "good"
    FAIL = "fail", "不符合", "bad"
    NEEDS_PERSON = "needs_person", "待人工核实", "warn"


class Level(Labelled):
    NATIONAL = "national", "全国赛"
    PROVINCIAL = "provincial", "自治区（省级）赛"
    CITY = "city", "市级赛"
    DISTRICT = "district", "区县赛"


@dataclass(frozen=True, slots=True)
class EligibilityRules:
    """One edition's entry rules. `None` or 0 switches a rule off."""

    doc_no: str
    valid_from: date
    valid_to: date | None
    contest_year: int
    startup_years_back: int  # start-up group: registered on or after 1 January of year - this
    oldest_years_back: int | None  # not older than 1 January of year - this
    revenue_limit_fen: int | None  # previous year's revenue, inclusive
    growth_needs_number: bool  # SME number or valid HNTE number
    team_members_min: int
    wins_max: int | None

    @classmethod
    def from_values(cls, values: Mapping[str, Any]) -> Self:
        """Read a stored rule set; refuses one without document number or with a period that ends before it starts."""
        rules = cls(
            doc_no=str(values.get("doc_no") or "").strip(),
            valid_from=parse_day(values["valid_from"], field="valid_from"),
            valid_to=parse_day(values["valid_to"], field="valid_to") if values.get("valid_to") else None,
            contest_year=int(values["contest_year"]),
            startup_years_back=int(values["startup_years_back"]),
            oldest_years_back=_optional_int(values.get("oldest_years_back")),
            revenue_limit_fen=_optional_int(values.get("revenue_limit_fen")),
            growth_needs_number=bool(values.get("growth_needs_number")),
            team_members_min=int(values.get("team_members_min") or 0),
            wins_max=_optional_int(values.get("wins_max")),
        )
        if not rules.doc_no:
            raise DomainError("请填写报名规则的文件号", field="doc_no")
        if rules.valid_to and rules.valid_to < rules.valid_from:
            raise DomainError("规则失效日期早于生效日期，请检查有效期", field="valid_to")
        return rules

    def check_in_force(self, day: date) -> None:
        """Refuse to open a contest under rules that do not apply on that day."""
        if day < self.valid_from or (self.valid_to and day > self.valid_to):
            raise DomainError(
                "报名规则（{doc_no}）在 {day} 不在有效期内，请换用现行规则", field="rules", doc_no=self.doc_no, day=day
            )

    @property
    def startup_since(self) -> date:
        return date(self.contest_year - self.startup_years_back, 1, 1)

    @property
    def oldest(self) -> date | None:
        return date(self.contest_year - self.oldest_years_back, 1, 1) if self.oldest_years_back else None


@dataclass(frozen=True, slots=True)
class PreviousWin:
    """An earlier prize of the same firm; `group` None: the list does not say. `what` names it for a person."""

    year: int
    group: Group | None
    national: bool = False
    upgraded: bool | None = None  # is this year's project an upgrade of that one; None: not yet judged
    what: str = ""


@dataclass(frozen=True, slots=True)
class Applicant:
    """What is known of who enters; `None` means not known."""

    group: Group
    registered: date | None = None
    revenue_fen: int | None = None
    listed: bool | None = None
    sme_number: str = ""
    hnte_number: str = ""
    hnte_valid_to: date | None = None
    core_members: int = 0
    wins: tuple[PreviousWin, ...] | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """One check's verdict. `evidence` is a sentence (a gettext id) to be filled with `values` after translation,
    `source` (another) says where it comes from, `details` name records one by one."""

    check: str
    verdict: Verdict
    evidence: str
    values: dict[str, object] = field(default_factory=dict)
    source: str = ""
    details: tuple[str, ...] = ()

    def __str__(self) -> str:
        return fill(self.evidence, self.values)


def group_of(registered: date | None, rules: EligibilityRules) -> Group:
    """The group the registration date puts a firm in; no firm yet: the team group."""
    if registered is None:
        return Group.TEAM
    return Group.STARTUP if registered >= rules.startup_since else Group.GROWTH


def examine(applicant: Applicant, rules: EligibilityRules, *, deadline: date) -> tuple[Finding, ...]:
    """Every check that applies to the applicant's group, in the order a person would make them."""
    if applicant.group is Group.TEAM:
        return (_team_unregistered(applicant, deadline), _team_size(applicant, rules), _wins(applicant, rules))
    return (
        _registration(applicant, rules, deadline),
        _group(applicant, rules),
        _revenue(applicant, rules),
        _listing(applicant),
        _number(applicant, rules, deadline),
        _wins(applicant, rules),
    )


def overall(findings: tuple[Finding, ...]) -> Verdict:
    """One failure fails; else one open question asks for a person; else the entry passes."""
    verdicts = {finding.verdict for finding in findings}
    if Verdict.FAIL in verdicts:
        return Verdict.FAIL
    return Verdict.NEEDS_PERSON if Verdict.NEEDS_PERSON in verdicts else Verdict.PASS


def check_override(finding: Finding, *, reason: str) -> None:
    """A person may settle an open question, or overrule a check, only with a reason."""
    if finding.verdict is Verdict.PASS:
        raise DomainError("该项已经符合，不需要人工改判", field="verdict")
    if not reason.strip():
        raise DomainError("请写明人工核实的依据", field="reason")


def _registration(applicant: Applicant, rules: EligibilityRules, deadline: date) -> Finding:
    if applicant.registered is None:
        return Finding("registration", Verdict.NEEDS_PERSON, "缺少企业注册日期，请核对营业执照")
    values: dict[str, object] = {"registered": applicant.registered, "deadline": deadline, "oldest": rules.oldest}
    if applicant.registered > deadline:
        return Finding(
            "registration", Verdict.FAIL, "企业 {registered} 注册，晚于报名截止日 {deadline}，请改报团队组", values
        )
    if rules.oldest and applicant.registered < rules.oldest:
        return Finding("registration", Verdict.FAIL, "企业 {registered} 注册，早于规则要求的 {oldest}", values)
    return Finding("registration", Verdict.PASS, "企业 {registered} 注册，符合成立时间要求", values)


def _group(applicant: Applicant, rules: EligibilityRules) -> Finding:
    if applicant.registered is None:
        return Finding("group", Verdict.NEEDS_PERSON, "缺少企业注册日期，无法判断组别，请核对营业执照")
    due = group_of(applicant.registered, rules)
    values: dict[str, object] = {"registered": applicant.registered, "since": rules.startup_since, "group": due}
    if due is not applicant.group:
        return Finding("group", Verdict.FAIL, "企业 {registered} 注册，以 {since} 为界应报{group}，请改报", values)
    return Finding("group", Verdict.PASS, "企业 {registered} 注册，以 {since} 为界属于{group}", values)


def _revenue(applicant: Applicant, rules: EligibilityRules) -> Finding:
    if rules.revenue_limit_fen is None:
        return Finding("revenue", Verdict.PASS, "本届规则不限营业收入")
    if applicant.revenue_fen is None:
        return Finding("revenue", Verdict.NEEDS_PERSON, "缺少上年度营业收入，请核对财务报表")
    values: dict[str, object] = {
        "revenue": format_yuan(applicant.revenue_fen),
        "limit": format_yuan(rules.revenue_limit_fen),
    }
    if applicant.revenue_fen > rules.revenue_limit_fen:
        return Finding("revenue", Verdict.FAIL, "上年度营业收入 {revenue}，超过上限 {limit}", values)
    return Finding("revenue", Verdict.PASS, "上年度营业收入 {revenue}，未超过上限 {limit}", values)


def _listing(applicant: Applicant) -> Finding:
    if applicant.listed is None:
        return Finding("listing", Verdict.NEEDS_PERSON, "未填写是否上市，请核实")
    if applicant.listed:
        return Finding("listing", Verdict.FAIL, "企业已上市，不能参赛")
    return Finding("listing", Verdict.PASS, "企业未上市")


def _number(applicant: Applicant, rules: EligibilityRules, deadline: date) -> Finding:
    if applicant.group is not Group.GROWTH or not rules.growth_needs_number:
        return Finding("number", Verdict.PASS, "本组别不要求科技型中小企业编号或高新技术企业证书")
    if applicant.sme_number.strip():
        values: dict[str, object] = {"number": applicant.sme_number.strip()}
        return Finding("number", Verdict.PASS, "已有科技型中小企业入库编号 {number}", values)
    if not applicant.hnte_number.strip():
        return Finding("number", Verdict.FAIL, "成长企业组须有科技型中小企业入库编号或有效的高新技术企业证书")
    values = {"number": applicant.hnte_number.strip(), "until": applicant.hnte_valid_to}
    if applicant.hnte_valid_to is None:
        return Finding("number", Verdict.NEEDS_PERSON, "高新技术企业证书 {number} 缺少有效期，请核对证书", values)
    if applicant.hnte_valid_to < deadline:
        return Finding("number", Verdict.FAIL, "高新技术企业证书 {number} 已于 {until} 到期", values)
    return Finding("number", Verdict.PASS, "高新技术企业证书 {number} 有效至 {until}", values)


def _wins(applicant: Applicant, rules: EligibilityRules) -> Finding:
    if applicant.wins is None:
        return Finding("wins", Verdict.NEEDS_PERSON, "尚未核对往届获奖情况，请查往届名单")
    if not applicant.wins:
        return Finding("wins", Verdict.PASS, "往届没有获奖记录")
    national = [win.year for win in applicant.wins if win.national]
    if national:
        return Finding("wins", Verdict.FAIL, "{year} 年已获全国赛奖项，不能再次参赛", {"year": max(national)})
    values: dict[str, object] = {"n": len(applicant.wins), "max": rules.wins_max}
    if rules.wins_max is not None and len(applicant.wins) >= rules.wins_max:
        return Finding("wins", Verdict.FAIL, "已获奖 {n} 次，达到规则上限 {max} 次", values)
    same_group = [win for win in applicant.wins if win.group in (applicant.group, None)]
    if any(win.upgraded is False for win in same_group):
        return Finding("wins", Verdict.FAIL, "同一组别再次参赛的项目须是升级项目，请更换项目或组别")
    if any(win.upgraded is None for win in same_group):
        return Finding("wins", Verdict.NEEDS_PERSON, "往届在同一组别获奖 {n} 次，请核实本次是否为升级项目", values)
    return Finding("wins", Verdict.PASS, "往届获奖 {n} 次，本次为其他组别或升级项目", values)


def _team_unregistered(applicant: Applicant, deadline: date) -> Finding:
    if applicant.registered is not None and applicant.registered <= deadline:
        values: dict[str, object] = {"registered": applicant.registered}
        return Finding("unregistered", Verdict.FAIL, "团队已于 {registered} 注册企业，请改报企业组", values)
    return Finding("unregistered", Verdict.PASS, "截至报名截止日尚未注册企业")


def _team_size(applicant: Applicant, rules: EligibilityRules) -> Finding:
    values: dict[str, object] = {"n": applicant.core_members, "min": rules.team_members_min}
    if applicant.core_members < rules.team_members_min:
        return Finding("members", Verdict.FAIL, "核心成员 {n} 人，至少需要 {min} 人，请补充成员", values)
    return Finding("members", Verdict.PASS, "核心成员 {n} 人，不少于 {min} 人", values)


def _optional_int(value: Any) -> int | None:
    return None if value in (None, "") else int(value)
