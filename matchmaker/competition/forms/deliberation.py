"""Forms of deliberation."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField

from matchmaker.core.forms import Form, TextAreaField, longest, required


class NoteForm(Form):
    """A judge's note on an entry."""

    text = TextAreaField(
        _l("合议意见"),
        [required(_l("请填写合议意见")), longest(1000)],
        description=_l("提交后不能修改；同一项目的评委可见"),
    )
    conclusion = BooleanField(_l("作为合议结论"), description=_l("由主审评委填写"))
