"""Moments of an event in its own zone, in the page's language."""

from __future__ import annotations

from datetime import datetime

from babel.dates import format_date, format_time
from flask_babel import get_locale

from tenon.events.models import Event
from tenon.events.zones import zone_words


def local_day(moment: datetime, event: Event) -> str:
    """Return the day of a moment where the event is, with its weekday."""
    return format_date(event.local(moment).date(), _day_form(), locale=get_locale())


def local_time(moment: datetime, event: Event) -> str:
    """Return hours and minutes of a moment where the event is."""
    return format_time(event.local(moment), "HH:mm", locale=get_locale())


def local_span(starts_at: datetime, ends_at: datetime, event: Event) -> str:
    """Return from when until when: the day is said once where both fall on one."""
    first, last = event.local(starts_at).date(), event.local(ends_at).date()
    begin, end = local_time(starts_at, event), local_time(ends_at, event)
    if first == last:
        return f"{local_day(starts_at, event)} {begin}–{end}"
    return f"{local_day(starts_at, event)} {begin} – {local_day(ends_at, event)} {end}"


def zone_name(event: Event) -> str:
    """Return the event's zone in words with its distance from UTC: Beijing time, UTC+8."""
    return zone_words(event, get_locale())


def _day_form() -> str:
    locale = get_locale()
    chinese = locale is not None and locale.language == "zh"
    return "yyyy年M月d日 EEE" if chinese else "EEE d MMM yyyy"
