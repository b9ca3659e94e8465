"""Blind copies: names, numbers and addresses that give an entrant away, found however they are typed, blacked out.

Width, case, spaces, dots and signs nobody can see make no difference: texts are compared by their fold, sign by sign.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from matchmaker.core.folding import company_stem, distinctive_parts, fold
from matchmaker.core.labels import Labelled

BLACK = "███"
SHORTEST = 2  # a single sign is no name
SHORTEST_LATIN = 4  # two letters stand in every other word


class Giveaway(Labelled):
    FIRM = "firm", "单位名称"
    PERSON = "person", "姓名"
    PHONE = "phone", "电话"
    MAIL = "mail", "邮箱"
    CODE = "code", "证件或信用代码"
    SITE = "site", "网址"


@dataclass(frozen=True, slots=True)
class Secret:
    """A text that must not be read by judges of a blind stage."""

    kind: Giveaway
    text: str


@dataclass(frozen=True, slots=True)
class Hit:
    """A place of the original text: text[start:end] gives the entrant away."""

    start: int
    end: int
    kind: Giveaway


class BlindChoice(Labelled):
    """What judges get of a file."""

    WITHHELD = "withheld", "不给评委看", "neutral"
    REPLACED = "replaced", "换成处理过的文件", "good"
    SHOWN = "shown", "原样给评委看", "warn"


# Numbers and addresses that are nobody's name, looked for with and without the spaces of the text.
PATTERNS: tuple[tuple[Giveaway, re.Pattern[str]], ...] = (
    (Giveaway.MAIL, re.compile(r"[a-z0-9._%+-]+@[a-z0-9-]+(?:\.[a-z0-9-]+)+")),
    (Giveaway.SITE, re.compile(r"(?:https?://|www\.)[a-z0-9./?=&%_~:#-]+")),
    (Giveaway.CODE, re.compile(r"(?<![0-9a-z])[0-9a-hj-npqrtuwxy]{2}\d{6}[0-9a-hj-npqrtuwxy]{10}(?![0-9a-z])")),
    (Giveaway.CODE, re.compile(r"(?<![0-9a-z])\d{17}[\dx](?![0-9a-z])")),
    (Giveaway.PHONE, re.compile(r"(?<!\d)(?:\+?86[ -]?)?1[3-9]\d[ -]?\d{4}[ -]?\d{4}(?!\d)")),
    (Giveaway.PHONE, re.compile(r"(?<!\d)\(?0\d{2,3}\)?[ -]?\d{7,8}(?!\d)")),
)


def firm_secrets(names: Iterable[str]) -> list[Secret]:
    """A firm's names: in full, without place and legal form, and what tells it from others."""
    found: list[str] = []
    for name in names:
        parts = [part for part in distinctive_parts(name) if not part.isascii() or len(part) >= SHORTEST_LATIN]
        found += [name, company_stem(name), *parts]
    return [Secret(Giveaway.FIRM, text) for text in dict.fromkeys(found) if len(fold(text)) >= SHORTEST]


def find(text: str, secrets: Collection[Secret]) -> list[Hit]:
    """Every place that gives the entrant away, from left to right, none inside another."""
    folded, origin = _folded(text)
    raw = _by_pattern(folded, origin) + _by_pattern(*_folded(text, spaces=True))
    for secret in sorted(secrets, key=lambda s: -len(s.text)):
        wanted = fold(secret.text)
        if len(wanted) < SHORTEST or BLACK[0] in wanted:
            continue
        start = folded.find(wanted)
        while start >= 0:
            raw.append(Hit(origin[start], origin[start + len(wanted) - 1] + 1, secret.kind))
            start = folded.find(wanted, start + 1)
    return _merged(raw)


def redact(text: str, secrets: Collection[Secret]) -> str:
    """The text with every such place blacked out; doing it twice changes nothing."""
    while hits := find(text, secrets):
        parts, last = [], 0
        for hit in hits:
            parts += [text[last : hit.start], BLACK]
            last = hit.end
        text = "".join(parts) + text[last:]
    return text


def pieces(text: str, hits: Sequence[Hit]) -> list[tuple[str, Giveaway | None]]:
    """The text cut at its hits, for showing them: (part, what it gives away or None)."""
    found: list[tuple[str, Giveaway | None]] = []
    last = 0
    for hit in hits:
        found += [(text[last : hit.start], None), (text[hit.start : hit.end], hit.kind)]
        last = hit.end
    return [part for part in [*found, (text[last:], None)] if part[0]]


def _by_pattern(folded: str, origin: Sequence[int]) -> list[Hit]:
    return [Hit(origin[m.start()], origin[m.end() - 1] + 1, kind) for kind, p in PATTERNS for m in p.finditer(folded)]


def _folded(text: str, *, spaces: bool = False) -> tuple[str, list[int]]:
    """The fold of the text, and for each of its signs the place it came from."""
    signs: list[str] = []
    origin: list[int] = []
    for place, sign in enumerate(text):
        for each in " " if spaces and sign.isspace() else fold(sign):
            signs.append(each)
            origin.append(place)
    return "".join(signs), origin


def _merged(hits: Iterable[Hit]) -> list[Hit]:
    merged: list[Hit] = []
    for hit in sorted(hits, key=lambda h: (h.start, -h.end)):
        if merged and hit.start < merged[-1].end:
            last = merged[-1]
            merged[-1] = Hit(last.start, max(last.end, hit.end), last.kind)
        else:
            merged.append(hit)
    return merged
