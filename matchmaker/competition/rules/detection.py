"""What the records say about a judge and an entry: every reason to stay away, each with the sentence that proves it."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from matchmaker.competition.rules.conflicts import RecusalReason
from matchmaker.core.errors import DomainError
from matchmaker.core.folding import clean_text, digits, fold, fold_company, fold_uscc
from matchmaker.core.labels import Labelled
from matchmaker.core.sentences import fill

USUAL_YEARS = 3  # how far back former employers, mentoring and the like are compared, unless a contest says otherwise
MOST_YEARS = 10
MOST_TIES, MOST_WISHES, MOST_EARLIER = 60, 20, 20

# Domains that anybody can register an address at: equal domains prove nothing.
# fmt: off
FREE_MAIL = frozenset((
    "qq.com", "vip.qq.com", "foxmail.com", "163.com", "vip.163.com", "126.com", "yeah.net", "188.com", "139.com",
    "189.cn", "wo.cn", "sina.com", "sina.cn", "vip.sina.com", "sohu.com", "tom.com", "21cn.com", "aliyun.com",
    "gmail.com", "outlook.com", "hotmail.com", "live.com", "msn.com", "icloud.com", "me.com", "yahoo.com",
    "proton.me", "protonmail.com", "mail.ru", "yandex.ru", "gmx.com",
))
# fmt: on


class TieKind(Labelled):
    """Whom an entry is bound to, beside its members."""

    SHAREHOLDER = "shareholder", "股东"
    OFFICER = "officer", "负责人或高管"
    INVESTOR = "investor", "投资机构或投资人"
    COINVENTOR = "coinventor", "共同发明人"
    COAUTHOR = "coauthor", "论文合作者"


REASON_OF_TIE = {
    TieKind.SHAREHOLDER: RecusalReason.INVESTED,
    TieKind.INVESTOR: RecusalReason.INVESTED,
    TieKind.OFFICER: RecusalReason.OFFICER,
    TieKind.COINVENTOR: RecusalReason.WORKED_TOGETHER,
    TieKind.COAUTHOR: RecusalReason.WORKED_TOGETHER,
}


# "unit, 2018-2022" or "unit, -2022"; digits of any width
_YEARS = re.compile(
    r"(?P<unit>.*?[^\s,，;；])[\s,，;；]+(?P<since>\d{4})?\s*年?\s*[-－—–~～至到]+\s*(?P<until>\d{4})\s*年?"
)


@dataclass(frozen=True, slots=True)
class Individual:
    """A person as far as recusal cares. `person` is the account's key, if the person has one."""

    name: str
    person: int | None = None
    phone: str = ""
    mail: str = ""


@dataclass(frozen=True, slots=True)
class Unit:
    """An organisation as far as recusal cares; `former` are the names it had."""

    name: str
    organisation: int | None = None
    uscc: str = ""
    former: tuple[str, ...] = ()

    @property
    def names(self) -> frozenset[str]:
        """Every name it goes by, folded."""
        return frozenset(folded for text in (self.name, *self.former) if (folded := folded_unit(text)))


@dataclass(frozen=True, slots=True)
class Employment:
    """Where a judge works, or worked until a year."""

    unit: Unit
    until: int | None = None

    @property
    def over(self) -> bool:
        return self.until is not None


@dataclass(frozen=True, slots=True)
class Help:
    """A judge once helped a firm, or a person without one, on this platform."""

    year: int
    organisation: int | None = None
    person: int | None = None


@dataclass(frozen=True, slots=True)
class Judge:
    individual: Individual
    employers: tuple[Employment, ...] = ()
    helped: tuple[Help, ...] = ()


@dataclass(frozen=True, slots=True)
class Tie:
    """Somebody or some firm that an entry is bound to, as the entrant or the directory says."""

    kind: TieKind
    name: str
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Wish:
    """Whom the entrant asks to stay away: a person, or everybody of a unit."""

    key: int
    name: str = ""
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Entrant:
    unit: Unit | None  # None: a team without a firm
    people: tuple[Individual, ...] = ()
    ties: tuple[Tie, ...] = ()
    wishes: tuple[Wish, ...] = ()


@dataclass(frozen=True, slots=True)
class RecusalCandidate:
    """A reason found, with the sentence that proves it (a gettext id) and the values to fill it."""

    reason: RecusalReason
    evidence: str
    values: dict[str, object] = field(default_factory=dict)

    def __str__(self) -> str:
        return fill(self.evidence, self.values)

    @property
    def ground(self) -> str:
        """The same evidence has the same mark: what was looked at once is not brought up again."""
        text = json.dumps([self.reason.value, self.evidence, self.values], sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()[:16]


def detect(judge: Judge, entrant: Entrant, *, since: int = 0) -> list[RecusalCandidate]:
    """Every reason the records give for this judge to stay away from this entry; `since` is the first year that
    counts."""
    recent = [job for job in judge.employers if job.until is None or job.until >= since]
    found = [*_through_people(judge.individual, entrant.people)]
    if entrant.unit is not None:
        found.extend(_through_units(recent, entrant.unit))
    found.extend(_through_help(judge, entrant, since=since))
    found.extend(_through_ties(judge.individual, recent, entrant.ties))
    found.extend(_through_wishes(judge.individual, recent, entrant.wishes))
    return list({candidate.ground: candidate for candidate in found}.values())


def first_year(today: int, years: int) -> int:
    """The first year that still counts when a contest looks back so many years."""
    return today - years


def check_years(years: int) -> None:
    """A contest looks back between no year and ten."""
    if not 0 <= years <= MOST_YEARS:
        raise DomainError("回避追溯年限应为 0 至 {most} 年", field="recusal_years", most=MOST_YEARS)


def check_wish(*, name: str, unit: str, evidence: str) -> None:
    """Whoever asks that a judge stays away names somebody or a unit, and says why."""
    if not name.strip() and not unit.strip():
        raise DomainError("请至少填写姓名或单位中的一项", field="name")
    if not evidence.strip():
        raise DomainError("请说明理由和依据，主办方会逐条核实", field="evidence")


def ties_of(text: str, kind: TieKind) -> list[tuple[str, str, str]]:
    """Read "name，unit or share，note" a line as (name, unit, note); raises DomainError naming the line."""
    found = [_tie(line, number, kind) for number, line in enumerate(text.splitlines(), start=1) if line.strip()]
    if len(found) > MOST_TIES:
        raise DomainError("“{what}”最多填写 {most} 行", field=kind.value, what=kind, most=MOST_TIES)
    return found


def earlier_units_of(text: str, *, this_year: int) -> list[dict[str, object]]:
    """Read "unit，2018-2022" a line; raises DomainError naming the line."""
    lines = [(number, line) for number, line in enumerate(text.splitlines(), start=1) if line.strip()]
    if len(lines) > MOST_EARLIER:
        raise DomainError("曾任职单位最多填写 {most} 行", field="earlier_units", most=MOST_EARLIER)
    return [_earlier(line, number, this_year) for number, line in lines]


def earlier_text(rows: Iterable[dict[str, object]]) -> str:
    """The lines that `earlier_units_of` reads."""
    return "\n".join(f"{row['unit']}，{row['since'] or ''}-{row['until']}" for row in rows)


def folded_name(text: str) -> str:
    """A name without case, width, spaces and punctuation."""
    return "".join(sign for sign in fold(text) if sign.isalnum())


def folded_unit(text: str) -> str:
    """A firm's name without the parts that are written or left out at will."""
    return "".join(sign for sign in fold_company(text) if sign.isalnum())


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
        if "@" in judge.mail and fold(judge.mail).strip() == fold(person.mail).strip():
            yield RecusalCandidate(RecusalReason.SAME_MAIL, "评委与参赛人员{name}登记的邮箱相同", values)
        domain = mail_domain(judge.mail)
        if domain and domain == mail_domain(person.mail):
            values = {"name": person.name, "domain": domain}
            yield RecusalCandidate(RecusalReason.SAME_MAIL_DOMAIN, "评委与参赛人员{name}的邮箱同属 {domain}", values)


def _through_units(employers: Iterable[Employment], unit: Unit) -> Iterator[RecusalCandidate]:
    for job in employers:
        values: dict[str, object] = {"unit": job.unit.name}
        same_code = bool(fold_uscc(job.unit.uscc)) and fold_uscc(job.unit.uscc) == fold_uscc(unit.uscc)
        if not same_code and not _same_unit(job.unit, unit):
            continue
        if job.over:
            values["year"] = job.until
            yield RecusalCandidate(RecusalReason.FORMER_EMPLOYER, "评委曾任职于参赛单位{unit}，{year} 年离开", values)
        elif same_code:
            yield RecusalCandidate(RecusalReason.SAME_USCC, "评委任职的{unit}与参赛单位信用代码相同", values)
        else:
            yield RecusalCandidate(RecusalReason.SAME_EMPLOYER, "评委任职于参赛单位{unit}", values)


def _through_help(judge: Judge, entrant: Entrant, *, since: int) -> Iterator[RecusalCandidate]:
    accounts = {person.person for person in entrant.people if person.person is not None}
    unit = entrant.unit
    for help in judge.helped:
        if help.year < since:
            continue
        if unit is not None and help.organisation is not None and help.organisation == unit.organisation:
            values: dict[str, object] = {"unit": unit.name, "year": help.year}
            yield RecusalCandidate(RecusalReason.MENTORED, "评委 {year} 年在平台上服务过参赛单位{unit}", values)
        elif help.person is not None and help.person in accounts:
            yield RecusalCandidate(RecusalReason.MENTORED, "评委 {year} 年在平台上服务过参赛人员", {"year": help.year})


def _through_ties(
    judge: Individual, employers: Iterable[Employment], ties: Iterable[Tie]
) -> Iterator[RecusalCandidate]:
    jobs = list(employers)
    for tie in ties:
        reason = REASON_OF_TIE[tie.kind]
        values: dict[str, object] = {"name": tie.name, "kind": tie.kind.label}
        if folded_name(judge.name) and folded_name(judge.name) == folded_name(tie.name):
            yield RecusalCandidate(reason, "评委与项目填报的{kind}{name}姓名相同", values)
        if reason is not RecusalReason.INVESTED:
            continue  # a colleague of a co-author is no party
        named = frozenset({folded_unit(tie.name), folded_unit(tie.unit)}) - {""}
        for job in jobs:
            if job.unit.names & named:
                found: dict[str, object] = {"unit": job.unit.name, "kind": tie.kind.label}
                yield RecusalCandidate(reason, "评委任职或曾任职的{unit}是项目填报的{kind}", found)


def _through_wishes(
    judge: Individual, employers: Iterable[Employment], wishes: Iterable[Wish]
) -> Iterator[RecusalCandidate]:
    names = frozenset().union(*(job.unit.names for job in employers))
    for wish in wishes:
        values: dict[str, object] = {"name": wish.name, "unit": wish.unit, "wish": wish.key}
        if folded_name(wish.name):
            if folded_name(wish.name) == folded_name(judge.name):
                yield RecusalCandidate(RecusalReason.ASKED, "参赛方申请{name}回避", values)
        elif folded_unit(wish.unit) in names:
            yield RecusalCandidate(RecusalReason.ASKED, "参赛方申请{unit}的评委回避", values)


def _same_unit(one: Unit, other: Unit) -> bool:
    same_record = one.organisation is not None and one.organisation == other.organisation
    return same_record or bool(one.names & other.names)


def _tie(line: str, number: int, kind: TieKind) -> tuple[str, str, str]:
    parts = [clean_text(part) for part in re.split(r"[,，;；\t]", line) if part.strip()]
    name, unit, note = (*parts, "", "")[:3]
    if unit and re.fullmatch(r"[\d.．]+\s*[%％]?", unit):
        unit, note = "", unit if not note else f"{unit} {note}"
    if not 2 <= len(name) <= 100 or len(unit) > 100 or len(note) > 200 or len(parts) > 3:
        raise DomainError("第 {n} 行看不明白，请写成“姓名或单位，所在单位或比例”", field=kind.value, n=number)
    return name, unit, note


def _earlier(line: str, number: int, this_year: int) -> dict[str, object]:
    match = _YEARS.fullmatch(clean_text(line))
    if match is None:
        raise DomainError("第 {n} 行看不明白，请写成“单位，2018-2022”", field="earlier_units", n=number)
    since, until = int(match["since"]) if match["since"] else None, int(match["until"])
    if len(match["unit"]) > 200 or not 1950 <= (since or until) <= until <= this_year:
        raise DomainError("第 {n} 行的年份不对，请写成“单位，2018-2022”", field="earlier_units", n=number)
    return {"unit": match["unit"], "since": since, "until": until}
