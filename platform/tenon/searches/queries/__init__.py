"""Reads of the room: a person's searches, and what is new among them."""

from tenon.searches.queries.lists import (
    count_new,
    find_search,
    firms_for,
    mine,
    new_hits,
    possible_firms,
)

__all__ = ["count_new", "find_search", "firms_for", "mine", "new_hits", "possible_firms"]
