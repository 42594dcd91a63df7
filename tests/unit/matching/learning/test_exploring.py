"""A place for what is new: the same on reload, never the top, everything else in its order."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from matching.learning.exploring import FIRST_PLACE, Lot, draw, pick, place_among

LOTS = st.builds(
    Lot,
    explores=st.booleans(),
    choice=st.floats(0, 1, exclude_max=True),
    place=st.floats(0, 1, exclude_max=True),
)
ORDERS = st.lists(st.integers(0, 1_000), min_size=1, max_size=12, unique=True)


@given(ORDERS, st.integers(0, 1_000), LOTS, st.integers(FIRST_PLACE, 12), st.integers(1, 12))
def test_everything_else_keeps_its_order(
    ordered: list[int], new: int, lot: Lot, last: int, most: int
) -> None:
    found, position = place_among(ordered, new, lot, last=last, most=most)
    others = [one for one in ordered if one != new]
    assert [one for one in found if one != new] == others[: len([o for o in found if o != new])]
    assert len(found) == min(most, len(others) + 1)
    assert len(set(found)) == len(found)
    assert position >= FIRST_PLACE or not others
    assert position <= max(last, 1)
    if position <= most:
        assert found[position - 1] == new


@given(st.lists(st.integers(), min_size=1), LOTS)
def test_a_lot_picks_one_of_those_there_are(things: list[int], lot: Lot) -> None:
    assert pick(things, lot) in things


@given(st.text(max_size=40), st.integers(0, 100))
def test_a_lot_is_the_same_each_time(seed: str, percent: int) -> None:
    lot = draw(seed, percent)
    assert lot == draw(seed, percent)
    assert 0 <= lot.choice < 1
    assert 0 <= lot.place < 1
    assert not (lot.explores and percent == 0)
    assert lot.explores or percent < 100


def test_lots_fall_as_often_as_they_are_meant_to() -> None:
    lots = [draw(f"listing-{number}/20779", 10) for number in range(10_000)]
    explored = [lot for lot in lots if lot.explores]
    assert 900 < len(explored) < 1_100
    ordered = list(range(10))
    places = [place_among(ordered, 99, lot, last=10, most=10)[1] for lot in explored]
    counts = {place: places.count(place) for place in sorted(set(places))}
    assert list(counts) == list(range(FIRST_PLACE, 11))
    assert min(counts.values()) > 0.6 * len(explored) / 9
