"""What can be done with accounts; each noun in its own file, the most used functions by their short address."""

from matchmaker.accounts.services.members import join
from matchmaker.accounts.services.sign_in import check_credentials, close_all_sessions, close_session, open_session
from matchmaker.accounts.services.users import create_user, grant_role, hats_of, wear

__all__ = [
    "check_credentials",
    "close_all_sessions",
    "close_session",
    "create_user",
    "grant_role",
    "hats_of",
    "join",
    "open_session",
    "wear",
]
