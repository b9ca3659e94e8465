"""Tables of the competition."""

from matchmaker.competition.models.ballot import Ballot, BallotScore, JudgeSeat, Recusal
from matchmaker.competition.models.contest import Contest, ContestGroup, ContestTrack, CriterionRow, RulesVersion
from matchmaker.competition.models.deliberation import DeliberationNote, Reconsideration
from matchmaker.competition.models.entry import (
    BlindCopy,
    Entry,
    EntryFile,
    EntryMember,
    EntryVersion,
    PriorWin,
    Settlement,
)
from matchmaker.competition.models.mark import BallotMark
from matchmaker.competition.models.recheck import EntryRecheck
from matchmaker.competition.models.seats import JudgeInvitation, Pledge
from matchmaker.competition.models.stage import ContestStage, StageEntry, StageSeat
from matchmaker.competition.models.tally import CommentConsent, DiligenceCheck, JudgeRecord, Standing, Tally
from matchmaker.competition.models.ties import EntryTie, RecusalWish

__all__ = [
    "Ballot",
    "BallotMark",
    "BallotScore",
    "BlindCopy",
    "CommentConsent",
    "Contest",
    "ContestGroup",
    "ContestStage",
    "ContestTrack",
    "CriterionRow",
    "DiligenceCheck",
    "DeliberationNote",
    "Entry",
    "EntryFile",
    "EntryMember",
    "EntryRecheck",
    "EntryTie",
    "EntryVersion",
    "JudgeInvitation",
    "JudgeRecord",
    "JudgeSeat",
    "Pledge",
    "PriorWin",
    "Reconsideration",
    "Recusal",
    "RulesVersion",
    "Settlement",
    "StageEntry",
    "StageSeat",
    "RecusalWish",
    "Standing",
    "Tally",
]
