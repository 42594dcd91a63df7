"""The smallest set that covers, against trying all sets."""

from __future__ import annotations

from itertools import combinations
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching.bundles import (
    MOST_ASKED,
    MOST_OFFERS,
    Offer,
    better_than_one,
    smallest_cover,
)


def covered(offers: tuple[Offer, ...]) -> frozenset[int]:
    """Return what offers cover together."""
    return frozenset().union(*(offer.covers for offer in offers))


def by_trying_all(offers: list[Offer]) -> list[tuple[Offer, ...]]:
    """Return every set of the least number of offers that covers all that can be covered."""
    target = covered(tuple(offers))
    for size in range(len(offers) + 1):
        found = [way for way in combinations(offers, size) if covered(way) == target]
        if found:
            return found
    return []


offer_lists = st.lists(
    st.tuples(
        st.sampled_from([0.0, 0.25, 0.5, 0.75]), st.frozensets(st.integers(0, 5), max_size=4)
    ),
    max_size=8,
).map(lambda rows: [Offer(key, score, covers) for key, (score, covers) in enumerate(rows)])


@settings(max_examples=300, deadline=None)
@given(offer_lists)
def test_cover_is_a_smallest_and_best_one(offers: list[Offer]) -> None:
    found = smallest_cover(offers, 6)
    ways = by_trying_all(offers)

    assert covered(found) == covered(tuple(offers))
    assert len(found) == len(ways[0])
    best = max(sum(offer.score for offer in way) for way in ways)
    assert sum(offer.score for offer in found) == pytest.approx(best)


@settings(deadline=None)
@given(offer_lists)
def test_no_part_of_a_cover_adds_nothing(offers: list[Offer]) -> None:
    found = smallest_cover(offers, 6)

    for left_out in found:
        rest = tuple(offer for offer in found if offer is not left_out)
        assert covered(rest) < covered(found)


@settings(deadline=None)
@given(offer_lists, st.randoms(use_true_random=False))
def test_the_order_of_the_offers_does_not_matter(offers: list[Offer], chance: Random) -> None:
    shuffled = list(offers)
    chance.shuffle(shuffled)

    assert smallest_cover(shuffled, 6) == smallest_cover(offers, 6)


def test_one_that_covers_all_is_no_bundle() -> None:
    offers = [Offer(1, 0.2, frozenset({0, 1, 2})), Offer(2, 0.9, frozenset({0, 1}))]

    assert smallest_cover(offers, 3) == (offers[0],)
    assert better_than_one(offers, 3) == ()


def test_greed_would_take_three_where_two_do() -> None:
    offers = [
        Offer(1, 0.9, frozenset({1, 2, 3, 4})),
        Offer(2, 0.1, frozenset({0, 1, 2})),
        Offer(3, 0.1, frozenset({3, 4, 5})),
    ]

    assert [offer.key for offer in better_than_one(offers, 6)] == [2, 3]


def test_what_nobody_covers_does_not_stop_the_rest() -> None:
    offers = [
        Offer(1, 0.5, frozenset({0})),
        Offer(2, 0.5, frozenset({2})),
        Offer(3, 0.9, frozenset()),
    ]

    assert [offer.key for offer in better_than_one(offers, 4)] == [1, 2]


def test_the_largest_case_is_solved() -> None:
    offers = [
        Offer(key, key / 100, frozenset({key % 12, (key * 7 + 3) % 12, (key * 5 + 1) % 12}))
        for key in range(MOST_OFFERS)
    ]
    found = smallest_cover(offers, MOST_ASKED)

    assert covered(found) == frozenset(range(12))
    assert 4 <= len(found) <= 6
