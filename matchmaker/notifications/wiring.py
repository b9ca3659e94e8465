"""What notifications plug into the application."""

from __future__ import annotations

from datetime import timedelta

from matchmaker.core.feature import Feature, Job
from matchmaker.notifications import gateways, jobs, queries, services, views

FEATURE = Feature(
    name="notifications",
    title="通知",
    blueprints=(views.bp,),
    jobs=(Job("notifications.deliver", "发送待发邮件和短信", jobs.deliver, every=timedelta(seconds=15)),),
    personal_data=queries.personal_data,
    forget=services.forget,
    setup=gateways.init,
)
