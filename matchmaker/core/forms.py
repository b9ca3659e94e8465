"""The base form and the fields that forgive: full-width digits, spaces and dashes, empty text as nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask_babel import lazy_gettext
from flask_wtf import FlaskForm
from wtforms import fields, validators, widgets
from wtforms.csrf.core import CSRFTokenField
from wtforms.fields.choices import SelectChoice

from matchmaker.core import folding


class TokenField(CSRFTokenField):
    """The form's token, signed when it is shown: most forms that are sent are never shown again."""

    def process(self, *args: Any, **kwargs: Any) -> None:
        fields.HiddenField.process(self, *args, **kwargs)

    def _value(self) -> str:
        return str(self.csrf_impl.generate_csrf_token(self))


class Token(FlaskForm.Meta.csrf_class):  # type: ignore[misc]
    """Flask-WTF's token with that field."""

    field_class = TokenField


class Form(FlaskForm):
    """Base of every form; `values` are the keyword arguments for the service."""

    class Meta:
        locales = ("zh",)
        csrf_class = Token

    @property
    def values(self) -> dict[str, Any]:
        """What was typed, without the token and the buttons."""
        skipped = {"TokenField", "SubmitField"}
        return {field.short_name: field.data for field in self if field.type not in skipped}


def required(message: str | None = None) -> validators.InputRequired:
    """The field must be filled."""
    return validators.InputRequired(message or lazy_gettext("请填写这一项"))


def longest(length: int) -> validators.Length:
    """No more than `length` characters."""
    return validators.Length(max=length, message=lazy_gettext("最多 %(max)d 个字"))


def _trimmed(value: str | None) -> str | None:
    return folding.clean_text(value) if value else value


class TextField(fields.StringField):
    """One line; control characters dropped, spaces trimmed; empty is an empty string."""

    def __init__(
        self, label: Any, validators: Any = None, *, filters: tuple[Callable[..., Any], ...] = (), **kwargs: Any
    ):
        super().__init__(label, validators, filters=(_trimmed, *filters), **kwargs)


class TextAreaField(fields.TextAreaField):
    """Several lines, line breaks kept; nobody types a NUL, and PostgreSQL keeps none."""

    def process_formdata(self, valuelist: list[Any]) -> None:
        super().process_formdata([value.replace("\x00", "") for value in valuelist])


class PhoneField(TextField):
    """A phone number; full-width digits, spaces and dashes are taken as typed by people."""

    def __init__(self, label: Any, validators: Any = None, **kwargs: Any):
        super().__init__(label, validators, filters=(lambda v: folding.digits(v) if v else v,), **kwargs)


class DayField(fields.DateField):
    """A day in any of the ways people write it."""

    def process_formdata(self, valuelist: list[str]) -> None:
        from matchmaker.core import calendar

        if not valuelist or not valuelist[0].strip():
            self.data = None
            return
        try:
            self.data = calendar.parse_day(valuelist[0])
        except Exception as error:
            self.data = None
            raise ValueError(self.gettext("Not a valid date value.")) from error


class MomentField(fields.DateTimeLocalField):
    """A moment typed in Beijing time; `.data` is aware UTC."""

    data: Any

    def __init__(self, label: Any, validators: Any = None, **kwargs: Any):
        super().__init__(label, validators, format=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"], **kwargs)

    def process_formdata(self, valuelist: list[str]) -> None:
        from datetime import UTC

        from matchmaker.core.clock import CHINA

        super().process_formdata(valuelist)
        if self.data is not None:
            self.data = self.data.replace(tzinfo=CHINA).astimezone(UTC)

    def _value(self) -> str:
        from matchmaker.core.clock import CHINA

        if self.raw_data:
            return " ".join(self.raw_data)
        return self.data.astimezone(CHINA).strftime("%Y-%m-%dT%H:%M") if self.data else ""


class WanField(fields.StringField):
    """An amount typed in 万元; `.data` is whole fen, None when empty."""

    def process_formdata(self, valuelist: list[str]) -> None:
        from matchmaker.core import i18n, money
        from matchmaker.core.errors import DomainError

        self.data = None
        if not valuelist or not valuelist[0].strip():
            return
        try:
            self.data = money.fen_from_wan(valuelist[0])
        except DomainError as error:
            raise ValueError(i18n.sentence(error)) from error

    def _value(self) -> str:
        from matchmaker.core import money

        if self.raw_data:
            return " ".join(self.raw_data)
        return f"{money.wan(self.data).normalize():f}" if self.data is not None else ""


def choices_of(kind: Any, *, empty: str | None = None) -> list[SelectChoice]:
    """The choices of an enumeration with its labels, `empty` first when given."""
    rows = [SelectChoice(member.value, lazy_gettext(member.label)) for member in kind]  # type: ignore[arg-type]
    return [SelectChoice("", lazy_gettext(empty)), *rows] if empty is not None else rows  # type: ignore[arg-type]


def choice(value: Any, label: Any) -> SelectChoice:
    """One choice of a select or of radio buttons."""
    return SelectChoice(value, label)


def ticked(label: Any, choices: Any, **kwargs: Any) -> fields.SelectMultipleField:
    """Many checkboxes."""
    look = {"widget": widgets.ListWidget(prefix_label=False), "option_widget": widgets.CheckboxInput()}
    return fields.SelectMultipleField(label, choices=choices, **look, **kwargs)
