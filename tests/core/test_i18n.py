"""How moments read."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from matchmaker.core import i18n

EIGHT = datetime(2026, 3, 2, 0, 0, tzinfo=UTC)  # eight o'clock in China


@pytest.mark.parametrize(
    ("hour", "shown"),
    [(1, "3月2日 周一 08:00–09:00"), (15, "3月2日 周一 08:00–23:00"), (16, "3月2日 周一 08:00 – 3月3日 周二 00:00")],
)
def test_a_span_names_its_day_once_as_china_counts_days(app, now, hour, shown):
    with app.test_request_context():
        assert i18n.span(EIGHT, EIGHT.replace(hour=hour)) == shown


def test_a_span_in_english(app, now):
    with app.test_request_context("/?lang=en"):
        assert i18n.span(EIGHT, EIGHT.replace(hour=1)) == "Mon 2 Mar 08:00–09:00"
