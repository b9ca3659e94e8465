"""The forms of the builder: a section, a field with its options and condition, the title."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import wtforms
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, DecimalField, FieldList, FormField, HiddenField, IntegerField, SelectField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import NumberRange, Optional

from matchmaker.core.forms import Form, TextAreaField, TextField, choices_of, longest, required
from matchmaker.questionnaires.rules import building
from matchmaker.questionnaires.rules.checking import possible_answers
from matchmaker.questionnaires.rules.definition import (
    ALWAYS_PERSONAL,
    WITH_LENGTH,
    WITH_OPTIONS,
    Condition,
    Definition,
    Field,
    FieldKind,
    Operator,
    Option,
    Section,
    new_id,
)

K = FieldKind
SPARE_ROWS = 3


class TitleForm(Form):
    """What a form is called."""

    title = TextField(_l("表单名称"), [required(), longest(200)])
    title_en = TextField(_l("英文名称"), [longest(200)])


class Conditional(Form):
    """When a part is shown: an earlier field, how its answer compares, with which answers."""

    condition_field = SelectField(_l("什么时候显示"), validate_choice=False, render_kw={"data-condition-field": True})
    condition_operator = SelectField(
        _l("它的回答"), choices=choices_of(Operator), coerce=Operator, default=Operator.ANSWERED
    )

    sources: tuple[Field, ...] = ()
    chosen: tuple[str, ...] = ()

    def offer(self, sources: Iterable[Field], condition: Condition | None, sent: list[str]) -> None:
        """The fields a condition may look at; `sent` are the ticked answers, "field:answer" each."""
        self.sources = tuple(sources)
        always = [SelectChoice("", _l("总是显示"))]
        self.condition_field.choices = [*always, *(SelectChoice(f.id, _looked_at(f)) for f in self.sources)]
        self.chosen = tuple(sent)
        if not self.is_submitted():
            self.condition_field.data = condition.field if condition else ""
            self.condition_operator.data = condition.operator if condition else Operator.ANSWERED
            self.chosen = tuple(f"{condition.field}:{value}" for value in condition.values) if condition else ()

    @property
    def comparable(self) -> list[tuple[Field, dict[str, str]]]:
        """The fields whose answers can be listed, with these answers."""
        return [(field, possible_answers(field)) for field in self.sources if possible_answers(field)]

    @property
    def condition(self) -> Condition | None:
        """The condition that was chosen."""
        field_id = self.condition_field.data
        if not field_id:
            return None
        operator = self.condition_operator.data
        mine = (each.partition(":") for each in self.chosen)
        values = tuple(value for key, _colon, value in mine if key == field_id)
        return Condition(field_id, operator, () if operator is Operator.ANSWERED else values)


def _looked_at(field: Field) -> str:
    return gettext("看“%(label)s”的回答", label=field.label)


class SectionForm(Conditional):
    """A heading over some fields."""

    label = TextField(_l("标题"), [longest(200)], description=_l("可以留空"))
    label_en = TextField(_l("英文标题"), [longest(200)])
    help = TextAreaField(_l("填写说明"), [longest(5000)])
    help_en = TextAreaField(_l("英文说明"), [longest(5000)])

    def section(self, old: Section | None) -> Section:
        """The section as typed."""
        texts: dict[str, Any] = {key: self[key].data or "" for key in ("label", "label_en", "help", "help_en")}
        return Section(old.id if old else new_id("s"), show_if=self.condition, **texts)


class OptionRow(wtforms.Form):
    """One option."""

    key = HiddenField()
    label = TextField(_l("选项"))
    label_en = TextField(_l("英文"))
    places = IntegerField(_l("名额"), [Optional(), NumberRange(min=0)])
    per_person = BooleanField(_l("按人数计"))
    order = IntegerField(_l("顺序"), [Optional()])

    def option(self, old: Option | None) -> Option:
        """The option as typed; it keeps its id and pool however it is called."""
        return Option(
            old.id if old else new_id("o"),
            self.label.data or "",
            self.label_en.data or "",
            places=self.places.data,
            per_person=bool(self.per_person.data),
            pool=old.pool if old and self.places.data is not None else None,
        )


class FieldForm(Conditional):
    """A question. What the kind does not have is taken out by `field_form`."""

    label = TextField(_l("名称"), [required(), longest(200)], description=_l("填表人看到的问题"))
    label_en = TextField(_l("英文名称"), [longest(200)])
    help = TextAreaField(_l("填写说明"), [longest(5000)], description=_l("写在问题下面的提示"))
    help_en = TextAreaField(_l("英文说明"), [longest(5000)])
    section = SelectField(_l("放在哪一部分"), validate_choice=False)
    required = BooleanField(_l("必填"))
    staff_only = BooleanField(_l("仅主办方可见"), description=_l("报名人看不到，由工作人员填写"))
    personal = BooleanField(_l("含个人信息"), description=_l("到期可以单独删除"))
    unit = TextField(_l("计量单位"), [longest(20)], description=_l("例如 ㎡、人、台"))
    minimum = DecimalField(_l("最小值"), [Optional()], places=None)
    maximum = DecimalField(_l("最大值"), [Optional()], places=None)
    places = IntegerField(_l("小数位数"), [Optional(), NumberRange(min=0, max=6)])
    most = IntegerField(_l("上限"), [Optional(), NumberRange(min=1)])
    counts = BooleanField(_l("同行人员占用名额"))
    options = FieldList(FormField(OptionRow))
    pasted = TextAreaField(_l("一次粘贴多个选项"), description=_l("每行一个；要写英文时用竖线隔开：米饭 | Rice"))

    def field(self, kind: FieldKind, old: Field | None) -> Field:
        """The field as typed."""
        texts: dict[str, Any] = {key: self[key].data or "" for key in ("label", "label_en", "help", "help_en")}
        flags: dict[str, Any] = {
            key: bool(self[key].data) for key in ("required", "staff_only", "personal", "counts") if key in self
        }
        numbers = {key: self[key].data for key in ("minimum", "maximum", "most") if key in self}
        return Field(
            old.id if old else new_id(),
            kind,
            show_if=self.condition,
            options=self._options(old) if kind in WITH_OPTIONS else (),
            unit=(self.unit.data or "") if "unit" in self else "",
            places=self.places.data if "places" in self and self.places.data is not None else 2,
            **texts,
            **flags,
            **numbers,
        )

    def _options(self, old: Field | None) -> tuple[Option, ...]:
        """Rows with a name in the order of their numbers, then what was pasted."""
        rows = [entry.form for entry in self.options if (entry.form.label.data or "").strip()]
        rows.sort(key=lambda row: row.order.data if row.order.data is not None else 10_000)
        known = tuple(row.option(old.option(row.key.data or "") if old else None) for row in rows)
        return (*known, *building.options_of((self.pasted.data or "").splitlines()))


LIMIT_LABELS = {
    K.TEXT: _l("最多字数"),
    K.LONG_TEXT: _l("最多字数"),
    K.CHOICES: _l("最多选几项"),
    K.COMPANIONS: _l("最多几人"),
}
CONSENT_TEXT = _l("条款全文")


def field_form(definition: Definition, kind: FieldKind, old: Field | None, *, section_id: str, sent: Any) -> FieldForm:
    """The form of a field of this kind; `sent` are the ticked answers of the condition."""
    data = {} if old is None else {key: getattr(old, key) for key in old.__dataclass_fields__ if key != "options"}
    rows = [] if old is None else [_row(option, n) for n, option in enumerate(old.options, start=1)]
    form = FieldForm(data={**data, "section": section_id, "options": rows})
    form.section.choices = [
        SelectChoice(section.id, section.label or gettext("第 %(n)d 部分", n=n))
        for n, section in enumerate(definition.sections, start=1)
    ]
    _fit(form, kind)
    if kind in WITH_OPTIONS and not form.is_submitted():
        for _spare in range(SPARE_ROWS):
            form.options.append_entry()
    before = definition.fields
    if old is not None:
        before = before[: [field.id for field in before].index(old.id)]
    form.offer(before, old.show_if if old else None, sent)
    return form


def _row(option: Option, number: int) -> dict[str, Any]:
    values = {key: getattr(option, key) for key in ("label", "label_en", "places", "per_person")}
    return {"key": option.id, "order": number, **values}


def _fit(form: FieldForm, kind: FieldKind) -> None:
    unneeded = set()
    if kind is not K.NUMBER:
        unneeded |= {"unit", "minimum", "maximum", "places"}
    if kind not in LIMIT_LABELS:
        unneeded.add("most")
    if kind is not K.COMPANIONS:
        unneeded.add("counts")
    if kind not in WITH_OPTIONS:
        unneeded |= {"options", "pasted"}
    if kind in ALWAYS_PERSONAL:
        unneeded.add("personal")
    for name in unneeded:
        del form[name]
    if kind in LIMIT_LABELS:
        form.most.label.text = LIMIT_LABELS[kind]
    if kind in WITH_LENGTH:
        form.most.description = _l("留空为 %(n)d 字", n=Field("", kind, "").longest)
    if kind is K.CONSENT:
        form.help.label.text, form.help.description = CONSENT_TEXT, _l("改动后是新的版本，已同意的人仍按当时的条款")


def section_form(definition: Definition, old: Section | None, *, sent: Any) -> SectionForm:
    """The form of a section, which may look at the fields of the sections before it."""
    data = {key: getattr(old, key) for key in ("label", "label_en", "help", "help_en")} if old else {}
    form = SectionForm(data=data)
    before: list[Field] = []
    for section in definition.sections:
        if old is not None and section.id == old.id:
            break
        before += section.fields
    form.offer(before, old.show_if if old else None, sent)
    return form
