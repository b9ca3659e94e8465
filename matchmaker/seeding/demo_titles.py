"""Demo titles: technology SMEs, HNTE certificates, teams and patents, some of them over."""

from __future__ import annotations

from matchmaker.evaluation import services
from matchmaker.evaluation.rules import PatentKind, TitleKind
from matchmaker.seeding.demo import Demo


def load_titles(demo: Demo) -> int:
    """Each recorded on the day it was granted; `{year}` in a number is the year of that day."""
    rows = sorted(demo.new("titles"), key=lambda row: -int(row["valid_from_days_ago"]))
    for row in rows:
        first = demo.ago(row["valid_from_days_ago"])
        with demo.on(first):
            title = services.record(
                actor=demo.staff(row["region"]),
                region=row["region"],
                kind=TitleKind(row["kind"]),
                subkind=PatentKind(row["subkind"]) if row["subkind"] else None,
                number=row["number"].format(year=first.year),
                name=row["title"],
                holder=demo.organisation(row["holder"]).name,
                co_holders=demo.organisation(row["co_holder"]).name if row["co_holder"] else "",
                valid_from=first,
                valid_to=demo.ahead(row["valid_to_in_days"]) if row["valid_to_in_days"] else None,
                document=row["document"],
                note=row["note"],
                source="demo",
                demo=True,
            )
        demo.note(row["key"], title.id)
    return len(rows)
