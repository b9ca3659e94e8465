"""Forms of webhooks."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms.fields import SelectMultipleField
from wtforms.widgets import CheckboxInput, ListWidget

from matchmaker.core.forms import Form, TextAreaField, TextField, choice, longest, required


class WebhookForm(Form):
    """Where to tell, and what."""

    name = TextField(_l("名称"), [required(), longest(100)])
    url = TextField(_l("接收网址"), [required(), longest(500)])
    groups = SelectMultipleField(
        _l("推送哪些操作"), widget=ListWidget(prefix_label=False), option_widget=CheckboxInput(), validate_choice=False
    )
    single = TextAreaField(_l("单项操作"))

    def offer(self, groups: list[tuple[str, Any]]) -> None:
        """The groups of activities that this person may choose from."""
        self.groups.choices = [choice(value, title) for value, title in groups]

    @property
    def values(self) -> dict[str, Any]:
        """Groups and single kinds as one list."""
        lines = (self.single.data or "").replace(",", "\n").split()
        return {"name": self.name.data, "url": self.url.data, "kinds": [*(self.groups.data or []), *lines]}
