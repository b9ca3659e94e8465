"""The law of public notices: how long they stay, who may object and how, who decides, how a certificate is numbered."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from stdnum.iso7064 import mod_37_36

from matchmaker.core.calendar import CHINA, PublicityPeriod, WorkCalendar
from matchmaker.core.errors import Conflict, DomainError, NotPermitted
from matchmaker.core.labels import Labelled
from matchmaker.core.transitions import check_step

MINIMUM_WORKING_DAYS = 1
MAXIMUM_WORKING_DAYS = 60
MOST_ITEMS = 2000
MOST_OBJECTIONS_A_DAY = 5  # from one account, telephone or address; a person with more goes to the counter
SEPARATOR = re.compile(r"\s*[,，\t]\s*")


# --- Notices


class NoticeState(Labelled):
    DRAFT = "draft", "草稿"
    PUBLISHED = "published", "公示中", "wait"
    DISPUTED = "disputed", "异议核实", "warn"
    EXPIRED = "expired", "公示期满", "wait"
    EFFECTIVE = "effective", "已生效", "good"
    WITHDRAWN = "withdrawn", "已撤回", "bad"


NOTICE_STEPS = {
    NoticeState.DRAFT: frozenset({NoticeState.PUBLISHED, NoticeState.WITHDRAWN}),
    NoticeState.PUBLISHED: frozenset({NoticeState.DISPUTED, NoticeState.EXPIRED, NoticeState.WITHDRAWN}),
    NoticeState.DISPUTED: frozenset({NoticeState.PUBLISHED, NoticeState.EXPIRED, NoticeState.WITHDRAWN}),
    NoticeState.EXPIRED: frozenset({NoticeState.EFFECTIVE, NoticeState.WITHDRAWN}),
    NoticeState.EFFECTIVE: frozenset(),
    NoticeState.WITHDRAWN: frozenset(),
}


def check_transition(current: NoticeState, target: NoticeState) -> None:
    """Raise Conflict when a notice cannot take this step."""
    check_step(NOTICE_STEPS, current, target)


def check_working_days(working_days: int) -> None:
    """Refuse a period that no rule knows."""
    if not MINIMUM_WORKING_DAYS <= working_days <= MAXIMUM_WORKING_DAYS:
        raise DomainError(
            "公示期应为 {least} 至 {most} 个工作日，请修改天数",
            field="working_days",
            least=MINIMUM_WORKING_DAYS,
            most=MAXIMUM_WORKING_DAYS,
        )


def planned_period(calendar: WorkCalendar, *, starts: date, working_days: int) -> PublicityPeriod:
    """The days of a notice, first day included; may still be 预计."""
    check_working_days(working_days)
    return calendar.add_working_days(starts, working_days)


def announced_period(calendar: WorkCalendar, *, starts: date, working_days: int, today: date) -> PublicityPeriod:
    """The days of a notice that goes out now: never back-dated, and only on announced holidays."""
    if starts < today:
        raise DomainError("公示起始日不能早于今天，请改为今天或以后的日期", field="starts")
    period = planned_period(calendar, starts=starts, working_days=working_days)
    period.require_final()
    return period


def end_of_day(day: date) -> datetime:
    """The moment a local day is over."""
    return datetime.combine(day + timedelta(days=1), time(), tzinfo=CHINA)


def has_expired(*, ends: date, now: datetime) -> bool:
    """Is the last day of the notice over?"""
    return now >= end_of_day(ends)


def state_at(state: NoticeState, *, ends: date | None, now: datetime) -> NoticeState:
    """The state as it is at a moment: a period ends by itself, without anybody pressing a button."""
    if state is NoticeState.PUBLISHED and ends is not None and has_expired(ends=ends, now=now):
        return NoticeState.EXPIRED
    return state


def check_expired(*, ends: date, now: datetime) -> None:
    """Refuse to close a notice early."""
    if not has_expired(ends=ends, now=now):
        raise Conflict("公示期到 {ends} 结束，期满后才能办理", field="state", ends=ends)


def check_effective(*, ends: date, now: datetime, open_objections: int) -> None:
    """Refuse to let a notice take effect before its time, or with an objection undecided."""
    check_expired(ends=ends, now=now)
    if open_objections:
        raise Conflict("还有 {n} 件异议没有办结，请先作出处理决定", field="state", n=open_objections)


def check_contact(*, name: str, phone: str) -> None:
    """A notice names who takes objections."""
    if not name.strip():
        raise DomainError("请填写受理异议的联系人", field="contact_name")
    if not phone.strip():
        raise DomainError("请填写受理异议的电话", field="contact_phone")


def read_items(text: str, *, check_code: Callable[[str], str]) -> list[dict[str, str]]:
    """The lines of a notice as typed: name, code, remark, parted by commas or tabs; code and remark may be missing."""
    rows = []
    for number, line in enumerate((line for line in text.splitlines() if line.strip()), start=1):
        name, code, detail, *_more = [*(part.strip() for part in SEPARATOR.split(line, maxsplit=2)), "", ""]
        if len(name) < 2 or len(name) > 100:
            raise DomainError("第 {n} 行的名称应为 2 至 100 个字，请检查", field="items", n=number)
        try:
            rows.append({"name": name, "uscc": check_code(code) if code else "", "detail": detail[:300]})
        except DomainError as error:
            raise DomainError("第 {n} 行的统一社会信用代码不对，请核对后修改", field="items", n=number) from error
    return check_items(rows)


def check_items(rows: list[dict[str, str]]) -> list[dict[str, str]]:
    """A notice names somebody, nobody twice, and not more than a page can bear."""
    if not rows:
        raise DomainError("请至少填写一行公示名单", field="items")
    if len(rows) > MOST_ITEMS:
        raise DomainError("公示名单最多 {most} 行，请分成几个公示", field="items", most=MOST_ITEMS)
    seen: set[tuple[str, str, str]] = set()
    for number, row in enumerate(rows, start=1):
        key = (row["name"], row.get("uscc", ""), row.get("detail", ""))
        if key in seen:
            raise DomainError("第 {n} 行与前面重复，请删除一行", field="items", n=number)
        seen.add(key)
    return rows


# --- Objections


class ObjectionState(Labelled):
    RECEIVED = "received", "待受理", "wait"
    INVESTIGATING = "investigating", "核查中", "wait"
    REFUSED = "refused", "不予受理", "bad"
    UPHELD = "upheld", "异议成立", "warn"
    DISMISSED = "dismissed", "异议不成立", "good"
    WITHDRAWN = "withdrawn", "已撤回"


OBJECTION_STEPS = {
    ObjectionState.RECEIVED: frozenset(
        {ObjectionState.INVESTIGATING, ObjectionState.REFUSED, ObjectionState.WITHDRAWN}
    ),
    ObjectionState.INVESTIGATING: frozenset(
        {ObjectionState.UPHELD, ObjectionState.DISMISSED, ObjectionState.WITHDRAWN}
    ),
    ObjectionState.REFUSED: frozenset(),
    ObjectionState.UPHELD: frozenset(),
    ObjectionState.DISMISSED: frozenset(),
    ObjectionState.WITHDRAWN: frozenset(),
}
OPEN_OBJECTIONS = frozenset({ObjectionState.RECEIVED, ObjectionState.INVESTIGATING})
REASONED = frozenset({ObjectionState.REFUSED, ObjectionState.UPHELD, ObjectionState.DISMISSED})


class Signature(Labelled):
    REAL_NAME = "real_name", "本人实名签字"
    SEAL = "seal", "单位盖章"


def check_rate(recent: int) -> None:
    """Refuse a flood; the counter of the bureau stays open."""
    if recent >= MOST_OBJECTIONS_A_DAY:
        raise Conflict("一天最多提交 {most} 件异议，请明天再提交，或到科技局窗口书面提交", most=MOST_OBJECTIONS_A_DAY)


def check_objection_step(current: ObjectionState, target: ObjectionState, *, reason: str = "") -> None:
    """Raise when an objection cannot take this step, or is decided without a reason."""
    check_step(OBJECTION_STEPS, current, target)
    if target in REASONED and not reason.strip():
        raise DomainError("请写明处理理由，理由将答复异议人", field="reason")


def check_objection(
    *,
    text: str,
    signature: Signature | None,
    signer: str,
    contact: str,
    has_signed_page: bool,
    ends: date,
    now: datetime,
) -> None:
    """Accept an objection only in writing, under a real name or a seal, and before the last day is over."""
    if has_expired(ends=ends, now=now):
        raise Conflict("公示期已于 {ends} 结束，不再受理异议，请改走信访渠道反映", ends=ends)
    if not text.strip():
        raise DomainError("请用文字写明异议内容和依据", field="text")
    if signature is None or not signer.strip():
        raise DomainError("匿名异议不予受理，请签署真实姓名或加盖单位公章", field="signer")
    if not contact.strip():
        raise DomainError("请留下联系方式，便于核实和答复", field="contact")
    if not has_signed_page:
        raise DomainError("请上传签字或盖章的异议书扫描件", field="signed_page")


def may_see_objector(*, handles_objections: bool, is_objector: bool) -> bool:
    """The objector's identity is confidential: only the objector and who handles the case see it."""
    return handles_objections or is_objector


# --- Decisions of two people


class DecisionState(Labelled):
    PROPOSED = "proposed", "待复核", "wait"
    CONFIRMED = "confirmed", "已确认", "good"
    RETURNED = "returned", "已退回", "warn"


DECISION_STEPS = {
    DecisionState.PROPOSED: frozenset({DecisionState.CONFIRMED, DecisionState.RETURNED}),
    DecisionState.CONFIRMED: frozenset(),
    DecisionState.RETURNED: frozenset({DecisionState.PROPOSED}),
}


def check_second_person(current: DecisionState, target: DecisionState, *, proposer: int, second: int) -> None:
    """The one who confirms or returns a decision is not the one who proposed it."""
    check_step(DECISION_STEPS, current, target)
    if proposer == second:
        raise NotPermitted("不能复核自己提出的决定，请由另一位同事办理")


def check_proposal_reason(reason: str) -> None:
    """A decision is proposed with its grounds."""
    if not reason.strip():
        raise DomainError("请写明提请理由和依据", field="reason")


def check_return_reason(reason: str) -> None:
    """A decision goes back only with a reason."""
    if not reason.strip():
        raise DomainError("请写明退回理由，便于修改后重新提交", field="reason")


# --- Certificates

KIND = re.compile(r"[A-Z]{2,4}", re.ASCII)
NUMBER = re.compile(r"(?P<kind>[A-Z]{2,4})-(?P<year>\d{4})-(?P<serial>\d{6})-(?P<check>[0-9A-Z])", re.ASCII)
DASHES = re.compile(r"[\u2010-\u2015\u2212]")


class CertificateState(Labelled):
    VALID = "valid", "证书有效", "good"
    REVOKED = "revoked", "证书已撤销", "bad"
    LAPSED = "lapsed", "证书已失效", "warn"  # what it says is over; why is nobody's business


CERTIFICATE_STEPS = {
    CertificateState.VALID: frozenset({CertificateState.REVOKED, CertificateState.LAPSED}),
    CertificateState.LAPSED: frozenset({CertificateState.REVOKED}),
    CertificateState.REVOKED: frozenset(),
}


@dataclass(frozen=True, slots=True)
class CertificateNumber:
    """`类型-年-六位序号-校验位`; the check character is ISO 7064 MOD 37,36 over the characters before it."""

    kind: str
    year: int
    serial: int

    @property
    def check(self) -> str:
        return mod_37_36.calc_check_digit(f"{self.kind}{self.year:04d}{self.serial:06d}")

    def __str__(self) -> str:
        return f"{self.kind}-{self.year:04d}-{self.serial:06d}-{self.check}"


def certificate_number(*, kind: str, year: int, serial: int) -> CertificateNumber:
    """Number a certificate; refuses what the format cannot hold."""
    if not (KIND.fullmatch(kind) and 1000 <= year <= 9999 and 1 <= serial <= 999_999):
        raise DomainError("证书编号由 2 至 4 个大写字母、四位年份和六位序号组成，请检查编号规则", field="number")
    return CertificateNumber(kind, year, serial)


def read_certificate_number(text: str) -> CertificateNumber:
    """Read a number as people type it (full-width, lower case, spaces); refuses one whose check character is wrong."""
    folded = DASHES.sub("-", unicodedata.normalize("NFKC", text)).upper()
    parts = NUMBER.fullmatch("".join(folded.split()))
    if not parts:
        raise DomainError("证书编号格式不对，应形如 DS-2026-000001-X，请对照证书核对", field="number")
    number = CertificateNumber(parts["kind"], int(parts["year"]), int(parts["serial"]))
    if number.check != parts["check"]:
        raise DomainError("证书编号的校验位不符，可能输错了一位，请对照证书重新输入", field="number")
    return number


def masked_name(name: str) -> str:
    """A person's name for those who do not hold the certificate: the surname alone."""
    return name[:1] + "*" * max(len(name) - 1, 1)


def check_revocation(state: CertificateState, *, reason: str, document: str) -> None:
    """A certificate is revoked once, with a reason and the document that says so."""
    check_step(CERTIFICATE_STEPS, state, CertificateState.REVOKED)
    if not reason.strip():
        raise DomainError("请写明撤销理由", field="reason")
    if not document.strip():
        raise DomainError("请填写撤销所依据的文件或决定文号", field="document")
