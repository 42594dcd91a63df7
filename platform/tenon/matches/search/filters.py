"""What a search asks for: text, chosen values by dimension, order; as its address says it.

Pure values; must not know a database or a page. Values are codes; what is no code of its
dimension is dropped, so that an old or mistyped address still answers.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from tenon.accounts.models import ORGANISATION_KINDS
from tenon.listings.models import DEAL_FORMS
from tenon.taxonomy.queries import find

LONGEST_TEXT = 300
SORTS = ("relevance", "newest", "readiness")
READINESS_RANGES = ("1-3", "4-6", "7-9")
DIMENSIONS = (
    "side",
    "hitech",
    "ipc",
    "industry",
    "region",
    "readiness",
    "deal_form",
    "kind",
    "language",
)
"""Filters in the order in which pages show them; also the parameters of the address."""

SINGLE = frozenset({"region"})
"""Dimensions of which one value is chosen at a time: it opens what lies inside it."""

_CODES: Mapping[str, frozenset[str]] = {
    "side": frozenset({"achievement", "need", "expert"}),
    "deal_form": frozenset(DEAL_FORMS),
    "kind": frozenset(ORGANISATION_KINDS),
    "language": frozenset({"zh", "en"}),
}
_SCHEMES = {"hitech": "hitech", "ipc": "ipc", "industry": "gbt4754", "region": "region"}
_RANGE = re.compile(r"([1-9])-([1-9])")


@dataclass(frozen=True, slots=True)
class Search:
    """One question.

    Attributes:
        text: what was typed; empty to browse.
        chosen: dimension -> values, any of which will do.
        sort: relevance (with a text only), newest or readiness.
    """

    text: str = ""
    chosen: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    sort: str = "newest"

    def values(self, dimension: str) -> tuple[str, ...]:
        """Return what was chosen in a dimension."""
        return self.chosen.get(dimension, ())

    @property
    def narrowed(self) -> bool:
        """Whether any filter is set."""
        return any(self.chosen.values())

    def with_value(self, dimension: str, value: str) -> Search:
        """Return the question with one more value, or with it alone in a single dimension."""
        kept = () if dimension in SINGLE else self.values(dimension)
        return self._with(dimension, tuple(dict.fromkeys((*kept, value))))

    def without_value(self, dimension: str, value: str) -> Search:
        """Return the question without one value."""
        return self._with(dimension, tuple(v for v in self.values(dimension) if v != value))

    def only(self, dimension: str, value: str) -> Search:
        """Return the question with this value alone in its dimension."""
        return self._with(dimension, (value,))

    def cleared(self) -> Search:
        """Return the question without filters."""
        return replace(self, chosen={})

    def address(self) -> dict[str, str | list[str]]:
        """Return the address's parameters; what is the default is left out."""
        found: dict[str, str | list[str]] = {}
        if self.text:
            found["q"] = self.text
        for dimension in DIMENSIONS:
            if self.values(dimension):
                found[dimension] = list(self.values(dimension))
        if self.sort != default_sort(self.text):
            found["sort"] = self.sort
        return found

    def _with(self, dimension: str, values: tuple[str, ...]) -> Search:
        return replace(self, chosen={**self.chosen, dimension: values})


def default_sort(text: str) -> str:
    """Return the order in which nothing else was asked for."""
    return "relevance" if text else "newest"


def read_search(text: str, chosen: Mapping[str, Iterable[str]], sort: str | None) -> Search:
    """Make a question of an address's parameters."""
    text = " ".join(text.split())[:LONGEST_TEXT]
    values = {
        dimension: known
        for dimension in DIMENSIONS
        if (known := _known(dimension, chosen.get(dimension, ())))
    }
    known_sort = sort if sort in SORTS else default_sort(text)
    if known_sort == "relevance" and not text:
        known_sort = "newest"
    return Search(text, values, known_sort)


def readiness_bounds(value: str) -> tuple[int, int]:
    """Return the levels of a range such as ``4-6``, inclusive."""
    low, high = value.split("-")
    return int(low), int(high)


def is_country(region: str) -> bool:
    """Whether a value of the region filter is a country's code rather than a region's."""
    return len(region) == 2


def _known(dimension: str, values: Iterable[str]) -> tuple[str, ...]:
    found = [value for value in dict.fromkeys(values) if _is_code(dimension, value)]
    return tuple(found[-1:] if dimension in SINGLE else found)


def _is_code(dimension: str, value: str) -> bool:
    if dimension in _CODES:
        return value in _CODES[dimension]
    if dimension == "readiness":
        bounds = _RANGE.fullmatch(value)
        return bounds is not None and bounds[1] <= bounds[2]
    if dimension == "region" and is_country(value):
        return find("country", value) is not None
    return find(_SCHEMES[dimension], value) is not None
