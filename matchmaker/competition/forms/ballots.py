"""The form of a ballot: one field a criterion, named after it."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, StringField

from matchmaker.core.folding import fold
from matchmaker.core.forms import Form, TextAreaField, longest
from matchmaker.core.i18n import current_locale

NONCE = re.compile(r"[A-Za-z0-9_-]{16,40}")


class PointsField(StringField):
    """Points as typed; empty is not yet scored."""

    def __init__(self, label: Any, *, maximum: Decimal, step: Decimal, **kwargs: Any):
        super().__init__(label, **kwargs)
        self.maximum, self.step = maximum, step

    def process_formdata(self, valuelist: list[str]) -> None:
        text = fold(valuelist[0]).strip() if valuelist else ""
        self.data = None
        if not text:
            return
        try:
            self.data = Decimal(text[:12])
        except InvalidOperation:
            raise ValueError(self.gettext("请填写数字")) from None

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return "" if self.data is None else f"{self.data.normalize():f}"


class BallotForm(Form):
    """The parts that every ballot has."""

    version = HiddenField()
    nonce = HiddenField()
    comment = TextAreaField(_l("评语"), [longest(2000)], description=_l("优点、不足和建议；成绩发布前只有您自己可见"))

    @property
    def points(self) -> dict[str, Decimal]:
        """What is scored so far, by criterion."""
        return {field.name: field.data for field in self if isinstance(field, PointsField) and field.data is not None}

    @property
    def seen_version(self) -> int:
        """The version that the page was made from; nonsense counts as none."""
        text = self.version.data or ""
        return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0

    @property
    def own_nonce(self) -> str:
        """The number that makes a repeated sending harmless; none from a page without scripts."""
        text = self.nonce.data or ""
        return text if NONCE.fullmatch(text) else ""

    @property
    def values(self) -> dict[str, Any]:
        comment = (self.comment.data or "").strip()
        return {"version": self.seen_version, "points": self.points, "comment": comment, "nonce": self.own_nonce}


def ballot_form(ballot: Any, *, empty: bool = False) -> BallotForm:
    """The form of one ballot, with what was saved last, or `empty` for who types it from paper."""
    english = current_locale() == "en"
    fields = {
        row.key: PointsField(
            row.label_en if english and row.label_en else row.label, maximum=row.maximum, step=row.step
        )
        for row in ballot.stage.criteria_of(ballot.entry.group)
    }
    kind = type("GroupBallotForm", (BallotForm,), fields)
    saved = {} if empty else {**ballot.points, "comment": ballot.comment}
    return kind(data={**saved, "version": str(ballot.version)})
