"""Why a profile was suggested: shares of phrases and features that add up to the score, and one sentence."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from matchmaker.matching.engine import text as script
from matchmaker.matching.engine import words
from matchmaker.matching.engine.features import Feature
from matchmaker.matching.engine.ranking import Match

TERMS_AND_FEATURES = "双方都谈到{terms}，{features}也相符，匹配度 {score} 分（满分 100）。"
TERMS = "双方都谈到{terms}，匹配度 {score} 分（满分 100）。"
FEATURES = "{features}相符，匹配度 {score} 分（满分 100）。"
MEANT_AND_FEATURES = "说法不同、意思相近，{features}也相符，匹配度 {score} 分（满分 100）。"
MEANT = "说法不同、意思相近，匹配度 {score} 分（满分 100）。"
NEITHER = "用词略有相近，没有突出的共同主题，匹配度 {score} 分（满分 100）。"
QUOTED = "“{term}”"
COMMA = "、"
OTHER_WORDS = "其他字词"
MEANING = "整体意思相近"
BASE = "起点（按以往答复，未比较内容时的可能）"
SAID_BY_MEANING = 0.1  # a meaning with so many of the points stands in the sentence where no common word does
MOST_NAMED = 4
NAMED_FEATURE = 0.5  # a feature is called 相符 from half its range
# Words every need and every profile uses: they keep their share but say nothing to a reader.
HOLLOW_CHINESE = (
    "我们 公司 企业 需要 希望 寻求 寻找 帮助 技术 研究 进行 解决 问题 方面 相关 提供 服务 专家 合作 开发 应用 "
    "项目 产品 目前 一个 可以 能够 以及 通过 实现 提高 采用 分析 方法 系统"
)
HOLLOW_ENGLISH = "the an and of for in to with we our need help"
HOLLOW = frozenset(f"{HOLLOW_CHINESE} {HOLLOW_ENGLISH}".split())
PARTICLES = "的了和与及在对等其是为或之并中"  # cut from the ends of a phrase


@dataclass(frozen=True)
class Share:
    """One cause of a score: a phrase both sides use (`name`), a feature, the meaning, the base of a learnt chance, or
    all other words (none of them)."""

    points: float
    name: str = ""
    feature: Feature | None = None
    meaning: bool = False
    base: bool = False

    def label(self, translate: Callable[[str], str] = str) -> str:
        if self.feature is not None:
            return translate(self.feature.label)
        if self.meaning:
            return translate(MEANING)
        if self.base:
            return translate(BASE)
        return self.name or translate(OTHER_WORDS)


@dataclass(frozen=True)
class Basis:
    """All that a score was made of: with `weights`, or the learnt ones of this key, the parts give it again.

    parts : `text` and each feature that the need stated, and `meaning`, which is within `text`
    """

    parts: Mapping[str, float]
    weights: Mapping[str, float]
    engine: str
    learnt: int


@dataclass(frozen=True)
class Explanation:
    """Shares, largest first; their points add up to `score`."""

    profile_id: str
    score: float
    shares: tuple[Share, ...]
    features: tuple[Feature, ...]  # those that fit
    basis: Basis | None = None

    @property
    def terms(self) -> tuple[str, ...]:
        """Up to four phrases worth naming."""
        return tuple(share.name for share in self.shares if _says_something(share.name))[:MOST_NAMED]

    @property
    def template(self) -> str:
        """The gettext id of the sentence."""
        if self.terms:
            return TERMS_AND_FEATURES if self.features else TERMS
        if any(share.meaning and share.points >= SAID_BY_MEANING for share in self.shares):
            return MEANT_AND_FEATURES if self.features else MEANT
        return FEATURES if self.features else NEITHER

    def sentence(self, translate: Callable[[str], str] = str) -> str:
        """One sentence for people, in the language of `translate`."""
        comma = translate(COMMA)
        return translate(self.template).format(
            terms=comma.join(translate(QUOTED).format(term=term) for term in self.terms),
            features=comma.join(translate(feature.label) for feature in self.features),
            score=round(100 * self.score),
        )


def explain(match: Match, need: str, terms: Mapping[str, float], closest: str, engine: str = "") -> Explanation:
    """Divide a score among its causes.

    Parameters
    ----------
    match : the pair and its parts
    need : text of the need
    terms : contribution of each term of the need to the likeness (zeros allowed), on any common scale
    closest : the profile's most similar document, where phrases are looked up
    engine : the model that compared meanings, empty where words alone decided
    """
    made = [*_text_shares(match, need, terms, closest), _meaning_share(match), *_feature_shares(match)]
    shares = [*made, Share(match.base, base=True)]
    shares = sorted((share for share in shares if share.points > 0), key=lambda share: (-share.points, share.label()))
    fitting = tuple(feature for feature, value in match.features.items() if value >= NAMED_FEATURE)
    return Explanation(match.profile_id, match.score, tuple(shares), fitting, _basis(match, engine))


def _basis(match: Match, engine: str) -> Basis:
    features = {feature.value: value for feature, value in match.features.items()}
    parts = {"text": match.text, "meaning": match.meaning, **features}
    return Basis(parts, {} if match.learnt else match.weights, engine, match.learnt)


def _meaning_share(match: Match) -> Share:
    return Share(match.weights["text"] * match.meaning, meaning=True)


def _feature_shares(match: Match) -> list[Share]:
    return [Share(match.weights[feature] * value, feature=feature) for feature, value in match.features.items()]


def _text_shares(match: Match, need: str, terms: Mapping[str, float], closest: str) -> list[Share]:
    points, total = match.weights["text"] * (match.text - match.meaning), sum(terms.values())
    if total <= 0:
        return []
    left = {term: points * part / total for term, part in terms.items() if part > 0}
    shares = []
    for phrase in _common_phrases(need, set(left), closest):
        inside = [term for term in _inside(phrase) if term in left]
        if inside:
            shares.append(Share(sum(left.pop(term) for term in inside), phrase))
    alike: dict[str, float] = {}
    for term, name in _alike(need, closest, left).items():
        alike[name] = alike.get(name, 0.0) + left.pop(term)
    return [*shares, *(Share(part, name) for name, part in alike.items()), Share(sum(left.values()))]


def _alike(need: str, closest: str, terms: Mapping[str, float]) -> dict[str, str]:
    """For each common meaning of different words, both words: 漏水≈渗漏."""
    asked, offered = _surfaces(need), _surfaces(closest)
    names = {}
    for term in terms:
        if term in asked and term.startswith(words.SAME):
            there = offered.get(term, (term.removeprefix(words.SAME),))
            here, nearest = max(
                ((mine, theirs) for mine in asked[term] for theirs in there),
                key=lambda pair: len(set(pair[0]) & set(pair[1])),
            )
            names[term] = here if here == nearest else f"{here}{words.SAME}{nearest}"
    return names


@lru_cache(maxsize=64)
def _surfaces(text: str) -> dict[str, tuple[str, ...]]:
    """How each meaning is put in a text, in order of occurrence."""
    found: dict[str, dict[str, None]] = {}
    for word in words.listed(text):
        for term in word.terms:
            found.setdefault(term, {})[word.surface] = None
    return {term: tuple(surfaces) for term, surfaces in found.items()}


@lru_cache(maxsize=4096)
def _inside(phrase: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(words.terms(phrase)))


@lru_cache(maxsize=64)
def _runs(need: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(script.runs(need)))


def _common_phrases(need: str, terms: set[str], closest: str) -> list[str]:
    """Longest stretches of the need that stand in the document, longest first; single characters are no phrase."""
    document = script.folded(closest)
    phrases: dict[str, None] = {}
    for run in _runs(need):
        if not script.is_cjk(run):
            if script.stem(run) in terms:
                phrases[run] = None
            continue
        phrases.update(dict.fromkeys(_stretches(run, terms, document)))
    return sorted(phrases, key=lambda phrase: (-len(phrase), phrase))


def _stretches(run: str, terms: set[str], document: str) -> list[str]:
    """Maximal pieces of a Chinese run, from the left, that the document repeats word for word."""
    pieces, start = [], 0
    while start < len(run) - 1:
        end = start + 1
        while (
            end < len(run) and _goes_on(run[end - 1 : end + 1], terms, end - start) and run[start : end + 1] in document
        ):
            end += 1
        piece = run[start:end].strip(PARTICLES)
        if len(piece) > 1:
            pieces.append(piece)
        start = max(end, start + 1)
    return pieces


def _goes_on(pair: str, terms: set[str], length: int) -> bool:
    """Whether a phrase may grow by a pair: a term of the need or, once it has begun, a pair that all texts use."""
    return pair in terms or (length > 1 and pair in script.EMPTY_PAIRS)


def _says_something(phrase: str) -> bool:
    return len(phrase) > 1 and phrase not in HOLLOW
