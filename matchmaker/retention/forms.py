"""Forms of the privacy ledger."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import IntegerField
from wtforms.validators import NumberRange

from matchmaker.core.forms import Form, TextField, longest, required
from matchmaker.retention.rules import LONGEST


class TermForm(Form):
    """How many days after the event."""

    days = IntegerField(
        _l("活动结束后保存多少天"),
        [required(), NumberRange(0, LONGEST, message=_l("应在 %(min)s 到 %(max)s 天之间"))],
    )
    reason = TextField(_l("理由"), [longest(500)], description=_l("比默认时间更长时必须写明"))
