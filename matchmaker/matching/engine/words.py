"""Words that mean the same: everyday and professional ones, Chinese and English, and the trade they belong to.

The lists in `data/words_*.txt` are our own. A line starting with `#` names a trade; each other line is one meaning,
Chinese words first, English ones after the equals sign. A text that holds any word of a line gets the term of that line
(`≈` and the line's first word) and the term of its trade (`#` and its name) beside its own words.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from importlib import resources

from matchmaker.matching.engine import text as script

SAME = "≈"  # marks the term of a meaning; neither sign can stand in a term of `text.analyse`
TRADE = "#"
LISTS = ("words_industry.txt", "words_life.txt", "words_general.txt", "words_more.txt")
Words = tuple[str, ...]
# How much a term of each sort weighs beside a Chinese pair or a Latin word; chosen on one half of the judged needs
# (tests/matching/judged) with an eye on the papers, see docs/matching-quality.md. A word that both sides use counts by
# itself and by its meaning, so a synonym always weighs less than the word.
CHARACTER = 0.7
WORD_PAIR = 0.5
MEANING = 0.9
TRADE_WORTH = 0.5


@dataclass
class Lexicon:
    """Where each listed word begins: by its first Chinese character, or by the stem of its first Latin word."""

    chinese: dict[str, list[tuple[str, Words]]] = field(default_factory=dict)
    latin: dict[str, list[tuple[Words, Words]]] = field(default_factory=dict)
    mixed: list[tuple[str, Words]] = field(default_factory=list)  # a轮, 3d打印


@dataclass(frozen=True)
class Found:
    """A listed word in a text: as written there, and the terms it stands for."""

    surface: str
    terms: Words


def terms(text: str) -> list[str]:
    """The terms of `text.analyse`, and those of every listed word, as often as it occurs."""
    return [*script.analyse(text), *(term for found in listed(text) for term in found.terms)]


def listed(text: str) -> list[Found]:
    """The listed words of a text, in order; of words inside one another the longest counts."""
    clean = script.folded(text)
    found: list[Found] = []
    phrase: list[str] = []
    end = 0
    for run in script.RUN.finditer(clean):
        word = run.group()
        chinese = script.is_cjk(word)
        if phrase and (chinese or not script.JOINS_WORDS.match(clean[end : run.start()])):
            found += _latin(phrase)
            phrase = []
        if chinese:
            found += _chinese(word)
        else:
            phrase.append(word)
        end = run.end()
    mixed = (Found(name, stands_for) for name, stands_for in lexicon().mixed if name in clean)
    return [*found, *_latin(phrase), *mixed]


def worth(term: str) -> float:
    """What a term weighs, before its rarity."""
    if term.startswith(SAME):
        return MEANING
    if term.startswith(TRADE):
        return TRADE_WORTH
    if script.is_cjk(term):
        return CHARACTER if len(term) == 1 else 1.0
    return WORD_PAIR if " " in term else 1.0


@lru_cache(maxsize=1)
def lexicon() -> Lexicon:
    """The lists, read once."""
    meanings: dict[Words | str, list[str]] = {}
    for word, term in _entries():
        given = meanings.setdefault(word, [])
        given += (part for part in term if part not in given)
    found = Lexicon()
    for key, given in meanings.items():
        if isinstance(key, str) and len(script.RUN.findall(key)) > 1:
            found.mixed.append((key, tuple(given)))
        elif isinstance(key, str):
            found.chinese.setdefault(key[0], []).append((key, tuple(given)))
        else:
            found.latin.setdefault(key[0], []).append((key, tuple(given)))
    for chinese in found.chinese.values():
        chinese.sort(key=lambda entry: -len(entry[0]))
    for latin in found.latin.values():
        latin.sort(key=lambda entry: -len(entry[0]))
    return found


def _entries() -> Iterator[tuple[Words | str, Words]]:
    """Each listed word (Chinese as text, English as stems) with its terms."""
    trade = ""
    for line in _lines():
        if line.startswith(TRADE):
            trade = TRADE + line.removeprefix(TRADE).strip()
            continue
        chinese, _, english = line.partition("=")
        names = chinese.split()
        stands_for = (SAME + names[0], trade)
        for name in names:
            yield (script.folded(name) if script.ONE_CJK.search(name) else _stems(name)), stands_for
        for phrase in filter(None, map(str.strip, english.split(";"))):
            yield _stems(phrase), stands_for


def _lines() -> Iterator[str]:
    folder = resources.files("matchmaker.matching.engine") / "data"
    for name in LISTS:
        yield from filter(str.strip, (folder / name).read_text(encoding="utf-8").splitlines())


def _stems(phrase: str) -> Words:
    return tuple(map(script.stem, script.runs(phrase)))


def _chinese(run: str) -> Iterator[Found]:
    starts, covered = lexicon().chinese, 0
    for place, char in enumerate(run):
        for name, stands_for in starts.get(char, ()):
            end = place + len(name)
            if end > covered and run.startswith(name, place):
                yield Found(name, stands_for)
                covered = end
                break


def _latin(words: list[str]) -> Iterator[Found]:
    starts, stems, covered = lexicon().latin, [script.stem(word) for word in words], 0
    for place, first in enumerate(stems):
        for name, stands_for in starts.get(first, ()):
            end = place + len(name)
            if end > covered and tuple(stems[place:end]) == name:
                yield Found(" ".join(words[place:end]), stands_for)
                covered = end
                break
