"""Paper of a contest: the minutes of its deliberations, to be signed. Official papers are in Chinese."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from matchmaker.competition.models import ContestStage, JudgeSeat
from matchmaker.core import clock
from matchmaker.core.calendar import wall_time
from matchmaker.core.documents import chinese_day

COLUMNS = (("项目", 5), ("评委", 3), ("合议意见", 10), ("时间", 3))
LINE = "＿" * 8
SIGNED = "对以上合议记录无异议，签名确认。"


def minutes_paper(stage: ContestStage, discussed: Sequence[Any]) -> dict[str, Any]:
    """Entry by entry for minutes.typ: panel, notes, conclusion, and a line for each judge who signs."""
    return {
        "title": f"{stage.contest.title}{stage.code.label}合议记录",
        "subtitle": f"成绩锁定：{_moment(stage.locked)}",
        "entries": [_entry(number, row) for number, row in enumerate(discussed, start=1)],
        "signed": SIGNED,
        "date": chinese_day(clock.today()),
    }


def minutes_table(stage: ContestStage, discussed: Sequence[Any]) -> dict[str, Any]:
    """The same as one table, for a document that can be edited."""
    rows = []
    for row in discussed:
        title, shown = row.entry.title, _entry(0, row)
        rows += [[title, note["who"], note["text"], note["moment"]] for note in shown["notes"]]
        signatures = "\n".join(f"{name}：{LINE}" for name in shown["signers"])
        rows.append([title, "签名", signatures + "".join(f"\n{text}" for text in shown["away"]), ""])
    paper = minutes_paper(stage, discussed)
    return {
        "title": paper["title"],
        "subtitle": paper["subtitle"],
        "columns": [{"title": title, "align": "left", "weight": weight} for title, weight in COLUMNS],
        "rows": rows,
        "notes": [SIGNED, f"记录人：{LINE}　　监督人：{LINE}"],
        "date": paper["date"],
    }


def _entry(number: int, row: Any) -> dict[str, Any]:
    gone = {seat.id for seat in row.away}
    return {
        "title": f"{number}. {row.entry.title}" if number else row.entry.title,
        "facts": f"{row.entry.who}　{row.entry.group.title}",
        "notes": [
            {
                "who": _name(note.seat, row.lead_id) + ("（已不在本项目评委中）" if note.seat_id in gone else ""),
                "text": ("【合议结论】" if note.conclusion else "") + note.text,
                "moment": _moment(note.moment),
                "conclusion": note.conclusion,
            }
            for note in row.notes
        ],
        "signers": [_name(seat, row.lead_id) for seat in row.panel],
        "away": [f"{seat.user.name}回避或不再评审本项目，不签名。" for seat in row.away],
    }


def _name(seat: JudgeSeat, lead_id: int | None) -> str:
    return f"{seat.user.name}（主审）" if seat.id == lead_id else seat.user.name


def _moment(moment: Any) -> str:
    return wall_time(moment).strftime("%Y-%m-%d %H:%M") if moment else ""
