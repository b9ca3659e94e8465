"""From signed ballots to certificates: lock by two people, release with a public notice, award by two people."""

from matchmaker.competition.services.results.awarding import confirm_awards, propose_awards
from matchmaker.competition.services.results.locking import (
    check_complete,
    confirm_lock,
    propose_lock,
    recount_differs,
    tally,
)
from matchmaker.competition.services.results.releasing import notice_of, release
from matchmaker.competition.services.results.removing import confirm_removal, propose_removal, record_check
from matchmaker.competition.services.results.reopening import confirm_reopen, may_reopen, propose_reopen
from matchmaker.competition.services.results.steps import (
    AWARD,
    LOCK,
    REMOVE,
    REOPEN,
    check_party,
    give_back,
)

__all__ = [
    "AWARD",
    "LOCK",
    "REMOVE",
    "REOPEN",
    "check_complete",
    "check_party",
    "confirm_awards",
    "confirm_lock",
    "confirm_removal",
    "confirm_reopen",
    "give_back",
    "may_reopen",
    "notice_of",
    "propose_awards",
    "propose_lock",
    "propose_removal",
    "propose_reopen",
    "record_check",
    "recount_differs",
    "release",
    "tally",
]
