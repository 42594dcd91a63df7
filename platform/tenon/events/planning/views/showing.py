"""The public list of events, and one event's public page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby
from typing import Any

from babel.dates import format_skeleton
from flask import redirect, render_template, request, url_for
from flask_babel import get_locale
from flask_babel import gettext as _

from tenon.documents import qr_path
from tenon.events import queries as event_queries
from tenon.events.models import Event
from tenon.events.models.event import KINDS
from tenon.events.permissions import may_run, may_set_up
from tenon.events.planning import labels, queries
from tenon.events.planning.queries import PAGE_SIZE, WHEN, EventFilter
from tenon.events.planning.views.blueprint import Answer, events
from tenon.taxonomy.queries import find, label
from tenon.web.languages import language, shown_zone
from tenon.web.pagination import Page, requested_page
from tenon.web.requests import current_actor, current_session, request_now, settings
from tenon.web.sections import sections

MONTHS = 12


@events.get("")
def index() -> str:
    """List the events that the reader may know of."""
    session, actor, now = current_session(), current_actor(), request_now()
    numbers = queries.counts(session, by=actor, now=now)
    where, month = _asked(numbers)
    page = requested_page()
    found, total = queries.listed(session, where, by=actor, now=now, page=page)
    active = sum(map(bool, (where.kind, where.region, where.month)))
    return render_template(
        "events/planning/index.html",
        page=Page(found, page, PAGE_SIZE, total),
        where=where,
        month=month,
        tabs_shown=_when_tabs(where, numbers),
        active=active,
        taken=queries.taken(session, found),
        kinds=KINDS,
        months=_months(where.when, now),
        regions=[(code, label("region", code, language())) for code in queries.provinces(session)],
        may_set_up=may_set_up(actor),
        now=now,
    )


@events.get("/mine")
def mine() -> Answer:
    """Lead to the list of what the actor organises."""
    return redirect(url_for("events.index", when="mine"))


def _asked(numbers: Mapping[str, int]) -> tuple[EventFilter, str]:
    """Read the address; what it names wrongly counts as not named."""
    given = request.args
    when = given.get("when", "")
    if when not in WHEN or (when == "mine" and not current_actor().signed_in):
        when = "running" if numbers["running"] and not numbers["upcoming"] else "upcoming"
    kind, region, month = (given.get(name, "") for name in ("kind", "region", "month"))
    span = _span_of(month)
    where = EventFilter(
        when=when,
        kind=kind if kind in KINDS else "",
        region=region if find("region", region) else "",
        month=span,
    )
    return where, month if span else ""


def _span_of(month: str) -> tuple[datetime, datetime] | None:
    """Return from when until when a month such as 2027-03 lasts on the site's clock."""
    try:
        first = datetime.strptime(month, "%Y-%m").replace(tzinfo=shown_zone())
        last = _next_month(first)
        return first.astimezone(UTC), last.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _next_month(first: datetime) -> datetime:
    return first.replace(year=first.year + first.month // 12, month=first.month % 12 + 1)


def _months(when: str, now: datetime) -> list[tuple[str, str]]:
    """Return the months to choose from: those to come, or those that have been."""
    first = now.astimezone(shown_zone()).replace(day=1)
    number = first.year * 12 + first.month - 1
    back = -1 if when == "past" else 1
    found = []
    for step in range(MONTHS):
        year, month = divmod(number + back * step, 12)
        shown = datetime(year, month + 1, 1, tzinfo=shown_zone())
        found.append(
            (f"{year}-{month + 1:02d}", format_skeleton("yMMMM", shown, locale=get_locale()))
        )
    return found


def _when_tabs(
    where: EventFilter, numbers: Mapping[str, int]
) -> list[tuple[str, object, bool, int]]:
    kept: dict[str, Any] = {"kind": where.kind or None, "region": where.region or None}
    return [
        (url_for("events.index", when=when, **kept), labels.WHEN[when], when == where.when, count)
        for when, count in numbers.items()
        if when != "mine" or count or may_set_up(current_actor())
    ]


@dataclass(frozen=True, slots=True)
class Phase:
    """A phase on the public page: its words, from when until when, how it stands."""

    words: str
    starts_at: datetime | None
    ends_at: datetime | None
    state: str


def phases_of(event: Event, now: datetime, *, released: bool = False) -> list[Phase]:
    """Return the phases that have dates, in order; state: ``before``, ``now``, ``over``.

    ``released``: there is an agreed timetable. Until there is one that phase goes on, also past
    its deadline.
    """
    told = [
        (_("Registration"), event.registration_from, event.registration_until),
        (_("Requests for meetings"), event.requests_from, event.requests_until),
        _timetable(event),
        (_("The event"), event.starts_at, event.ends_at),
        (_("Follow-up: what came of the meetings"), event.ends_at, event.follow_up_until),
    ]
    found = []
    for words, first, last in told:
        if last is None and (first is None or words == told[-1][0]):
            continue
        state = "before" if first and now < first else "over" if last and last <= now else "now"
        if words == told[2][0]:
            done = released or event.ends_at <= now
            state = "over" if done else "now" if state == "over" else state
        found.append(Phase(words, first, last, state))
    return found


def _timetable(event: Event) -> tuple[str, datetime | None, datetime | None]:
    """Return the phase between requests and event: none where it has no deadline."""
    first, last = event.requests_until, event.schedule_until
    whole = first is not None and last is not None and first < last
    return _("The timetable is made and released"), first if whole else None, last


def programme_of(event: Event) -> list[tuple[datetime, Sequence[Any]]]:
    """Return the sessions day by day, each day by its first session's moment."""
    days = groupby(event.sessions, key=lambda each: event.local(each.starts_at).date())
    return [(found[0].starts_at, found) for found in (list(group) for _day, group in days)]


def address_of(event: Event) -> str:
    """Return the event's public address, as it is reached from outside."""
    return settings().base_url.rstrip("/") + url_for("events.show", public_id=event.public_id)


@events.get("/<public_id>")
def show(public_id: str) -> str:
    """Show one event."""
    session, actor, now = current_session(), current_actor(), request_now()
    event = event_queries.find(session, public_id, by=actor)
    return render_template(
        "events/planning/show.html",
        event=event,
        now=now,
        phases=phases_of(event, now, released=event_queries.has_timetable(session, event)),
        programme=programme_of(event),
        pairs=queries.pairs(session, event),
        taken=queries.taken(session, [event]).get(event.id, 0),
        slots=len(event_queries.slots_of(session, event)),
        tables=sum(len(room.tables) for room in event.rooms),
        session_kinds=labels.SESSION_KINDS,
        runs=may_run(actor, event),
        copies=may_run(actor, event) and may_set_up(actor),
        address=address_of(event),
        qr=qr_path(address_of(event)),
        added=sections("event", session, event, actor),
    )
