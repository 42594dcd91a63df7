"""Conflicts of meetings with the event's rules and with each other, as facts.

Pure. What each does is an event's setting; what is ignored is not found.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise
from typing import TypeVar

from tenon.events.timetables import defaults, valuing
from tenon.events.timetables.picture import Person, Picture, Placed

T = TypeVar("T")
UNRELEASED = ("block_scheduling", "block_release")
"""The levels that keep a meeting out of the timetable that people are told of."""
Agendas = Mapping[int, Sequence[Placed]]


@dataclass(frozen=True, slots=True)
class Found:
    """One conflict.

    Attributes:
        code: which one.
        level: what it does in this event.
        people: whom it concerns, by id: the two who meet, or one person.
        slot: where, if in one slot.
        table: the table, if it is about one.
    """

    code: str
    level: str
    people: tuple[int, ...]
    slot: int | None = None
    table: int | None = None


def conflicts(picture: Picture, placed: Sequence[Placed]) -> list[Found]:
    """Return every conflict of a timetable that the event does not ignore, the gravest first."""
    agendas = _agendas(placed)
    raw = [*_everything(picture, placed, agendas), *_too_few(picture, agendas)]
    return _levelled(picture, raw)


def conflicts_of(picture: Picture, placed: Sequence[Placed], one: Placed) -> list[Found]:
    """Return the conflicts that one meeting makes beside others; its pair's own is left out."""
    beside = [
        each
        for each in placed
        if each.pair != one.pair and (each.slot == one.slot or set(each.pair) & set(one.pair))
    ]
    before = set(_everything(picture, beside, _agendas(beside, one.pair)))
    after = _everything(picture, [*beside, one], _agendas([*beside, one], one.pair))
    return _levelled(picture, [each for each in after if each not in before])


def blocking(found: Iterable[Found], *levels: str) -> list[Found]:
    """Return the conflicts of these levels."""
    return [one for one in found if one.level in levels]


def _everything(picture: Picture, placed: Sequence[Placed], agendas: Agendas) -> list[Found]:
    return [
        *(each for one in placed for each in _of_meeting(picture, one)),
        *_twice(placed),
        *_of_people(picture, agendas),
    ]


def _agendas(placed: Sequence[Placed], only: Sequence[int] | None = None) -> Agendas:
    """Return person -> meetings in the order of time; of some people only, if asked."""
    found: dict[int, list[Placed]] = defaultdict(list)
    for one in sorted(placed, key=lambda each: each.slot):
        for key in one.pair:
            if only is None or key in only:
                found[key].append(one)
    return found


def _levelled(picture: Picture, raw: Iterable[Found]) -> list[Found]:
    found = []
    for one in raw:
        level = defaults.level_of(one.code, picture.levels)
        if level != "ignore":
            found.append(Found(one.code, level, one.people, one.slot, one.table))
    return sorted(found, key=lambda one: defaults.LEVELS.index(one.level))


def _of_meeting(picture: Picture, one: Placed) -> Iterator[Found]:
    """Yield the conflicts that lie in one meeting alone; their level is set later."""
    for key in one.pair:
        yield from _of_one(picture.people.get(key), key, one.slot)
    if one.slot in picture.begun:
        yield Found("slot_passed", "", one.pair, one.slot)
    table = picture.table_of.get(one.table) if one.table is not None else None
    if table is not None and one.slot in table.closed:
        yield Found("table_closed", "", one.pair, one.slot, table.id)
    first, second = (picture.people.get(key) for key in one.pair)
    if first is not None and second is not None:
        yield from _of_two(picture, first, second, one)


def _of_one(person: Person | None, key: int, slot: int) -> Iterator[Found]:
    if person is None:
        yield Found("not_taking_part", "", (key,), slot)
        return
    if slot in person.absent:
        yield Found("absent", "", (key,), slot)
    if slot in person.in_session:
        yield Found("in_session", "", (key,), slot)


def _of_two(picture: Picture, first: Person, second: Person, one: Placed) -> Iterator[Found]:
    for code in valuing.kept_apart(picture, first, second):
        yield Found(code, "", one.pair)
    if valuing.worth(picture, *one.pair) == 0:
        yield Found("nobody_asked", "", one.pair)
    if one.table is None and picture.needs_table(one.pair):
        yield Found("no_table", "", one.pair, one.slot)
    own = {each.table for each in (first, second) if each.table in picture.table_of}
    if own and one.table is not None and one.table not in own:
        yield Found("own_table", "", one.pair, one.slot, one.table)
    if not _understand(picture, first, second, one):
        yield Found("no_common_language", "", one.pair, one.slot)


def _understand(picture: Picture, first: Person, second: Person, one: Placed) -> bool:
    if not first.languages or not second.languages or first.languages & second.languages:
        return True
    helper = picture.helper_of.get(one.interpreter) if one.interpreter is not None else None
    return (
        helper is not None
        and one.slot not in helper.closed
        and bool(helper.languages & first.languages)
        and bool(helper.languages & second.languages)
    )


def _twice(placed: Sequence[Placed]) -> Iterator[Found]:
    """Yield who and what is at two places at once, and who meet twice."""
    people = Counter((key, one.slot) for one in placed for key in one.pair)
    for key, slot in _repeated(people):
        yield Found("double_booking", "", (key,), slot)
    tables = Counter((one.table, one.slot) for one in placed if one.table is not None)
    for table, slot in _repeated(tables):
        yield Found("table_taken", "", (), slot, table)
    helpers = Counter((one.interpreter, one.slot) for one in placed if one.interpreter is not None)
    for _, slot in _repeated(helpers):
        yield Found("interpreter_taken", "", (), slot)
    for pair in _repeated(Counter(one.pair for one in placed)):
        yield Found("pair_twice", "", pair)


def _repeated(times: Counter[T]) -> list[T]:
    return [each for each, count in times.items() if count > 1]


def _of_people(picture: Picture, agendas: Agendas) -> Iterator[Found]:
    """Yield what lies in somebody's day as a whole."""
    for key, agenda in agendas.items():
        person = picture.people.get(key)
        if person is not None and len(agenda) > person.most:
            yield Found("over_maximum", "", (key,))
        yield from _of_day(picture, key, agenda)


def _too_few(picture: Picture, agendas: Agendas) -> Iterator[Found]:
    """Yield who asked or was asked and has fewer meetings than they should."""
    wished = {key for one in valuing.pairs(picture) for key in (one.a, one.b)}
    for key in sorted(wished):
        person = picture.people[key]
        if len(agendas.get(key, ())) < min(person.least, person.most):
            yield Found("below_minimum", "", (key,))


def _of_day(picture: Picture, key: int, agenda: Sequence[Placed]) -> Iterator[Found]:
    run, rooms = 1, {one.id: one.room for one in picture.tables}
    walks = key not in picture.people or not picture.people[key].online
    walk = timedelta(minutes=picture.walk_minutes)
    for before, after in pairwise(agenda):
        gap = picture.slots[after.slot].starts_at - picture.slots[before.slot].ends_at
        changes = rooms.get(before.table or 0) != rooms.get(after.table or 0)
        if walks and changes and before.slot != after.slot and gap < walk:
            yield Found("room_change_tight", "", (key,), after.slot)
        # A pause is a free slot, or a break longer than the walk between two slots.
        follows = after.slot == before.slot + 1 and gap <= max(walk, timedelta(minutes=10))
        run = run + 1 if follows else 1
        if run == defaults.in_a_row() + 1:
            yield Found("no_pause", "", (key,), after.slot)
