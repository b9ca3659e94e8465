"""Forms of imports."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField, FileRequired
from wtforms import SelectField

from matchmaker.core.forms import Form, TextField, choice, longest, required
from matchmaker.core.tabular import guess_mapping


class UploadForm(Form):
    """A file, and the options of its importer."""

    file = FileField(
        _l("文件"), [FileRequired(_l("请选择文件"))], description=_l("CSV、XLSX 或 JSON Lines，也可用 gzip 压缩（.gz）")
    )


def upload_form(importer: Any, viewer: Any = None, proposed: Mapping[str, str] | None = None) -> UploadForm:
    """The upload form with one field for each option of the importer, filled as the address proposes."""
    fields = {option.key: _option_field(option, viewer) for option in importer.options}
    values = {option.key: (proposed or {}).get(option.key, "")[:20] for option in importer.options}
    form: UploadForm = type("UploadFormWithOptions", (UploadForm,), fields)(data=values)
    return form


def _option_field(option: Any, viewer: Any) -> Any:
    hint = _l(option.hint) if option.hint else ""
    if option.choices is None:
        return TextField(_l(option.title), [longest(20)], description=hint)
    offered = [choice("", _l("请选择")), *(choice(value, text) for value, text in option.choices(viewer))]
    return SelectField(_l(option.title), choices=offered, description=hint)


def mapping_form(batch: Any, fields: Any) -> Form:
    """A select of columns for each field of the importer."""
    columns = [choice("", _l("（不导入）")), *(choice(header, header) for header in batch.headers)]
    mapping = batch.mapping or guess_mapping(batch.headers, fields)
    members = {
        f"field_{wanted.key}": SelectField(
            _l(wanted.title),
            [required(_l("这一列是必需的，请选择对应的列"))] if wanted.required else [],
            choices=columns,
            default=mapping.get(wanted.key, ""),
            description=_l(wanted.hint) if wanted.hint else "",
        )
        for wanted in fields
    }
    form: Form = type("MappingForm", (Form,), members)()
    return form


def chosen(form: Form) -> dict[str, str]:
    """What was chosen, by field key."""
    return {key.removeprefix("field_"): value for key, value in form.values.items() if key.startswith("field_")}
