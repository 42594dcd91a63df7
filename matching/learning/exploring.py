"""A place for what is new: which page gets one, and where, by a lot that a reload draws again.

A listing that nobody has seen has no words, and what has no words never rises by them. So a
small share of pages gives one place to one. Pure: knows neither listings nor settings.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

Thing = TypeVar("Thing")

FIRST_PLACE: Final = 2
"""The best match is never moved from the top."""


@dataclass(frozen=True, slots=True)
class Lot:
    """What chance says for one page of one day.

    Attributes:
        explores: whether a place is given.
        choice: which of the new listings, 0 to 1.
        place: which of the places, 0 to 1.
    """

    explores: bool
    choice: float
    place: float


def draw(seed: str, percent: int) -> Lot:
    """Draw the lot of ``seed``: the same each time; explores on ``percent`` of all seeds."""
    digest = hashlib.sha256(seed.encode()).digest()
    numbers = [int.from_bytes(digest[at : at + 8], "big") / 2**64 for at in (0, 8, 16)]
    return Lot(numbers[0] * 100 < percent, numbers[1], numbers[2])


def pick(things: Sequence[Thing], lot: Lot) -> Thing:
    """Return the one of ``things`` (not empty) that the lot names."""
    return things[min(int(lot.choice * len(things)), len(things) - 1)]


def place_among(
    ordered: Sequence[Thing], new: Thing, lot: Lot, *, last: int, most: int
) -> tuple[list[Thing], int]:
    """Put ``new`` where the lot says; everything else keeps its order.

    Args:
        ordered: best first; ``new`` may be one of them.
        new: what gets a place.
        lot: of the page.
        last: lowest position, from 1, that is given; at least FIRST_PLACE.
        most: how many the page shows; what no longer fits falls off the end.

    Returns:
        The new order, and the position of ``new``, from 1.
    """
    others = [one for one in ordered if one != new]
    places = max(1, min(last, len(others) + 1) - FIRST_PLACE + 1)
    position = min(FIRST_PLACE + min(int(lot.place * places), places - 1), len(others) + 1)
    return [*others[: position - 1], new, *others[position - 1 :]][:most], position
