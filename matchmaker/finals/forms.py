"""Forms of a live final."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from matchmaker.core.forms import Form, TextField, longest, required


class PrepareForm(Form):
    venue = TextField(_l("地点"), [longest(200)])


class SignInForm(Form):
    speaker = TextField(_l("答辩人"), [required(_l("请填写答辩人姓名，陈述和答辩须是同一人")), longest(60)])
    word = TextField(_l("抽签口令"), [longest(40)], description=_l("参赛者自己说一个词或数字，参与决定顺序"))


class PaperForm(Form):
    """What a typed-in paper ballot needs beside its points."""

    note = TextField(
        _l("纸质评分表"), [required(_l("请写明纸质评分表的编号和存放处")), longest(200)], description=_l("编号和存放处")
    )
