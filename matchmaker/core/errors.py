"""The ways a request can be refused; every message says what to do next."""

from collections.abc import Callable, Sequence

from .sentences import fill


class DomainError(Exception):
    """A rule of the field says no. `field` names the input to blame (HTTP 422).

    `message` is the template and the gettext id; it is filled with `values` after translation,
    so `DomainError("应为 18 位，现有 {n} 位", n=17)` reads well in every language.
    """

    status = 422

    def __init__(self, message: str, *, field: str | None = None, **values: object) -> None:
        super().__init__(message)
        self.message = message
        self.field = field
        self.values = values

    def __str__(self) -> str:
        return self.filled(self.message)

    def filled(self, template: str, *, translate: Callable[[str], str] = str) -> str:
        """The given wording of the message (the original or a translation) with its values.

        Members of a Labelled enumeration are shown by their label, which `translate` may turn into another language.
        """
        return fill(template, self.values, translate=translate)


class Conflict(DomainError):
    """True a moment ago, not any more: the seat is gone, the state has moved (HTTP 409)."""

    status = 409


class NotPermitted(DomainError):
    """Signed in, but not for this (HTTP 403)."""

    status = 403


class Missing(DomainError):
    """It does not exist, or not for this person (HTTP 404)."""

    status = 404


class Refusals(DomainError):
    """Several rules say no at once; each in `all` names its own field."""

    def __init__(self, refusals: Sequence[DomainError]) -> None:
        first = refusals[0]
        super().__init__(first.message, field=first.field, **first.values)
        self.all = tuple(refusals)
