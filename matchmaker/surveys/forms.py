"""Forms of surveys."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import IntegerField, RadioField
from wtforms.validators import NumberRange

from matchmaker.core.forms import Form, TextField, longest, required

NAMED, ANONYMOUS = "named", "anonymous"


class SurveyForm(Form):
    """Named or anonymous, and when."""

    mode = RadioField(
        _l("方式"),
        [required()],
        choices=[(ANONYMOUS, _l("匿名：只知道谁答过，不知道谁答了什么")), (NAMED, _l("实名：答卷与报名对应"))],
        default=ANONYMOUS,
        description=_l("有人回答后不能再改"),
    )
    opens_hours = IntegerField(
        _l("活动结束后多久发放"),
        [required(), NumberRange(0, 2160, message=_l("应在 0 到 2160 小时之间"))],
        default=1,
    )
    days = IntegerField(
        _l("开放多少天"), [required(), NumberRange(1, 90, message=_l("应在 1 到 90 天之间"))], default=14
    )

    @property
    def values(self) -> dict[str, Any]:
        opens = (self.opens_hours.data or 0) * 60
        return {
            "anonymous": self.mode.data == ANONYMOUS,
            "opens": opens,
            "closes": opens + (self.days.data or 0) * 24 * 60,
        }


class CodeForm(Form):
    """Who scanned the poster says which badge is theirs."""

    code = TextField(_l("胸卡上的编号"), [required(), longest(40)], description=_l("12 位字母和数字，印在二维码下面"))
