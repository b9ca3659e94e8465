"""Structured features against values worked out by hand."""

import pytest

from matchmaker.matching.engine.features import Feature, stated, value
from matchmaker.matching.engine.profiles import Need, Profile


def a_need(tags=None, **numbers):
    return Need("刀具", tags={key: frozenset(codes) for key, codes in (tags or {}).items()}, numbers=numbers)


def a_profile(tags=None, **numbers):
    tags = {key: frozenset(codes) for key, codes in (tags or {}).items()}
    return Profile("p", "mentor", (("刀具", 1.0),), tags=tags, numbers=numbers)


def a_range(name, sides):
    return {f"{name}_{side}_fen": fen for side, fen in zip(("min", "max"), sides, strict=True) if fen is not None}


@pytest.mark.parametrize(
    ("feature", "wanted", "offered", "expected"),
    [
        (Feature.FIELD, {"新材料"}, {"新材料", "电子信息"}, 1.0),
        (Feature.FIELD, {"新材料", "电子信息"}, {"新材料"}, 0.5),
        (Feature.FIELD, {"新材料"}, set(), 0.0),
        (Feature.INDUSTRY, {"C3911"}, {"C3911"}, 1.0),
        (Feature.INDUSTRY, {"C3911"}, {"C3919"}, 0.75),
        (Feature.INDUSTRY, {"C3911"}, {"C39"}, 0.5),
        (Feature.INDUSTRY, {"C3911"}, {"I65"}, 0.0),
        (Feature.INDUSTRY, {"C39"}, {"C3911"}, 1.0),
        (Feature.REGION, {"650105"}, {"650105"}, 1.0),
        (Feature.REGION, {"650105"}, {"650104"}, 2 / 3),
        (Feature.REGION, {"650105"}, {"654002"}, 1 / 3),
        (Feature.REGION, {"650105"}, {"310101"}, 0.0),
    ],
)
def test_tags_overlap_by_depth(feature, wanted, offered, expected):
    assert value(feature, a_need({feature: wanted}), a_profile({feature: offered})) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("asked", "offered", "expected"),
    [
        ((100, 200), (50, 300), 1.0),
        ((100, 200), (150, 300), 0.5),
        ((100, 200), (300, 400), 0.0),
        ((150, None), (100, 200), 1.0),
        ((250, None), (100, 200), 0.0),
        ((100, 200), (150, None), 0.5),
        ((100, 200), (None, None), 0.0),
    ],
)
def test_ticket_is_the_share_of_the_asked_range(asked, offered, expected):
    need, profile = a_need(**a_range("amount", asked)), a_profile(**a_range("ticket", offered))

    assert value(Feature.TICKET, need, profile) == expected


def test_only_what_a_need_states_takes_part():
    assert stated(a_need()) == ()
    assert stated(a_need({"region": {"650105"}}, amount_max_fen=5)) == (Feature.REGION, Feature.TICKET)
