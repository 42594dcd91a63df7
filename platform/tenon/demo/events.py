"""Events of the demo: some of earlier months, one just over, one that runs today, one to come.

Made through the same services as everybody's, from ``set/events.toml``, dated by the day on which
the demo is loaded.
"""

from __future__ import annotations

import random
import tomllib
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from itertools import cycle
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.accounts.models import User
from tenon.accounts.queries import actor_of
from tenon.actors import Actor
from tenon.demo import event_days
from tenon.demo.guests import Guest, make_guests
from tenon.demo.people import house
from tenon.events.models import Event, Registration, Wish
from tenon.events.planning.services import Outline, begin_event, change_texts, close, open_event
from tenon.events.queries import slots_of
from tenon.events.results.services.reaching import count_reached
from tenon.events.taking_part.queries.may_meet import may_meet
from tenon.events.taking_part.services import Answers, register
from tenon.events.taking_part.services.wishing import decline, wish
from tenon.listings.models import Listing

FILE = Path(__file__).parent / "set" / "events.toml"
SEED = 20261122
"""Who wishes to meet whom is drawn, the same each time."""

SMALL = 0.2
"""Seconds for the timetable of a small event."""


def write_events(session: Session, people: Mapping[str, User], *, now: datetime) -> list[Event]:
    """Make every event of the file and bring it as far as the file says, the oldest first."""
    said = tomllib.loads(FILE.read_text(encoding="utf-8"))
    rows = [{**said["earlier"], **row} for row in said["earlier_events"]] + said["events"]
    guests = make_guests(session, now=now - max(map(_ahead, rows)))
    return [_write(session, row, people, guests, now) for row in rows]


def _ahead(row: Mapping[str, Any]) -> timedelta:
    """Return how long ago an event was set up: ``before`` counts from the loading, or its day."""
    return timedelta(days=row["before"] - min(0, row["day_of"] if "by" in row else 0))


def _write(
    session: Session,
    row: Mapping[str, Any],
    people: Mapping[str, User],
    guests: Sequence[Guest],
    now: datetime,
) -> Event:
    chance = random.Random(SEED)  # noqa: S311  # a demo, no secret
    broker = actor_of(people[row.get("by", "broker")])
    begun = now - _ahead(row)
    event = _begin(session, row, broker, now, begun)
    parts = _register(session, row, event, guests, begun)
    _wish(session, row, event, parts, chance, begun + timedelta(days=3))
    if row.get("timetable"):
        agreed = event.starts_at - timedelta(days=1)
        seconds = SMALL if "by" in row else event_days.SECONDS
        event_days.agree(session, event, seconds=seconds, by=broker, now=agreed)
    if row.get("day"):
        event_days.pass_until(session, event, parts, chance, by=broker, now=now)
    if row.get("day") == "over":
        close(session, event, version=event.version, by=broker, now=event.ends_at)
        count_reached(session, now=event.ends_at + timedelta(hours=1))
    return event


def _begin(
    session: Session, row: Mapping[str, Any], broker: Actor, now: datetime, begun: datetime
) -> Event:
    """Set the event up and announce it, some weeks before."""
    zone = ZoneInfo("Asia/Shanghai")
    today = now.astimezone(zone)
    opens = row["opens"] if "opens" in row else _around(today, row["minutes"])
    outline = Outline(
        kind=row["kind"],
        title_zh=row["title_zh"],
        title_en=row["title_en"],
        first_day=today.date() + timedelta(days=row["day_of"]),
        last_day=today.date() + timedelta(days=row["day_of"]),
        opens=opens,
        closes=opens + row["minutes"],
        organisation_id=house(session, row["host"]).id,
        mode=row.get("mode", "on_site"),
        venue_zh=row["venue_zh"],
        venue_en=row["venue_en"],
        tables=row["tables"],
        slot_minutes=row["slot_minutes"],
    )
    event = begin_event(session, outline, by=broker, now=begun)
    change_texts(
        session,
        event,
        text_zh=row["text_zh"],
        text_en=row["text_en"],
        version=event.version,
        by=broker,
        now=begun,
    )
    event.address_zh, event.address_en = row["address_zh"], row["address_en"]
    event.capacity, event.online_url = row.get("capacity"), row.get("online_url")
    event.registration_from, event.requests_from = begun, begun
    open_event(session, event, version=event.version, by=broker, now=begun)
    return event


def _around(today: datetime, minutes: int) -> int:
    """Return the minute of the day at which an event opens that runs now, whatever the time."""
    minute = today.hour * 60 + today.minute
    return max(0, min(minute - minute % 5 - 90, 24 * 60 - minutes))


def _register(
    session: Session,
    row: Mapping[str, Any],
    event: Event,
    guests: Sequence[Guest],
    begun: datetime,
) -> list[Registration]:
    """Register as many of each group as the file says; the last ones may find it full.

    The last ones are those who attend online, where some do.
    """
    slots = [slot.number for slot in slots_of(session, event)]
    come = row["of_each"] - row.get("online_of_each", 0)
    made: list[Registration] = []
    for group in ("researcher", "company"):
        coming = [guest for guest in guests if guest.group == group][: row["of_each"]]
        for place, guest in enumerate(coming):
            absent = frozenset(slots[place % 5 :: 5]) if place % 3 == 0 else frozenset[int]()
            answers = Answers(
                group=row["groups"][group],
                seeks=row["seeks"],
                languages=("zh", "en") if guest.user.language == "zh" else ("en",),
                shows_contact=place % 2 == 0,
                absent=absent,
                attends="on_site" if place < come else "online",
            )
            part = register(
                session,
                event,
                user=guest.user,
                organisation_id=guest.organisation.id,
                answers=answers,
                by=actor_of(guest.user),
                now=begun + timedelta(hours=2 + len(made) // 4),
            )
            part.listings = [each for each in guest.listings if _shown(each, event.starts_at)]
            made.append(part)
    return made


def _shown(listing: Listing, at: datetime) -> bool:
    """Whether a listing was public by then and may be spoken of by name."""
    return not listing.anonymous and listing.published_at is not None and listing.published_at <= at


def _wish(
    session: Session,
    row: Mapping[str, Any],
    event: Event,
    parts: Sequence[Registration],
    chance: random.Random,
    now: datetime,
) -> None:
    """Let everybody wish for some of the other group; some are answered."""
    confirmed = [part for part in parts if part.state == "confirmed"]
    kinds = cycle(("must", "would", "would", "would", "rather_not"))
    meets = may_meet(session, event)
    for part in confirmed:
        others = [each for each in confirmed if each is not part and meets(part, each)]
        for other in chance.sample(others, min(row["wishes"], len(others))):
            kind = next(kinds)
            wish(session, part, other, kind=kind, by=actor_of(_user(part)), now=now)
    reasons = cycle(row["declines"])
    for it in session.scalars(
        sa.select(Wish)
        .where(Wish.event_id == event.id, Wish.state == "open", Wish.kind != "rather_not")
        .order_by(Wish.id)
    ).all()[::12]:
        decline(session, it, reason=next(reasons), by=actor_of(_user(it.to)), now=now)


def _user(part: Registration) -> User:
    assert part.user is not None  # noqa: S101  # made above with one
    return part.user
