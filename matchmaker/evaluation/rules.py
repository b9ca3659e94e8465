"""Kinds of titles, how long they last, and what makes one complete."""

from __future__ import annotations

import re
from datetime import date

from matchmaker.core.calendar import add_months
from matchmaker.core.errors import DomainError
from matchmaker.core.folding import clean_text, fold
from matchmaker.core.labels import Labelled


class TitleKind(Labelled):
    """What was granted."""

    TECH_SME = "tech_sme", "科技型中小企业"
    HNTE = "hnte", "高新技术企业"
    INNOVATION_TEAM = "innovation_team", "企业创新团队"
    GRANTED_PATENT = "granted_patent", "授权专利"


class PatentKind(Labelled):
    """The three kinds of the Patent Law."""

    INVENTION = "invention", "发明专利"
    UTILITY_MODEL = "utility_model", "实用新型"
    DESIGN = "design", "外观设计"


class Standing(Labelled):
    """How a title stands on a day; computed, never stored."""

    COMING = "coming", "未生效", "wait"
    VALID = "valid", "有效", "good"
    EXPIRED = "expired", "已过期", "neutral"
    ENDED = "ended", "已终止", "bad"


FOR_A_TIME = {TitleKind.TECH_SME, TitleKind.HNTE}  # these are never granted without a last day
OLDEST = date(1985, 4, 1)  # the Patent Law came into force
SEPARATORS = re.compile(r"[\n、;；]+")


def standing(*, valid_from: date, valid_to: date | None, ended: date | None, day: date) -> Standing:
    """How it stands on that day. First and last day count; the day of an early end does not."""
    if ended is not None and day >= ended:
        return Standing.ENDED
    if day < valid_from:
        return Standing.COMING
    return Standing.EXPIRED if valid_to is not None and day > valid_to else Standing.VALID


def usual_end(kind: TitleKind, valid_from: date) -> date | None:
    """The last day that goes with a first day where the rule fixes it; None where it has to be read off the paper."""
    if kind is TitleKind.TECH_SME:  # 国科发政〔2017〕115号: valid to 31 March of the year after
        return date(valid_from.year + 1, 3, 31)
    if kind is TitleKind.HNTE:  # 国科发火〔2016〕32号第九条: three years
        return date.fromordinal(add_months(valid_from, 36).toordinal() - 1)
    return None


def number_of(text: str) -> str:
    """A number as it is compared: half width, capitals, no blanks. Raises DomainError when nothing is left."""
    number = re.sub(r"\s+", "", fold(text)).upper()
    if not number:
        raise DomainError("请填写编号（登记编号、证书编号或专利号）", field="number")
    if len(number) > 80:
        raise DomainError("编号最多 80 个字符，请核对", field="number")
    return number


def co_holders_of(text: str) -> list[str]:
    """The names of co-owners, one a line or parted by 、 or ;, each once."""
    names = [clean_text(part) for part in SEPARATORS.split(text)]
    return list(dict.fromkeys(name for name in names if name))


def check_term(kind: TitleKind, *, valid_from: date, valid_to: date | None, today: date) -> None:
    """Refuse a term that cannot be on the paper."""
    if valid_from > today:
        raise DomainError("起始日期 {day} 晚于今天，请核对", field="valid_from", day=valid_from)
    if valid_from < OLDEST:
        raise DomainError("起始日期 {day} 过早，请核对年份", field="valid_from", day=valid_from)
    if valid_to is None and kind in FOR_A_TIME:
        raise DomainError("请填写有效期止", field="valid_to")
    if valid_to is not None and valid_to < valid_from:
        raise DomainError("有效期止不能早于起始日期", field="valid_to")


def check_subkind(kind: TitleKind, subkind: PatentKind | None) -> None:
    """A patent says of which kind it is; nothing else has one."""
    if (kind is TitleKind.GRANTED_PATENT) != (subkind is not None):
        sentence = "请选择专利类型" if subkind is None else "只有授权专利需要选择专利类型，请清空"
        raise DomainError(sentence, field="subkind")


def check_end(*, valid_from: date, ended: date, reason: str, today: date) -> str:
    """An early end lies within the term so far and has a reason, which is returned trimmed."""
    if ended < valid_from:
        raise DomainError("终止日期不能早于起始日期 {day}", field="ended", day=valid_from)
    if ended > today:
        raise DomainError("终止日期不能晚于今天；到期会自动失效，不必终止", field="ended")
    reason = clean_text(reason)
    if not reason:
        raise DomainError("请写明终止原因，例如迁出、被撤销、未缴年费", field="reason")
    return reason[:500]
