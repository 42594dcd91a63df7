"""An event's zone in words, in any language: wherever a time is said, its zone is.

Pure; knows no page and no database.
"""

from __future__ import annotations

from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import get_timezone_name

from tenon.events.models import Event


def zone_words(event: Event, locale: Locale | str | None) -> str:
    """Return the zone's name with its distance from UTC when the event begins.

    China Standard Time (UTC+8), or the same in Chinese.
    """
    offset = event.local(event.starts_at).utcoffset()
    minutes = 0 if offset is None else int(offset.total_seconds()) // 60
    hours, rest = divmod(abs(minutes), 60)
    distance = f"UTC{'+' if minutes >= 0 else '−'}{hours}" + (f":{rest:02}" if rest else "")
    name = get_timezone_name(ZoneInfo(event.zone), "long", zone_variant="standard", locale=locale)
    return f"{name} ({distance})"
