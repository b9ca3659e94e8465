"""Structured features: how far tags and amounts of a profile meet what a need states, each in [0, 1]."""

from __future__ import annotations

from collections.abc import Hashable, Mapping

from matchmaker.core.labels import Labelled
from matchmaker.matching.engine.profiles import Need, Profile

REGION_LEVELS = (2, 4, 6)  # province, prefecture, county of GB/T 2260
INDUSTRY_LEVELS = (1, 3, 4, 5)  # section, division, group, class of GB/T 4754: C, C39, C391, C3911


class Feature(Labelled):
    """What a score is made of besides words."""

    FIELD = "field", "技术领域"
    INDUSTRY = "industry", "行业"
    REGION = "region", "地区"
    TICKET = "ticket", "投资金额"


def stated(need: Need) -> tuple[Feature, ...]:
    """Features this need says anything about; the others have no part in its scores."""
    tags = tuple(feature for feature in (Feature.FIELD, Feature.INDUSTRY, Feature.REGION) if need.tags.get(feature))
    return tags if _amount(need.numbers, "amount") is None else (*tags, Feature.TICKET)


def value(feature: Feature, need: Need, profile: Profile) -> float:
    """How well the profile meets the need in one feature; 0 where the profile is silent."""
    if feature is Feature.TICKET:
        return _ticket(need, profile)
    wanted, offered = need.tags.get(feature, frozenset()), profile.tags.get(feature, frozenset())
    if not wanted or not offered:
        return 0.0
    return sum(max(_overlap(feature, a, b) for b in offered) for a in sorted(wanted)) / len(wanted)


def _overlap(feature: Feature, wanted: str, offered: str) -> float:
    if feature is Feature.FIELD:
        return float(wanted == offered)
    return _depth(wanted, offered, INDUSTRY_LEVELS if feature is Feature.INDUSTRY else REGION_LEVELS)


def _depth(wanted: str, offered: str, levels: tuple[int, ...]) -> float:
    """Common levels from the top, as a share of the levels of the wanted code.

    A broader offer (C39 for C3911) counts as far as it reaches.
    """
    asked = [level for level in levels if level <= len(wanted)]
    common = [level for level in asked if level <= len(offered) and wanted[:level] == offered[:level]]
    return len(common) / len(asked) if asked else 0.0


def _ticket(need: Need, profile: Profile) -> float:
    """Share of the asked range that lies in the investor's range; an exact amount is in or out."""
    asked, offered = _amount(need.numbers, "amount"), _amount(profile.numbers, "ticket")
    if asked is None or offered is None:
        return 0.0
    low, high = max(asked[0], offered[0]), min(asked[1], offered[1])
    if high < low:
        return 0.0
    return 1.0 if asked[0] == asked[1] else (high - low) / (asked[1] - asked[0])


def _amount(numbers: Mapping[str, int], name: str) -> tuple[float, float] | None:
    """A range of fen; one open end is as wide as the other side allows."""
    low, high = numbers.get(f"{name}_min_fen"), numbers.get(f"{name}_max_fen")
    if low is None and high is None:
        return None
    if name == "amount":  # a need with one figure asks for exactly that
        low, high = (high if low is None else low), (low if high is None else high)
    return (0.0 if low is None else float(low)), (float("inf") if high is None else float(high))


def asked(feature: Feature, need: Need) -> Hashable:
    """All that `value` reads of a need."""
    return _amount(need.numbers, "amount") if feature is Feature.TICKET else need.tags.get(feature, frozenset())


def signature(feature: Feature, profile: Profile) -> Hashable:
    """All that `value` reads of a profile: profiles of one signature have one value for any need."""
    if feature is Feature.TICKET:
        return _amount(profile.numbers, "ticket")
    return profile.tags.get(feature, frozenset())
