"""What every form has: CSRF, errors in the user's language, and how domain errors reach a field."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import ClassVar

from flask_babel import gettext as _
from flask_wtf import FlaskForm
from wtforms.fields.choices import SelectChoice

from tenon.errors import Invalid


class Form(FlaskForm):  # type: ignore[misc]  # the base is untyped
    """Base of all forms: texts are stripped, and Invalid is shown at the fields it names."""

    class Meta(FlaskForm.Meta):  # type: ignore[misc]  # the base is untyped
        """Strip what people type."""

        def bind_field(self, form, unbound, options):  # type: ignore[no-untyped-def]  # wtforms'
            """Add a strip filter to text fields."""
            filters = list(unbound.kwargs.get("filters", []))
            if (
                "TextArea" in unbound.field_class.__name__
                or "String" in unbound.field_class.__name__
            ):
                filters.append(_strip)
            return unbound.bind(form=form, filters=filters, **options)

    # Field that the domain names -> the field of this form where it is shown.
    shown_at: ClassVar[Mapping[str, str]] = {}

    def words_for(self, name: str, code: str) -> str:  # noqa: ARG002  # rooms' forms tell fields apart
        """Return an error of a field in words; a room's forms know its own codes as well."""
        return message(code)

    def take_errors(self, error: Invalid) -> None:
        """Show a domain error at its fields; what names no field of this form goes to the top."""
        for name, code in error.fields.items():
            field = self._fields.get(self.shown_at.get(name, name))
            words = self.words_for(name, code)
            if field is None:
                self.form_errors.append(words)
            else:
                field.errors = [*field.errors, words]


def _strip(value: object) -> object:
    return value.strip() if isinstance(value, str) else value


def options(pairs: Iterable[tuple[str, object]], group: str | None = None) -> list[SelectChoice]:
    """Return (code, wording) pairs as the choices of a select or radio field, under a heading."""
    return [SelectChoice(code, wording, optgroup=group) for code, wording in pairs]


def message(code: str) -> str:
    """Return an error code in words; one without words comes back as it is."""
    known = {
        "required": _("Please fill this in."),
        "too_short": _("Please write a little more."),
        "too_long": _("That is too long."),
        "not_a_number": _("Please enter a number."),
        "not_a_date": _("Please enter a date such as 2027-03-31."),
        "in_the_past": _("That date has passed."),
        "unknown_code": _("Please choose from the list."),
        "out_of_order": _("The first amount must not be above the second."),
        "already_taken": _("That is taken already."),
        "not_an_address": _("That is not a mail address."),
        "too_large": _("That file is too large."),
        "wrong_type": _("This kind of file is not accepted."),
        "out_of_range": _("That is outside the range allowed."),
        "not_a_web_address": _("Please enter a web address such as https://example.org."),
        "not_a_credit_code": _(
            "That is no unified social credit code: it has 18 characters, the last of which checks "
            "the others."
        ),
        "name_exists": _("An organisation of this name is here already."),
        "cannot_be_off": _("This is told to everybody whom it concerns."),
        "same_hour": _("Quiet hours must not end when they begin."),
        "in_quiet_hours": _("That is within your quiet hours."),
        "kind_is_settled": _("The kind of an approved organisation is changed by an operator."),
    }
    return str(known.get(code, code))
