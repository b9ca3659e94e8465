"""What the words of a need and of letters before an acceptance give away, seen with what the directory knows."""

from __future__ import annotations

from collections.abc import Sequence

from matchmaker.core import folding
from matchmaker.core.errors import DomainError
from matchmaker.directory.models import Organisation
from matchmaker.matching import rules
from matchmaker.matching.models import Need
from matchmaker.matching.rules import masking
from matchmaker.matching.rules.masking import MarkKind

NO_CONTACT = "请不要写电话或邮箱：对方接受后，双方会自动看到联系方式"


def names_of(organisation: Organisation | None) -> list[str]:
    """Every name a firm goes by: full, short, former, English, and the parts that are nobody else's."""
    if organisation is None:
        return []
    full = [organisation.name, organisation.short_name, organisation.name_en, *(n.name for n in organisation.names)]
    known = [name for name in full if name]
    return [*known, *(part for name in known for part in folding.distinctive_parts(name) if len(part) > 2)]


def marks_of(organisation: Organisation | None, text: str) -> Sequence[masking.Mark]:
    """What a text gives away of a firm."""
    return masking.find(text, names=names_of(organisation), products=products_of(organisation))


def products_of(organisation: Organisation | None) -> list[str]:
    """What the firm's own description in the directory calls its products: names in quotation or title marks."""
    described = f"{organisation.summary or ''}\n{organisation.summary_en or ''}" if organisation else ""
    return [mark.word.strip("《》“”「」®™ ") for mark in masking.find(described) if mark.kind is MarkKind.PRODUCT]


def check(need: Need, text: str, *, field: str, kept_reason: str) -> None:
    """Names in a secret need are refused; in an open one they are masked or kept with a reason."""
    marks = [mark for mark in marks_of(need.organisation, text) if mark.kind not in masking.CONTACTS]
    if need.is_secret:
        _check_secret(marks, field)
    elif marks and not kept_reason.strip():
        raise DomainError(
            "文字里的{words}像是单位或产品名称：请遮盖，或写明保留的理由", field="kept_reason", words=_words(marks)
        )


def check_letter(need: Need, text: str, *, field: str) -> None:
    """What an owner writes before an acceptance holds no contact and, of a secret need, no name."""
    if rules.has_contact(text):
        raise DomainError(NO_CONTACT, field=field)
    if need.is_secret:
        _check_secret([mark for mark in marks_of(need.organisation, text) if mark.kind not in masking.CONTACTS], field)


def _check_secret(marks: Sequence[masking.Mark], field: str) -> None:
    firm = [mark for mark in marks if mark.kind is MarkKind.FIRM]
    if firm:
        raise DomainError("您选择了不显示单位名称，但文字里写有本单位名称，请删去或遮盖", field=field)
    if marks:
        raise DomainError(
            "您选择了不显示单位名称，但文字里的{words}像是产品名称，会让人猜出是谁，请删去或遮盖",
            field=field,
            words=_words(marks),
        )


def _words(marks: Sequence[masking.Mark]) -> str:
    return "、".join(dict.fromkeys(mark.word if mark.word[0] in "《“「" else f"“{mark.word}”" for mark in marks))
