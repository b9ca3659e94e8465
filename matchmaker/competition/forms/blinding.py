"""The form of a blind copy: redacted words, and what judges get of each file."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, FileField, HiddenField, SelectField

from matchmaker.competition.rules.blinding import BlindChoice
from matchmaker.core import folding
from matchmaker.core.forms import Form, TextAreaField, TextField, choices_of, longest, required


class BlindForm(Form):
    """`choice-<id>` and `file-<id>` are added for every file of the entry by `blind_form`."""

    seen = HiddenField()
    title = TextField(_l("盲审名称"), [required(), longest(100)])
    summary = TextAreaField(_l("盲审介绍"), [required(), longest(5000)])
    checked = BooleanField(_l("已核对：仍标出的内容不会暴露身份"))

    @property
    def chosen(self) -> dict[int, BlindChoice]:
        """What judges get, by file."""
        return {int(f.short_name.removeprefix("choice-")): f.data for f in self if f.short_name.startswith("choice-")}

    @property
    def uploads(self) -> dict[int, Any]:
        """The files that stand in for originals."""
        named = [f for f in self if f.short_name.startswith("file-")]
        return {int(f.short_name.removeprefix("file-")): f.data for f in named if getattr(f.data, "filename", "")}

    @property
    def values(self) -> dict[str, Any]:
        seen = self.seen.data or ""
        return {
            "title": self.title.data or "",
            "summary": folding.clean_text(self.summary.data or ""),
            "choices": self.chosen,
            "checked": bool(self.checked.data),
            "seen": int(seen) if seen.isascii() and seen.isdigit() and len(seen) < 10 else None,
        }


def blind_form(files: Any, **start: Any) -> BlindForm:
    """The form for an entry's files."""
    made: dict[str, Any] = {}
    for row in files:
        made[f"choice-{row.id}"] = SelectField(_l("给评委"), choices=choices_of(BlindChoice), coerce=BlindChoice)
        made[f"file-{row.id}"] = FileField(_l("处理过的文件"))
    kind: type[BlindForm] = type("BlindFormOfEntry", (BlindForm,), made)
    return kind(data=start)
