"""Pure rules of check-in."""

from matchmaker.checkin.rules.codes import (
    GATE_CODE_LENGTH,
    code_mark,
    new_gate_code,
    normal_gate_code,
    phone_mark,
)
from matchmaker.checkin.rules.verdicts import Guest, ListRule, Pass, Past, Verdict, Way, past_of, verdict
from matchmaker.checkin.rules.vocabulary import (
    GRACE,
    LATE_SYNC,
    MOST_IN_BATCH,
    ConflictKind,
    Direction,
    ListKind,
    Outcome,
    Reason,
    Repeat,
    Resolution,
    ScanSource,
    Standing,
    standing_of,
)

__all__ = [
    "GATE_CODE_LENGTH",
    "GRACE",
    "LATE_SYNC",
    "MOST_IN_BATCH",
    "ConflictKind",
    "Direction",
    "Guest",
    "ListKind",
    "ListRule",
    "Outcome",
    "Pass",
    "Past",
    "Reason",
    "Repeat",
    "Resolution",
    "ScanSource",
    "Standing",
    "Verdict",
    "Way",
    "code_mark",
    "new_gate_code",
    "normal_gate_code",
    "past_of",
    "phone_mark",
    "standing_of",
    "verdict",
]
