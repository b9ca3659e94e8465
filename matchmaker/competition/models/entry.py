"""What is handed in to a contest."""

from __future__ import annotations

from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from matchmaker.accounts.models import User
from matchmaker.competition.models.contest import Contest, ContestGroup, ContestTrack
from matchmaker.competition.rules.states import EntryState
from matchmaker.core.db import Instant, JsonList, Key, LongText, Money, Name, RegionCode, db
from matchmaker.directory.models import Organisation

STANDING = "state NOT IN ('withdrawn', 'disqualified')"


class Entry(db.Model):  # type: ignore[name-defined]
    """One project of a firm or a team; `members` are {name, phone, email} of the people in it."""

    __tablename__ = "entries"
    __table_args__ = (  # partial: one standing entry a firm, one a person without a firm
        sa.Index(
            "uq_standing_entry_organisation",
            "contest_id",
            "organisation_id",
            unique=True,
            sqlite_where=sa.text(STANDING),
            postgresql_where=sa.text(STANDING),
        ),
        sa.Index(
            "uq_standing_entry_team",
            "contest_id",
            "team_name",
            unique=True,
            sqlite_where=sa.text(STANDING + " AND organisation_id IS NULL"),
            postgresql_where=sa.text(STANDING + " AND organisation_id IS NULL"),
        ),
        sa.Index("ix_entries_contest_state", "contest_id", "state", "id"),
    )

    id: Mapped[Key]
    region: Mapped[RegionCode]
    contest_id: Mapped[int] = mapped_column(sa.ForeignKey("contests.id"))
    group_id: Mapped[int] = mapped_column(sa.ForeignKey("contest_groups.id"), index=True)
    track_id: Mapped[int] = mapped_column(sa.ForeignKey("contest_tracks.id"))
    organisation_id: Mapped[int | None] = mapped_column(sa.ForeignKey("organisations.id"), index=True)
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("users.id"), index=True)
    team_name: Mapped[str | None] = mapped_column(sa.String(100))
    number: Mapped[str | None] = mapped_column(sa.String(40))
    title: Mapped[Name]
    summary: Mapped[LongText]
    leader: Mapped[str] = mapped_column(sa.String(60))
    phone: Mapped[str] = mapped_column(sa.String(20))
    email: Mapped[str] = mapped_column(sa.String(254), default="")
    members: Mapped[JsonList]
    revenue_fen: Mapped[Money | None]
    listed: Mapped[bool | None]
    sme_number: Mapped[str] = mapped_column(sa.String(40), default="")
    hnte_number: Mapped[str] = mapped_column(sa.String(40), default="")
    hnte_valid_to: Mapped[date | None]
    state: Mapped[EntryState]
    reason: Mapped[str | None] = mapped_column(sa.String(500))
    findings: Mapped[JsonList]
    review_note: Mapped[str | None] = mapped_column(sa.String(500))
    created: Mapped[Instant]
    updated: Mapped[Instant]
    submitted: Mapped[Instant | None]
    version: Mapped[int] = mapped_column(default=1)
    contest: Mapped[Contest] = relationship(lazy="joined")
    group: Mapped[ContestGroup] = relationship(lazy="joined")
    track: Mapped[ContestTrack] = relationship(lazy="joined")
    organisation: Mapped[Organisation | None] = relationship(lazy="joined")
    user: Mapped[User] = relationship(lazy="joined")

    __mapper_args__ = {"version_id_col": version}

    @property
    def who(self) -> str:
        """The firm's name, or the team's."""
        return self.organisation.name if self.organisation else (self.team_name or self.leader)
