"""Tables of the competition."""

from matchmaker.competition.models.ballot import Ballot, BallotScore, JudgeSeat, Recusal, Standing
from matchmaker.competition.models.contest import Contest, ContestGroup, ContestTrack, CriterionRow, RulesVersion
from matchmaker.competition.models.entry import Entry
from matchmaker.competition.models.mark import BallotMark
from matchmaker.competition.models.seats import JudgeInvitation, Pledge
from matchmaker.competition.models.stage import ContestStage, StageEntry, StageSeat
from matchmaker.competition.models.ties import EntryTie, RecusalWish

__all__ = [
    "Ballot",
    "BallotMark",
    "BallotScore",
    "Contest",
    "ContestGroup",
    "ContestStage",
    "ContestTrack",
    "CriterionRow",
    "Entry",
    "EntryTie",
    "JudgeInvitation",
    "JudgeSeat",
    "Pledge",
    "Recusal",
    "RulesVersion",
    "StageEntry",
    "StageSeat",
    "RecusalWish",
    "Standing",
]
