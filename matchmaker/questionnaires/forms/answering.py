"""A form made from a version of a questionnaire: it carries what was typed; the rules judge it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, RadioField, SelectField, SelectMultipleField, widgets
from wtforms.fields import BooleanField
from wtforms.fields import Field as Control
from wtforms.fields.choices import SelectChoice

from matchmaker.core.errors import DomainError
from matchmaker.core.forms import Form, TextAreaField, TextField
from matchmaker.core.i18n import current_locale
from matchmaker.directory import taxonomy
from matchmaker.questionnaires import queries
from matchmaker.questionnaires.models import AnswerSheet, QuestionnaireVersion
from matchmaker.questionnaires.rules.definition import (
    LENGTH_OF_TEXT,
    RATINGS,
    UPLOADS,
    Definition,
    Field,
    FieldKind,
    Option,
    Section,
)
from matchmaker.questionnaires.rules.values import Upload, typed_of

K = FieldKind
MOST_RADIOS = 7
KEEP = "keep"
KEYBOARDS = {K.NUMBER: "decimal", K.MONEY: "decimal", K.PHONE: "tel", K.EMAIL: "email", K.URL: "url"}
FILLED_BY_BROWSER = {K.PHONE: "tel", K.EMAIL: "email"}
NEWER = _l("表单刚刚更新过：已按新的表单显示，您填的内容还在，请核对后再提交一次")


class Marked:
    """Marks a field as required for the page; whether it is answered is the rules' to say."""

    field_flags = {"required": True}

    def __call__(self, form: Any, field: Any) -> None:
        """Nothing to check here."""


class PickField(RadioField):
    """One of a few; nothing chosen is None."""

    def process_formdata(self, valuelist: list[Any]) -> None:
        self.data = valuelist[0] if valuelist else None


class ListField(SelectField):
    """One of many, in a list."""

    def process_formdata(self, valuelist: list[Any]) -> None:
        self.data = valuelist[0] if valuelist else None


class Box(widgets.CheckboxInput):
    """One box of several: that some must be ticked does not make this one required."""

    validation_attrs = ["disabled"]


class ManyField(SelectMultipleField):
    """Several of some."""

    widget = widgets.ListWidget(prefix_label=False)
    option_widget = Box()

    def process_formdata(self, valuelist: list[Any]) -> None:
        self.data = list(valuelist)


class UploadField(Control):
    """A file: the one sent now, or the one that waits under a token, or the one kept so far ("keep")."""

    widget = widgets.FileInput()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.upload: Any = None
        self.token = ""
        self.kept_name = ""
        self.refusal: DomainError | None = None

    def process(self, formdata: Any, data: Any = None, extra_filters: Any = None) -> None:
        """Read the file, the token beside it and the wish to remove it."""
        super().process(None)
        stored = data if isinstance(data, dict) else None
        self.kept_name = str(stored["name"]) if stored else ""
        self.token = KEEP if stored else ""
        if formdata:
            files = [each for each in formdata.getlist(self.name) if getattr(each, "filename", "")]
            self.upload = files[0] if files else None
            self.token = str(formdata.get(f"{self.name}-token", ""))[:100]
            if formdata.get(f"{self.name}-remove") or (self.token == KEEP and not stored):
                self.token = ""

    def staged(self, outcome: str | DomainError) -> None:
        """What became of the file that was sent."""
        if isinstance(outcome, DomainError):
            self.refusal = outcome
        else:
            self.token, self.kept_name = outcome, self.upload.filename

    @property
    def answer(self) -> object:
        """The token, or why the file was refused."""
        return Upload(error=self.refusal) if self.refusal else self.token


class AnswersForm(Form):
    """Base of the forms made by `form_for`: which fields it asks, what was typed, which files came."""

    version: QuestionnaireVersion
    asked: tuple[Field, ...] = ()
    language: str = "zh"

    answers_version = HiddenField()

    @property
    def raw(self) -> dict[str, object]:
        """What was typed by field id, as `services.check` wants it."""
        controls = ((field.id, self[field.id]) for field in self.asked)
        return {key: each.answer if isinstance(each, UploadField) else each.data for key, each in controls}

    @property
    def values(self) -> dict[str, Any]:
        """What the form's own fields hold, without the answers."""
        ids = {field.id for field in self.asked} | {"answers_version"}
        return {key: value for key, value in super().values.items() if key not in ids}

    @property
    def uploads(self) -> dict[str, Any]:
        """The files that came, by field id, for `services.stage`."""
        controls = ((field.id, self[field.id]) for field in self.asked if field.kind in UPLOADS)
        return {key: each.upload for key, each in controls if each.upload is not None}

    def staged(self, outcomes: Mapping[str, Any]) -> None:
        """Note what `services.stage` answered."""
        for field_id, outcome in outcomes.items():
            self[field_id].staged(outcome)

    @property
    def sections(self) -> Iterator[tuple[Section, list[tuple[Field, Control]]]]:
        """The sections with their fields and controls, for the page."""
        ids = {field.id for field in self.asked}
        for section in self.version.content.sections:
            rows = [(field, self[field.id]) for field in section.fields if field.id in ids]
            if rows:
                yield section, rows

    @property
    def outdated(self) -> bool:
        """Was this sent from a page that showed another wording than the one that is in use now?"""
        sent = self.answers_version.raw_data
        if not sent or sent[0] == str(self.version.id):
            return False
        seen = queries.version_of(self.version.questionnaire, int(sent[0]) if sent[0].isdecimal() else None)
        return seen is None or _as_seen(seen.content) != _as_seen(self.version.content)

    def validate(self, extra_validators: Any = None) -> bool:
        """The shape; and a form that was changed meanwhile comes back in its new wording with what was typed."""
        fine = bool(super().validate(extra_validators))
        if self.outdated:
            self.form_errors.append(str(NEWER))
            fine = False
        self.answers_version.data = str(self.version.id)
        return fine


def _as_seen(definition: Definition) -> Definition:
    return definition.for_registrants()


def form_for(
    version: QuestionnaireVersion,
    language: str = "",
    *,
    staff: bool = False,
    partial: bool = False,
    sheet: AnswerSheet | None = None,
    known: Mapping[FieldKind, str] | None = None,
    base: type[Form] = Form,
    left: Mapping[int, int] | None = None,
    **values: Any,
) -> Any:
    """The form of a version in the reader's language, on top of the fields of `base`.

    Filled with the answers of `sheet`, else with what is `known` about the person (first field of each kind);
    `left` are the places of options by pool, `values` go to the form (`obj=`, `data=`). `partial`: nothing is marked
    as required.
    """
    language = language or current_locale()
    definition = version.content if staff else version.content.for_registrants()
    asked = definition.fields
    mine = _chosen_before(sheet)
    controls = {field.id: _control(field, language, left or {}, mine, partial=partial) for field in asked}
    bases = (AnswersForm,) if base is Form else (AnswersForm, base)
    made = type("AnswersForm", bases, {**controls, "version": version, "asked": asked, "language": language})
    data = {**_typed(definition, sheet, known or {}), **values.pop("data", {})}
    form = made(data=data, **values)
    if not form.is_submitted():
        form.answers_version.data = str(version.id)
    return form


def _typed(definition: Definition, sheet: AnswerSheet | None, known: Mapping[FieldKind, str]) -> dict[str, Any]:
    if sheet is not None:
        typed = {f.id: typed_of(f, sheet.answers[f.id]) for f in definition.fields if f.id in sheet.answers}
        return {**typed, **{key: value for key, value in sheet.typed.items() if definition.field(key)}}
    firsts: dict[FieldKind, Field] = {}
    for field in definition.fields:
        firsts.setdefault(field.kind, field)
    return {firsts[kind].id: value for kind, value in known.items() if kind in firsts and value}


def _chosen_before(sheet: AnswerSheet | None) -> set[str]:
    """The options that were chosen already: they stay open to whoever holds them."""
    found: set[str] = set()
    for value in (sheet.answers if sheet else {}).values():
        found.update(each for each in (value if isinstance(value, list) else [value]) if isinstance(each, str))
    return found


def _control(field: Field, language: str, left: Mapping[int, int], mine: set[str], *, partial: bool) -> Any:
    label = field.label_in(language)
    common: dict[str, Any] = {
        "description": field.help_in(language),
        "validators": [Marked()] if field.required and not partial else [],
    }
    if field.kind in (K.LONG_TEXT, K.COMPANIONS):
        return TextAreaField(label, **common, render_kw={"rows": 4})
    if field.kind is K.CONSENT:
        return BooleanField(label, **common)
    if field.kind in UPLOADS:
        return UploadField(label, **common)
    if field.kind is K.DATE:
        return TextField(label, **common, widget=widgets.DateInput())
    if field.kind is K.RATING:
        return PickField(label, choices=[SelectChoice(each, each) for each in RATINGS], validate_choice=False, **common)
    if field.kind in (K.CHOICE, K.CHOICES, K.INDUSTRY, K.REGION):
        return _picking(field, label, common, language, left, mine)
    keyboard: dict[str, Any] = {}
    if field.kind in KEYBOARDS:
        keyboard["inputmode"] = KEYBOARDS[field.kind]
    if field.kind in FILLED_BY_BROWSER:
        keyboard["autocomplete"] = FILLED_BY_BROWSER[field.kind]
    if field.kind is K.TEXT:
        keyboard["maxlength"] = min(field.longest, LENGTH_OF_TEXT)
    return TextField(label, **common, render_kw=keyboard)


def _picking(
    field: Field, label: str, common: dict[str, Any], language: str, left: Mapping[int, int], mine: set[str]
) -> Any:
    if field.kind is K.INDUSTRY:
        return ListField(label, choices=_industries(language), validate_choice=False, **common)
    if field.kind is K.REGION:
        return ListField(label, choices=_regions(language), validate_choice=False, **common)
    choices = [_choice(option, language, left, mine) for option in field.options]
    if field.kind is K.CHOICES:
        return ManyField(label, choices=choices, validate_choice=False, **common)
    if len(choices) > MOST_RADIOS:
        return ListField(label, choices=[SelectChoice("", _l("请选择")), *choices], validate_choice=False, **common)
    return PickField(label, choices=choices, validate_choice=False, **common)


def _choice(option: Option, language: str, left: Mapping[int, int], mine: set[str]) -> SelectChoice:
    text = option.label_in(language)
    if option.pool is None or option.pool not in left:
        return SelectChoice(option.id, text)
    places = left[option.pool]
    if places <= 0 and option.id not in mine:
        return SelectChoice(option.id, gettext("%(option)s（已满）", option=text), render_kw={"disabled": True})
    return SelectChoice(option.id, gettext("%(option)s（余 %(n)d）", option=text, n=max(0, places)))


def _industries(language: str) -> list[SelectChoice]:
    """Every class under its section's heading."""
    names = taxonomy.english_names("industries") if language == "en" else taxonomy.names("industries")
    heads = {code: name for code, name in names.items() if len(code) == 1}
    below = [
        SelectChoice(code, f"{code} {name}", optgroup=f"{code[0]} {heads.get(code[0], '')}")
        for code, name in names.items()
        if len(code) > 1
    ]
    return [SelectChoice("", _l("请选择")), *below]


def _regions(language: str) -> list[SelectChoice]:
    names = taxonomy.english_names("regions") if language == "en" else taxonomy.names("regions")
    return [SelectChoice("", _l("请选择")), *(SelectChoice(code, f"{name} {code}") for code, name in names.items())]
