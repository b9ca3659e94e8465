"""What a free text gives away: phones, addresses, the firm's own names, product names; marked, and masked on request.

A text is compared in its folded form (width, case, spaces, signs nobody sees), each folded sign remembering where it
came from, so that a name written with gaps is found and masked as it stands in the text.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from matchmaker.core import folding
from matchmaker.core.labels import Labelled


class MarkKind(Labelled):
    """What a marked word is."""

    PHONE = "phone", "电话"
    MAIL = "mail", "邮箱"
    FIRM = "firm", "本单位名称"
    PRODUCT = "product", "产品名称"


CONTACTS = frozenset({MarkKind.PHONE, MarkKind.MAIL})
MASKS = {
    MarkKind.PHONE: "〔电话〕",
    MarkKind.MAIL: "〔邮箱〕",
    MarkKind.FIRM: "〔本单位〕",
    MarkKind.PRODUCT: "〔产品〕",
}
MASKS_ELSEWHERE = {
    MarkKind.PHONE: "[phone]",
    MarkKind.MAIL: "[e-mail]",
    MarkKind.FIRM: "[our firm]",
    MarkKind.PRODUCT: "[product]",
}
CHINESE = re.compile("[一-鿿]")
PHONE = re.compile(r"(?<!\d)(?:(?:\+?86)?1[3-9]\d{9}|0\d{2,3}-\d{7,8})(?!\d)")
SPACED_MOBILE = re.compile(r"(?<!\d)(?:\+?86[\s\-.·]*)?1[\s\-.·]*[3-9](?:[\s\-.·]*\d){9}(?!\d)")
MAIL = re.compile(r"[a-z0-9_.+-]+@[a-z0-9-]+\.[a-z0-9.-]*[a-z0-9]")
QUOTED = re.compile(r"《([^《》\n]{1,30})》|“([^“”\n]{2,16})”|「([^「」\n]{2,16})」")
TRADEMARK = re.compile(r"([A-Za-z0-9一-鿿·-]{1,20})\s?[®™]")
MODEL = re.compile(r"(?<![A-Za-z0-9/])([A-Za-z]{1,6}-?\d{2,}[A-Za-z0-9]*(?:-[A-Za-z0-9]+)*)(?![A-Za-z0-9])")
# Designations of standards, interfaces, grades and readiness levels: letters and digits, yet nobody's product.
COMMON = re.compile(
    r"(?:GB|GBT|ISO|IEC|IEEE|IP|PM|RS|PT|TRL|USB|HTTP|HTML|IPV|MPEG|H|COVID|CO|NO|SO|DN|PN|PVC|PE|PP|PA|Q|M|C|S|L|F|"
    r"ASTM|DIN|EN|UL|CAN|CAT|DDR|PCI|WCDMA|LTE|NB|GHS|AQ|QC|TS|SUS|AISI|A|B|T|V|X|Y|Z|ARM|UTF|SHA|MD|AES|YOLOV?|GPT|"
    r"RESNET|VGG|R|ES|PH|PID|LM|LDPE|HDPE|N|P|K|PA66|INT|FP|BF|UINT)-?\d+",
    re.IGNORECASE,
)
# Words that stand between quotation marks in every second application.
SAYING_WORDS = """
专精特新 卡脖子 双碳 双创 一带一路 揭榜挂帅 互联网+ 人工智能+ 最后一公里 十四五 十五五 看不清 看得见 产学研 放管服
小巨人 新质生产力 黑盒子 黑匣子 两张皮 走出去 引进来
"""
SAYINGS = frozenset(SAYING_WORDS.split())


@dataclass(frozen=True)
class Mark:
    """One word that gives something away: where it stands, what it is, and how it is written there."""

    start: int
    stop: int
    kind: MarkKind
    word: str


def find(text: str, *, names: Iterable[str] = (), products: Iterable[str] = ()) -> tuple[Mark, ...]:
    """Every mark of a text in order, none overlapping another; contacts before names, names before products."""
    found: list[Mark] = []
    for start, stop, kind in (*_contacts(text), *_names(text, names, products), *_product_like(text)):
        if not any(start < mark.stop and mark.start < stop for mark in found):
            found.append(Mark(start, stop, kind, text[start:stop]))
    return tuple(sorted(found, key=lambda mark: mark.start))


def masked(text: str, marks: Sequence[Mark]) -> str:
    """The text with every mark replaced by what it is, in the language of the text."""
    masks = MASKS if CHINESE.search(text) else MASKS_ELSEWHERE
    for mark in sorted(marks, key=lambda mark: -mark.start):
        text = text[: mark.start] + masks[mark.kind] + text[mark.stop :]
    return text


def pieces(text: str, marks: Sequence[Mark]) -> list[tuple[str, Mark | None]]:
    """The text cut at its marks, for showing them: (piece, mark or None)."""
    cut: list[tuple[str, Mark | None]] = []
    end = 0
    for mark in marks:
        if text[end : mark.start]:
            cut.append((text[end : mark.start], None))
        cut.append((mark.word, mark))
        end = mark.stop
    return [*cut, (text[end:], None)] if text[end:] else cut


def _plain(text: str, *, spaces: bool) -> tuple[str, list[int]]:
    """The text folded sign by sign, and where each folded sign stood; `spaces`: they are kept."""
    signs: list[str] = []
    places: list[int] = []
    for place, sign in enumerate(text):
        if unicodedata.category(sign) in ("Cf", "Cc") and sign != "\n":
            continue
        folded = unicodedata.normalize("NFKC", sign).casefold() if sign not in "“”「」《》®™" else sign
        if folded.isspace() and not spaces:
            continue
        signs.extend(folded)
        places.extend([place] * len(folded))
    return "".join(signs), places


def _contacts(text: str) -> Iterator[tuple[int, int, MarkKind]]:
    plain, places = _plain(text, spaces=True)
    for kind, pattern in ((MarkKind.PHONE, SPACED_MOBILE), (MarkKind.PHONE, PHONE), (MarkKind.MAIL, MAIL)):
        for match in pattern.finditer(plain):
            yield places[match.start()], places[match.end() - 1] + 1, kind


def _names(text: str, names: Iterable[str], products: Iterable[str]) -> Iterator[tuple[int, int, MarkKind]]:
    plain, places = _plain(text, spaces=False)
    wanted = [(name, MarkKind.FIRM) for name in names] + [(name, MarkKind.PRODUCT) for name in products]
    known = {(folded, kind) for name, kind in wanted if len(folded := folding.fold(name)) > 1}
    for name, kind in sorted(known, key=lambda pair: (-len(pair[0]), pair[0], pair[1].value)):
        start = plain.find(name)
        while start >= 0:
            yield places[start], places[start + len(name) - 1] + 1, kind
            start = plain.find(name, start + len(name))


def _product_like(text: str) -> Iterator[tuple[int, int, MarkKind]]:
    for match in QUOTED.finditer(text):
        inside = next(group for group in match.groups() if group)
        if inside not in SAYINGS:
            yield match.start(), match.end(), MarkKind.PRODUCT
    for match in TRADEMARK.finditer(text):
        yield match.start(), match.end(), MarkKind.PRODUCT
    for match in MODEL.finditer(text):
        if not COMMON.fullmatch(match[1].split("/")[0]):
            yield match.start(1), match.end(1), MarkKind.PRODUCT
