"""Forms of notifications."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from matchmaker.core.forms import Form, TextField, longest, required


class LiftForm(Form):
    """Why an address gets messages again."""

    reason = TextField(_l("恢复理由"), [required(), longest(200)])
