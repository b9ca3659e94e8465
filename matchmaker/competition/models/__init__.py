"""Tables of the competition."""

from matchmaker.competition.models.ballot import Ballot, BallotScore, JudgeSeat, Recusal, Standing
from matchmaker.competition.models.contest import Contest, ContestGroup, ContestTrack, CriterionRow, RulesVersion
from matchmaker.competition.models.entry import Entry
from matchmaker.competition.models.mark import BallotMark
from matchmaker.competition.models.stage import ContestStage, StageEntry, StageSeat

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
    "JudgeSeat",
    "Recusal",
    "RulesVersion",
    "StageEntry",
    "StageSeat",
    "Standing",
]
