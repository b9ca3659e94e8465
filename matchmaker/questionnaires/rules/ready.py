"""Forms to begin with: the texts are starting points that the organiser changes."""

from __future__ import annotations

from typing import Any

from matchmaker.core.labels import Labelled
from matchmaker.questionnaires.rules.building import with_new_ids
from matchmaker.questionnaires.rules.definition import (
    Condition,
    Definition,
    Field,
    FieldKind,
    Operator,
    Option,
    Section,
)

K = FieldKind


class Ready(Labelled):
    """The forms that are at hand."""

    BASIC = "basic", "基本信息表"
    PROMOTION = "promotion", "招商对接会企业表"
    TRAINING = "training", "培训报名表"
    SATISFACTION = "satisfaction", "满意度问卷"


def _f(id: str, kind: FieldKind, label: str, label_en: str, **values: Any) -> Field:
    return Field(id=id, kind=kind, label=label, label_en=label_en, **values)


def _o(*labels: tuple[str, str]) -> tuple[Option, ...]:
    return tuple(Option(f"o{n}", zh, en) for n, (zh, en) in enumerate(labels))


YES_NO = _o(("是", "Yes"), ("否", "No"))
CONSENT = _f(
    "consent",
    K.CONSENT,
    "我同意按上述说明使用所填信息",
    "I agree that this information is used as described above",
    required=True,
    help="所填信息只用于本次活动的报名、联系、签到和统计，由主办方保管；活动结束后按规定期限删除。您可以随时联系主办方查阅、更正或删除。",
    help_en="What you write is used for registration, contact, check-in and figures of this event only. The organiser "
    "keeps it and deletes it when its term is over. You may ask the organiser to see, correct or delete it.",
)

_PERSON = Section(
    "person",
    "联系人",
    "Contact",
    fields=(
        _f("name", K.TEXT, "姓名", "Name", required=True, personal=True, most=50),
        _f("phone", K.PHONE, "手机", "Mobile phone", required=True),
        _f("email", K.EMAIL, "邮箱", "E-mail"),
        _f("job", K.TEXT, "职务", "Position", personal=True, most=50),
    ),
)
_AGREEMENT = Section("agreement", "个人信息", "Personal data", fields=(CONSENT,))

_COMPANY = Section(
    "company",
    "单位",
    "Organisation",
    fields=(
        _f("company", K.TEXT, "单位全称", "Full name", required=True, most=100),
        _f("uscc", K.USCC, "统一社会信用代码", "Unified social credit code"),
        _f("industry", K.INDUSTRY, "所属行业", "Industry", required=True),
        _f("region", K.REGION, "注册地", "Registered in"),
    ),
)
_MEETING = Section(
    "meeting",
    "对接意向",
    "What you look for",
    fields=(
        _f(
            "role",
            K.CHOICES,
            "本次希望",
            "You would like to",
            required=True,
            options=_o(
                ("寻找项目落地", "Find a site for a project"),
                ("寻找合作伙伴", "Find partners"),
                ("寻找融资", "Find financing"),
                ("了解政策", "Learn about policies"),
            ),
        ),
        _f(
            "investment",
            K.MONEY,
            "意向投资额",
            "Planned investment",
            show_if=Condition("role", Operator.ANY_OF, ("o0",)),
        ),
        _f(
            "space",
            K.NUMBER,
            "意向用地或用房面积",
            "Space needed",
            unit="㎡",
            minimum=None,
            show_if=Condition("role", Operator.ANY_OF, ("o0",)),
        ),
        _f("project", K.LONG_TEXT, "项目简介", "About the project", most=1000),
        _f("plan", K.FILE, "项目材料", "Documents"),
        _f("rating_inside", K.RATING, "重点程度", "Priority", staff_only=True),
    ),
)
_COMING = Section(
    "coming",
    "到会安排",
    "Coming",
    fields=(
        _f("companions", K.COMPANIONS, "同行人员", "Accompanying people", counts=True, most=5),
        _f("lunch", K.CHOICE, "是否用餐", "Lunch", required=True, options=YES_NO),
        _f(
            "diet",
            K.CHOICES,
            "用餐要求",
            "Diet",
            options=_o(("清真", "Halal"), ("素食", "Vegetarian"), ("无要求", "None")),
            show_if=Condition("lunch", Operator.IS, ("o0",)),
        ),
    ),
)
_LEARNING = Section(
    "learning",
    "培训",
    "Training",
    fields=(
        _f(
            "experience",
            K.CHOICE,
            "相关经验",
            "Experience",
            required=True,
            options=_o(
                ("没有", "None"),
                ("1 年以内", "Less than a year"),
                ("1–3 年", "1–3 years"),
                ("3 年以上", "Over 3 years"),
            ),
        ),
        _f("wish", K.LONG_TEXT, "最想解决的问题", "What you most want to learn", most=500),
        _f("certificate", K.CHOICE, "是否需要结业证书", "Certificate wanted", required=True, options=YES_NO),
        _f(
            "certificate_name",
            K.TEXT,
            "证书上的姓名",
            "Name on the certificate",
            required=True,
            personal=True,
            most=50,
            show_if=Condition("certificate", Operator.IS, ("o0",)),
        ),
    ),
)
_OPINION = Section(
    "opinion",
    "您的评价",
    "Your opinion",
    fields=(
        _f("overall", K.RATING, "总体满意度", "Overall", required=True),
        _f("content", K.RATING, "内容", "Content"),
        _f("service", K.RATING, "组织与服务", "Organisation and service"),
        _f("venue", K.RATING, "场地", "Venue"),
        _f("again", K.CHOICE, "是否愿意再次参加", "Would you come again", required=True, options=YES_NO),
        _f(
            "why_not",
            K.LONG_TEXT,
            "不愿再来的原因",
            "Why not",
            most=500,
            show_if=Condition("again", Operator.IS, ("o1",)),
        ),
        _f("advice", K.LONG_TEXT, "意见和建议", "Advice", most=1000),
    ),
)

_SECTIONS: dict[Ready, tuple[Section, ...]] = {
    Ready.BASIC: (_PERSON, _AGREEMENT),
    Ready.PROMOTION: (_COMPANY, _PERSON, _MEETING, _COMING, _AGREEMENT),
    Ready.TRAINING: (_PERSON, _LEARNING, _AGREEMENT),
    Ready.SATISFACTION: (_OPINION,),
}


def ready(which: Ready) -> Definition:
    """A ready form with ids of its own."""
    return with_new_ids(Definition(_SECTIONS[which]))
