"""What stands in an attendee's QR code, on badges, in mails and on the registration page: written and read here."""

from __future__ import annotations

import re
import unicodedata

CODE = re.compile(r"[2-9A-HJ-NP-Z]{12}")


def ticket_text(code: str) -> str:
    """The text of the QR code: the attendee's code alone, so that the code is small and a scanner types it as it is."""
    return code


def code_of_ticket(text: str) -> str | None:
    """The attendee's code in what a camera read, a scanner typed or a person copied; None when there is none."""
    folded = unicodedata.normalize("NFKC", text)[:200]
    found = CODE.fullmatch(re.sub(r"[\s\-·]", "", folded).upper())
    return found[0] if found else None
