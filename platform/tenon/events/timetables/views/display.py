"""What the room's pages say of drafts, conflicts, places and reasons, in the page's language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext, ngettext

from tenon.events.models import Event, TimetableDraft
from tenon.events.timetables import explaining, labels
from tenon.events.timetables.checking import Found
from tenon.events.timetables.explaining import Unmet
from tenon.events.timetables.naming import Card, cards
from tenon.events.timetables.picture import Picture, Placed
from tenon.events.timetables.queries import Venue, venue_of
from tenon.events.views.moments import local_day, local_time
from tenon.timetable import Change
from tenon.web.languages import language
from tenon.web.requests import current_session


def _(message: str, **facts: object) -> str:
    return str(gettext(message, **facts))


@dataclass(frozen=True)
class Board:
    """One timetable with all names that its pages say.

    Attributes:
        event: in whose zone times are.
        picture: of the event.
        placed: the meetings.
        venue: tables and interpreters.
        cards: everybody who takes or took part, by id.
    """

    event: Event
    picture: Picture
    placed: Sequence[Placed]
    venue: Venue
    cards: Mapping[int, Card]

    def name(self, key: int) -> str:
        """Return organisation and person."""
        return self.cards[key].name(language())

    def names(self, keys: Sequence[int]) -> str:
        """Return several people in one line."""
        return " ↔ ".join(self.name(key) for key in keys)

    def slot(self, place: int) -> str:
        """Return when a slot begins and ends; the day where the event has several."""
        span = self.picture.slots[place]
        times = f"{local_time(span.starts_at, self.event)}–{local_time(span.ends_at, self.event)}"
        return f"{local_day(span.starts_at, self.event)} {times}" if self.days > 1 else times

    @property
    def days(self) -> int:
        """How many days have slots."""
        return len({one.day for one in self.picture.slots})

    def day(self, number: int) -> str:
        """Return a day in words."""
        span = next(one for one in self.picture.slots if one.day == number)
        return local_day(span.starts_at, self.event)

    def table(self, key: int | None) -> str:
        """Return a table's name, with its room where the event has several rooms."""
        if key is None:
            return _("online or without a table")
        room, table = self.venue.places(language()).get(key, ("", "?"))
        rooms = {one.room_id for one in self.venue.tables}
        words = _("table %(name)s", name=table)
        return f"{room}, {words}" if len(rooms) > 1 else words

    def at(self, one: Placed) -> str:
        """Return when and where a meeting is."""
        return f"{self.slot(one.slot)}, {self.table(one.table)}"

    def helper(self, one: Placed) -> str:
        """Return the interpreter's name; empty where there is none."""
        return self.venue.helpers.get(one.interpreter or 0, "")

    def cell(self, slot: int, table: int | None) -> list[Placed]:
        """Return the meetings in a slot at a table."""
        return [one for one in self.placed if one.slot == slot and one.table == table]

    def agenda(self, key: int) -> list[Placed]:
        """Return somebody's meetings in order."""
        return [one for one in self.placed if key in one.pair]

    def other(self, one: Placed, key: int) -> str:
        """Return whom somebody meets in a meeting."""
        return self.name(one.b if one.a == key else one.a)

    def pair_ids(self, one: Placed) -> dict[str, str]:
        """Return how addresses and forms name the two."""
        return {"a": self.cards[one.a].public_id, "b": self.cards[one.b].public_id}

    def people(self) -> list[tuple[Card, list[Placed]]]:
        """Return (who, their meetings), those without any first, then by name."""
        agendas: dict[int, list[Placed]] = {key: [] for key in self.picture.people}
        for one in self.placed:
            for key in one.pair:
                if key in agendas:
                    agendas[key].append(one)
        rows = [(self.cards[key], agenda) for key, agenda in agendas.items()]
        return sorted(rows, key=lambda row: (bool(row[1]), row[0].name(language())))

    def why_none(self, key: int) -> str:
        """Return in words why somebody has no meeting."""
        known = {
            "never_asked": labels.NEVER_ASKED,
            "all_refused": labels.ALL_REFUSED,
            "unmet": labels.WISHES_UNMET,
        }
        return str(known[explaining.why_none(self.picture, key)])

    def conflict(self, one: Found) -> str:
        """Return a conflict in a line: whom it concerns and where."""
        parts = [self.names(one.people)] if one.people else []
        if one.slot is not None:
            parts.append(self.slot(one.slot))
        if one.table is not None:
            parts.append(self.table(one.table))
        return " · ".join(parts)

    def change(self, one: Change) -> str:
        """Return in words a change that would meet a wish."""
        return _change(self, one.kind, one.facts)

    def reason(self, one: Unmet) -> str:
        """Return in words why a wish was not met; empty where that was not looked for."""
        if not one.reason:
            return ""
        return str(labels.REASONS.get(one.reason, labels.REASONS["unknown"]))


def board_of(event: Event, picture: Picture, placed: Sequence[Placed]) -> Board:
    """Return a timetable with all its names."""
    session = current_session()
    return Board(event, picture, placed, venue_of(session, event), cards(session, event))


def _change(board: Board, kind: str, facts: Mapping[str, Any]) -> str:
    if kind == "free_participant":
        return _(
            "If %(person)s were free at %(slot)s.",
            person=board.name(facts["participant"]),
            slot=board.slot(facts["slot"]),
        )
    if kind == "raise_most":
        return _(
            "If %(person)s took %(number)s meetings.",
            person=board.name(facts["participant"]),
            number=facts["most"],
        )
    if kind in ("add_table", "add_interpreter"):
        slot = board.slot(facts["slot"])
        if kind == "add_table":
            return _("With one more table at %(slot)s.", slot=slot)
        return _("With one more interpreter at %(slot)s.", slot=slot)
    if kind == "free_table":
        return _(
            "If %(table)s were open at %(slot)s.",
            table=board.table(facts["table"]),
            slot=board.slot(facts["slot"]),
        )
    dropped = [board.names(pair) for pair in facts["drops"]]
    slot = board.slot(facts["slot"])
    if not dropped:
        return _("Enter it at %(slot)s by hand.", slot=slot)
    return _(
        "Enter it at %(slot)s by hand and leave out %(dropped)s: %(loses)s points less.",
        slot=slot,
        dropped=("；" if language() == "zh" else "; ").join(dropped),
        loses=facts["loses"],
    )


def gap_in_words(draft: TimetableDraft) -> str:
    """Return how much better a timetable could be at most; empty where nothing is proved."""
    if draft.value is None or draft.bound is None:
        return ""
    if draft.bound_floor is not None and (draft.floor or 0) < draft.bound_floor:
        missing = draft.bound_floor - (draft.floor or 0)
        return str(
            ngettext(
                "At most %(num)s more person could be given a meeting.",
                "At most %(num)s more people could be given a meeting.",
                missing,
            )
        )
    if draft.value >= draft.bound:
        return str(labels.ENDED["optimal"])
    share = 100 * (draft.bound - draft.value) / max(1, abs(draft.bound))
    return _("At most %(share)s %% better is possible; that is proved.", share=_percent(share))


def beside_in_words(value: int | None, other: int | None) -> str:
    """Return how much better a value is than another, in percent of it."""
    if value is None or other is None or other <= 0:
        return ""
    share = 100 * (value - other) / other
    if share < 0:
        return _("%(share)s %% less", share=_percent(-share))
    return _("%(share)s %% more", share=_percent(share))


def _percent(share: float) -> str:
    if share and share < 0.1:
        return f"{share:.2f}" if share >= 0.01 else "0.01"
    return f"{share:.1f}"


def curve(draft: TimetableDraft, *, width: int = 320, height: int = 80) -> str:
    """Return the points of a line of value over time, in a drawing of this size; maybe empty."""
    points = [(float(x), float(y)) for x, y in draft.progress]
    if len(points) < 2:  # a line has two ends
        return ""
    last, low = max(x for x, _y in points) or 1.0, min(y for _x, y in points)
    high = max(y for _x, y in points)
    span = (high - low) or 1.0
    return " ".join(
        f"{width * x / last:.1f},{height - (height - 4) * (y - low) / span - 2:.1f}"
        for x, y in points
    )
