"""Words of the programme, its clashes, rhythms of series, and events to begin with."""

from matchmaker.programme.rules.clashes import Clash, ClashKind, Frame, Slot, clashes, overlap
from matchmaker.programme.rules.vocabulary import SIGNS_UP, SessionKind, SessionState, SpeakerRole

__all__ = [
    "SIGNS_UP",
    "Clash",
    "ClashKind",
    "Frame",
    "SessionKind",
    "SessionState",
    "Slot",
    "SpeakerRole",
    "clashes",
    "overlap",
]
