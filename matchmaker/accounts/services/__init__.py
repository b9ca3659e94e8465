"""What can be done with accounts; each noun in its own file, the most used functions by their short address."""

from matchmaker.accounts.services.users import (
    WRONG,
    check_credentials,
    check_not_locked,
    close_all_sessions,
    close_session,
    create_user,
    grant_role,
    hats_of,
    join,
    open_session,
    record_attempt,
    wear,
)

__all__ = [
    "WRONG",
    "check_credentials",
    "check_not_locked",
    "close_all_sessions",
    "close_session",
    "create_user",
    "grant_role",
    "hats_of",
    "join",
    "open_session",
    "record_attempt",
    "wear",
]
