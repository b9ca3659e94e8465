"""How near a judge's stated expertise lies to what an entry is about: by the words, so that it can be said.

A judge states terms (“视频识别，模型压缩”, a field, an industry). A term is met when most of its pairs of signs stand
in the entry's title, summary or its firm's industry. The more terms are met, the nearer; nothing else enters.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from fractions import Fraction

from matchmaker.core import folding

APART = re.compile(r"[\s;；、,，.。|/（）()：:]+|以及|和|与|及|的")
MET = Fraction(2, 3)  # of a term's pairs of signs
SHORTEST, LONGEST, MOST = 2, 40, 60  # signs of a term; terms of a judge
LEVELS = 4  # terms met beyond this bring nothing more
# Words that stand in nearly every entry and say nothing about a field.
COMMON = frozenset(
    ("技术", "研发", "应用", "项目", "产品", "系统", "平台", "服务", "企业", "创新", "创业", "管理", "研究", "开发")
    + ("方法", "设计", "智能", "数据", "市场", "投资", "咨询", "评审", "专家", "产业", "科技", "领域", "方向")
)


def terms_of(*texts: str) -> tuple[str, ...]:
    """The terms that somebody states, each once, in the order they were written."""
    found: dict[str, str] = {}
    for text in texts:
        for part in APART.split(text or ""):
            word = folding.fold(part)
            if SHORTEST <= len(word) <= LONGEST and word not in COMMON:
                found.setdefault(word, part)
    return tuple(found.values())[:MOST]


def met(terms: Iterable[str], text: str) -> tuple[str, ...]:
    """Which of these terms the text is about."""
    there = pairs_of(text)
    return tuple(term for term in terms if _is_met(term, there))


def pairs_of(text: str) -> frozenset[str]:
    """Every two signs that stand side by side, without spaces and signs of punctuation."""
    signs = "".join(each if each.isalnum() else " " for each in folding.fold(text))
    return frozenset(a + b for word in signs.split() for a, b in zip(word, word[1:], strict=False))


def level(count: int) -> int:
    """How near so many met terms bring a judge, from 0 to LEVELS."""
    return min(count, LEVELS)


def weight_for(entries: int, per_entry: int) -> float:
    """What one level is worth beside a track: so little that all of them together never outweigh one track.

    A power of two, so that sums are exact.
    """
    return 2.0 ** -(entries * per_entry * LEVELS + 1).bit_length()


def _is_met(term: str, there: frozenset[str]) -> bool:
    wanted = pairs_of(term)
    return bool(wanted) and Fraction(len(wanted & there), len(wanted)) >= MET
