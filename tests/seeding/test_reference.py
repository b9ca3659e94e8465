"""Reference data is loaded by key, any number of times."""

import sqlalchemy as sa

from matchmaker.core.db import db
from matchmaker.directory.models import ReferenceItem
from matchmaker.seeding import services


def test_reference_lists_are_loaded_by_key(app):
    first, second = services.load_reference(), services.load_reference()

    assert first["regions"] == 91 and first["industries"] == 255
    assert set(second.values()) == {0}
    region = db.session.execute(sa.select(ReferenceItem).filter_by(set="regions", code="650105")).scalar_one()
    assert (region.name_zh, region.parent) == ("水磨沟区", "650100")
