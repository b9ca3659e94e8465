"""A thousand badges on A4: the time is printed; ten times as many take about ten times as long."""

from __future__ import annotations

import io
from time import perf_counter

import pytest
from pypdf import PdfReader

from matchmaker.badges import rules
from matchmaker.core import documents
from matchmaker.events.models import new_code
from matchmaker.events.rules.tickets import ticket_text

pytestmark = [pytest.mark.bench, pytest.mark.timeout(300)]
NAMES = ["李明", "欧阳娜娜", "阿卜杜热依木·买买提明", "Alexander Hamilton", "王" * 60]
MOST_SECONDS = 30


def cards(count):
    for n in range(count):
        code = new_code()
        yield {
            "name": rules.printable(NAMES[n % len(NAMES)]),
            "organisation": f"红光山第{n}科技有限公司",
            "position": "总经理",
            "group": "",
            "code": code,
            "qr": documents.qr_svg(ticket_text(code)),
        }


def rendered(count):
    began = perf_counter()
    data = {
        "paper": "sheet",
        "title": "招商对接会",
        "day": "2026年3月1日",
        "foot": "科技局",
        "cards": list(cards(count)),
    }
    body = documents.pdf("badges", data)
    return perf_counter() - began, body


def test_1000_badges_against_100():
    rendered(10)  # warm
    few, _body = rendered(100)

    many, body = rendered(1000)

    print(f"\n100 badges {few:.2f} s, 1 000 badges {many:.2f} s, {len(body) // 1024} KB")
    assert len(PdfReader(io.BytesIO(body)).pages) == 100
    assert many <= MOST_SECONDS
    assert many <= 13 * few
