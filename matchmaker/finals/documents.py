"""Paper of a live final: blank score sheets in case the network is gone, and the sheet that everybody signs."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from flask_babel import gettext as _

from matchmaker.competition.models import Ballot, Standing
from matchmaker.core import clock
from matchmaker.core.documents import chinese_day
from matchmaker.finals.models import Final
from matchmaker.finals.rules import Phase


def blank_sheets(final: Final, ballots: Sequence[Ballot]) -> dict[str, Any]:
    """One sheet a judge and entry, by judge and order of appearance; nothing that was scored is on it."""
    order = {row.entry_id: row.position or 0 for row in final.appearances}
    turns = {row.entry_id: turn for turn, row in enumerate(final.running) if row.phase is not Phase.WITHDRAWN}
    rows = sorted((b for b in ballots if b.entry_id in turns), key=lambda b: (b.seat_id, turns[b.entry_id]))
    contest = final.stage.contest
    return {
        "sheets": [
            {
                "title": f"{contest.title}评分表",
                "subtitle": f"{final.stage.code.label}　No. {ballot.id}",
                "facts": [
                    {"label": "出场顺序", "value": str(order.get(ballot.entry_id) or "")},
                    {"label": "项目", "value": ballot.entry.title},
                    {"label": "组别", "value": ballot.entry.group.title},
                    {"label": "评委", "value": ballot.seat.user.name},
                ],
                "criteria": [
                    {
                        "title": row.label,
                        "weight": plain(row.weight),
                        "most": plain(row.maximum),
                    }
                    for row in final.stage.criteria_of(ballot.entry.group)
                ],
            }
            for ballot in rows
        ]
    }


def signature_sheet(final: Final, standings: Sequence[Standing]) -> dict[str, Any]:
    """The locked scores with a place for every judge's and every team's signature."""
    contest, kept = final.stage.contest, {row.entry_id: row for row in standings}
    rows = [
        [
            str(row.position or "—"),
            row.entry.title,
            row.speaker,
            " · ".join(kept[row.entry_id].marks) if row.entry_id in kept else "—",
            f"{kept[row.entry_id].score:.2f}" if row.entry_id in kept else "—",
            "",
        ]
        for row in final.appearances
        if row.phase is not Phase.WITHDRAWN
    ]
    titles = [
        ("出场", "center"),
        ("项目", "left"),
        ("答辩人", "left"),
        ("评委评分", "left"),
        ("得分", "right"),
        ("参赛者签名", "left"),
    ]
    return {
        "title": f"{contest.title}{final.stage.code.label}成绩确认表",
        "subtitle": final.venue,
        "columns": [
            {"title": title, "align": align, "weight": weight}
            for (title, align), weight in zip(titles, (1, 4, 2, 4, 2, 3), strict=True)
        ],
        "rows": rows,
        "notes": ["对以上成绩无异议，签名确认。", "评委签名：", "", "记分员签名：　　　　　　　　监督人签名："],
        "date": chinese_day(clock.today()),
    }


def plain(number: Decimal) -> str:
    """A number without trailing zeros."""
    return f"{number.normalize():f}"


def phase_words() -> dict[str, str]:
    """The words of the stage screen by phase."""
    return {
        "waiting": _("候场"),
        "pitching": _("陈述"),
        "questions": _("提问"),
        "scoring": _("评委打分"),
        "shown": _("得分"),
        "absent": _("未到场"),
        "paused": _("计时暂停"),
    }
