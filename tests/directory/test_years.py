"""Years that are closed for a region and all within it, and lists loaded by key."""

import pytest

from matchmaker.core.db import db, transaction
from matchmaker.core.errors import Conflict
from matchmaker.directory import rules
from matchmaker.directory.services import closed_years, reference, require_open_year, years


def test_a_closed_year_changes_only_by_correction():
    rules.check_year_open(year=2026, closed_years=frozenset({2025}))
    rules.check_year_open(year=2025, closed_years=frozenset({2025}), correction_reason="漏计一家")

    with pytest.raises(Conflict):
        rules.check_year_open(year=2025, closed_years=frozenset({2025}), correction_reason=" ")


def test_a_year_closed_for_the_city_is_closed_for_its_districts(app, now):
    with transaction():
        years.close_year("650100", 2025, proposed_by_id=1, closed_by_id=2, now=now)

    assert closed_years("650105") == closed_years("650100") == {2025}
    assert closed_years("650000") == closed_years("650200") == frozenset()
    require_open_year("650105", 2026)
    with pytest.raises(Conflict):
        require_open_year("650105", 2025)


def test_a_list_is_loaded_by_key(app):
    first = [{"code": "1", "name_zh": "甲", "name_en": "A"}, {"code": "2", "name_zh": "乙", "name_en": "B"}]
    with transaction():
        assert reference.load_items("letters", first) == 2
    with transaction():
        assert reference.load_items("letters", [first[0], {**first[1], "name_zh": "二"}]) == 1

    assert [row.name_zh for row in db.session.execute(reference.items_of("letters")).scalars()] == ["甲", "二"]
