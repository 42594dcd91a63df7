"""Weights, costs and levels of conflict, read from ``defaults.toml``, and an event's own.

Pure: knows codes and numbers, no event.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from tenon.timetable import Costs

_FILE = Path(__file__).with_name("defaults.toml")
LEVELS = ("block_scheduling", "block_release", "warn", "ignore")
COSTS = ("shortfall", "gap", "room_change", "uneven", "longest_gap")
HIGHEST_COST = 1000
"""So much an event may set; wishes are worth some 40 to 300."""


@dataclass(frozen=True, slots=True)
class Conflict:
    """One kind of conflict.

    Attributes:
        code: its name in code and in ``events.levels``.
        level: what it does where an event says nothing.
        settled: no event may depart from it.
    """

    code: str
    level: str
    settled: bool


@cache
def weights() -> Mapping[str, int]:
    """Return what kinds of wishes are worth."""
    return {name: int(value) for name, value in _read()["weights"].items()}


@cache
def known() -> Mapping[str, Conflict]:
    """Return every kind of conflict by code, in the file's order."""
    found = {
        code: Conflict(code, str(each["level"]), bool(each.get("settled", False)))
        for code, each in _read()["conflicts"].items()
    }
    for each in found.values():
        if each.level not in LEVELS:
            raise ValueError(f"{_FILE.name}: {each.code} has the unknown level {each.level}")
    return found


@cache
def in_a_row() -> int:
    """Return after how many meetings in a row somebody should have a pause."""
    return int(_read()["conflicts"]["no_pause"]["in_a_row"])


def level_of(code: str, own: Mapping[str, str]) -> str:
    """Return what a conflict does; ``own`` are an event's levels by code."""
    conflict = known()[code]
    level = own.get(code, conflict.level)
    return conflict.level if conflict.settled or level not in LEVELS else level


def costs(own: Mapping[str, int]) -> Costs:
    """Return the optimiser's costs; ``own`` are an event's where it departs from the defaults."""
    values = dict(_default_costs())
    values |= {
        name: min(HIGHEST_COST, max(0, int(own[name])))
        for name in COSTS
        if isinstance(own.get(name), int)
    }
    return Costs(**values)


@cache
def _default_costs() -> Mapping[str, int]:
    return {name: int(_read()["costs"][name]) for name in COSTS}


@cache
def _read() -> dict[str, Any]:
    return tomllib.loads(_FILE.read_text(encoding="utf-8"))
