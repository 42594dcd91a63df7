"""What an event is and where, its texts, its phases and limits, as they are typed."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import get_timezone_location, get_timezone_name
from flask_babel import get_locale
from wtforms import BooleanField, SelectField, StringField, TextAreaField

from tenon.errors import Invalid
from tenon.events import labels as event_labels
from tenon.events.models import Event
from tenon.events.planning import labels
from tenon.events.planning.forms.reading import LocalMoment, Number, RoomForm, in_zone, on_clock
from tenon.events.planning.services import Basics, Limits
from tenon.taxonomy.queries import as_choices
from tenon.web.forms import options
from tenon.web.languages import language

_FIELDS = labels.FIELDS
WORDS = (
    "title_zh",
    "title_en",
    "venue_zh",
    "venue_en",
    "address_zh",
    "address_en",
    "online_url",
)
MOMENTS = (
    "registration_from",
    "registration_until",
    "requests_from",
    "requests_until",
    "schedule_until",
    "follow_up_until",
)
NUMBERS = ("capacity", "most_meetings", "least_meetings", "most_requests")


class BasicsForm(RoomForm):
    """What the event is and where."""

    kind = SelectField(_FIELDS["kind"], validate_choice=False)
    mode = SelectField(_FIELDS["mode"], validate_choice=False)
    title_zh = StringField(_FIELDS["title_zh"])
    title_en = StringField(_FIELDS["title_en"])
    venue_zh = StringField(_FIELDS["venue_zh"])
    venue_en = StringField(_FIELDS["venue_en"])
    address_zh = StringField(_FIELDS["address_zh"])
    address_en = StringField(_FIELDS["address_en"])
    region = SelectField(_FIELDS["region"], validate_choice=False)
    online_url = StringField(_FIELDS["online_url"], render_kw={"inputmode": "url"})
    zone = SelectField(_FIELDS["zone"], validate_choice=False)

    def offer(self, event: Event) -> None:
        """Set the choices."""
        self.kind.choices = options(event_labels.KINDS.items())
        self.mode.choices = options(event_labels.MODES.items())
        self.zone.choices = zone_choices(event.zone)
        found = options([("", "—")])
        for group in as_choices("region", language(), depth=2):
            found += options(group.choices, group.label)
        known = {choice.value for choice in found}
        if event.region and event.region not in known:
            found += options([(event.region, event.region)])
        self.region.choices = found

    def fill(self, event: Event) -> None:
        """Show the event as it is."""
        for name in ("kind", "mode", "region", "zone", *WORDS):
            self[name].data = getattr(event, name) or ""

    def basics(self) -> Basics:
        """Return what was typed."""
        words: dict[str, Any] = {name: self[name].data or "" for name in WORDS}
        words["online_url"] = words["online_url"] or None
        return Basics(
            kind=self.kind.data or "",
            mode=self.mode.data or "",
            region=self.region.data or None,
            zone=self.zone.data or "",
            **words,
        )


def zone_choices(own: str) -> list[Any]:
    """Return the zones offered, the event's own among them."""
    names = labels.ZONES if own in labels.ZONES else (own, *labels.ZONES)
    return options((name, _zone_words(name)) for name in names)


def _zone_words(name: str) -> str:
    """Return a zone as people know it, in the page's language: Shanghai · China Standard Time."""
    locale = get_locale()
    city = get_timezone_location(name, locale=locale, return_city=True)
    usual = get_timezone_name(ZoneInfo(name), "long", zone_variant="standard", locale=locale)
    return f"{city} · {usual}"


class TextsForm(RoomForm):
    """What the public page says."""

    text_zh = TextAreaField(_FIELDS["text_zh"], render_kw={"rows": 10})
    text_en = TextAreaField(_FIELDS["text_en"], render_kw={"rows": 10})

    def fill(self, event: Event) -> None:
        """Show the texts as they are."""
        self.text_zh.data, self.text_en.data = event.text_zh, event.text_en


class LimitsForm(RoomForm):
    """Phases and limits; moments are typed on the event's own clock."""

    registration_from = LocalMoment(_FIELDS["registration_from"])
    registration_until = LocalMoment(_FIELDS["registration_until"])
    requests_from = LocalMoment(_FIELDS["requests_from"])
    requests_until = LocalMoment(_FIELDS["requests_until"])
    schedule_until = LocalMoment(_FIELDS["schedule_until"])
    follow_up_until = LocalMoment(_FIELDS["follow_up_until"])
    capacity = Number(_FIELDS["capacity"])
    needs_approval = BooleanField(_FIELDS["needs_approval"])
    most_meetings = Number(_FIELDS["most_meetings"])
    least_meetings = Number(_FIELDS["least_meetings"])
    most_requests = Number(_FIELDS["most_requests"])

    def fill(self, event: Event) -> None:
        """Show phases and limits as they are."""
        zone = ZoneInfo(event.zone)
        for name in MOMENTS:
            self[name].data = on_clock(getattr(event, name), zone)
        for name in NUMBERS:
            self[name].data = getattr(event, name)
        self.needs_approval.data = event.needs_approval

    def limits(self, event: Event) -> Limits:
        """Return what was typed; raises Invalid at what cannot be read."""
        faults = self.faults()
        for name in ("most_meetings", "least_meetings"):
            if self[name].data is None:
                faults.setdefault(name, "required")
        if faults:
            raise Invalid(faults)
        zone = ZoneInfo(event.zone)
        values: dict[str, Any] = {name: in_zone(self[name].data, zone) for name in MOMENTS}
        values |= {name: self[name].data for name in NUMBERS}
        return Limits(needs_approval=bool(self.needs_approval.data), **values)
