"""What the activity log plugs into the application."""

from __future__ import annotations

from flask import Flask
from flask_babel import gettext

from matchmaker.activity import queries
from matchmaker.core.feature import Feature, activity_title


def setup(app: Flask) -> None:
    """Templates say `row.kind|activity`."""
    app.add_template_filter(lambda kind: gettext(activity_title(kind)), "activity")


FEATURE = Feature(name="activity", title="操作记录", personal_data=queries.personal_data, setup=setup)
