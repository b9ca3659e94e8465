"""Forms of accounts."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, HiddenField, PasswordField, RadioField, SelectField, SelectMultipleField
from wtforms.validators import Optional
from wtforms.widgets import CheckboxInput, ListWidget

from matchmaker.accounts.rules import GRANTED_BY_HAND, HELPERS, SHORTEST_PASSWORD, TITLES, Role
from matchmaker.core.forms import DayField, Form, PhoneField, TextAreaField, TextField, choices_of, longest, required
from matchmaker.core.i18n import current_locale
from matchmaker.core.regions import contains
from matchmaker.directory import taxonomy
from matchmaker.directory.rules import OrganisationKind

PASSWORD_HINT = _l("至少 %(n)d 个字符；几个不相干的词连成一句最好记", n=SHORTEST_PASSWORD)


class SignInForm(Form):
    """Mail address or mobile number, and the password."""

    identifier = TextField(
        _l("邮箱或手机号"),
        [required(_l("请填写邮箱或手机号")), longest(254)],
        render_kw={"autocomplete": "username", "autocapitalize": "none"},
    )
    password = PasswordField(
        _l("密码"), [required(_l("请填写密码")), longest(128)], render_kw={"autocomplete": "current-password"}
    )
    next = HiddenField()


class CodeForm(Form):
    """A code of the authenticator app, or a recovery code."""

    code = TextField(
        _l("验证码"),
        [required(_l("请填写验证码")), longest(20)],
        render_kw={"autocomplete": "one-time-code", "inputmode": "text"},
    )


class AddressForm(Form):
    """Where to send a link or a code."""

    identifier = TextField(
        _l("邮箱或手机号"),
        [required(_l("请填写邮箱或手机号")), longest(254)],
        render_kw={"autocomplete": "username", "autocapitalize": "none"},
    )


class SentCodeForm(Form):
    """The six digits that were sent to a phone."""

    code = PhoneField(
        _l("短信验证码"),
        [required(_l("请填写短信里的 6 位数字")), longest(6)],
        render_kw={"autocomplete": "one-time-code", "inputmode": "numeric"},
    )


class NewPasswordForm(Form):
    """A new password."""

    password = PasswordField(
        _l("新密码"),
        [required(_l("请填写新密码")), longest(128)],
        description=PASSWORD_HINT,
        render_kw={"autocomplete": "new-password"},
    )


class NewAccountForm(Form):
    """What a new account needs once its address is proven."""

    name = TextField(_l("姓名"), [required(_l("请填写姓名")), longest(50)], render_kw={"autocomplete": "name"})
    password = PasswordField(
        _l("密码"),
        [required(_l("请填写密码")), longest(128)],
        description=PASSWORD_HINT,
        render_kw={"autocomplete": "new-password"},
    )
    agree = BooleanField(_l("我已阅读并同意个人信息保护说明"), [required(_l("请先阅读并同意个人信息保护说明"))])


class NewAccountByCodeForm(NewAccountForm, SentCodeForm):
    """The same with the digits sent to a phone."""


class ResetByCodeForm(NewPasswordForm, SentCodeForm):
    """A new password with the digits sent to a phone."""


class ChangePasswordForm(NewPasswordForm):
    """A new password, with the present one as proof."""

    current = PasswordField(
        _l("现在的密码"), [required(_l("请填写现在的密码"))], render_kw={"autocomplete": "current-password"}
    )


class ProofForm(Form):
    """The password again, before something grave."""

    current = PasswordField(_l("密码"), [required(_l("请填写密码"))], render_kw={"autocomplete": "current-password"})


class NewAddressForm(Form):
    """A new mail address or mobile number, and the password as proof."""

    identifier = TextField(
        _l("新的邮箱或手机号"),
        [required(_l("请填写邮箱或手机号")), longest(254)],
        description=_l("填邮箱就更换邮箱，填手机号就更换手机号；没有的会加上"),
        render_kw={"autocapitalize": "none"},
    )
    current = PasswordField(_l("密码"), [required(_l("请填写密码"))], render_kw={"autocomplete": "current-password"})


class ProfileForm(Form):
    """What a person may change about themselves."""

    name = TextField(_l("姓名"), [required(_l("请填写姓名")), longest(50)], render_kw={"autocomplete": "name"})
    language = SelectField(_l("通知用的语言"), [required()], choices=[("zh", "中文"), ("en", "English")])


class EnrolForm(ProofForm):
    """The password, and the first code of a freshly bound app."""

    code = TextField(
        _l("验证器显示的 6 位数字"), [required(_l("请填写验证码")), longest(10)], render_kw={"inputmode": "numeric"}
    )


class TokenForm(Form):
    """A new API token."""

    name = TextField(_l("用途"), [required(_l("请写明这个令牌给哪个程序用")), longest(100)])
    scopes = SelectMultipleField(
        _l("权限"),
        [required(_l("请至少选择一项权限，且只能选择您自己有的权限"))],
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
        description=_l("只选程序真正需要的；令牌不会比您本人的权限大"),
    )
    days = RadioField(
        _l("有效期"),
        [required()],
        choices=[(30, _l("30 天")), (90, _l("90 天")), (365, _l("一年"))],
        coerce=int,
        default=90,
    )

    def offer(self, viewer: Any) -> None:
        """Only what the person may do themselves."""
        self.scopes.choices = [(p.value, _l(title)) for p, title in TITLES.items() if viewer.has(p)]


class JoinForm(Form):
    """A word to the owner of the organisation."""

    note = TextAreaField(_l("说明"), [longest(300)], description=_l("例如您的岗位，便于负责人辨认"))


class FoundForm(Form):
    """An organisation that is not in the directory yet."""

    name = TextField(_l("单位全称"), [required(_l("请填写营业执照上的单位全称")), longest(200)])
    kind = SelectField(_l("单位类型"), [required()], choices=choices_of(OrganisationKind), coerce=OrganisationKind)
    uscc = TextField(_l("统一社会信用代码"), [required(), longest(30)], description=_l("营业执照上的 18 位代码"))
    contact_phone = PhoneField(_l("联系电话"), [longest(20)])


class DeclineForm(Form):
    """Why a request is declined."""

    reason = TextAreaField(_l("理由"), [required(_l("请写明理由，申请人会收到")), longest(500)])


class GrantForm(Form):
    """A role for a person."""

    role = SelectField(
        _l("身份"),
        [required()],
        choices=[(r.value, _l(r.label)) for r in Role if r in GRANTED_BY_HAND | HELPERS],
        coerce=Role,
    )
    region = SelectField(_l("行政区划"), [required()], description=_l("工作人员在这个区划及其下级办事"))
    ends = DayField(_l("截止日期"), [Optional()], description=_l("不填则一直有效"))

    def offer(self, viewer: Any) -> None:
        """Only the regions of the administrator and what lies in them, by name."""
        names = taxonomy.names("regions")
        within = {code for code in names for own in viewer.region_codes if contains(own, code)}
        self.region.choices = [
            (code, f"{taxonomy.shown('regions', [code], locale=current_locale())} {code}" if code in names else code)
            for code in sorted(within | viewer.region_codes)
        ]


class ConfirmForm(Form):
    """A step that needs nothing but the press of its button."""
