"""Sentences that are filled after translation: the text is a gettext id, the values come in last."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from .labels import Labelled


def fill(text: str, values: Mapping[str, object], *, translate: Callable[[str], str] = str) -> str:
    """The text, in whatever language it is given, with its values; enumerations show their (translated) label."""
    shown = {name: translate(v.label) if isinstance(v, Labelled) else v for name, v in values.items()}
    return text.format(**shown) if shown else text
