"""Tables of learnt weights and of what ranks since when: both are appended to and never changed."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from matchmaker.accounts.models import User
from matchmaker.core.db import ExactNumber, Instant, Json, JsonList, Key, RegionCode, ShortText, db


class LearntWeights(db.Model):  # type: ignore[name-defined]
    """What one look at all answers taught. `digest` names the answers: the same are not learnt from twice."""

    __tablename__ = "learnt_weights"

    id: Mapped[Key]
    region: Mapped[RegionCode]  # of the bureau that runs the platform
    digest: Mapped[str] = mapped_column(sa.String(64), unique=True)
    learnt: Mapped[Instant]
    learnt_by_id: Mapped[int] = mapped_column(sa.ForeignKey("users.id"))
    until: Mapped[Instant]  # the latest of the answers
    engine: Mapped[str] = mapped_column(sa.String(60))
    answers: Mapped[int]
    accepted: Mapped[int]
    intercept: Mapped[object] = mapped_column(ExactNumber())
    weights: Mapped[Json]  # exact as text, by part
    typical: Mapped[Json]
    by_hand: Mapped[Json]  # the weights set by hand on that day
    loss: Mapped[object] = mapped_column(ExactNumber())
    loss_by_hand: Mapped[object] = mapped_column(ExactNumber())
    loss_by_share: Mapped[object] = mapped_column(ExactNumber())
    bins: Mapped[JsonList]  # [answers, forecast, accepted]
    learnt_by: Mapped[User] = relationship(lazy="joined")

    @property
    def is_better(self) -> bool:
        """Do they forecast strange answers better than the weights set by hand and than the mere share?"""
        others: list[Any] = [self.loss_by_hand, self.loss_by_share]
        return bool(self.loss < min(others))


class WeightSwitch(db.Model):  # type: ignore[name-defined]
    """From `since` on these weights rank, or those set by hand; the row of the highest number is in force.

    Numbers run on from 1: of two who switch at once one is second, and is refused.
    """

    __tablename__ = "weight_switches"
    __table_args__ = (sa.CheckConstraint("number >= 1", name="number_from_one"),)

    id: Mapped[Key]
    region: Mapped[RegionCode]
    number: Mapped[int] = mapped_column(unique=True)
    weights_id: Mapped[int | None] = mapped_column(sa.ForeignKey("learnt_weights.id"), index=True)
    since: Mapped[Instant]
    by_id: Mapped[int] = mapped_column(sa.ForeignKey("users.id"))
    reason: Mapped[ShortText]
    weights: Mapped[LearntWeights | None] = relationship(lazy="joined")
    by: Mapped[User] = relationship(lazy="joined")
