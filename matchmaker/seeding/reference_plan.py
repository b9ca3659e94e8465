"""The plan with its twelve indicators and 28 measures."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from matchmaker.monitoring.rules import Aggregate, Direction
from matchmaker.monitoring.services import plans
from matchmaker.seeding import gateways

OFFICE = "区科技局"
CARRIERS = (
    "列入该项任务、已建成且有佐证文件的载体个数；在建或拟建的列出但不计入",
    "Carriers put down for this line that are built and have a document; planned ones are listed and not counted",
)
FORMULAS = {  # how we count; the plan itself leaves most of it open
    "tech_sme_count": (
        "当日登记编号有效、注册地在本区的企业数（按企业去重；迁出、注销之日起不计）",
        "Distinct enterprises of the district holding a registration number valid on the day",
    ),
    "hnte_count": (
        "当日持有有效高新技术企业证书的企业数（按企业去重；4 家为底线，8 家为力争目标）",
        "Distinct enterprises holding a valid certificate on the day (floor 4, stretch 8)",
    ),
    "innovation_team_count": ("当日有效的企业创新团队个数", "Innovation teams valid on the day"),
    "tech_envoy_count": (
        "当日在聘的科技特派员人数（一人多聘计一人）",
        "Different people with a live appointment as tech envoy on the day",
    ),
    "startup_mentor_count": (
        "当日在聘的创业导师人数（一人多聘计一人）",
        "Different people with a live appointment as start-up mentor on the day",
    ),
    "incubated_enterprise_cumulative": (
        "历年累计入驻过本区孵化载体的企业数（去重），企业离开不减少",
        "Distinct enterprises ever admitted to a carrier of the district; it never falls when a tenant leaves",
    ),
    "granted_patent_growth": (
        "（当日有效的授权专利件数 − 基期年末件数）÷ 基期年末件数；共有的专利计一件，基期为 0 时无基期",
        "(patents in force on the day − at the end of the baseline year) ÷ the latter; co-owned ones count once",
    ),
}


def load_plan() -> int:
    """Insert or update the plan; targets changed by hand stay."""
    document = gateways.document("reference", "plan")
    plan = document["plan"]
    facts = {
        "region": plan["region"],
        "code": plan["code"],
        "document": plan["document_number"],
        "title_zh": plan["title_zh"],
        "title_en": plan["title_en"],
        "issued_on": plan["issued_on"],
        "first_year": plan["period"]["from"],
        "last_year": plan["period"]["to"],
        "baseline_year": plan["baseline_year"],
        "data": {key: document[key] for key in ("parents", "task_groups", "safeguards")},
    }
    rows = gateways.rows("reference", "indicators")
    return plans.load_plan(
        facts,
        indicators=[_indicator(row, position) for position, row in enumerate(rows, start=1)],
        measures=[_measure(row) for row in gateways.rows("reference", "measures")],
    )


def _indicator(row: dict[str, str], position: int) -> dict[str, Any]:
    formula_zh, formula_en = FORMULAS.get(row["key"], CARRIERS)
    return {
        "position": position,
        "code": row["code"],
        "key": row["key"],
        "name_zh": row["name_zh"],
        "name_en": row["name_en"],
        "direction": Direction.UP if row["op"] == ">=" else Direction.DOWN,
        "aggregate": _aggregate(row),
        "unit": row["unit"] or "%",
        "unit_en": row["unit_en"] or "%",
        "formula_zh": formula_zh,
        "formula_en": formula_en,
        "gap_zh": row["gap_zh"],
        "gap_en": row["gap_en"],
        "target": Decimal(row["value"]),
        "stretch": Decimal(row["value_max"]) if row["value_max"] else None,
        "due": date(int(row["due"]), 12, 31) if row["due"] else None,
        "line": int(row["line"]),
        "action": row["action"],
        "measure": int(row["measure"]) if row["measure"] else None,
        "office": OFFICE,
    }


def _aggregate(row: dict[str, str]) -> Aggregate:
    if row["measured_as"] == "ratio":
        return Aggregate.GROWTH
    return Aggregate.CUMULATIVE if row["key"].endswith("_cumulative") else Aggregate.STOCK


def _measure(row: dict[str, str]) -> dict[str, Any]:
    return {
        "number": int(row["num"]),
        "group": row["group"],
        "name_zh": row["name_zh"],
        "name_en": row["name_en"],
        "line": int(row["line"]),
    }
