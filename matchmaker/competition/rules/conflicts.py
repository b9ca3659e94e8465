"""回避: why a judge may not score an entry, and how the platform finds it out before anybody is embarrassed.

Detection only proposes: each candidate carries its evidence and keeps the judge away until a person confirms or
ignores it with a reason. What judge or entrant declares counts at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from matchmaker.core.errors import DomainError, NotPermitted
from matchmaker.core.folding import digits, fold, fold_uscc
from matchmaker.core.labels import Labelled
from matchmaker.core.sentences import fill
from matchmaker.core.transitions import check_step


class RecusalReason(Labelled):
    SAME_PERSON = "same_person", "评委本人参赛", "bad"
    SAME_EMPLOYER = "same_employer", "同一单位", "bad"
    SAME_USCC = "same_uscc", "单位信用代码相同", "bad"
    SAME_NAME = "same_name", "姓名相同", "warn"
    SAME_PHONE = "same_phone", "电话相同", "bad"
    SAME_MAIL_DOMAIN = "same_mail_domain", "邮箱域名相同", "warn"
    MENTORED = "mentored", "曾经辅导", "warn"
    INVESTED = "invested", "投资或持股", "bad"
    RELATIVE = "relative", "近亲属", "bad"
    OTHER = "other", "其他可能影响公正的关系", "warn"


class RecusalState(Labelled):
    CANDIDATE = "candidate", "待核实", "warn"
    DECLARED = "declared", "已申报", "bad"
    CONFIRMED = "confirmed", "已确认回避", "bad"
    IGNORED = "ignored", "核实后不需回避", "good"


RECUSAL_STEPS = {
    RecusalState.CANDIDATE: frozenset({RecusalState.CONFIRMED, RecusalState.IGNORED}),
    RecusalState.DECLARED: frozenset({RecusalState.CONFIRMED, RecusalState.IGNORED}),
    RecusalState.CONFIRMED: frozenset({RecusalState.IGNORED}),
    RecusalState.IGNORED: frozenset({RecusalState.CONFIRMED}),
}
NEVER_IGNORED = frozenset({RecusalReason.SAME_PERSON, RecusalReason.SAME_USCC})

# Domains that anybody can register an address at: equal domains prove nothing.
# fmt: off
FREE_MAIL = frozenset((
    "qq.com", "vip.qq.com", "foxmail.com", "163.com", "vip.163.com", "126.com", "yeah.net", "188.com", "139.com",
    "189.cn", "wo.cn", "sina.com", "sina.cn", "vip.sina.com", "sohu.com", "tom.com", "21cn.com", "aliyun.com",
    "gmail.com", "outlook.com", "hotmail.com", "live.com", "msn.com", "icloud.com", "me.com", "yahoo.com",
    "proton.me", "protonmail.com", "mail.ru", "yandex.ru", "gmx.com",
))
# fmt: on


@dataclass(frozen=True, slots=True)
class Individual:
    """A person as far as recusal cares. `person` is the directory's key, if the person is in it."""

    name: str
    person: int | None = None
    phone: str = ""
    mail: str = ""


@dataclass(frozen=True, slots=True)
class Unit:
    """An organisation as far as recusal cares."""

    name: str
    organisation: int | None = None
    uscc: str = ""


@dataclass(frozen=True, slots=True)
class Judge:
    individual: Individual
    employers: tuple[Unit, ...] = ()  # now and within the years the contest looks back
    mentored: frozenset[int] = frozenset()  # organisations mentored within those years


@dataclass(frozen=True, slots=True)
class Entrant:
    unit: Unit | None  # None: a team without a firm
    people: tuple[Individual, ...] = ()


@dataclass(frozen=True, slots=True)
class RecusalCandidate:
    """A reason found, with the sentence that proves it (a gettext id) and the values to fill it."""

    reason: RecusalReason
    evidence: str
    values: dict[str, object] = field(default_factory=dict)

    def __str__(self) -> str:
        return fill(self.evidence, self.values)


def detect(judge: Judge, entrant: Entrant) -> list[RecusalCandidate]:
    """Every reason the records give for this judge to stay away from this entry."""
    found = [*_through_people(judge.individual, entrant.people)]
    if entrant.unit is not None:
        found.extend(_through_units(judge, entrant.unit))
    return found


def blocks(states: Iterable[RecusalState]) -> bool:
    """Does any recusal keep the judge away? Unverified candidates do, until a person ignores them."""
    return any(state is not RecusalState.IGNORED for state in states)


def check_may_score(states: Iterable[RecusalState]) -> None:
    """Refuse a judge who has to stay away."""
    if blocks(states):
        raise NotPermitted("您与该项目存在需要回避的情形，不能评审；如有疑问请联系主办方")


def check_transition(current: RecusalState, target: RecusalState, *, reason: RecusalReason, note: str) -> None:
    """Raise when a recusal cannot be settled so, or without a note."""
    check_step(RECUSAL_STEPS, current, target)
    if target is RecusalState.IGNORED and reason in NEVER_IGNORED:
        raise DomainError("“{reason}”必须回避，不能忽略，请更换评委", field="state", reason=reason)
    if not note.strip():
        raise DomainError("请写明核实情况", field="note")


def check_declaration(reason: RecusalReason, *, note: str) -> None:
    """A declared recusal needs no proof; only “other” has to be explained."""
    if reason is RecusalReason.OTHER and not note.strip():
        raise DomainError("请简要说明需要回避的关系", field="note")


def folded_name(text: str) -> str:
    """A name without case, width, spaces and punctuation."""
    return "".join(sign for sign in fold(text) if sign.isalnum())


def folded_phone(text: str) -> str:
    """The digits of a number, without the country's prefix."""
    number = digits(text)
    return number.removeprefix("0086").removeprefix("86") if len(number) > 11 else number


def mail_domain(address: str) -> str:
    """The domain of an address, or nothing for free mail."""
    _, at, host = fold(address).rpartition("@")
    domain = host.rstrip(".")
    return domain if at and domain not in FREE_MAIL else ""


def _through_people(judge: Individual, people: Iterable[Individual]) -> Iterator[RecusalCandidate]:
    for person in people:
        values: dict[str, object] = {"name": person.name}
        if judge.person is not None and judge.person == person.person:
            yield RecusalCandidate(RecusalReason.SAME_PERSON, "评委与参赛人员{name}是同一人", values)
        elif folded_name(judge.name) and folded_name(judge.name) == folded_name(person.name):
            yield RecusalCandidate(RecusalReason.SAME_NAME, "评委与参赛人员{name}姓名相同", values)
        if folded_phone(judge.phone) and folded_phone(judge.phone) == folded_phone(person.phone):
            yield RecusalCandidate(RecusalReason.SAME_PHONE, "评委与参赛人员{name}登记的电话相同", values)
        domain = mail_domain(judge.mail)
        if domain and domain == mail_domain(person.mail):
            values = {"name": person.name, "domain": domain}
            yield RecusalCandidate(RecusalReason.SAME_MAIL_DOMAIN, "评委与参赛人员{name}的邮箱同属 {domain}", values)


def _through_units(judge: Judge, unit: Unit) -> Iterator[RecusalCandidate]:
    for employer in judge.employers:
        values: dict[str, object] = {"unit": employer.name}
        same_record = employer.organisation is not None and employer.organisation == unit.organisation
        if fold_uscc(employer.uscc) and fold_uscc(employer.uscc) == fold_uscc(unit.uscc):
            yield RecusalCandidate(RecusalReason.SAME_USCC, "评委任职的{unit}与参赛单位信用代码相同", values)
        elif same_record or (folded_name(employer.name) and folded_name(employer.name) == folded_name(unit.name)):
            yield RecusalCandidate(RecusalReason.SAME_EMPLOYER, "评委任职或曾任职于参赛单位{unit}", values)
    if unit.organisation is not None and unit.organisation in judge.mentored:
        yield RecusalCandidate(RecusalReason.MENTORED, "评委曾辅导参赛单位{unit}", {"unit": unit.name})
