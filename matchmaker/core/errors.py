"""The four ways a request can be refused; every message says what to do next."""


class DomainError(Exception):
    """A rule of the field says no. `field` names the input to blame (HTTP 422)."""

    status = 422

    def __init__(self, message: str, *, field: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.field = field


class Conflict(DomainError):
    """True a moment ago, not any more: the seat is gone, the state has moved (HTTP 409)."""

    status = 409


class NotPermitted(DomainError):
    """Signed in, but not for this (HTTP 403)."""

    status = 403


class Missing(DomainError):
    """It does not exist, or not for this person (HTTP 404)."""

    status = 404
