"""What a form consists of: sections, typed fields, options, conditions; read from and written to JSON."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, replace
from decimal import Decimal
from typing import Any, Self

from matchmaker.core.labels import Labelled


class FieldKind(Labelled):
    """What kind of answer a field asks for."""

    TEXT = "text", "单行文字"
    LONG_TEXT = "long_text", "多行文字"
    NUMBER = "number", "数字（可带单位）"
    MONEY = "money", "金额（万元）"
    CHOICE = "choice", "单选"
    CHOICES = "choices", "多选"
    RATING = "rating", "评分（1–5）"
    DATE = "date", "日期"
    PHONE = "phone", "电话"
    EMAIL = "email", "电子邮箱"
    URL = "url", "网址"
    USCC = "uscc", "统一社会信用代码"
    INDUSTRY = "industry", "行业"
    REGION = "region", "行政区划"
    COMPANIONS = "companions", "同行人员"
    FILE = "file", "文件"
    PICTURE = "picture", "图片"
    CONSENT = "consent", "同意条款"


class Operator(Labelled):
    """How a condition compares an earlier answer."""

    IS = "is", "回答是"
    IS_NOT = "is_not", "回答不是"
    ANY_OF = "any_of", "回答是其中之一"
    ANSWERED = "answered", "已填写"


K = FieldKind
WITH_OPTIONS = frozenset({K.CHOICE, K.CHOICES})
UPLOADS = frozenset({K.FILE, K.PICTURE})
WITH_LENGTH = frozenset({K.TEXT, K.LONG_TEXT})
ALWAYS_PERSONAL = frozenset({K.PHONE, K.EMAIL, K.COMPANIONS, K.PICTURE})
RATINGS = ("1", "2", "3", "4", "5")
LENGTH_OF_TEXT = 500
LENGTH_OF_LONG_TEXT = 5_000


def new_id(letter: str = "q") -> str:
    """A short id that no field had before, fit for a name in a page."""
    return letter + "".join(secrets.choice("abcdefghjkmnpqrstuvwxyz23456789") for _ in range(7))


class Part:
    """What parts of a definition share: only what differs from the default is written."""

    def to_json(self) -> dict[str, Any]:
        """This part as JSON."""
        written: dict[str, Any] = {}
        for spec in fields(self):  # type: ignore[arg-type]
            value = getattr(self, spec.name)
            if value != spec.default:
                written[spec.name] = _json(value)
        return written


def _json(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_json(each) for each in value]
    if isinstance(value, Part):
        return value.to_json()
    if isinstance(value, Decimal):
        return f"{value:f}"
    return value.value if isinstance(value, Labelled) else value


class Bilingual:
    """Something with a text in Chinese and perhaps in English."""

    label: str
    label_en: str
    help: str
    help_en: str

    def label_in(self, language: str) -> str:
        """The label in a language, in Chinese when there is none."""
        return (self.label_en if language == "en" else "") or self.label

    def help_in(self, language: str) -> str:
        """The explanation in a language, in Chinese when there is none."""
        return (self.help_en if language == "en" else "") or self.help


@dataclass(frozen=True)
class Condition(Part):
    """Asked only if the answer to an earlier field compares like this; of several answers one must."""

    field: str
    operator: Operator = Operator.ANSWERED
    values: tuple[str, ...] = ()

    @classmethod
    def read(cls, data: Mapping[str, Any] | None) -> Self | None:
        """From JSON."""
        if not data:
            return None
        return cls(
            str(data["field"]), Operator(data.get("operator", "answered")), tuple(map(str, data.get("values", ())))
        )


@dataclass(frozen=True)
class Option(Part):
    """One choice; `places` limits how often it may be chosen, counted in the seat pool `pool` of the form's owner."""

    id: str
    label: str
    label_en: str = ""
    places: int | None = None
    per_person: bool = False
    pool: int | None = None

    @classmethod
    def read(cls, data: Mapping[str, Any]) -> Self:
        """From JSON."""
        return cls(**{spec.name: data[spec.name] for spec in fields(cls) if spec.name in data})

    def label_in(self, language: str) -> str:
        """The label in a language, in Chinese when there is none."""
        return (self.label_en if language == "en" else "") or self.label


@dataclass(frozen=True)
class Field(Part, Bilingual):
    """One question. `counts`: accompanying people take a seat each. `most`: characters, choices or people."""

    id: str
    kind: FieldKind
    label: str
    label_en: str = ""
    help: str = ""
    help_en: str = ""
    required: bool = False
    staff_only: bool = False
    personal: bool = False
    show_if: Condition | None = None
    options: tuple[Option, ...] = ()
    unit: str = ""
    minimum: Decimal | None = None
    maximum: Decimal | None = None
    places: int = 2
    most: int | None = None
    counts: bool = False

    @classmethod
    def read(cls, data: Mapping[str, Any]) -> Self:
        """From JSON."""
        values = {spec.name: data[spec.name] for spec in fields(cls) if spec.name in data}
        values["kind"] = FieldKind(data["kind"])
        values["show_if"] = Condition.read(data.get("show_if"))
        values["options"] = tuple(Option.read(each) for each in data.get("options", ()))
        for bound in ("minimum", "maximum"):
            values[bound] = Decimal(str(data[bound])) if data.get(bound) is not None else None
        return cls(**values)

    @property
    def is_personal(self) -> bool:
        """Does the answer say something about a person? Phones, addresses, people and pictures always do."""
        return self.personal or self.kind in ALWAYS_PERSONAL

    @property
    def longest(self) -> int:
        """How many characters a text may have."""
        return self.most or (LENGTH_OF_LONG_TEXT if self.kind is K.LONG_TEXT else LENGTH_OF_TEXT)

    def option(self, option_id: str) -> Option | None:
        """The option with that id."""
        return next((option for option in self.options if option.id == option_id), None)


@dataclass(frozen=True)
class Section(Part, Bilingual):
    """Fields under one heading."""

    id: str
    label: str = ""
    label_en: str = ""
    help: str = ""
    help_en: str = ""
    show_if: Condition | None = None
    fields: tuple[Field, ...] = ()

    @classmethod
    def read(cls, data: Mapping[str, Any]) -> Self:
        """From JSON."""
        texts = {key: str(data[key]) for key in ("label", "label_en", "help", "help_en") if key in data}
        asked = tuple(Field.read(each) for each in data.get("fields", ()))
        return cls(id=str(data["id"]), show_if=Condition.read(data.get("show_if")), fields=asked, **texts)


@dataclass(frozen=True)
class Definition(Part):
    """A whole form."""

    sections: tuple[Section, ...] = ()

    @classmethod
    def read(cls, data: Mapping[str, Any]) -> Self:
        """From JSON. Unknown keys are left out."""
        return cls(tuple(Section.read(each) for each in data.get("sections", ())))

    def each(self) -> Iterator[tuple[Section, Field]]:
        """Every field with its section, in the order in which they are asked."""
        for section in self.sections:
            for field in section.fields:
                yield section, field

    @property
    def fields(self) -> tuple[Field, ...]:
        """Every field in order."""
        return tuple(field for _section, field in self.each())

    def field(self, field_id: str) -> Field | None:
        """The field with that id."""
        return next((field for field in self.fields if field.id == field_id), None)

    def section(self, section_id: str) -> Section | None:
        """The section with that id."""
        return next((section for section in self.sections if section.id == section_id), None)

    def for_registrants(self) -> Definition:
        """The form without what only the organisers see."""
        shown = (
            replace(section, fields=tuple(field for field in section.fields if not field.staff_only))
            for section in self.sections
        )
        return Definition(tuple(section for section in shown if section.fields))
