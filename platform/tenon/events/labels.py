"""Words of events that several rooms of events say; knows no page."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

KINDS: Mapping[str, LazyString] = {
    "one_to_one": _l("One-to-one matchmaking"),
    "roadshow": _l("Roadshow with pitches"),
    "open_day": _l("Open day"),
    "challenge_day": _l("Challenge day"),
}
ATTENDS: Mapping[str, LazyString] = {
    "on_site": _l("On site"),
    "online": _l("Online"),
}
MODES: Mapping[str, LazyString] = {
    "on_site": _l("On site"),
    "online": _l("Online event"),
    "hybrid": _l("On site and online"),
}
EVENT_STATES: Mapping[str, LazyString] = {
    "draft": _l("In preparation"),
    "open": _l("Announced"),
    "over": _l("Event is over"),
    "called_off": _l("Called off"),
}
REGISTRATION_STATES: Mapping[str, LazyString] = {
    "pending": _l("Awaits the organiser"),
    "waiting": _l("On the waiting list"),
    "offered": _l("A place is held"),
    "confirmed": _l("Takes part"),
    "declined": _l("Not admitted"),
    "cancelled": _l("Has cancelled"),
    "lapsed": _l("Place was not taken up"),
}
MEETING_STATES: Mapping[str, LazyString] = {
    "planned": _l("Meeting planned"),
    "held": _l("Meeting held"),
    "no_show": _l("Somebody did not come"),
    "called_off": _l("Meeting called off"),
}
LANGUAGES: Mapping[str, LazyString] = {
    "zh": _l("Chinese"),
    "en": _l("English"),
    "fr": _l("French"),
    "de": _l("German"),
    "ja": _l("Japanese"),
    "ko": _l("Korean"),
    "ru": _l("Russian"),
    "es": _l("Spanish"),
}
_LOOKS: Mapping[str, tuple[str, str | None]] = {
    "draft": ("neutral", "pencil"),
    "open": ("good", "check"),
    "over": ("neutral", "flag"),
    "called_off": ("bad", "stop"),
    "pending": ("warn", "clock"),
    "waiting": ("warn", "clock"),
    "offered": ("accent", "clock"),
    "confirmed": ("good", "check"),
    "declined": ("bad", "stop"),
    "cancelled": ("neutral", "stop"),
    "lapsed": ("neutral", "clock"),
    "planned": ("accent", "clock"),
    "held": ("good", "check"),
    "no_show": ("bad", "stop"),
}


def look(state: str) -> tuple[str, str | None]:
    """Return (tone, icon) of the badge for a state of an event, a part in it or a meeting."""
    return _LOOKS[state]
