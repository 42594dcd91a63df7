"""Poster and programme of an event as PDF, and its entry for a calendar; in either language."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_date

from tenon.documents import qr_path, render_pdf
from tenon.events.models import Event, EventSlot
from tenon.events.planning.calendar import Entry, write_calendar
from tenon.events.zones import zone_words
from tenon.messages import LOCALES

POSTER_LINES = 5
POSTER_WIDTH = 80
POSTER_EASY = 260
"""Characters up to which a poster is set large."""
DAY_FORMS = {"zh": "yyyy年M月d日 EEE", "en": "EEE d MMM yyyy"}


def poster(event: Event, *, language: str, address: str, kind: str, closes: str) -> bytes:
    """Return an A4 poster with the QR code of the public page.

    ``kind`` is the kind in words, ``closes`` until when one may register, in words, or empty.
    Raises Unavailable where the machine cannot make PDF files.
    """
    head, lines = _head(event, language), _lines(event.text(language))
    words = [head["title"], head["second"], head["venue"], head["place"], head["host"], *lines]
    context = head | {
        "crowded": sum(map(len, words)) > POSTER_EASY,
        "kind": kind,
        "closes": closes,
        "address": address,
        "qr": qr_path(address),
        "lines": lines,
    }
    return render_pdf("event_poster.html", context, language)


def _lines(text: str) -> list[str]:
    """Return the first lines of a text, as much as a poster has room for."""
    lines = [line.strip() for line in text.splitlines() if line.strip()][:POSTER_LINES]
    return [
        line if len(line) <= POSTER_WIDTH else line[:POSTER_WIDTH].rstrip() + "…" for line in lines
    ]


def programme(event: Event, slots: Sequence[EventSlot], *, language: str, address: str) -> bytes:
    """Return the programme: sessions and the times of meetings, day by day.

    Raises Unavailable where the machine cannot make PDF files.
    """
    context = _head(event, language) | {
        "address": address,
        "qr": qr_path(address),
        "days": days_of(event, slots, language),
        "groups": [group.name(language) for group in event.groups],
    }
    return render_pdf("event_programme.html", context, language)


def _head(event: Event, language: str) -> dict[str, Any]:
    other = "en" if language == "zh" else "zh"
    title, second = event.title(language), event.title(other)
    return {
        "event": event,
        "title": title,
        "second": second if second != title else "",
        "host": event.organisation.name(language),
        "when": when(event, language),
        "zone": zone_words(event, LOCALES[language]),
        "venue": event.venue(language),
        "place": event.address(language),
    }


def when(event: Event, language: str) -> str:
    """Return from when until when the event is, on its own clock."""
    first, last = event.local(event.starts_at), event.local(event.ends_at)
    if first.date() == last.date():
        return f"{day_words(first, language)} {first:%H:%M}–{last:%H:%M}"
    return f"{day_words(first, language)} {first:%H:%M} – {day_words(last, language)} {last:%H:%M}"


def day_words(moment: datetime, language: str) -> str:
    """Return a day with its weekday."""
    return format_date(moment.date(), DAY_FORMS[language], locale=LOCALES[language])


def days_of(
    event: Event, slots: Sequence[EventSlot], language: str
) -> list[tuple[str, list[dict[str, Any]]]]:
    """Return day by day the sessions, and the times of meetings as one line a stretch."""
    rows: list[dict[str, Any]] = [
        {
            "starts_at": each.starts_at,
            "ends_at": each.ends_at,
            "title": each.title(language),
            "text": (each.text_en or each.text_zh) if language == "en" else each.text_zh,
            "room": "" if each.room is None else each.room.name(language),
            "speakers": [
                f"{one.name} – {one.about}" if one.about else one.name for one in each.speakers
            ],
            "slots": 0,
        }
        for each in event.sessions
    ]
    rows += _stretches(event, slots)
    rows.sort(key=lambda row: (row["starts_at"], row["ends_at"]))
    for row in rows:
        row["time"] = f"{event.local(row['starts_at']):%H:%M}–{event.local(row['ends_at']):%H:%M}"
    days = groupby(rows, key=lambda row: event.local(row["starts_at"]).date())
    return [
        (day_words(event.local(found[0]["starts_at"]), language), found)
        for found in (list(group) for _day, group in days)
    ]


def _stretches(event: Event, slots: Sequence[EventSlot]) -> list[dict[str, Any]]:
    """Join slots that follow each other with no more than the way between them."""
    found: list[dict[str, Any]] = []
    for slot in slots:
        gap = None if not found else (slot.starts_at - found[-1]["ends_at"]).total_seconds() / 60
        if gap is not None and gap <= event.walk_minutes:
            found[-1]["ends_at"] = slot.ends_at
            found[-1]["slots"] += 1
            continue
        found.append(
            {
                "starts_at": slot.starts_at,
                "ends_at": slot.ends_at,
                "title": "",
                "text": "",
                "room": "",
                "speakers": [],
                "slots": 1,
            }
        )
    return found


def event_calendar(event: Event, *, language: str, address: str, now: datetime) -> bytes:
    """Return the event's own entry as a calendar file; cancelled where it was called off."""
    place = [event.venue(language), event.address(language)]
    entry = Entry(
        uid=f"event-{event.public_id}@tenon",
        sequence=event.sequence,
        starts=event.starts_at,
        ends=event.ends_at,
        summary=event.title(language),
        location=", ".join(part for part in place if part),
        description=event.text(language)[:2000],
        cancelled=event.state == "called_off",
        url=address,
    )
    return write_calendar([entry], zone=ZoneInfo(event.zone), name=event.title(language), now=now)
