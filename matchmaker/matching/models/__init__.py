"""Tables of matching.

`flow` needs and requests, `talks` what follows, `shown` who saw whom, `learning` what ranks, `vectors` meaning.
"""

from matchmaker.matching.models.flow import (
    HelpRequest,
    Need,
    ProfileChange,
    ProfileStamp,
    Referral,
    RequestService,
)
from matchmaker.matching.models.learning import LearntWeights, WeightSwitch
from matchmaker.matching.models.shown import DigestChoice, Dismissal, Impression
from matchmaker.matching.models.talks import NeedOffer, Outcome, Proposal, RequestPass
from matchmaker.matching.models.vectors import TextVector

__all__ = [
    "DigestChoice",
    "Dismissal",
    "HelpRequest",
    "Impression",
    "LearntWeights",
    "Need",
    "NeedOffer",
    "Outcome",
    "ProfileChange",
    "ProfileStamp",
    "Proposal",
    "Referral",
    "RequestPass",
    "RequestService",
    "TextVector",
    "WeightSwitch",
]
