"""How an invitation stands, who it is for, and when a reminder may go out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from matchmaker.accounts.rules import check_mail
from matchmaker.core import folding
from matchmaker.core.errors import Conflict, DomainError
from matchmaker.core.labels import Labelled
from matchmaker.events.rules import EventState
from matchmaker.events.rules.attendees import PHONE

MOST_REMINDERS = 3
REMIND_AFTER = timedelta(hours=24)
LARGEST_PARTY = 20
LONGEST = {"name": 60, "position": 60, "organisation_name": 200, "external_id": 100}


class InvitationState(Labelled):
    """How an invitation stands. Whether it has run out is computed from the clock, never stored."""

    DRAFT = "draft", "未发出", "neutral"
    SENT = "sent", "已发出", "wait"
    OPENED = "opened", "已打开", "wait"
    DECLINED = "declined", "已婉拒", "warn"
    ACCEPTED = "accepted", "已接受", "good"
    DELEGATED = "delegated", "已转交", "neutral"
    WITHDRAWN = "withdrawn", "已取消", "neutral"
    EXPIRED = "expired", "已过期", "neutral"


S = InvitationState
UNANSWERED = (S.DRAFT, S.SENT, S.OPENED)
ANSWERABLE = (*UNANSWERED, S.DECLINED)  # who declined may change their mind
ENDED = (S.DELEGATED, S.WITHDRAWN)  # these stand in nobody's way


@dataclass(frozen=True)
class Guest:
    """Whom an invitation is for, as typed by hand or read from a list."""

    name: str = ""
    position: str = ""
    phone: str = ""
    email: str = ""
    organisation_name: str = ""
    external_id: str = ""


def one_line(text: str | None, longest: int = 200) -> str:
    """One line without signs nobody can see: what was typed stays, line breaks become spaces."""
    return " ".join(folding.clean_text(text or "").split())[:longest].strip()


def check_phone(text: str, *, field: str = "phone") -> str:
    """A mobile number or a landline with its area code, as digits; +86 dropped."""
    number = folding.digits(text)
    if len(number) == 13 and number.startswith("86"):
        number = number[2:]
    if not PHONE.fullmatch(number):
        raise DomainError("电话应为 11 位手机号，或带区号的座机号", field=field)
    return number


def checked(guest: Guest) -> Guest:
    """The guest as kept: one line each, a name or a company, a phone number or a mail address. Raises DomainError."""
    lines = {key: one_line(getattr(guest, key)) for key in LONGEST}
    for key, most in LONGEST.items():
        if len(lines[key]) > most:
            raise DomainError("最多 {most} 个字", field=key, most=most)
    if not (lines["name"] or lines["organisation_name"]):
        raise DomainError("请填写姓名；只邀请单位时请填写单位名称", field="name")
    phone = check_phone(guest.phone) if guest.phone.strip() else ""
    email = check_mail(guest.email) if guest.email.strip() else ""
    if not (phone or email):
        raise DomainError("手机号和邮箱至少要填一项", field="phone")
    return replace(guest, **lines, phone=phone, email=email)


def keys_of(guest: Guest) -> list[str]:
    """By what else a guest is known: the folded name (or company) with the number, and with the address."""
    who = folding.fold(guest.name or guest.organisation_name)
    return [f"{who}|{contact.lower()}" for contact in (guest.phone, guest.email) if contact]


def key_of(guest: Guest) -> str:
    """What tells two invitations of one event apart."""
    return keys_of(guest)[0]


def standing(state: InvitationState, *, closes: datetime, now: datetime) -> InvitationState:
    """How an invitation stands at that moment: unanswered beyond the deadline, it has run out."""
    return S.EXPIRED if state in UNANSWERED and now > closes else state


def check_changeable(state: InvitationState) -> None:
    """Whose invitation is withdrawn or handed on stays as it was; who accepted is on the list of registrations."""
    if state in ENDED:
        raise Conflict("这份邀请已取消或已转交，不能再改")


def check_withdrawable(state: InvitationState) -> None:
    """An accepted invitation has become a registration and is handled there."""
    if state is S.ACCEPTED:
        raise Conflict("对方已接受；要取消请在报名名单里处理这条报名")
    check_changeable(state)


def check_sendable(
    state: InvitationState, *, sent: datetime | None, event_state: EventState, closes: datetime, now: datetime
) -> None:
    """An invitation goes out once per link, for a published event, before its deadline."""
    check_inviting(event_state, closes=closes, now=now)
    if state not in UNANSWERED:
        raise Conflict("对方已答复或邀请已取消，不必再发")
    if sent is not None:
        raise Conflict("已经发过；要再提醒请用“提醒未答复者”")


def check_remindable(
    state: InvitationState,
    *,
    sent: datetime | None,
    reminders: int,
    last_reminded: datetime | None,
    event_state: EventState,
    closes: datetime,
    now: datetime,
) -> None:
    """Only the silent are reminded, a few times, and not within a day of the last message."""
    check_inviting(event_state, closes=closes, now=now)
    if state not in UNANSWERED:
        raise Conflict("对方已答复或邀请已取消，不必再发")
    if sent is None:
        raise Conflict("还没有发过邀请，请先发送")
    if reminders >= MOST_REMINDERS:
        raise Conflict("已提醒 {n} 次，不再打扰", n=reminders)
    if now < (last_reminded or sent) + REMIND_AFTER:
        raise Conflict("24 小时内刚联系过，请稍后再提醒")


def check_inviting(event_state: EventState, *, closes: datetime, now: datetime) -> None:
    """Invitations go out for a published event, before its deadline."""
    if event_state is EventState.CANCELLED:
        raise Conflict("活动已取消，不能再发邀请")
    if event_state is not EventState.PUBLISHED:
        raise Conflict("活动尚未发布，发布后再发邀请")
    if now > closes:
        raise Conflict("报名已截止，不能再发邀请")


def check_party(party_most: int, *, largest: int = LARGEST_PARTY) -> int:
    """How many may come on one invitation, the guest included."""
    if not 1 <= party_most <= min(largest, LARGEST_PARTY):
        raise DomainError("人数应在 1 到 {most} 之间", field="party_most", most=min(largest, LARGEST_PARTY))
    return party_most


def split_tags(text: str) -> list[str]:
    """Tags as typed: separated by commas, 、 or semicolons; each once, at most ten."""
    plain = folding.clean_text(text)
    for sign in "，、；;\n\t":
        plain = plain.replace(sign, ",")
    return list(dict.fromkeys(one_line(part, 40) for part in plain.split(",") if part.strip()))[:10]


def counts_of(states: Mapping[InvitationState, int], *, silent: int, opened: int) -> dict[str, int]:
    """The numbers above the list: people still invited, and how they answered."""
    return {
        "invited": sum(n for state, n in states.items() if state not in ENDED),
        "opened": opened,
        "accepted": states.get(S.ACCEPTED, 0),
        "declined": states.get(S.DECLINED, 0),
        "silent": silent,
    }
