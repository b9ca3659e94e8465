"""What the list component plugs into the application."""

from __future__ import annotations

from matchmaker.core.feature import Feature
from matchmaker.lists import queries, services, views

FEATURE = Feature(
    name="lists",
    title="列表",
    blueprints=(views.bp,),
    personal_data=queries.personal_data,
    forget=services.forget,
)
