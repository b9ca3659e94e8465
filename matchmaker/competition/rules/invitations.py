"""Inviting judges: what they may answer, and the pledge they sign before they score."""

from __future__ import annotations

import hashlib

from matchmaker.competition.rules.detection import folded_name
from matchmaker.core.errors import Conflict, DomainError
from matchmaker.core.labels import Labelled


class Answer(Labelled):
    """What became of an invitation to judge."""

    INVITED = "invited", "等待答复", "wait"
    ACCEPTED = "accepted", "已确认", "good"
    DECLINED = "declined", "已谢绝", "neutral"


# A gettext id; the text that was shown is kept with the signature.
PLEDGE = (
    "一、独立、客观、公正评审，只依据评分标准打分，不受任何单位和个人影响。\n"
    "二、与参赛项目有任职、投资、合作、辅导、亲属或其他可能影响公正的关系时，主动申报并回避。\n"
    "三、不向任何人透露评审任务、分数、评语和讨论内容，不复制、不使用参赛项目的技术和商业秘密。\n"
    "四、不与参赛方私下接触，不接受参赛方的财物和宴请。\n"
    "五、如有违反，同意取消评委资格，评分作废，并承担相应责任。"
)


def pledge_hash(text: str) -> str:
    """The fingerprint of the text that was signed."""
    return hashlib.sha256(text.encode()).hexdigest()


def check_signature(typed: str, *, name: str) -> None:
    """The judge signs by typing the name of the account."""
    if folded_name(typed) != folded_name(name):
        raise DomainError("签名应与您的账号姓名“{name}”一致", field="signature", name=name)


def check_answer(current: Answer, answer: Answer, *, reason: str) -> None:
    """An invitation is answered once; whoever accepted may still decline, with a reason."""
    if answer is Answer.INVITED or current is answer:
        raise Conflict("您已经答复过这份邀请")
    if current is Answer.DECLINED:
        raise Conflict("您已经谢绝；如果改变主意，请联系主办方重新邀请")
    if current is Answer.ACCEPTED and not reason.strip():
        raise DomainError("请写明原因，主办方需要另请评委", field="reason")
