"""The short form by which an event begins."""

from __future__ import annotations

from collections.abc import Sequence

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, SelectField, StringField
from wtforms.validators import InputRequired

from tenon.accounts.models import Organisation
from tenon.errors import Invalid
from tenon.events import labels as event_labels
from tenon.events.models import Event
from tenon.events.models.event import SLOT_MINUTES
from tenon.events.planning.forms.basics import zone_choices
from tenon.events.planning.forms.groups import read_key
from tenon.events.planning.forms.reading import Clock, Day, Number, RoomForm, clock, minutes
from tenon.events.planning.kinds import kinds
from tenon.events.planning.services import Outline
from tenon.web.forms import options
from tenon.web.languages import language


class OutlineForm(RoomForm):
    """Title, days, hours, host, venue, tables; ``copy`` names the earlier event copied."""

    copy = HiddenField()
    kind = HiddenField()
    title_zh = StringField(_l("Title in Chinese"))
    title_en = StringField(_l("Title in English"))
    first_day = Day(_l("Date"), [InputRequired()])
    last_day = Day(_l("Last day, if it lasts several"))
    opens = Clock(_l("From (time)"), [InputRequired()])
    closes = Clock(_l("Until (time)"), [InputRequired()])
    organisation = SelectField(_l("Host"), validate_choice=False)
    host_name = StringField(_l("Another host: its exact name"))
    mode = SelectField(_l("On site or online"), validate_choice=False)
    venue_zh = StringField(_l("Venue in Chinese"))
    venue_en = StringField(_l("Venue in English"))
    tables = Number(_l("How many tables"))
    slot_minutes = SelectField(_l("A meeting lasts"), validate_choice=False)
    zone = SelectField(_l("Time zone of the event"), validate_choice=False)

    def offer(self, hosts: Sequence[Organisation], zone: str) -> None:
        """Set the choices."""
        named = [(house.public_id, house.name(language())) for house in hosts]
        self.organisation.choices = options([*named, ("", _l("Another host"))])
        self.mode.choices = options(event_labels.MODES.items())
        self.slot_minutes.choices = options(
            (str(each), _l("%(number)s minutes", number=each)) for each in SLOT_MINUTES
        )
        self.zone.choices = zone_choices(zone)

    def begin(self, kind: str, *, host: str, zone: str) -> None:
        """Show what an event of this kind begins with."""
        usual = kinds()[kind]
        self.kind.data, self.zone.data, self.organisation.data = kind, zone, host
        self.mode.data = "on_site"
        self.opens.data, self.closes.data = clock(usual.opens), clock(usual.closes)
        self.tables.data, self.slot_minutes.data = usual.tables, str(usual.slot_minutes)

    def begin_copy(self, source: Event) -> None:
        """Show what an earlier event brings; the day is to be chosen."""
        self.copy.data, self.kind.data = source.public_id, source.kind
        for name in ("title_zh", "title_en", "venue_zh", "venue_en", "mode", "zone"):
            self[name].data = getattr(source, name)
        self.organisation.data = source.organisation.public_id
        self.slot_minutes.data = str(source.slot_minutes)
        if source.days:
            first = source.days[0]
            self.opens.data, self.closes.data = clock(first.opens), clock(first.closes)

    def outline(self, organisation_id: int) -> Outline:
        """Return what was typed; raises Invalid at what cannot be read."""
        faults = self.faults()
        for field in (self.first_day, self.opens, self.closes):
            if field.data is None:
                faults.setdefault(field.name, "required")
        if self.tables.data is None and not self.copy.data:
            faults.setdefault("tables", "required")
        if not (self.title_zh.data or self.title_en.data):
            faults["title_zh"] = "required"
        if faults:
            raise Invalid(faults)
        return Outline(
            kind=self.kind.data or "",
            title_zh=self.title_zh.data or "",
            title_en=self.title_en.data or "",
            first_day=self.first_day.data,
            last_day=self.last_day.data or self.first_day.data,
            opens=minutes(self.opens.data),
            closes=minutes(self.closes.data, end=True),
            organisation_id=organisation_id,
            mode=self.mode.data or "",
            venue_zh=self.venue_zh.data or "",
            venue_en=self.venue_en.data or "",
            tables=0 if self.tables.data is None else self.tables.data,
            slot_minutes=read_key(self.slot_minutes.data) or 0,
            zone=self.zone.data or "",
        )
