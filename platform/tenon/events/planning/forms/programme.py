"""A session of the programme, as it is typed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from zoneinfo import ZoneInfo

from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.widgets import CheckboxInput, ListWidget

from tenon.errors import Invalid
from tenon.events.models import Event, EventSession, Registration
from tenon.events.planning import labels
from tenon.events.planning.forms.groups import read_key
from tenon.events.planning.forms.reading import Clock, Day, RoomForm, clock, minutes
from tenon.events.planning.services import SessionRow, Speaker
from tenon.events.planning.slots import minute_of, moment_at
from tenon.web.forms import options
from tenon.web.languages import language


class SessionForm(RoomForm):
    """What, when, where, who speaks; for all means that nobody meets meanwhile."""

    kind = SelectField(_l("Kind of session"), validate_choice=False)
    title_zh = StringField(_l("Session's title in Chinese"))
    title_en = StringField(_l("Session's title in English"))
    day = Day(_l("Day of the session"))
    begins = Clock(_l("Begins"))
    ends = Clock(_l("Ends at"))
    room = SelectField(_l("Room"), validate_choice=False)
    for_all = BooleanField(_l("For everybody: no meetings meanwhile"))
    speakers = TextAreaField(_l("Speakers, one a line: name | a few words"), render_kw={"rows": 3})
    people = SelectMultipleField(
        _l("Speakers among those who take part"),
        validate_choice=False,
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )
    text_zh = TextAreaField(_l("About the session in Chinese"), render_kw={"rows": 3})
    text_en = TextAreaField(_l("About the session in English"), render_kw={"rows": 3})

    def offer(self, event: Event, people: Sequence[Registration]) -> None:
        """Set the choices."""
        self.kind.choices = options(labels.SESSION_KINDS.items())
        rooms = [(str(room.id), room.name(language())) for room in event.rooms]
        self.room.choices = options([("", "—"), *rooms])
        self.people.choices = options((each.public_id, name_of(each)) for each in people)

    def begin(self, event: Event) -> None:
        """Propose the first day's opening for a new session."""
        first = event.days[0] if event.days else None
        if first is not None:
            self.day.data, self.begins.data = first.day, clock(first.opens)
        self.kind.data = "talk"

    def fill(self, event: Event, talk: EventSession, people: Sequence[Registration]) -> None:
        """Show a session as it is."""
        zone = ZoneInfo(event.zone)
        for name in ("kind", "title_zh", "title_en", "text_zh", "text_en", "for_all"):
            self[name].data = getattr(talk, name)
        self.day.data = talk.starts_at.astimezone(zone).date()
        self.begins.data = clock(minute_of(talk.starts_at, zone))
        self.ends.data = clock(minute_of(talk.ends_at, zone))
        self.room.data = "" if talk.room_id is None else str(talk.room_id)
        self.speakers.data = "\n".join(
            f"{each.name} | {each.about}" if each.about else each.name
            for each in talk.speakers
            if each.registration_id is None
        )
        keys = {each.registration_id for each in talk.speakers}
        self.people.data = [each.public_id for each in people if each.id in keys]

    def row(self, event: Event, people: Sequence[Registration]) -> SessionRow:
        """Return what was typed; raises Invalid at what cannot be read."""
        faults = self.faults()
        for field in (self.day, self.begins, self.ends):
            if field.data is None:
                faults.setdefault(field.name, "required")
        if faults:
            raise Invalid(faults)
        zone = ZoneInfo(event.zone)
        starts_at = moment_at(self.day.data, minutes(self.begins.data), zone)
        ends_at = moment_at(self.day.data, minutes(self.ends.data, end=True), zone)
        return SessionRow(
            kind=self.kind.data or "",
            title_zh=self.title_zh.data or "",
            title_en=self.title_en.data or "",
            text_zh=self.text_zh.data or "",
            text_en=self.text_en.data or "",
            starts_at=starts_at,
            ends_at=ends_at if ends_at > starts_at else starts_at - timedelta(minutes=1),
            room_id=read_key(self.room.data),
            for_all=bool(self.for_all.data),
            speakers=(*self._named(), *self._registered(people)),
        )

    def _named(self) -> list[Speaker]:
        found = []
        for line in (self.speakers.data or "").splitlines():
            name, _bar, about = line.replace("｜", "|").partition("|")
            if name.strip():
                found.append(Speaker(name=name.strip(), about=about.strip()))
        return found

    def _registered(self, people: Sequence[Registration]) -> list[Speaker]:
        chosen = set(self.people.data or [])
        return [
            Speaker(name=name_of(each)[:120], registration_id=each.id)
            for each in people
            if each.public_id in chosen
        ]


def name_of(registration: Registration) -> str:
    """Return a person's name with the organisation they come for."""
    name = registration.user.name if registration.user and registration.user.name else "–"
    house = registration.organisation
    return name if house is None else f"{name} ({house.name(language())})"
