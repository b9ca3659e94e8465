"""What reports plug into the application."""

from __future__ import annotations

from matchmaker.core.feature import Feature, Tab
from matchmaker.reports import views

FEATURE = Feature(
    name="reports",
    title="活动总结",
    blueprints=(views.bp,),
    tabs=(Tab("event", "总结", "reports.of_event", "event_id", lambda _viewer, _event: True, order=90),),
)
