"""What the room's forms share: errors at fields within rows, times of day, moments in a zone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from wtforms import DateField, DateTimeLocalField, HiddenField, IntegerField, StringField, TimeField
from wtforms import Form as PlainForm

from tenon.errors import Invalid
from tenon.events.planning.labels import message
from tenon.events.planning.slots import DAY
from tenon.web.forms import Form

YEARS = range(2000, 2100)


class RoomForm(Form):
    """Base of the room's forms: domain errors reach fields within rows, in the room's words.

    ``version`` is the event as it was when the page was made.
    """

    version = HiddenField()

    @property
    def seen(self) -> int:
        """The version that the page showed; 0, which no event has, where it says none."""
        text = str(self.version.data or "")
        return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else 0

    def take_errors(self, error: Invalid) -> None:
        """Show a domain error at its fields, those of rows by their full name."""
        there = {field.name: field for field in leaves(self)}
        names = str(error.facts.get("names", ""))
        for name, code in error.fields.items():
            field = there.get(self.shown_at.get(name, name))
            if field is None:
                self.form_errors.append(message(code, names))
            else:
                field.errors = [*field.errors, message(code, names)]
        for field in self:
            if field.type == "FieldList":  # so that the form's errors name those of its rows
                field.errors = [row.errors for row in field if row.errors]

    def words_for(self, name: str, code: str) -> str:  # noqa: ARG002  # the base's form
        """Return an error in this room's words."""
        return message(code)

    def take_row_errors(self, error: Invalid, prefix: str, rows: Sequence[Any]) -> None:
        """Show a domain error whose fields count rows (``days-2-opens``) at the rows typed."""
        fields = {}
        for name, code in error.fields.items():
            parts = name.split("-", 2)
            at_row = len(parts) > 1 and parts[0] == prefix and int(parts[1]) < len(rows)
            where = "-".join([rows[int(parts[1])].name, *parts[2:]]) if at_row else name
            fields[where] = code
        self.take_errors(Invalid(fields, **error.facts))

    def faults(self) -> dict[str, str]:
        """Return field -> code of all that was typed and cannot be read."""
        return {
            field.name: field.unreadable
            for field in leaves(self)
            if hasattr(field, "unreadable") and field.typed_wrongly
        }


class Row(PlainForm):  # type: ignore[misc]  # the base is untyped
    """Base of a row within a form: the form's own token is enough."""


def leaves(form: Any) -> Iterator[Any]:
    """Yield a form's fields and those of its rows."""
    for field in form:
        if field.type in ("FieldList", "FormField"):
            yield from leaves(field)
        else:
            yield field


class _Readable:
    """A field that keeps what was typed, and knows whether it could be read."""

    unreadable = "required"
    raw_data: list[str] | None
    data: Any

    @property
    def typed_wrongly(self) -> bool:
        """Whether something was typed that is no such thing."""
        return self.data is None and any(str(each).strip() for each in self.raw_data or ())

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read what was typed; what cannot be read is told with all other errors."""
        try:
            super().process_formdata(valuelist)  # type: ignore[misc]  # of the field mixed in
        except ValueError:
            self.data = None


class Day(_Readable, DateField):  # type: ignore[misc]  # the base is untyped
    """A day, of a year that events can be in."""

    unreadable = "not_a_date"

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read it."""
        super().process_formdata(valuelist)
        if self.data is not None and self.data.year not in YEARS:
            self.data = None


class Clock(_Readable, TimeField):  # type: ignore[misc]  # the base is untyped
    """A time of day."""

    unreadable = "not_a_time"


class LocalMoment(_Readable, DateTimeLocalField):  # type: ignore[misc]  # the base is untyped
    """A moment on the event's own clock, without its zone."""

    unreadable = "not_a_date"

    def __init__(self, label: object = None, validators: Any = None, **options: Any) -> None:
        super().__init__(label, validators, format=["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"], **options)

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read it; of a year that events can be in."""
        super().process_formdata(valuelist)
        if self.data is not None and self.data.year not in YEARS:
            self.data = None


class Number(_Readable, IntegerField):  # type: ignore[misc]  # the base is untyped
    """A whole number."""

    unreadable = "not_a_number"


def stripped(label: object, **options: Any) -> Any:
    """Return a text field for a row, stripped."""
    return StringField(label, filters=[lambda value: value.strip() if value else ""], **options)


def minutes(clock: time | None, *, end: bool = False) -> int:
    """Return a time of day in minutes; midnight at the end of something is the day's end."""
    if clock is None:
        return -1
    found = clock.hour * 60 + clock.minute
    return DAY if end and found == 0 else found


def clock(minute: int) -> time:
    """Return minutes after midnight as a time of day; the day's end reads 00:00."""
    hours, rest = divmod(minute % DAY, 60)
    return time(hours, rest)


def in_zone(wall: datetime | None, zone: ZoneInfo) -> datetime | None:
    """Return a moment of a zone's clock in UTC."""
    return None if wall is None else wall.replace(tzinfo=zone).astimezone(UTC)


def on_clock(moment: datetime | None, zone: ZoneInfo) -> datetime | None:
    """Return what a zone's clock shows at a moment."""
    return None if moment is None else moment.astimezone(zone).replace(tzinfo=None)
