"""What is held, until when, how long may be chosen, and the chain that proves deletions."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from matchmaker.core.errors import DomainError
from matchmaker.core.labels import Labelled

GONE = "已删除"  # what stands where a name was
LONGEST = 3650
SETTLED = timedelta(hours=24)  # gates that were offline have a day to report


class Category(Labelled):
    """A kind of personal data that an event holds. Answers and their files have a line for every field."""

    NAME = "name", "参加人和联系人的姓名"
    CONTACT = "contact", "报名联系人的手机和邮箱"
    ATTENDEE_PHONE = "attendee_phone", "参加人的手机"
    POSITION = "position", "参加人的职务"
    NOTE = "note", "报名备注"
    ANSWER = "answer", "表单里的个人信息"
    FILE = "file", "表单里上传的文件"
    INVITATION = "invitation", "受邀人的姓名和联系方式"
    SCAN = "scan", "扫码内容、设备和签到人员"
    MESSAGE = "message", "发出的消息：地址和内容"
    SURVEY = "survey", "满意度调查的个人链接"
    LOG = "log", "修改报名前后的内容"
    BULK = "bulk", "批量操作前的内容"
    IMPORT = "import", "导入名单的文件"


PER_FIELD = (Category.ANSWER, Category.FILE)


class LineState(Labelled):
    """How one line of the ledger stands."""

    EMPTY = "empty", "没有", "neutral"
    KEPT = "kept", "保存中", "good"
    DUE = "due", "已到期", "bad"
    DELETED = "deleted", "已删除", "neutral"


@dataclass(frozen=True)
class Term:
    """How long a category is kept unless the event says otherwise, what for and on what ground."""

    days: int
    purpose: str
    basis: str


@dataclass(frozen=True)
class Line:
    """One line of an event's ledger; `label` is the field's wording, empty for what is no form field."""

    category: Category
    field_id: str
    label: str
    term: Term
    days: int
    reason: str
    left: int
    until: datetime
    state: LineState
    deleted: datetime | None = None

    @property
    def key(self) -> str:
        """What names the line in an address."""
        return f"{self.category.value}:{self.field_id}" if self.field_id else self.category.value


def until(ends: datetime, days: int) -> datetime:
    """The moment after which data of an event is deleted."""
    return ends + timedelta(days=days)


def state_of(*, left: int, until: datetime, now: datetime, deleted: bool) -> LineState:
    """Deleted only when nothing is left: what came later is a reason to delete again."""
    if not left:
        return LineState.DELETED if deleted else LineState.EMPTY
    return LineState.DUE if until <= now else LineState.KEPT


def check_days(days: int, *, term: Term, reason: str) -> None:
    """Shorter is always allowed; longer needs a reason."""
    if not 0 <= days <= LONGEST:
        raise DomainError("应在 0 到 {most} 天之间", field="days", most=LONGEST)
    if days > term.days and not reason.strip():
        raise DomainError("比默认的 {days} 天更长，请写明理由", field="reason", days=term.days)


def check_over(*, ends: datetime, cancelled: bool, now: datetime) -> None:
    """Nothing goes while the event still needs it: gates may report until a day after its end."""
    if not cancelled and now < ends + SETTLED:
        raise DomainError("活动结束一天后才能删除：现在还要用这些信息")


def digest(previous: str, entry: Mapping[str, Any]) -> str:
    """The seal of one entry: it covers what the entry says and the seal before it."""
    text = json.dumps([previous, dict(entry)], ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def first_broken(entries: Sequence[tuple[Mapping[str, Any], str, str]]) -> int | None:
    """The position (from 1) of the first entry that was changed, or before which one is missing.

    Entries: (what it says, the seal before it, its own seal), oldest first.
    """
    last = ""
    for place, (entry, previous, own) in enumerate(entries, 1):
        if previous != last or entry.get("number") != place or digest(previous, entry) != own:
            return place
        last = own
    return None
