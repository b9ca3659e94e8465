"""Forms of a live final."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField

from matchmaker.core.forms import Form, TextField, longest, required


class PrepareForm(Form):
    venue = TextField(_l("地点"), [longest(200)])
    by_group = BooleanField(
        _l("按组别依次进行"), description=_l("一个组别全部结束再开始下一个，各组分别抽签；不选则全部项目一起抽签")
    )


class SignInForm(Form):
    speaker = TextField(_l("答辩人"), [required(_l("请填写答辩人姓名，陈述和答辩须是同一人")), longest(60)])
    word = TextField(_l("抽签口令"), [longest(40)], description=_l("参赛者自己说一个词或数字，参与决定顺序"))


class PostponeForm(Form):
    reason = TextField(_l("原因"), [required(_l("请写明移到最后的原因")), longest(200)])


class WithdrawForm(Form):
    reason = TextField(
        _l("弃赛依据"),
        [required(_l("请写明弃赛声明的编号和签字人")), longest(200)],
        description=_l("书面声明的编号和签字人；未到场的写明点名时间和在场见证人"),
    )


class PaperForm(Form):
    """What a typed-in paper ballot needs beside its points."""

    note = TextField(
        _l("纸质评分表"), [required(_l("请写明纸质评分表的编号和存放处")), longest(200)], description=_l("编号和存放处")
    )
