"""Somebody's meetings as entries of a calendar file; knows no page, takes words in a language."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tenon.events.hall.agenda import Appointment
from tenon.events.models import Event
from tenon.events.planning.calendar import Entry
from tenon.messages import catalogue


def entries_of(
    event: Event,
    appointments: Sequence[Appointment],
    language: str,
    *,
    address: Callable[[Appointment], str],
) -> list[Entry]:
    """Return an entry a meeting, those called off as cancelled ones.

    The identity is the meeting's own, so that a moved meeting moves in the calendar too. The
    sequence adds the event's: a new venue is told though the meeting did not change.
    ``address`` gives the page of a meeting.
    """
    return [_entry(event, each, language, address(each)) for each in appointments]


def _entry(event: Event, one: Appointment, language: str, address: str) -> Entry:
    words = catalogue(language)
    whom = ", ".join(filter(None, (one.other.name, one.other.house(language))))
    table = words.ugettext("Table %(name)s") % {"name": one.place.table}
    parts = [
        table if one.seated else "",
        one.place.room(language),
        event.venue(language),
        event.address(language),
    ]
    online = one.link(event)
    if one.online:  # they need no way there
        parts = []
    said = words.ugettext("The other side joins online.") if one.other.online else ""
    return Entry(
        uid=f"meeting-{one.public_id}@tenon",
        sequence=one.sequence + event.sequence,
        starts=one.starts_at,
        ends=one.ends_at,
        summary=words.ugettext("Meeting with %(name)s") % {"name": whom},
        location=", ".join(filter(None, parts)) or (online or ""),
        description="\n".join(filter(None, (event.title(language), said, online))),
        cancelled=not one.live or event.state == "called_off",
        url=address,
    )
