"""Where a meeting can be held: a free table, an interpreter, and the slots in which both can.

Pure: looks at a picture and at what is placed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from tenon.events.timetables.checking import blocking, conflicts_of
from tenon.events.timetables.mapping import free_slots
from tenon.events.timetables.picture import Person, Picture, Placed, pair_of


@dataclass(frozen=True, slots=True)
class Offer:
    """A slot and a table at which two could meet; None for a table where there are none."""

    slot: int
    table: int | None


def free_tables(picture: Picture, placed: Sequence[Placed], slot: int) -> list[int]:
    """Return the tables that nobody uses in a slot, in order."""
    taken = {one.table for one in placed if one.slot == slot}
    return [one.id for one in picture.tables if one.id not in taken and slot not in one.closed]


def table_for(
    picture: Picture, placed: Sequence[Placed], pair: tuple[int, int], slot: int
) -> int | None:
    """Return the table at which two would meet: one of their own, else the first free one.

    None where they need none, or none is left.
    """
    if not picture.needs_table(pair):
        return None
    free = free_tables(picture, placed, slot)
    people = [picture.people[key] for key in pair if key in picture.people]
    own = [one.table for one in people if one.table in free]
    return own[0] if own else next(iter(free), None)


def seated(picture: Picture, placed: Sequence[Placed], one: Placed) -> Placed:
    """Return a meeting with a table where it needs one, if one is left, and else without."""
    if not picture.needs_table(one.pair):
        return replace(one, table=None)
    if one.table is not None:
        return one
    return replace(one, table=table_for(picture, placed, one.pair, one.slot))


def helped(picture: Picture, placed: Sequence[Placed], one: Placed) -> Placed:
    """Return a meeting with an interpreter who is free, where the two share no language."""
    people = [picture.people.get(key) for key in one.pair]
    first, second = people
    if first is None or second is None or not _strangers(first, second):
        return replace(one, interpreter=None)
    busy = {each.interpreter for each in placed if each.slot == one.slot and each.pair != one.pair}
    for helper in picture.helpers:
        speaks = helper.languages & first.languages and helper.languages & second.languages
        if speaks and helper.id not in busy and one.slot not in helper.closed:
            return replace(one, interpreter=helper.id)
    return replace(one, interpreter=None)


def offers(
    picture: Picture,
    placed: Sequence[Placed],
    first: int,
    second: int,
    *,
    most: int = 5,
    without: Sequence[str] = ("block_scheduling",),
) -> list[Offer]:
    """Return the first slots, each with a table, in which nothing keeps two from meeting.

    ``without`` are the levels of conflict that do.
    """
    pair = pair_of(first, second)
    people = [picture.people.get(key) for key in pair]
    if None in people:
        return []
    free = [free_slots(picture, person) for person in people if person is not None]
    busy = {one.slot for one in placed if set(one.pair) & set(pair) and one.pair != pair}
    found: list[Offer] = []
    for slot in sorted((free[0] & free[1]) - busy):
        table = table_for(picture, placed, pair, slot)
        if table is None and picture.needs_table(pair):
            continue
        one = helped(picture, placed, Placed(*pair, slot, table))
        if not blocking(conflicts_of(picture, placed, one), *without):
            found.append(Offer(slot, table))
        if len(found) == most:
            break
    return found


def _strangers(first: Person, second: Person) -> bool:
    return bool(first.languages and second.languages and not first.languages & second.languages)
