"""What people fill in to take part: registration, a decision, an answer, rules of pairs."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import MultiDict
from wtforms import (
    BooleanField,
    HiddenField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)

from tenon.errors import Invalid
from tenon.events.labels import ATTENDS, LANGUAGES
from tenon.events.models import Event, Registration
from tenon.events.taking_part import labels
from tenon.events.taking_part.queries.availability import Day
from tenon.events.taking_part.services import Answers
from tenon.web.fields import Ticks
from tenon.web.forms import Form, options
from tenon.web.forms import message as common_message

MODES = ("all", "none", "some")


def message(field: str, code: str, names: str = "") -> str:
    """Return an error code of this room, or of all rooms, in words; ``names`` are in the way."""
    known = {
        "listing_or_words": _(
            "Choose a listing, or say in a sentence what you seek or offer: others find you by it."
        ),
        "never_free": _("You are free in no slot at all. Leave at least one."),
        "group_is_settled": _("Wishes rest on the group; take them back first."),
        "organisation_not_approved": _("This organisation cannot register people at present."),
        "no_such_table": _("This event has no such table: %(names)s.", names=names),
        "tables_do_not_go_round": _(
            "Name one table that all who are ticked share, or as many tables as people."
        ),
        "nobody_to_register": _("Nobody can be registered under this address."),
        "nothing_chosen": labels.why_not("nothing_chosen"),
        "too_many_at_once": labels.why_not("too_many_at_once"),
    }
    if code == "required" and field == "reason":
        return str(_("Please choose or write a reason; they read it."))
    if code == "required" and field == "languages":
        return str(_("Please tick at least one language."))
    return str(known.get(code) or common_message(code))


class RoomForm(Form):
    """Base of the room's forms."""

    version = HiddenField()

    def words_for(self, name: str, code: str) -> str:
        """Return an error in this room's words."""
        return message(name, code)

    @property
    def expected(self) -> int | None:
        """The version that the page showed."""
        given = self.version.data or ""
        return int(given) if given.isdecimal() and len(given) < 10 else None


class PartForm(RoomForm):
    """Register, or change what was said."""

    person = SelectField(_l("Who takes part?"), validate_choice=False)
    organisation = SelectField(_l("For which organisation?"), validate_choice=False)
    group = RadioField(_l("As what?"), validate_choice=False)
    attends = RadioField(_l("How do you attend?"), validate_choice=False)
    listings = Ticks(_l("Which of your listings do you bring?"), validate_choice=False)
    seeks = TextAreaField(_l("What do you seek?"))
    about = TextAreaField(_l("What do you offer?"))
    languages = Ticks(_l("Which languages do you speak?"), validate_choice=False)
    wants_interpreter = BooleanField(_l("I would like an interpreter where we share no language"))
    shows_contact = BooleanField(
        _l("Whoever has an agreed meeting with me may see my mail address")
    )
    most_meetings = SelectField(_l("How many meetings at most?"), validate_choice=False)

    availability_fault = ""

    def offer(self, event: Event, language: str) -> None:
        """Let groups, languages and numbers be chosen."""
        self.group.choices = options((each.code, each.name(language)) for each in event.groups)
        self.attends.choices = options(ATTENDS.items())
        self.languages.choices = options(LANGUAGES.items())
        numbers = [(str(n), str(n)) for n in range(1, event.most_meetings + 1)]
        any_number = _("As many as the event allows (%(number)s)", number=event.most_meetings)
        self.most_meetings.choices = options([("", any_number), *numbers])

    def take_errors(self, error: Invalid) -> None:
        """Show errors; one of the availability stands at its days, too."""
        super().take_errors(error)
        if "availability" in error.fields:
            self.availability_fault = message("availability", error.fields["availability"])

    def answers(self, absent: frozenset[int]) -> Answers:
        """Return what was filled in."""
        most = self.most_meetings.data or ""
        number = int(most) if most.isdecimal() and len(most) < 5 else None
        return Answers(
            group=self.group.data or "",
            listings=tuple(dict.fromkeys(self.listings.data or ())),
            about=self.about.data or "",
            seeks=self.seeks.data or "",
            languages=tuple(self.languages.data or ()),
            wants_interpreter=bool(self.wants_interpreter.data),
            shows_contact=bool(self.shows_contact.data),
            absent=absent,
            most_meetings=number,
            attends=self.attends.data or "",
        )


def said_before(registration: Registration) -> dict[str, object]:
    """Return a registration as the form's starting values."""
    return {
        "version": str(registration.version),
        "group": registration.group.code,
        "attends": registration.attends,
        "listings": [each.public_id for each in registration.listings],
        "about": registration.about,
        "seeks": registration.seeks,
        "languages": registration.languages,
        "wants_interpreter": registration.wants_interpreter,
        "shows_contact": registration.shows_contact,
        "most_meetings": str(registration.most_meetings or ""),
    }


class Availability:
    """When somebody is free, as days with ``all``, ``none`` or ``some`` of their slots.

    Attributes:
        modes: local day -> one of MODES.
        free: numbers of slots that count where a day says ``some``.
    """

    def __init__(self, modes: Mapping[date, str], free: frozenset[int]) -> None:
        self.modes = modes
        self.free = free

    @classmethod
    def posted(cls, form: MultiDict[str, str], days: list[Day]) -> Availability:
        """Read what was posted: ``day-2027-03-31`` a mode, ``slot`` the numbers ticked."""
        modes = {each.day: form.get(f"day-{each.day.isoformat()}", "all") for each in days}
        ticked = {value for value in form.getlist("slot") if value.isdecimal() and len(value) < 6}
        return cls(
            {day: mode if mode in MODES else "all" for day, mode in modes.items()},
            frozenset(map(int, ticked)),
        )

    @classmethod
    def of(cls, absent: frozenset[int], days: list[Day]) -> Availability:
        """Show what was said before; a day without an absence is a whole day."""
        modes = {}
        for each in days:
            numbers = {slot.number for slot in each.slots}
            missing = numbers & absent
            modes[each.day] = "all" if not missing else "none" if missing == numbers else "some"
        return cls(modes, frozenset(s.number for d in days for s in d.slots) - absent)

    def absent(self, days: list[Day]) -> frozenset[int]:
        """Return the numbers of slots in which somebody is not free."""
        found: set[int] = set()
        for each in days:
            mode = self.modes.get(each.day, "all")
            if mode != "all":
                numbers = {slot.number for slot in each.slots}
                found |= numbers if mode == "none" else numbers - self.free
        return frozenset(found)


class DecisionForm(RoomForm):
    """Admit or decline those who are ticked."""

    reason = TextAreaField(_l("Reason, if you decline; they read it"))


class TablesForm(RoomForm):
    """Give those who are ticked a table of their own."""

    tables = StringField(_l("Their own table, or tables such as A1-A5"))

    def take_errors(self, error: Invalid) -> None:
        """Show errors, with the tables that there are not."""
        names = str(error.facts.get("names", ""))
        for name, code in error.fields.items():
            words = message(name, code, names)
            if name == "tables":
                self.tables.errors = [*self.tables.errors, words]
            else:
                self.form_errors.append(words)


class EnterForm(RoomForm):
    """Register somebody who has an account."""

    email = StringField(_l("Mail address of their account"))
    group = RadioField(_l("As what do they take part?"), validate_choice=False)
    attends = RadioField(_l("How do they attend?"), validate_choice=False, default="on_site")

    def offer(self, event: Event, language: str) -> None:
        """Let groups be chosen, and how they attend."""
        self.group.choices = options((each.code, each.name(language)) for each in event.groups)
        self.attends.choices = options(ATTENDS.items())


class DeclineForm(RoomForm):
    """Decline a wish with a reason."""

    reason = RadioField(_l("Why not?"), validate_choice=False)
    remark = TextAreaField(_l("A sentence more, if you like"))


class RulesForm(RoomForm):
    """A rule for many pairs."""

    rule = RadioField(_l("What is decided?"), validate_choice=False, default="add")
    rows = TextAreaField(_l("Pairs: two codes a line"))
    slot = SelectField(_l("Slot, where you fix meetings"), validate_choice=False)
    table = SelectField(_l("Table of a fixed meeting"), validate_choice=False)
    remark = TextAreaField(_l("Note for yourselves"))
