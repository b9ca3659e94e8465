"""The table of campaigns: one message to many people of an event."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from matchmaker.accounts.models import User
from matchmaker.campaigns import rules
from matchmaker.campaigns.rules import CampaignState, Occasion, Timing, Way
from matchmaker.core.db import Instant, Json, Key, LongText, Name, db
from matchmaker.events.models import Audience, Event


class Campaign(db.Model):  # type: ignore[name-defined]
    """One message to the people of an event that a filter leaves, now or later.

    Who gets it is found when it goes out: registrations or, with `invited`, people who were asked and have not
    answered. `cursor` is the last of them that has been served. Its messages bear the batch `campaign:<id>` and the key
    `campaign:<id>:<registration>` or `campaign:<id>:i<invitation>`. `group_id` limits it to one group of people.
    """

    __tablename__ = "campaigns"
    __table_args__ = (
        sa.Index("ix_campaigns_event", "event_id", "id"),
        sa.Index("ix_campaigns_state", "state"),
        sa.CheckConstraint("minutes >= 0", name="a_distance_in_time"),
        sa.CheckConstraint("timing != 'moment' OR moment IS NOT NULL OR state = 'draft'", name="a_moment_is_named"),
    )

    id: Mapped[Key]
    event_id: Mapped[int] = mapped_column(sa.ForeignKey("events.id"))
    invited: Mapped[bool] = mapped_column(default=False)
    group_id: Mapped[int | None]  # no foreign key: of a group that is gone nobody is left, never everybody
    name: Mapped[Name]
    occasion: Mapped[Occasion] = mapped_column(default=Occasion.OTHER)
    state: Mapped[CampaignState] = mapped_column(default=CampaignState.DRAFT)
    subject: Mapped[Name]
    subject_en: Mapped[Name] = mapped_column(default="")
    body: Mapped[LongText]
    body_en: Mapped[LongText] = mapped_column(default="")
    filters: Mapped[Json] = mapped_column(sa.JSON(), default=dict)
    way: Mapped[Way] = mapped_column(default=Way.REACHABLE)
    each: Mapped[bool] = mapped_column(default=False)
    timing: Mapped[Timing] = mapped_column(default=Timing.NOW)
    minutes: Mapped[int] = mapped_column(default=0)
    moment: Mapped[Instant | None]
    replaces_reminder: Mapped[bool] = mapped_column(default=False)
    cursor: Mapped[int] = mapped_column(default=0)
    expected: Mapped[int] = mapped_column(default=0)
    queued: Mapped[int] = mapped_column(default=0)
    unreachable: Mapped[int] = mapped_column(default=0)
    shared: Mapped[int] = mapped_column(default=0)
    asked: Mapped[Instant | None]
    started: Mapped[Instant | None]
    finished: Mapped[Instant | None]
    missed_for: Mapped[str | None] = mapped_column(sa.String(200))
    created_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"), index=True)
    created: Mapped[Instant]
    updated: Mapped[Instant]
    version: Mapped[int] = mapped_column(default=1)
    event: Mapped[Event] = relationship(lazy="joined")
    created_by: Mapped[User | None] = relationship()

    __mapper_args__ = {"version_id_col": version}

    @property
    def group(self) -> Audience | None:
        """The group of people it is limited to."""
        return next((group for group in self.event.audiences if group.id == self.group_id), None)

    @property
    def batch(self) -> str:
        """The name of its messages in the delivery log."""
        return f"campaign:{self.id}"

    @property
    def planned_for(self) -> datetime | None:
        """When it goes out, by the times that the event has now."""
        return rules.moment_of(
            self.timing,
            minutes=self.minutes,
            moment=self.moment,
            starts=self.event.starts,
            ends=self.event.ends,
            asked=self.asked,
        )

    @property
    def progress(self) -> int:
        """How much of it has been queued, in percent."""
        done = self.queued + self.unreachable + self.shared
        return 100 if self.finished else min(99, done * 100 // self.expected) if self.expected else 0

    def words(self, language: str) -> tuple[str, str]:
        """Subject and body in a language; Chinese where the other is empty."""
        english = language == "en"
        return (self.subject_en if english else "") or self.subject, (self.body_en if english else "") or self.body

    @property
    def texts(self) -> tuple[Any, ...]:
        """Everything typed that may hold placeholders."""
        return self.subject, self.body, self.subject_en, self.body_en
