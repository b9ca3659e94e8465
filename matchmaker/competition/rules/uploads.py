"""What may be handed in with an entry: kinds of material, and how large, how long and how many."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from matchmaker.core.errors import Conflict, DomainError
from matchmaker.core.labels import Labelled
from matchmaker.files.rules import DOCX, JPEG, PDF, PNG, PPTX, XLSX, FileKind

LARGEST_MB = 30
MOST_FILES = 10
MOST_PAGES = 300
ALLOWED = {"pdf": PDF, "pptx": PPTX, "docx": DOCX, "xlsx": XLSX, "jpg": JPEG, "png": PNG}


class Material(Labelled):
    PLAN = "plan", "商业计划书"
    DECK = "deck", "路演材料"
    OTHER = "other", "其他附件"


@dataclass(frozen=True, slots=True)
class FileLimit:
    """The limits of one kind of material; `pages` None: not counted. Pages are known of PDF and PPTX only."""

    endings: tuple[str, ...]
    mb: int
    pages: int | None
    most: int
    required: bool = False

    @classmethod
    def from_values(cls, values: Mapping[str, Any], *, usual: FileLimit) -> Self:
        """Read stored limits; what is not said is as usual."""
        pages = values.get("pages", usual.pages)
        return cls(
            endings=tuple(e for e in values.get("endings", usual.endings) if e in ALLOWED) or usual.endings,
            mb=_within("mb", values.get("mb", usual.mb), 1, LARGEST_MB),
            pages=None if pages in (None, "", 0) else _within("pages", pages, 1, MOST_PAGES),
            most=_within("most", values.get("most", usual.most), 0, MOST_FILES),
            required=bool(values.get("required", usual.required)),
        )

    @property
    def kinds(self) -> tuple[FileKind, ...]:
        return tuple(ALLOWED[ending] for ending in self.endings)


USUAL = {
    Material.PLAN: FileLimit(("pdf",), 20, 40, 1),
    Material.DECK: FileLimit(("pdf", "pptx"), 20, 30, 1),
    Material.OTHER: FileLimit(("pdf", "docx", "xlsx", "jpg", "png"), 10, None, 5),
}


def check_pages(kind: Material, pages: int | None, limit: FileLimit) -> None:
    """Refuse what is longer than the rules of the contest allow."""
    if limit.pages is not None and pages is not None and pages > limit.pages:
        raise DomainError(
            "“{what}”有 {n} 页，本届规则最多 {limit} 页，请精简后再上传",
            field="file",
            what=kind,
            n=pages,
            limit=limit.pages,
        )


def check_count(kind: Material, present: int, limit: FileLimit) -> None:
    """Refuse one file more than the rules allow."""
    if limit.most == 0:
        raise Conflict("本届大赛不收“{what}”", what=kind, field="file")
    if present >= limit.most > 1:
        raise Conflict("“{what}”最多 {n} 个，请先删除一个", what=kind, n=limit.most, field="file")


def _within(key: str, value: Any, least: int, most: int) -> int:
    number = int(value)
    if not least <= number <= most:
        raise DomainError("材料限制应在 {least} 到 {most} 之间，请修改", field=key, least=least, most=most)
    return number
