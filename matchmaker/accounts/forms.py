"""Forms of signing in."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, PasswordField

from matchmaker.core.forms import Form, TextField, longest, required


class SignInForm(Form):
    """Mail address or mobile number, and the password."""

    identifier = TextField(_l("邮箱或手机号"), [required(_l("请填写邮箱或手机号")), longest(254)])
    password = PasswordField(_l("密码"), [required(_l("请填写密码")), longest(128)])
    next = HiddenField()
