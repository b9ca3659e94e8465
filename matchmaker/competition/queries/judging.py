"""Judges, recusals and ballots: a judge sees only ballots of their own from which nothing keeps them away."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import lazyload, selectinload

from matchmaker.accounts import queries as accounts
from matchmaker.accounts.models import User
from matchmaker.accounts.rules import Role
from matchmaker.activity.models import Activity
from matchmaker.competition.models import (
    Ballot,
    Contest,
    ContestStage,
    Entry,
    JudgeInvitation,
    JudgeSeat,
    Pledge,
    Recusal,
    RecusalWish,
    StageEntry,
    StageSeat,
)
from matchmaker.competition.queries import entries
from matchmaker.competition.rules.ballots import LEFT, LIVE, BallotState
from matchmaker.competition.rules.conflicts import RecusalState
from matchmaker.competition.rules.invitations import Answer
from matchmaker.competition.rules.states import ContestState
from matchmaker.core import clock
from matchmaker.core.db import db
from matchmaker.core.viewer import Viewer, in_regions
from matchmaker.notifications.models import Message
from matchmaker.rosters import queries as rosters
from matchmaker.rosters.rules import AppointmentKind

UNDECIDED = (ContestState.PREPARING, ContestState.REGISTRATION, ContestState.SCREENING, ContestState.JUDGING)


def own_ballots(viewer: Viewer) -> sa.Select[Ballot]:
    """The ballots a judge may open once judging has begun, what is left first."""
    return (
        sa.select(Ballot)
        .join(JudgeSeat, JudgeSeat.id == Ballot.seat_id)
        .join(Entry, Entry.id == Ballot.entry_id)
        .join(Contest, Contest.id == Entry.contest_id)
        .join(ContestStage, ContestStage.id == Ballot.stage_id)
        .where(JudgeSeat.user_id == viewer.id, Ballot.state.in_(LIVE), ContestStage.opened.is_not(None))
        .where(Contest.state.in_((ContestState.JUDGING, ContestState.PUBLICITY, ContestState.ARCHIVED)))
        .where(sa.not_(sa.or_(Entry.user_id == viewer.id, Entry.id.in_(entries.recused_for(viewer.id)))))
        .order_by(Contest.id.desc(), ContestStage.position.desc(), Ballot.id)
    )


def waiting_for(viewer: Viewer) -> sa.Select[Ballot]:
    """What the judge still has to do."""
    return own_ballots(viewer).where(
        Ballot.state.in_(LEFT), Contest.state == ContestState.JUDGING, ContestStage.locked.is_(None)
    )


def roster_of(contest_id: int) -> sa.Select[JudgeSeat]:
    """Everybody who was asked to judge a contest, whatever they answered."""
    return (
        sa.select(JudgeSeat)
        .where(JudgeSeat.contest_id == contest_id)
        .order_by(JudgeSeat.id)
        .options(selectinload(JudgeSeat.duties))
    )


def seats_of(contest_id: int) -> sa.Select[JudgeSeat]:
    """The judges of a contest: whoever was invited and has not said yes is none."""
    return roster_of(contest_id).where(sitting())


def sitting() -> sa.ColumnElement[bool]:
    """Seats whose invitation, if there was one, was accepted."""
    asked = sa.select(JudgeInvitation.id).where(
        JudgeInvitation.seat_id == JudgeSeat.id, JudgeInvitation.answer != Answer.ACCEPTED
    )
    return sa.not_(asked.correlate(JudgeSeat).exists())


def open_seats_of(user_id: int) -> sa.Select[JudgeSeat]:
    """A person's seats in contests that are not decided yet."""
    return (
        sa.select(JudgeSeat)
        .join(Contest, Contest.id == JudgeSeat.contest_id)
        .where(JudgeSeat.user_id == user_id, Contest.state.in_(UNDECIDED))
        .order_by(JudgeSeat.id)
    )


def blind(viewer: Viewer, contest_id: int) -> sa.CompoundSelect[int]:
    """Anything that keeps a member of staff from panel and scores: a part in an entry, or a seat among the judges."""
    part = sa.select(Entry.id).where(Entry.contest_id == contest_id, entries.party(viewer))
    seat = sa.select(JudgeSeat.id).where(JudgeSeat.contest_id == contest_id, JudgeSeat.user_id == viewer.id)
    return part.correlate(None).union_all(seat.correlate(None)).limit(1)


def blind_in(viewer: Viewer, contest_id: Any) -> sa.ColumnElement[bool]:
    """The same as a condition on a column of `Contest`."""
    part = sa.select(Entry.id).where(Entry.contest_id == contest_id, entries.party(viewer))
    seat = sa.select(JudgeSeat.id).where(JudgeSeat.contest_id == contest_id, JudgeSeat.user_id == viewer.id)
    return sa.or_(part.correlate(Contest).exists(), seat.correlate(Contest).exists())


def recusals_of(viewer: Viewer, contest_id: int) -> sa.Select[Recusal]:
    """The recusals of a contest as its unconflicted staff sees them, what waits first."""
    shown = entries.managed_by(viewer).where(Entry.contest_id == contest_id).with_only_columns(Entry.id)
    return (
        sa.select(Recusal)
        .where(Recusal.entry_id.in_(shown), sa.not_(blind(viewer, contest_id).exists()))
        .order_by(waiting_first(), Recusal.id)
    )


def blocked_pairs(contest_id: int) -> sa.Select[int, int]:
    """(entry, seat) pairs that must not be made."""
    return (
        sa.select(Recusal.entry_id, Recusal.seat_id)
        .join(JudgeSeat, JudgeSeat.id == Recusal.seat_id)
        .where(JudgeSeat.contest_id == contest_id, Recusal.state != RecusalState.IGNORED)
        .distinct()
    )


def not_blocked() -> sa.ColumnElement[bool]:
    """Ballots from which no recusal keeps their judge away, proposed or settled.

    What is found after a score was shown live changes nothing that was counted for it; it is a matter for an objection.
    """
    shown = sa.select(StageEntry.id).where(
        StageEntry.stage_id == Ballot.stage_id,
        StageEntry.entry_id == Ballot.entry_id,
        StageEntry.shown <= sa.func.coalesce(Recusal.reopened, Recusal.created),
    )
    blocking = sa.select(Recusal.id).where(
        Recusal.seat_id == Ballot.seat_id,
        Recusal.entry_id == Ballot.entry_id,
        Recusal.state != RecusalState.IGNORED,
        sa.not_(shown.correlate(Ballot, Recusal).exists()),
    )
    return sa.not_(blocking.correlate(Ballot).exists())


def counting() -> sa.ColumnElement[bool]:
    """Ballots that count: in force, no trainee's, no recusal."""
    return sa.and_(Ballot.state.in_(LIVE), Ballot.shadow.is_(False), not_blocked())


def ballots_of(stage_id: int) -> sa.Select[Ballot]:
    """Every ballot of a stage that counts, with its points."""
    return sa.select(Ballot).where(Ballot.stage_id == stage_id, counting()).order_by(Ballot.entry_id, Ballot.id)


def progress(stage_id: int) -> sa.Select[int, int, BallotState]:
    """(entry, seat, state) of every ballot of a stage that counts: who is done, never with what result."""
    return (
        sa.select(Ballot.entry_id, Ballot.seat_id, Ballot.state)
        .where(Ballot.stage_id == stage_id, counting())
        .order_by(Ballot.entry_id, Ballot.seat_id)
    )


def awaited(stage_id: int) -> sa.Select[int, int, BallotState]:
    """The same without open ballots of judges whose absence is noted: nobody waits for them any more."""
    return progress(stage_id).where(sa.or_(Ballot.state == BallotState.SUBMITTED, sa.not_(excused())))


def excused() -> sa.ColumnElement[bool]:
    """Ballots of judges who are noted as absent in the stage."""
    noted = sa.select(StageSeat.id).where(
        StageSeat.stage_id == Ballot.stage_id, StageSeat.seat_id == Ballot.seat_id, StageSeat.absent.is_not(None)
    )
    return noted.correlate(Ballot).exists()


def loads(stage_id: int, shown: sa.Select[Entry]) -> sa.Select[int, int, int]:
    """(seat, ballots, submitted) of every judge who has any in a stage, among the entries that are shown."""
    done = sa.func.count(Ballot.id).filter(Ballot.state == BallotState.SUBMITTED)
    return (
        sa.select(Ballot.seat_id, sa.func.count(Ballot.id), done)
        .where(Ballot.stage_id == stage_id, counting())
        .where(Ballot.entry_id.in_(shown.with_only_columns(Entry.id)))
        .group_by(Ballot.seat_id)
    )


def due_reminders(*, until: Any, now: Any) -> sa.Select[int, int, int]:
    """(user id, stage, ballots left) of judges whose stage ends soon."""
    return (
        sa.select(JudgeSeat.user_id, ContestStage.id, sa.func.count(Ballot.id))
        .select_from(Ballot)
        .join(JudgeSeat, JudgeSeat.id == Ballot.seat_id)
        .join(ContestStage, ContestStage.id == Ballot.stage_id)
        .where(ContestStage.opened.is_not(None), ContestStage.locked.is_(None), Ballot.state.in_(LEFT), not_blocked())
        .where(ContestStage.judging_until > now, ContestStage.judging_until <= until)
        .group_by(JudgeSeat.user_id, ContestStage.id)
        .options(lazyload("*"))
    )


def pledge_of(seat_id: int) -> sa.Select[Pledge]:
    """The signed pledge of a judge."""
    return sa.select(Pledge).where(Pledge.seat_id == seat_id)


def own_seats(viewer: Viewer) -> sa.Select[JudgeSeat]:
    """The contests in which a person judges."""
    return sa.select(JudgeSeat).where(JudgeSeat.user_id == viewer.id, sitting()).order_by(JudgeSeat.id.desc())


def unpledged(viewer: Viewer) -> sa.Select[JudgeSeat]:
    """Seats of a person in running contests whose pledge is not signed."""
    running = sa.select(Contest.id).where(Contest.state.in_((ContestState.SCREENING, ContestState.JUDGING)))
    return own_seats(viewer).where(JudgeSeat.contest_id.in_(running), sa.not_(has_pledged())).limit(8)


def contest_id_of(scope: Mapping[str, str]) -> int:
    """The contest that a list belongs to; 0 for nonsense."""
    text = scope.get("contest_id", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


def contest_of(text: str) -> Contest | None:
    """The contest of a list's scope."""
    return db.session.get(Contest, contest_id_of({"contest_id": text}))


def has_pledged() -> sa.ColumnElement[bool]:
    """Seats whose judge has signed the pledge."""
    return sa.select(Pledge.id).where(Pledge.seat_id == JudgeSeat.id).correlate(JudgeSeat).exists()


def waiting_first() -> sa.ColumnElement[int]:
    """Recusals that wait for a person before those that are settled."""
    return sa.case((Recusal.state.in_((RecusalState.CANDIDATE, RecusalState.DECLARED)), 0), else_=1)


def roster(viewer: Viewer, scope: Mapping[str, str]) -> sa.Select[Any]:
    """(seat, answer, reason, pledged, assigned, submitted, away) of everybody asked, for unconflicted staff alone."""
    contest_id = contest_id_of(scope)
    shown = entries.managed_by(viewer).where(Entry.contest_id == contest_id).with_only_columns(Entry.id)
    own = Ballot.seat_id == JudgeSeat.id
    counted = sa.select(sa.func.count(Ballot.id)).where(own, Ballot.state.in_(LIVE), Ballot.entry_id.in_(shown))
    counted = counted.where(not_blocked())
    away = sa.select(sa.func.count(sa.distinct(Recusal.entry_id))).where(
        Recusal.seat_id == JudgeSeat.id, Recusal.state != RecusalState.IGNORED, Recusal.entry_id.in_(shown)
    )
    return (
        sa.select(
            JudgeSeat,
            JudgeInvitation.answer,
            JudgeInvitation.reason,
            Pledge.signed.label("pledged"),
            counted.correlate(JudgeSeat).scalar_subquery().label("assigned"),
            counted.where(Ballot.state == BallotState.SUBMITTED)
            .correlate(JudgeSeat)
            .scalar_subquery()
            .label("submitted"),
            away.correlate(JudgeSeat).scalar_subquery().label("away"),
        )
        .join(User, User.id == JudgeSeat.user_id)
        .join(Contest, Contest.id == JudgeSeat.contest_id)
        .outerjoin(JudgeInvitation, JudgeInvitation.seat_id == JudgeSeat.id)
        .outerjoin(Pledge, Pledge.seat_id == JudgeSeat.id)
        .where(JudgeSeat.contest_id == contest_id, in_regions(Contest.region, viewer))
        .where(sa.not_(blind(viewer, contest_id).exists()))
    )


def invitation(number: int, nonce: str) -> sa.Select[JudgeInvitation]:
    """The invitation of a link, while the link is the newest."""
    return sa.select(JudgeInvitation).where(JudgeInvitation.id == number, JudgeInvitation.nonce == nonce)


def recusals_of_seat(viewer: Viewer, seat: JudgeSeat) -> sa.Select[Recusal]:
    """What keeps one judge away, as unconflicted staff sees it."""
    return recusals_of(viewer, seat.contest_id).where(Recusal.seat_id == seat.id)


def wish_behind(recusal: Recusal) -> RecusalWish | None:
    """What the entrant wrote, where that is the reason."""
    number = recusal.values.get("wish")
    return db.session.get(RecusalWish, number) if isinstance(number, int) else None


def candidates(contest: Contest) -> list[tuple[int, str]]:
    """(account, name with unit) of everybody who may be seated: appointed experts first, then by name."""
    seated = sa.select(JudgeSeat.user_id).where(JudgeSeat.contest_id == contest.id)
    holders = accounts.holders_of(Role.JUDGE).where(User.id.not_in(seated)).limit(1000)
    experts = {
        row.person.user_id: row.person
        for row in db.session.execute(
            rosters.live_people(AppointmentKind.EXPERT, contest.region, clock.today())
        ).scalars()
        if row.person.user_id is not None
    }
    found = []
    for user in db.session.execute(holders).unique().scalars():
        person = experts.get(user.id)
        unit = (person.organisation.name if person.organisation else person.unit_text) if person else None
        found.append((person is None, user.name, user.id, f"{user.name}（{unit}）" if unit else user.name))
    return [(number, text) for _other, _name, number, text in sorted(found)]


# What the log says about a panel: who sits, who steps back, who has scored, who looked.
ABOUT_PANELS = (
    "competition.judge_seated", "competition.judge_edited", "competition.judge_invited", "competition.judge_accepted",
    "competition.judge_declined", "competition.judge_unseated", "competition.pledged", "competition.recusals_detected",
    "competition.recusal_settled", "competition.recused", "competition.assigned", "competition.ballot_signed",
    "competition.ballot_reopened", "competition.scores_viewed",
)  # fmt: skip


def is_blind(viewer: Viewer, contest_id: int) -> bool:
    """Is this member of staff kept from panel and scores of this contest?"""
    return db.session.execute(blind(viewer, contest_id)).first() is not None


def read_by(viewer: Viewer, contest_id: int, lines: Sequence[Activity]) -> list[Activity]:
    """The lines of a record's log that a member of staff may read."""
    hidden = is_blind(viewer, contest_id)
    return [line for line in lines if not (hidden and line.kind in ABOUT_PANELS)]


def hidden_activities(viewer: Viewer) -> sa.ColumnElement[bool] | None:
    """Lines about the panels of contests in which the viewer has a part: hidden from auditors, too."""
    own = sa.select(Contest.id).where(blind_in(viewer, Contest.id))
    of_entry = sa.select(Entry.id).where(Entry.contest_id.in_(own))
    of_ballot = sa.select(Ballot.id).where(Ballot.entry_id.in_(of_entry))
    return sa.and_(
        Activity.kind.in_(ABOUT_PANELS),
        Activity.actor_id.is_distinct_from(viewer.id),
        sa.or_(
            sa.and_(Activity.subject_kind == "contests", Activity.subject_id.in_(own)),
            sa.and_(Activity.subject_kind == "entries", Activity.subject_id.in_(of_entry)),
            sa.and_(Activity.subject_kind == "ballots", Activity.subject_id.in_(of_ballot)),
        ),
    )


def hidden_messages(viewer: Viewer) -> sa.ColumnElement[bool]:
    """What was written to the judges of contests in which the viewer has a part: the delivery log names them."""
    own = sa.select(Contest.id).where(blind_in(viewer, Contest.id))
    judges = sa.select(JudgeSeat.user_id).where(JudgeSeat.contest_id == Message.about_id).correlate(Message)
    about = sa.and_(Message.about_kind == "contests", Message.about_id.in_(own))
    return sa.and_(about.is_(True), Message.user_id.in_(judges).is_(True))
