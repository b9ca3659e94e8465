"""Tables of the competition."""

from matchmaker.competition.models.ballot import Ballot, BallotMark, BallotScore, JudgeSeat, Recusal, Standing
from matchmaker.competition.models.contest import Contest, ContestGroup, ContestTrack, CriterionRow
from matchmaker.competition.models.entry import Entry

__all__ = [
    "Ballot",
    "BallotMark",
    "BallotScore",
    "Contest",
    "ContestGroup",
    "ContestTrack",
    "CriterionRow",
    "Entry",
    "JudgeSeat",
    "Recusal",
    "Standing",
]
