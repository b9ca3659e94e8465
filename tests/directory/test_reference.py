"""The reference files hold together: unique keys, closed parents, the counts of their standards."""

import csv
from collections import Counter
from pathlib import Path

import pytest
import yaml

from matchmaker.accounts.rules import Role
from matchmaker.directory.rules import HighTechField

REFERENCE = Path(__file__).parents[2] / "seeds/reference"
KEYS = {"workdays.csv": "date", "measures.csv": "num", "roles.csv": "key"}


def rows(name):
    with (REFERENCE / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, strict=True))


@pytest.mark.parametrize("path", sorted(REFERENCE.glob("*.csv")), ids=lambda path: path.name)
def test_every_file_is_tidy_and_its_key_unique(path):
    text = path.read_text(encoding="utf-8")
    keys = [row[KEYS.get(path.name, "code")] for row in rows(path.name)]

    assert text.endswith("\n")
    assert "\r" not in text
    assert all(None not in row and None not in row.values() for row in rows(path.name))
    assert len(keys) == len(set(keys)) > 0
    assert f"`{path.name}` | {len(keys)} |" in (REFERENCE.parent / "README.md").read_text(encoding="utf-8")


def test_industries_are_those_of_the_standard():
    industries = rows("industries.csv")
    levels = Counter(row["level"] for row in industries)
    codes = {row["code"] for row in industries}

    assert (levels["section"], levels["division"]) == (20, 97)
    assert {row["parent"] for row in industries if row["parent"]} <= codes
    assert all(row["code"].startswith(row["parent"]) for row in industries)


def test_high_tech_fields_are_those_of_the_rules():
    assert {row["code"]: row["name_zh"] for row in rows("high_tech_fields.csv")} == {
        field.value: field.label for field in HighTechField
    }


def test_roles_are_those_of_the_accounts():
    assert {row["key"]: row["name_zh"] for row in rows("roles.csv")} == {role.value: role.label for role in Role}


def test_key_industries_point_to_listed_industries():
    codes = {row["code"] for row in rows("industries.csv")}
    industries = rows("key_industries.csv")

    assert [row["name_zh"] for row in industries if row["plan_line"]] == (
        ["智慧安防", "会展经济", "现代服务", "文化创意", "军民融合", "商贸", "旅游"]
    )
    assert {code for row in industries for code in row["industries"].split(";") if code} <= codes


def test_disciplines_are_the_62_of_the_standard():
    assert len(rows("disciplines.csv")) == 62


def test_targets_and_measures_are_the_plans():
    plan = yaml.safe_load((REFERENCE / "plan.yaml").read_text(encoding="utf-8"))
    measures = rows("measures.csv")
    targets = {row["code"]: (row["value"], row["value_max"], row["due"]) for row in rows("indicators.csv")}

    assert plan["plan"]["document_number"] == "水政办〔2018〕66号"
    assert [int(row["num"]) for row in measures] == list(range(1, 29))
    assert {row["group"] for row in measures} == {group["code"] for group in plan["task_groups"]}
    assert targets["T1"] == ("400", "", "2020")
    assert targets["T2"] == ("4", "8", "2020")
    assert targets["T7"] == ("0.15", "", "2020")
    assert targets["C1"] == ("1", "2", "")
    assert len(targets) == 12
