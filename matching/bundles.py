"""Bundles: the smallest set of results that together cover what one alone does not.

What it is for: a need with several requirements, of which each result meets only some. Pure set
cover over what each candidate covers.
What it must not know: how coverage was found, indexes, pages.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

MOST_ASKED: Final = 12
"""Of a need so many requirements are covered at most; the search grows with two to this power."""

MOST_OFFERS: Final = 50


@dataclass(frozen=True, slots=True)
class Offer:
    """What one candidate covers.

    Attributes:
        key: of the candidate.
        score: for ties; the higher the better.
        covers: places of the requirements it covers.
    """

    key: int
    score: float
    covers: frozenset[int]


def smallest_cover(offers: Sequence[Offer], asked: int) -> tuple[Offer, ...]:
    """Return the fewest offers that cover all that can be covered; best score, then lowest keys.

    Exact: no smaller set covers as much, so none of the set adds nothing. Only the first
    ``MOST_ASKED`` requirements and the best ``MOST_OFFERS`` offers are looked at.

    Args:
        offers: the candidates; those that cover nothing are left out.
        asked: how many requirements there are.

    Returns:
        The offers, those that cover most first; empty if nothing is covered.
    """
    sets = _distinct(offers, min(asked, MOST_ASKED))
    target = 0
    for mask in sets:
        target |= mask
    # covered -> the best way to cover exactly that with as many offers as there were rounds
    ways: dict[int, tuple[Offer, ...]] = {0: ()}
    seen = {0}
    while ways and target not in ways:
        longer: dict[int, tuple[Offer, ...]] = {}
        for covered, way in ways.items():
            missing = _lowest(target & ~covered)
            for mask, offer in sets.items():
                if not mask & missing:
                    continue  # some offer must cover this requirement: branch over it alone
                reached = covered | mask
                if reached in seen:
                    continue
                candidate = (*way, offer)
                if reached not in longer or _rank(candidate) < _rank(longer[reached]):
                    longer[reached] = candidate
        seen |= longer.keys()
        ways = longer
    found = ways.get(target, ())
    return tuple(sorted(found, key=lambda one: (-len(one.covers), -one.score, one.key)))


def better_than_one(offers: Sequence[Offer], asked: int) -> tuple[Offer, ...]:
    """Return the smallest cover where it covers more than any single offer; else nothing."""
    found = smallest_cover(offers, asked)
    return found if len(found) > 1 else ()


def _distinct(offers: Sequence[Offer], asked: int) -> dict[int, Offer]:
    """Return covered requirements as bits -> the best offer that covers just these."""
    within = frozenset(range(asked))
    best = sorted(offers, key=lambda one: (-one.score, one.key))[:MOST_OFFERS]
    found: dict[int, Offer] = {}
    for offer in best:
        mask = sum(1 << place for place in offer.covers & within)
        if mask:
            found.setdefault(mask, offer)
    return found


def _lowest(mask: int) -> int:
    return mask & -mask


def _rank(way: tuple[Offer, ...]) -> tuple[float, list[int]]:
    """Return what orders ways of one length: the sum of scores, then the keys."""
    return -sum(offer.score for offer in way), sorted(offer.key for offer in way)
