"""Bring codes of regions and fields up to the level just below the scope, and add them up."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tenon.insight.measures.measure import Part, Scope, Value
from tenon.taxonomy.queries import find, lineage_codes


def plus(one: Value, other: Value) -> Value:
    """Return two figures of different things added up, each currency by itself."""
    whole = None
    if one.whole is not None or other.whole is not None:
        whole = (one.whole or 0) + (other.whole or 0)
    return Value(
        one.number + other.number,
        whole,
        _added(one.sums, other.sums),
        _added(one.whole_sums, other.whole_sums),
    )


def roll_up(
    found: Mapping[Any, Value], dimension: str, scope: Scope, *, nothing: Value
) -> list[Part]:
    """Return parts whose codes stand one level below the scope (other dimensions: as they are)."""
    made: dict[str | None, Value] = {}
    for label, value in found.items():
        key = _key(label, dimension, scope)
        made[key] = plus(made.get(key, nothing), value)
    return [Part(key, value) for key, value in made.items()]


def _key(label: Any, dimension: str, scope: Scope) -> str | None:
    if label is None:
        return None
    if dimension == "region":
        return _region(str(label), scope.region)
    if dimension == "field":
        return _field(str(label), scope.field)
    return str(label)


def _region(code: str, above: str | None) -> str:
    if len(code) != 6 or not code.isdigit():
        return code
    if find("region", code) is None:  # below what the files carry
        code = code[:4] + "00"
    # Some cities lie directly below a province beside its prefectures: 429004 below 420000.
    line = lineage_codes("region", code) if find("region", code) is not None else [code]
    if above is None:
        return line[-1]
    return line[max(line.index(above) - 1, 0)] if above in line else code


def _field(label: str, above: tuple[str, str] | None) -> str:
    scheme, _, code = label.partition(":")
    if find(scheme, code) is None:
        return label
    line = lineage_codes(scheme, code)  # from the term itself up to the top
    at = -1
    if above is not None and above[0] == scheme and above[1] in line:
        at = max(line.index(above[1]) - 1, 0)
    return f"{scheme}:{line[at]}"


def _added(one: Mapping[str, int], other: Mapping[str, int]) -> dict[str, int]:
    return {name: one.get(name, 0) + other.get(name, 0) for name in {*one, *other}}
