"""Give each of a few things one of the places that suit it: maximum bipartite matching.

For interpreters of one slot and the like, where there are few of them. Knows neither people nor
tables.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import TypeVar

Thing = TypeVar("Thing", bound=Hashable)
Place = TypeVar("Place", bound=Hashable)


def pair(choices: Mapping[Thing, Sequence[Place]]) -> dict[Thing, Place]:
    """Return thing -> place with as many things placed as possible, each place used once."""
    taken: dict[Place, Thing] = {}
    for thing in choices:
        _augment(thing, choices, taken, set())
    return {thing: place for place, thing in taken.items()}


def _augment(
    thing: Thing,
    choices: Mapping[Thing, Sequence[Place]],
    taken: dict[Place, Thing],
    seen: set[Place],
) -> bool:
    for place in choices[thing]:
        if place in seen:
            continue
        seen.add(place)
        if place not in taken or _augment(taken[place], choices, taken, seen):
            taken[place] = thing
            return True
    return False
