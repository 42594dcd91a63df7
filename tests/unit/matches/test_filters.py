"""Addresses of searches: read, written, changed by one value; what is no code is dropped."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tenon.matches.search.filters import DIMENSIONS, Search, read_search

VALUES = {
    "side": ["achievement", "need", "expert"],
    "hitech": ["1", "4", "8"],
    "ipc": ["A", "G", "H"],
    "industry": ["A", "C", "39"],
    "region": ["420000", "420111", "US"],
    "readiness": ["1-3", "4-6", "5-9"],
    "deal_form": ["service", "assignment"],
    "kind": ["university", "user"],
    "language": ["zh", "en"],
}


@st.composite
def searches(draw: st.DrawFn) -> Search:
    chosen = {
        name: draw(st.lists(st.sampled_from(values), unique=True))
        for name, values in VALUES.items()
        if draw(st.booleans())
    }
    text = draw(st.sampled_from(["", "激光", "laser welding"]))
    return read_search(text, chosen, draw(st.sampled_from(["relevance", "newest", "readiness"])))


@given(searches())
def test_address_says_the_whole_question(asked: Search) -> None:
    address = asked.address()
    chosen = {name: address.get(name, []) for name in DIMENSIONS}
    sort = address.get("sort")
    again = read_search(str(address.get("q", "")), chosen, str(sort) if sort else None)
    assert again == asked


@given(searches(), st.sampled_from(DIMENSIONS))
def test_value_added_and_taken_away_leaves_the_rest(asked: Search, dimension: str) -> None:
    value = VALUES[dimension][0]
    without = asked.without_value(dimension, value)
    assert value not in without.values(dimension)
    assert value in asked.with_value(dimension, value).values(dimension)
    for other in DIMENSIONS:
        if other != dimension:
            assert without.values(other) == asked.values(other)


def test_a_region_replaces_another_since_it_opens_what_lies_inside() -> None:
    asked = read_search("", {"region": ["420000"]}, None).with_value("region", "420111")
    assert asked.values("region") == ("420111",)


def test_relevance_needs_a_text() -> None:
    assert read_search("", {}, "relevance").sort == "newest"
    assert read_search("x", {}, None).sort == "relevance"


def test_nonsense_is_dropped() -> None:
    bad = {name: ["", "zz zz", "'; --", "9-1"] for name in DIMENSIONS}
    assert read_search("", bad, "size") == Search()
