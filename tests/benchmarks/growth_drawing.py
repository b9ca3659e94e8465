"""Draws how time and memory grow with the number of helpers: both axes by powers of ten, one line each."""

from __future__ import annotations

from collections.abc import Sequence
from math import log10
from pathlib import Path

WIDTH, HEIGHT, LEFT, TOP, RIGHT, BOTTOM = 760, 400, 70, 50, 700, 340
LINES = (("one need, p95 CPU, ms", "#0b6885", ""), ("memory, GB", "#8a4b00", "6 4"))


def draw(rows: Sequence[tuple[int, float, float]], path: Path) -> None:
    """`rows`: (helpers, milliseconds, gigabytes)."""
    low, high = -1.0, 2.0
    first, last = log10(rows[0][0]), max(log10(rows[-1][0]), log10(rows[0][0]) + 1)

    def x(count: float) -> float:
        return LEFT + (RIGHT - LEFT) * (log10(count) - first) / (last - first)

    def y(value: float) -> float:
        return BOTTOM - (BOTTOM - TOP) * (log10(max(value, 0.1)) - low) / (high - low)

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
        'font-family="sans-serif" font-size="13">',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>',
        f'<text x="{LEFT}" y="24" font-size="15">Matching one need: time and memory by number of helpers</text>',
    ]
    for power in (-1, 0, 1, 2):
        at = y(10**power)
        parts.append(f'<line x1="{LEFT}" y1="{at:.1f}" x2="{RIGHT}" y2="{at:.1f}" stroke="#ddd"/>')
        parts.append(f'<text x="{LEFT - 8}" y="{at + 4:.1f}" text-anchor="end">{10**power:g}</text>')
    for count, _milliseconds, _gigabytes in rows:
        parts.append(f'<text x="{x(count):.1f}" y="{BOTTOM + 20}" text-anchor="middle">{count:,}</text>')
    for place, (name, colour, dashes) in enumerate(LINES, start=1):
        points = [(x(row[0]), y(row[place]), row[place]) for row in rows]
        line = " ".join(f"{across:.1f},{down:.1f}" for across, down, _ in points)
        dashed = f' stroke-dasharray="{dashes}"' if dashes else ""
        parts.append(f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="2"{dashed}/>')
        for across, down, value in points:
            parts.append(f'<circle cx="{across:.1f}" cy="{down:.1f}" r="3" fill="{colour}"/>')
            parts.append(
                f'<text x="{across:.1f}" y="{down - 8:.1f}" text-anchor="middle" fill="{colour}">{value:g}</text>'
            )
        start = LEFT + 250 * (place - 1)
        parts.append(
            f'<line x1="{start}" y1="{HEIGHT - 20}" x2="{start + 30}" y2="{HEIGHT - 20}" stroke="{colour}" '
            f'stroke-width="2"{dashed}/><text x="{start + 38}" y="{HEIGHT - 16}">{name}</text>'
        )
    path.write_text("\n".join([*parts, "</svg>", ""]), encoding="utf-8")
