"""Forms of people and organisations: shape only, the meaning is checked by the services."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    PasswordField,
    SelectField,
    StringField,
    TextAreaField,
    URLField,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, Length

from tenon.accounts import labels
from tenon.accounts.services.organisations import ABOUT_LENGTH, NAME_LENGTH, Profile
from tenon.taxonomy.pickers import as_choices, flat_choices
from tenon.web.forms import Form, options
from tenon.web.languages import language

_REQUIRED = _l("Please fill this in.")
_TOO_LONG = _l("That is too long.")


_FOUNDED = (("", _l("As its kind suggests")), ("yes", _l("Yes")), ("no", _l("No")))


def _founded(value: object) -> object:
    return {True: "yes", False: "no"}.get(value, value) if isinstance(value, bool) else value


def _up_to(length: int) -> Length:
    return Length(max=length, message=_TOO_LONG)


class AccountForm(Form):
    """Name and language of the account."""

    name = StringField(_l("Your name"), [DataRequired(_REQUIRED), _up_to(120)])
    language = SelectField(_l("Language"), choices=options(labels.LANGUAGES.items()))


class OrganisationForm(Form):
    """The profile of an organisation; names and texts in one language at least."""

    kind = SelectField(
        _l("Kind"), choices=options([("", _l("Please choose")), *labels.KINDS.items()])
    )
    name_zh = StringField(_l("Name in Chinese"), [_up_to(NAME_LENGTH)])
    name_en = StringField(_l("Name in English"), [_up_to(NAME_LENGTH)])
    region = SelectField(_l("Region"), validate_choice=False)
    country = SelectField(_l("Country"), default="CN", validate_choice=False)
    industry = SelectField(_l("Industry"), validate_choice=False)
    website = URLField(_l("Website"), [_up_to(300)])
    credit_code = StringField(_l("Unified social credit code"), [_up_to(40)])
    state_founded = SelectField(
        _l("Founded by the state"), choices=options(_FOUNDED), coerce=_founded, default=""
    )
    about_zh = TextAreaField(_l("About, in Chinese"), [_up_to(ABOUT_LENGTH)])
    about_en = TextAreaField(_l("About, in English"), [_up_to(ABOUT_LENGTH)])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.region.choices = _grouped("region")
        self.industry.choices = _grouped("gbt4754")
        self.country.choices = options(flat_choices("country", language()))

    def profile(self) -> Profile:
        """Return what was entered."""
        return Profile(
            kind=self.kind.data or "",
            name_zh=self.name_zh.data,
            name_en=self.name_en.data,
            about_zh=self.about_zh.data,
            about_en=self.about_en.data,
            website=self.website.data,
            region=self.region.data,
            country=self.country.data or "CN",
            industry=self.industry.data,
            state_founded={"yes": True, "no": False}.get(self.state_founded.data or ""),
            credit_code=self.credit_code.data,
        )


class NewOrganisationForm(OrganisationForm):
    """The profile, and a second thought where the name is here already."""

    despite_namesakes = BooleanField(_l("Ours is another organisation of the same name"))


class JoinForm(Form):
    """A request to join."""

    note = TextAreaField(_l("A line to the administrators"), [_up_to(500)])


class DecisionForm(Form):
    """An operator's reason."""

    reason = TextAreaField(_l("Reason"), [_up_to(1000)])


class EraseForm(Form):
    """Proof that it is the person who asks for erasure."""

    password = PasswordField(
        _l("Password"),
        [DataRequired(_REQUIRED)],
        render_kw={"autocomplete": "current-password"},
    )
    sure = BooleanField(_l("I understand that this cannot be undone."), [DataRequired(_REQUIRED)])


class EraseOtherForm(Form):
    """An operator's second thought before erasing somebody who asked for it."""

    email = StringField(_l("Mail address of the person"), [DataRequired(_REQUIRED)])


def _grouped(scheme: str) -> list[SelectChoice]:
    found = options([("", _l("Not stated"))])
    for group in as_choices(scheme, language()):
        found += options(group.choices, group.label or None)
    return found
