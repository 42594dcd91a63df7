"""Forms of the room: shape only, the meaning is checked by the services."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField
from wtforms import (
    BooleanField,
    HiddenField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import Optional

from tenon.accounts.models import User
from tenon.errors import Invalid
from tenon.network import labels
from tenon.network.models import BrokerProfile, Station
from tenon.network.queries.tree import Branch
from tenon.network.services.profiles import Skills
from tenon.network.services.tree import Details
from tenon.taxonomy import catalogue, naming
from tenon.taxonomy.pickers import as_choices
from tenon.web.fields import Day, Ticks, Whole
from tenon.web.forms import Form, options
from tenon.web.languages import language

_SEPARATORS = re.compile(r"[,;，；、\n]")
_CHOOSE = ("", _l("Please choose"))


class RoomForm(Form):
    """Base of the room's forms."""

    def words_for(self, name: str, code: str) -> str:  # noqa: ARG002  # the base's form
        """Return an error in this room's words."""
        return labels.words(code)


class PlaceForm(RoomForm):
    """What is said of a place."""

    code = StringField(_l("Code of the place"))
    name_zh = StringField(_l("Name in Chinese"))
    name_en = StringField(_l("Name in English"))
    region = SelectField(_l("Region"), validate_choice=False)
    address = StringField(_l("Address"))
    organisation = StringField(_l("Host organisation"))
    answer_days = Whole(_l("Working days to answer a need"), [Optional()])
    version = HiddenField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.region.choices = region_choices()

    def details(self, organisation_id: int | None) -> Details:
        """Return what was entered; the organisation is looked up by the page."""
        return Details(
            code=self.code.data or "",
            name_zh=self.name_zh.data or "",
            name_en=self.name_en.data or "",
            region=self.region.data or "",
            address=self.address.data or "",
            answer_days=self.answer_days.data,
            organisation_id=organisation_id,
        )

    def show(self, station: Station) -> None:
        """Fill the form with what is known of a place."""
        for name in ("code", "name_zh", "name_en", "region", "address", "answer_days", "version"):
            self._fields[name].data = getattr(station, name)
        house = station.organisation
        self.organisation.data = "" if house is None else house.name(language())


class NewPlaceForm(PlaceForm):
    """A place of its own: which level, below which."""

    level = SelectField(_l("Level"), choices=options(labels.LEVELS.items()), default="station")
    parent = SelectField(_l("Place above"), validate_choice=False)

    def offer(self, branches: Iterable[Branch]) -> None:
        """Offer places to lie below."""
        self.parent.choices = place_choices(branches)


class MoveForm(RoomForm):
    """Below which place another is to lie."""

    parent = SelectField(_l("Place above"), validate_choice=False)
    version = HiddenField()


class CloseForm(RoomForm):
    """Whether what lies at a place goes up."""

    hand_up = BooleanField(_l("Hand everything that lies here up to the place above"))
    version = HiddenField()


class MemberForm(RoomForm):
    """Who works at a place from now on."""

    person = StringField(_l("Mail address of the broker"))
    role = SelectField(_l("Role"), choices=options(labels.ROLES.items()), default="broker")
    since = Day(_l("Since"), [Optional()])


class ProfileForm(RoomForm):
    """What a broker can do, and how much."""

    shown_at = {"fields": "codes"}  # noqa: RUF012  # never changed

    languages = Ticks(_l("Languages"), choices=options(labels.LANGUAGES.items()))
    hitech = Ticks(_l("High-tech fields"), validate_choice=False)
    codes = StringField(_l("Patent classes and industries"))
    regions = TextAreaField(_l("Regions served"))
    most_firms = Whole(_l("Most firms"), [Optional()])
    most_needs = Whole(_l("Most open needs"), [Optional()])
    certificate = SelectField(
        _l("Certificate"), choices=options([("", _l("None")), *labels.CERTIFICATES.items()])
    )
    number = StringField(_l("Number of the certificate"))
    until = Day(_l("Valid until"), [Optional()])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.hitech.choices = [
            choice
            for group in as_choices("hitech", language(), 2)
            for choice in options(group.choices, group.label or None)
        ]

    def skills(self) -> Skills:
        """Return what was entered; raises Invalid at ``codes`` and ``regions``."""
        fields = [("hitech", code) for code in self.hitech.data or ()]
        errors: dict[str, str] = {}
        for text in _pieces(self.codes.data):
            found = _field_of(text)
            if found is None:
                errors["codes"] = "unknown_code"
            else:
                fields.append(found)
        regions = [naming.resolve("region", text) for text in _pieces(self.regions.data)]
        if None in regions:
            errors["regions"] = "unknown_code"
        if errors:
            raise Invalid(errors)
        return Skills(
            languages=tuple(self.languages.data or ()),
            fields=tuple(fields),
            regions=tuple(code for code in regions if code),
            most_firms=self.most_firms.data,
            most_needs=self.most_needs.data,
            certificate=self.certificate.data or "",
            number=self.number.data or "",
            until=self.until.data,
        )

    def show(
        self,
        profile: BrokerProfile | None,
        fields: Sequence[tuple[str, str]],
        regions: Sequence[str],
    ) -> None:
        """Fill the form with what is known of a broker."""
        self.hitech.data = [code for scheme, code in fields if scheme == "hitech"]
        self.codes.data = ", ".join(code for scheme, code in fields if scheme != "hitech")
        self.regions.data = "\n".join(_region_text(code) for code in regions)
        if profile is not None:
            self.languages.data = profile.languages
            self.most_firms.data, self.most_needs.data = profile.most_firms, profile.most_needs
            self.certificate.data = profile.certificate or ""
            self.number.data = profile.certificate_number
            self.until.data = profile.certified_until


class AbsenceForm(RoomForm):
    """Days away, and who stands in."""

    person = SelectField(_l("Who is away"), validate_choice=False)
    first_day = Day(_l("First day"))
    last_day = Day(_l("Last day"))
    deputy = SelectField(_l("Deputy"), validate_choice=False)
    note = StringField(_l("Note"))


class DayForm(RoomForm):
    """A day that is not what its weekday says."""

    day = Day(_l("Day"))
    kind = SelectField(_l("Kind"), choices=options(labels.DAYS.items()), default="holiday")
    name_zh = StringField(_l("Name in Chinese"))
    name_en = StringField(_l("Name in English"))
    source = StringField(_l("Where it was decided"))


class FileForm(RoomForm):
    """A file to take in, or its rows once they were looked at."""

    file = FileField(_l("File"))
    rows = HiddenField()
    broker = SelectField(_l("Broker"), validate_choice=False)
    even_over_limit = BooleanField(_l("Even over the limit of firms"))


class FirmsForm(RoomForm):
    """Firms that were ticked, and to whom they go."""

    firms = SelectMultipleField(validate_choice=False)
    broker = SelectField(_l("Broker"), validate_choice=False)
    even_over_limit = BooleanField(_l("Even over the limit of firms"))


class HandoverForm(RoomForm):
    """Who gets what, and whether the giver's places end as well."""

    everything = SelectField(_l("Who gets everything"), validate_choice=False)
    note = TextAreaField(_l("Note for the record"))
    end_places = BooleanField(_l("End their work at every place"))
    go = HiddenField()


def region_choices() -> list[Any]:
    """Return none, then provinces with their cities and districts."""
    found = options([("", _l("Not stated"))])
    for group in as_choices("region", language()):
        found += options(group.choices, group.label or None)
    return found


def place_choices(branches: Iterable[Branch]) -> list[Any]:
    """Return places for a select element, indented as in the tree."""
    return options(
        [
            _CHOOSE,
            *(
                (each.station.public_id, f"{'　' * each.depth}{each.station.name(language())}")
                for each in branches
            ),
        ]
    )


def people_choices(people: Iterable[User], first: object = None) -> list[Any]:
    """Return people for a select element, after one that chooses nobody."""
    nobody = _CHOOSE if first is None else ("", first)
    return options([nobody, *((each.public_id, each.name) for each in people)])


def chosen(people: Iterable[User], public_id: str | None) -> User | None:
    """Return the person of those offered who was chosen."""
    known: Mapping[str, User] = {each.public_id: each for each in people}
    return known.get(public_id or "")


def _pieces(text: str | None) -> list[str]:
    return [piece.strip() for piece in _SEPARATORS.split(text or "") if piece.strip()]


def _region_text(code: str) -> str:
    """Return a region in words that name it and no other, else its code: as it can be read back."""
    label = catalogue.label("region", code, language())
    for text in (label, catalogue.path_label("region", code, language())):
        if not _SEPARATORS.search(text) and naming.resolve("region", text) == code:
            return text
    return code


def _field_of(text: str) -> tuple[str, str] | None:
    for scheme in ("ipc", "gbt4754"):
        code = naming.resolve(scheme, text)
        if code is not None:
            return scheme, code
    return None
