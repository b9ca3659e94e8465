"""Regions contain their children and nothing else."""

import csv
from pathlib import Path

import pytest

from matchmaker.core.errors import DomainError
from matchmaker.core.regions import ancestors, contains, full_name, is_region, region_prefix

REGIONS = Path(__file__).parents[2] / "seeds/reference/regions.csv"


@pytest.mark.parametrize(("code", "prefix"), [("650000", "65"), ("650100", "6501"), ("650105", "650105")])
def test_prefix_ends_where_the_region_begins(code, prefix):
    assert region_prefix(code) == prefix


@pytest.mark.parametrize("parent", ["650000", "650100", "650105"])
def test_region_contains_its_children_and_itself(parent):
    assert contains(parent, "650105")


@pytest.mark.parametrize(
    ("parent", "child"), [("650105", "650100"), ("650102", "650105"), ("650200", "650105"), ("640000", "650105")]
)
def test_region_contains_no_parent_and_no_neighbour(parent, child):
    assert not contains(parent, child)


@pytest.mark.parametrize("code", ["", "65010", "6501050", "65010X", "050105", "650005", "６５０１０５"])
def test_malformed_code_is_refused(code):
    assert not is_region(code)
    with pytest.raises(DomainError) as refusal:
        contains("650000", code)
    assert refusal.value.field == "region"


def test_ancestors_come_from_the_top():
    assert [ancestors(code) for code in ("650105", "650100", "650000")] == [("650000", "650100"), ("650000",), ()]


def test_full_name_joins_the_line():
    names = {"650000": "新疆维吾尔自治区", "650100": "乌鲁木齐市", "650105": "水磨沟区"}

    assert full_name("650105", names) == "新疆维吾尔自治区乌鲁木齐市水磨沟区"
    assert full_name("650199", names) == "新疆维吾尔自治区乌鲁木齐市650199"


def test_every_listed_region_has_its_parent_in_the_list():
    with REGIONS.open(encoding="utf-8", newline="") as rows:
        parents = {row["code"]: row["parent"] for row in csv.DictReader(rows)}

    assert all(is_region(code) for code in parents)
    assert all(parent == (ancestors(code)[-1] if ancestors(code) else "") for code, parent in parents.items())
    assert {parent for parent in parents.values() if parent} <= parents.keys()
