"""What is handed in to a contest: the entry, the people in it, its versions and its files."""

from __future__ import annotations

from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from matchmaker.accounts.models import User
from matchmaker.competition.models.contest import Contest, ContestGroup, ContestTrack
from matchmaker.competition.rules.eligibility import Group, Level, Verdict
from matchmaker.competition.rules.states import EntryState
from matchmaker.competition.rules.teams import MemberState
from matchmaker.competition.rules.uploads import Material
from matchmaker.core.db import Instant, Json, JsonList, Key, LongText, Money, Name, RegionCode, db
from matchmaker.directory.models import Organisation
from matchmaker.files.models import StoredFile

STANDING = "state NOT IN ('withdrawn', 'disqualified')"


class Entry(db.Model):  # type: ignore[name-defined]
    """One project of a firm or a team. `mark` sketches its words, so that earlier entries like it are found;
    `versions` counts how often it was handed in, `late` says that the last time was within the grace period."""

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
    revenue_fen: Mapped[Money | None]
    listed: Mapped[bool | None]
    sme_number: Mapped[str] = mapped_column(sa.String(40), default="")
    hnte_number: Mapped[str] = mapped_column(sa.String(40), default="")
    hnte_valid_to: Mapped[date | None]
    ip_clear: Mapped[bool | None]
    good_record: Mapped[bool | None]
    state: Mapped[EntryState]
    reason: Mapped[str | None] = mapped_column(sa.String(500))
    findings: Mapped[JsonList]
    review_note: Mapped[str | None] = mapped_column(sa.String(500))
    created: Mapped[Instant]
    updated: Mapped[Instant]
    submitted: Mapped[Instant | None]
    late: Mapped[bool] = mapped_column(default=False)
    versions: Mapped[int] = mapped_column(default=0)
    mark: Mapped[str] = mapped_column(sa.String(16), default="")
    version: Mapped[int] = mapped_column(default=1)
    contest: Mapped[Contest] = relationship(lazy="joined")
    group: Mapped[ContestGroup] = relationship(lazy="joined")
    track: Mapped[ContestTrack] = relationship(lazy="joined")
    organisation: Mapped[Organisation | None] = relationship(lazy="joined")
    user: Mapped[User] = relationship(lazy="joined")
    team: Mapped[list[EntryMember]] = relationship(
        back_populates="entry", order_by="EntryMember.position, EntryMember.id", cascade="all, delete-orphan"
    )
    files: Mapped[list[EntryFile]] = relationship(
        back_populates="entry",
        order_by="EntryFile.id",
        primaryjoin="and_(Entry.id == EntryFile.entry_id, EntryFile.dropped.is_(None))",
    )
    settlements: Mapped[list[Settlement]] = relationship(
        order_by="Settlement.id",
        primaryjoin="and_(Entry.id == Settlement.entry_id, Settlement.undone.is_(None))",
        viewonly=True,
    )

    __mapper_args__ = {"version_id_col": version}

    @property
    def who(self) -> str:
        """The firm's name, or the team's."""
        return self.organisation.name if self.organisation else (self.team_name or self.leader)

    @property
    def members(self) -> list[dict[str, Any]]:
        """The people beside the leader, as plain values."""
        keys = ("name", "phone", "email", "user_id")
        return [{key: getattr(row, key) for key in keys} for row in self.team]


class EntryMember(db.Model):  # type: ignore[name-defined]
    """A person in an entry, who is asked whether that is true; a new `nonce` makes older links worthless."""

    __tablename__ = "entry_members"
    __table_args__ = (sa.UniqueConstraint("entry_id", "name"),)

    id: Mapped[Key]
    entry_id: Mapped[int] = mapped_column(sa.ForeignKey("entries.id"))
    position: Mapped[int]
    name: Mapped[str] = mapped_column(sa.String(60))
    phone: Mapped[str] = mapped_column(sa.String(20), default="", index=True)
    email: Mapped[str] = mapped_column(sa.String(254), default="", index=True)
    user_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"), index=True)
    state: Mapped[MemberState]
    nonce: Mapped[str] = mapped_column(sa.String(32))
    asked: Mapped[Instant | None]
    answered: Mapped[Instant | None]
    entry: Mapped[Entry] = relationship(back_populates="team")

    @property
    def reachable(self) -> bool:
        return bool(self.email or self.phone)


class EntryFile(db.Model):  # type: ignore[name-defined]
    """A file of an entry. A dropped one stays, because a version that was handed in may have had it."""

    __tablename__ = "entry_files"

    id: Mapped[Key]
    region: Mapped[RegionCode]
    entry_id: Mapped[int] = mapped_column(sa.ForeignKey("entries.id"), index=True)
    kind: Mapped[Material]
    file_id: Mapped[int | None] = mapped_column(sa.ForeignKey("stored_files.id"))
    pages: Mapped[int | None]
    created: Mapped[Instant]
    dropped: Mapped[Instant | None]
    entry: Mapped[Entry] = relationship(back_populates="files")
    file: Mapped[StoredFile | None] = relationship(lazy="joined")


class EntryVersion(db.Model):  # type: ignore[name-defined]
    """An entry as it was handed in: appended, never changed. `data` holds its fields, people and files."""

    __tablename__ = "entry_versions"
    __table_args__ = (sa.UniqueConstraint("entry_id", "number"),)

    id: Mapped[Key]
    entry_id: Mapped[int] = mapped_column(sa.ForeignKey("entries.id"))
    number: Mapped[int]
    moment: Mapped[Instant]
    late: Mapped[bool]
    actor_id: Mapped[int] = mapped_column(sa.ForeignKey("users.id"))
    data: Mapped[Json]


class Settlement(db.Model):  # type: ignore[name-defined]
    """What a person made of one finding: with the sentence it was about, the grounds, the name and the moment."""

    __tablename__ = "entry_settlements"
    __table_args__ = (
        sa.Index(  # one that counts for each check
            "uq_entry_settlements_standing",
            "entry_id",
            "check",
            unique=True,
            sqlite_where=sa.text("undone IS NULL"),
            postgresql_where=sa.text("undone IS NULL"),
        ),
    )

    id: Mapped[Key]
    entry_id: Mapped[int] = mapped_column(sa.ForeignKey("entries.id"), index=True)
    check: Mapped[str] = mapped_column(sa.String(40))
    verdict: Mapped[Verdict]
    about: Mapped[Json]
    note: Mapped[str] = mapped_column(sa.String(500))
    actor_id: Mapped[int] = mapped_column(sa.ForeignKey("users.id"))
    moment: Mapped[Instant]
    undone: Mapped[Instant | None]
    actor: Mapped[User] = relationship(lazy="joined")


class PriorWin(db.Model):  # type: ignore[name-defined]
    """A prize of an earlier contest elsewhere, from an imported list."""

    __tablename__ = "prior_wins"
    __table_args__ = (sa.UniqueConstraint("region", "key"),)

    id: Mapped[Key]
    region: Mapped[RegionCode]
    key: Mapped[str] = mapped_column(sa.String(64))
    year: Mapped[int]
    level: Mapped[Level]
    contest: Mapped[str] = mapped_column(sa.String(200), default="")
    group_code: Mapped[Group | None]
    name: Mapped[Name]
    folded_name: Mapped[str] = mapped_column(sa.String(200), index=True)
    uscc: Mapped[str] = mapped_column(sa.String(18), default="", index=True)
    project: Mapped[str] = mapped_column(sa.String(200), default="")
    folded_project: Mapped[str] = mapped_column(sa.String(200), default="", index=True)
    prize: Mapped[str] = mapped_column(sa.String(60), default="")
    source: Mapped[str] = mapped_column(sa.String(200), default="")
    created: Mapped[Instant]


class BlindCopy(db.Model):  # type: ignore[name-defined]
    """What judges of a blind stage see instead of the entry. `made_of` is the fingerprint of what it was made from;
    `files` are {entry_file, choice, file}: which file is shown as what, or withheld."""

    __tablename__ = "blind_copies"

    id: Mapped[Key]
    region: Mapped[RegionCode]
    entry_id: Mapped[int] = mapped_column(sa.ForeignKey("entries.id"), unique=True)
    title: Mapped[Name]
    summary: Mapped[LongText]
    files: Mapped[JsonList]
    made_of: Mapped[str] = mapped_column(sa.String(64))
    released: Mapped[Instant | None]
    editor_id: Mapped[int] = mapped_column(sa.ForeignKey("users.id"))
    updated: Mapped[Instant]
    version: Mapped[int] = mapped_column(default=1)
    entry: Mapped[Entry] = relationship(lazy="joined")

    __mapper_args__ = {"version_id_col": version}


@event.listens_for(Session, "before_flush")
def _append_only(session: Session, _context: Any, _instances: Any) -> None:
    changed = [row for row in (*session.dirty, *session.deleted) if isinstance(row, EntryVersion)]
    if any(session.is_modified(row) or row in session.deleted for row in changed):
        raise RuntimeError("what was handed in is only ever appended to")
