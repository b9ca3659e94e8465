"""Forms of who comes."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import SelectField, ValidationError

from matchmaker.core.forms import Form, PhoneField, TextAreaField, choice, longest, required


class AttendeesForm(Form):
    """Who comes, and how to reach them: what may still be changed after a registration was sent."""

    attendees = TextAreaField(
        _l("参会人"),
        [required(_l("请至少填写一位参会人，每行一位")), longest(5000)],
        description=_l("每行一位：姓名，手机号（手机号可不填）"),
    )
    phone = PhoneField(_l("联系电话"), [required(_l("请留一个能联系到的电话")), longest(20)])
    note = TextAreaField(_l("备注"), [longest(500)], description=_l("想见的单位、饮食要求等，可不填"))

    @property
    def values(self) -> dict[str, Any]:
        return {**super().values, "note": self.note.data or ""}


class GuestForm(AttendeesForm):
    """The same for somebody without an account: a number may be missing where there is a mail address."""

    phone = PhoneField(_l("联系电话"), [longest(20)])
    has_address = False

    def validate_phone(self, field: Any) -> None:
        """Somebody must be reachable."""
        if not field.data and not self.has_address:
            raise ValidationError(gettext("请留一个能联系到的电话"))

    @property
    def values(self) -> dict[str, Any]:
        return {**super().values, "phone": self.phone.data or ""}


class RegistrationForm(AttendeesForm):
    """Who comes, on whose behalf."""

    organisation_id = SelectField(
        _l("代表"), [required()], coerce=int, description=_l("为哪家单位报名；也可以个人身份参加")
    )

    def offer(self, viewer: Any) -> None:
        """Fill the choices with the viewer's own organisations."""
        own = [choice(m.organisation_id, m.organisation.name) for m in getattr(viewer, "memberships", [])]
        self.organisation_id.choices = [*own, choice(0, _l("以个人身份"))]

    @property
    def values(self) -> dict[str, Any]:
        return {**super().values, "organisation_id": self.organisation_id.data or None}
