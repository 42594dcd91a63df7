"""Browse and search: the list, its filters with counts, what is chosen as chips."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import render_template, request, url_for
from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from tenon.accounts import labels as account_labels
from tenon.listings import labels as listing_labels
from tenon.matches.engine import engine_of
from tenon.matches.search.filters import DIMENSIONS, SINGLE, Search, is_country, read_search
from tenon.matches.search.finding import run_search
from tenon.matches.views.blueprint import matches
from tenon.taxonomy.queries import find, label
from tenon.web.languages import language
from tenon.web.limits import limiter
from tenon.web.pagination import PAGE_SIZE, Page, requested_page
from tenon.web.requests import current_actor, current_session, request_now, settings
from tenon.web.sections import sections

SEARCHES = "120 per minute; 5000 per day"

LEGENDS: Mapping[str, LazyString] = {
    "side": _l("What"),
    "hitech": _l("High-tech field"),
    "ipc": _l("Patent section (IPC)"),
    "industry": _l("Industry"),
    "region": _l("Region"),
    "readiness": _l("Readiness"),
    "deal_form": _l("Deal form"),
    "kind": _l("Kind of organisation"),
    "language": _l("Language"),
}
SORTS: Mapping[str, LazyString] = {
    "relevance": _l("Relevance"),
    "newest": _l("Newest"),
    "readiness": _l("Readiness"),
}
READINESS: Mapping[str, LazyString] = {
    "1-3": _l("TRL 1–3: principle"),
    "4-6": _l("TRL 4–6: trial"),
    "7-9": _l("TRL 7–9: in use"),
}
_SCHEMES = {"hitech": "hitech", "ipc": "ipc", "industry": "gbt4754"}


@dataclass(frozen=True, slots=True)
class Filter:
    """One filter as the panel shows it: options are (value, words, how many)."""

    dimension: str
    legend: LazyString
    options: list[tuple[str, str, int]]
    selected: tuple[str, ...]
    kind: str


@dataclass(frozen=True, slots=True)
class Chip:
    """A chosen value with the address that lets go of it."""

    legend: LazyString
    words: str
    address: str


@matches.get("/search")
@limiter.limit(SEARCHES)
def search() -> str:
    """Show what is public, narrowed by text and filters."""
    asked = read_search(
        request.args.get("q", ""),
        {dimension: request.args.getlist(dimension) for dimension in DIMENSIONS},
        request.args.get("sort"),
    )
    number = requested_page()
    results = run_search(
        current_session(),
        engine_of(settings()),
        asked,
        now=request_now(),
        offset=(number - 1) * PAGE_SIZE,
        limit=PAGE_SIZE,
    )
    return render_template(
        "matches/search.html",
        asked=asked,
        results=results,
        page=Page(results.hits, number, PAGE_SIZE, results.total),
        filters=[_filter(asked, name, results.counts[name]) for name in DIMENSIONS],
        chips=_chips(asked),
        sorts=_sorts(asked),
        clear=address_of(asked.cleared()),
        today=request_now().date(),
        sections=sections("search", current_session(), asked, current_actor()),
    )


def address_of(asked: Search) -> str:
    """Return the address of a search's first page."""
    values: dict[str, Any] = dict(asked.address())
    return url_for("matches.search", **values)


def words_of(dimension: str, value: str) -> str:
    """Return a filter's value in the page's language."""
    if dimension in _SCHEMES:
        return label(_SCHEMES[dimension], value, language())
    if dimension == "region":
        return label("country" if is_country(value) else "region", value, language())
    if dimension == "readiness":
        return str(READINESS.get(value) or f"TRL {value.replace('-', '–')}")
    if dimension == "kind":
        return str(account_labels.KINDS[value])
    return str(listing_labels.label(dimension, value))


def _filter(asked: Search, dimension: str, counts: Mapping[str, int]) -> Filter:
    """Offer the values that bring something, and the chosen ones even if they bring nothing."""
    chosen = asked.values(dimension)
    values = [*counts, *(value for value in chosen if value not in counts)]
    options = [
        (value, _indented(dimension, value, values), counts.get(value, 0))
        for value in sorted(values, key=lambda value: _place(dimension, value, counts))
    ]
    kind = "radio" if dimension in SINGLE else "checkbox"
    return Filter(dimension, LEGENDS[dimension], options, chosen, kind)


def _place(dimension: str, value: str, counts: Mapping[str, int]) -> tuple[object, ...]:
    """Return what values are ordered by: size where there are many, the scheme's order else."""
    if dimension in ("industry", "kind", "deal_form"):
        return (-counts.get(value, 0), value)
    if dimension == "region":
        return _region_place(value, counts)
    if dimension == "side":
        return (("achievement", "need", "expert").index(value),)
    return (value,)


def _region_place(value: str, counts: Mapping[str, int]) -> tuple[object, ...]:
    """Order provinces by size, each followed by what lies in it; countries come last."""
    if is_country(value):
        return (1, -counts.get(value, 0), value)
    province = f"{value[:2]}0000"
    return (0, -counts.get(province, 0), province, value)


def _indented(dimension: str, value: str, shown: list[str]) -> str:
    """Return a value's words; a region inside another that is shown says so by its place."""
    words = words_of(dimension, value)
    term = find("region", value) if dimension == "region" else None
    if term is None or term.parent_code not in shown:
        return words
    return "　" * (term.level - 1) + words


def _chips(asked: Search) -> list[Chip]:
    return [
        Chip(
            LEGENDS[dimension],
            words_of(dimension, value),
            address_of(asked.without_value(dimension, value)),
        )
        for dimension in DIMENSIONS
        for value in asked.values(dimension)
    ]


def _sorts(asked: Search) -> list[tuple[str, LazyString]]:
    return [(code, words) for code, words in SORTS.items() if code != "relevance" or asked.text]
