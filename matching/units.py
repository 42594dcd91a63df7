"""Units of measurement: what a unit as written is worth, in base units, and of what kind.

The table is data (``units.json``); compound units (``元/kg``, ``W/(m·K)``) are worked out
from its entries by their exponents. Base units are SI, plus the currencies, pieces,
cycles, bits and scales that do not convert into one another. Knows no sentences.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

UNITS_FILE: Final = Path(__file__).with_name("units.json")

DIMENSIONLESS: Final = "1"
_ORDER: Final = ("CNY", "USD", "EUR", "M", "L", "T", "I", "Θ", "mol")
_EXPONENTS: Final = {"²": 2, "³": 3, "⁻¹": -1, "⁻²": -2, "⁻³": -3, "^-1": -1, "^-2": -2, "^-3": -3}


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit, simple or compound.

    Attributes:
        symbol: as written.
        factor: base units in one of it.
        offset: base value of its zero (273.15 for ℃), 0 for nearly all.
        dimension: canonical, such as ``CNY·M^-1``; ``1`` for shares.
    """

    symbol: str
    factor: float
    offset: float
    dimension: str

    def to_base(self, value: float, *, difference: bool = False) -> float:
        """Convert a value; a difference (``±0.5 ℃``) has no zero to shift."""
        return value * self.factor + (0.0 if difference else self.offset)


def canonical(exponents: Mapping[str, int]) -> str:
    """Write exponents in one fixed order: ``M·L^-3``; ``1`` where nothing is left."""
    present = {name: power for name, power in exponents.items() if power}
    ordered: list[str] = [name for name in _ORDER if name in present]
    ordered += sorted(name for name in present if name not in _ORDER)
    parts = [name if present[name] == 1 else f"{name}^{present[name]}" for name in ordered]
    return "·".join(parts) or DIMENSIONLESS


def parse_dimension(text: str) -> str:
    """Bring a dimension written in any order into the canonical one."""
    exponents: dict[str, int] = {}
    if text != DIMENSIONLESS:
        for part in text.split("·"):
            name, _, power = part.partition("^")
            exponents[name] = exponents.get(name, 0) + int(power or 1)
    return canonical(exponents)


@dataclass(frozen=True, slots=True)
class _Entry:
    factor: float
    offset: float
    exponents: dict[str, int]


@lru_cache(maxsize=1)
def _table() -> dict[str, _Entry]:
    raw = json.loads(UNITS_FILE.read_text(encoding="utf-8"))["units"]
    return {
        symbol: _Entry(float(value[0]), float(value[2]) if len(value) > 2 else 0.0, value[1])
        for symbol, value in raw.items()
    }


@lru_cache(maxsize=1)
def unit_pattern() -> str:
    """Return a regular expression for a unit as written, simple or compound.

    A Latin symbol must not run on into a word; Chinese ones may.
    """
    power = r"(?:\^?-?[23](?![\d.])|[²³]|⁻[¹²³]|\^-1)?"
    alternatives = [
        re.escape(symbol) + _ends(symbol, power)
        for symbol in sorted(_table(), key=lambda symbol: (-len(symbol), symbol))
    ]
    single = f"(?:{'|'.join(alternatives)})"
    joint = r"\s?(?:/|每|·|⋅|\*|\s+per\s+)\s?"
    return rf"{single}(?:{joint}\(?{single}\)?){{0,3}}"


def _ends(symbol: str, power: str) -> str:
    """Return what may follow a symbol: a power, and no letter that would make it a word."""
    if symbol == "in":  # the preposition stands before a word, the inch does not
        return r"(?=[.,;:)]|\s*$|\s(?:or|thick|long|wide|in diameter)\b)"
    return rf"{power}(?![A-Za-z])" if re.search(r"[A-Za-z]$", symbol) else ""


@lru_cache(maxsize=4096)
def parse_unit(text: str) -> Unit | None:
    """Read a unit as written; None if it is none.

    ``元/kg`` is money per mass; after the first division sign all that follows divides,
    as engineers write it (``W/m·K``).
    """
    stripped = text.strip()
    if (entry := _table().get(stripped)) is not None:
        return Unit(stripped, entry.factor, entry.offset, canonical(entry.exponents))
    exponents: dict[str, int] = {}
    factor = 1.0
    dividing = False
    for part in re.split(
        r"\s*(/|每|·|⋅|\*|\s+per\s+)\s*", stripped.replace("(", "").replace(")", "")
    ):
        if part in ("/", "每") or part.strip() == "per":
            dividing = True
        elif part not in ("·", "⋅", "*"):
            if (found := _single(part)) is None:
                return None
            entry, power = found
            power = -power if dividing else power
            factor *= entry.factor**power
            for name, exponent in entry.exponents.items():
                exponents[name] = exponents.get(name, 0) + exponent * power
    return Unit(stripped, factor, 0.0, canonical(exponents))


def _single(text: str) -> tuple[_Entry, int] | None:
    """Read one symbol with its power."""
    table = _table()
    if text in table:
        return table[text], 1
    match = re.fullmatch(r"(.+?)(\^?-?[23]|[²³]|⁻[¹²³]|\^-1)", text)
    if match is None or match[1] not in table:
        return None
    power = _EXPONENTS.get(match[2])
    return table[match[1]], power if power is not None else int(match[2].lstrip("^"))
