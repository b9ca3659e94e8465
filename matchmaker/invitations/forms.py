"""Forms of invitations: the organiser's and the guest's."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, HiddenField, IntegerField, RadioField, SelectField
from wtforms.validators import NumberRange

from matchmaker.core.forms import Form, PhoneField, TextAreaField, TextField, choice, longest, required
from matchmaker.core.i18n import local
from matchmaker.invitations.rules import LARGEST_PARTY, Guest


class GuestForm(Form):
    """Whom to reach, and how: a phone number or a mail address is enough."""

    name = TextField(_l("姓名"), [longest(60)])
    position = TextField(_l("职务"), [longest(60)])
    phone = PhoneField(_l("手机号"), [longest(20)], description=_l("手机号和邮箱填一项即可"))
    email = TextField(_l("邮箱"), [longest(254)])

    @property
    def guest(self) -> Guest:
        """The guest as typed."""
        fields = ("name", "position", "phone", "email", "organisation_name", "external_id")
        return Guest(**{key: (self[key].data or "") for key in fields if key in self})


class InvitationForm(GuestForm):
    """One invitation, typed by hand."""

    organisation_name = TextField(_l("单位名称"), [longest(200)], description=_l("不填姓名时，邀请的是这家单位"))
    uscc = TextField(_l("统一社会信用代码"), [longest(40)], description=_l("填写后与主体库对应"))
    audience_id = SelectField(
        _l("人群"),
        coerce=int,
        description=_l("要给受邀嘉宾留座，请设一个“仅限受邀”、有自己名额的人群"),
    )
    party_most = IntegerField(
        _l("可来人数"), [required(), NumberRange(1, LARGEST_PARTY)], description=_l("含本人"), default=1
    )
    delegable = BooleanField(_l("可以转交给同事"))
    tags = TextField(_l("标签"), [longest(200)], description=_l("多个标签用逗号分开"))
    external_id = TextField(_l("编号"), [longest(100)], description=_l("在其他名单里的编号；再次导入时按它更新"))

    def offer(self, audiences: list[Any]) -> None:
        """The groups of the event."""
        self.audience_id.choices = [choice(row.id, local(row, "name")) for row in audiences]


class SendForm(Form):
    """Whom to write to, with a paragraph of one's own."""

    who = RadioField(
        _l("发给谁"),
        [required()],
        choices=[choice("unsent", _l("还没有发送的")), choice("silent", _l("发过但没有答复的（提醒）"))],
        default="unsent",
    )
    ids = HiddenField()
    audience_id = SelectField(_l("人群"), coerce=int, default=0)
    tag = SelectField(_l("标签"), default="")
    paragraph = TextAreaField(_l("补充一段话"), [longest(1000)], description=_l("放在活动信息之前；短信里不带这一段"))

    @property
    def chosen(self) -> list[int]:
        """The invitations that were ticked on the list."""
        return [int(text) for text in (self.ids.data or "").split(",") if text.isascii() and text.isdigit()][:2000]

    def offer(self, audiences: list[Any], tags: list[str]) -> None:
        """The groups and tags in use; what was ticked on the list."""
        if self.chosen:
            self.who.choices = [choice("selected", _l("在名单里选中的")), *(self.who.choices or ())]
        self.audience_id.choices = [choice(0, _l("全部")), *(choice(row.id, local(row, "name")) for row in audiences)]
        self.tag.choices = [choice("", _l("全部")), *(choice(text, text) for text in tags)]


class AnswerForm(Form):
    """The guest comes: what is known is filled in."""

    name = TextField(_l("姓名"), [longest(60)])
    phone = PhoneField(_l("手机号"), [longest(20)], description=_l("手机号和邮箱填一项即可"))
    email = TextField(_l("邮箱"), [longest(254)])
    position = TextField(_l("职务"), [longest(60)])
    organisation_name = TextField(_l("单位名称"), [longest(200)])
    companions = TextAreaField(
        _l("随行人员"), [longest(2000)], description=_l("每行一位：姓名，手机号（手机号可不填）"), render_kw={"rows": 2}
    )
    note = TextAreaField(
        _l("备注"), [longest(500)], description=_l("想见的单位、饮食要求等，可不填"), render_kw={"rows": 2}
    )


class DeclineForm(Form):
    """The guest cannot come."""

    reason = TextAreaField(_l("不能来的原因"), [longest(500)], description=_l("可不填；主办方会看到"))


class DelegateForm(GuestForm):
    """The colleague who comes instead."""

    name = TextField(_l("同事姓名"), [required(), longest(60)])
